// A pool of threads, small enough to read. (OpenMP has one, but it hangs in a forked child, and other libraries in the
// process change its number of threads.)
#include "engine/pool.hh"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif
#ifndef _WIN32
#include <pthread.h>
#endif
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace hello_dl {
namespace {

constexpr int kSpins = 20000;  // pauses before an idle thread sleeps, about 100 us: waking it
                               // costs more than a training step of a small network

inline void relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

class Pool {
 public:
  explicit Pool(int threads) {
    for (int t = 1; t < threads; ++t) workers_.emplace_back([this, t] { serve(t); });
  }

  ~Pool() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    wake_.notify_all();
    for (auto& w : workers_) w.join();
  }

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  void run(Index tasks, const Work& work) {
    need(tasks <= kMostTasks, "parallel: needs at most ", kMostTasks, " tasks, got ", tasks);
    work_ = &work;
    tasks_ = tasks;
    error_ = nullptr;
    done_.store(0);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      ++generation_;
      job_.store(generation_ << 32 | static_cast<std::uint64_t>(tasks));
    }
    if (sleepers_.load() > 0) wake_.notify_all();
    help(0);
    for (int spins = 0; done_.load() < tasks; ++spins) spins < kSpins ? relax() : std::this_thread::yield();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  // The generation of a job (upper 32 bits) and how many of its tasks are left (lower 32 bits) live in one atomic, so
  // that a thread which read the number of an older job cannot take a task of this one. Once a task is taken, run()
  // waits for it: until then tasks_ and work_ are this job's, too.
  static constexpr std::uint64_t kLeft = 0xffffffff;
  static constexpr Index kMostTasks = kLeft;

  void help(int thread) {
    std::uint64_t job = job_.load();
    while ((job & kLeft) > 0) {
      if (!job_.compare_exchange_weak(job, job - 1)) continue;
      try {
        (*work_)(tasks_ - static_cast<Index>(job & kLeft), thread);
      } catch (...) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (!error_) error_ = std::current_exception();
      }
      done_.fetch_add(1);
      job = job_.load();
    }
  }

  bool work_waits() const { return (job_.load() & kLeft) > 0; }

  void serve(int thread) {
    while (!stop_.load()) {
      for (int spins = 0; spins < kSpins && !work_waits() && !stop_.load(); ++spins) relax();
      if (!work_waits()) {
        std::unique_lock<std::mutex> lock(mutex_);
        sleepers_.fetch_add(1);
        wake_.wait(lock, [this] { return stop_.load() || work_waits(); });
        sleepers_.fetch_sub(1);
      }
      help(thread);
    }
  }

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> sleepers_{0};
  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> job_{0};
  std::atomic<Index> done_{0};
  std::uint64_t generation_ = 0;
  Index tasks_ = 0;
  const Work* work_ = nullptr;
  std::exception_ptr error_;
};

int usable_cpus() {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  const unsigned n = std::thread::hardware_concurrency();
  return n == 0 ? 1 : static_cast<int>(n);
}

std::atomic<int> wanted_threads{0};  // 0: not asked for yet
Pool* pool = nullptr;  // never destroyed at exit: joining threads in static destructors hangs on some systems

// A forked child has none of its parent's threads: it forgets the pool (whose memory is leaked on purpose) and makes
// a new one when it needs one.
void forget_pool_in_child() { pool = nullptr; }

Pool& the_pool() {
  if (!pool) {
#ifndef _WIN32
    static const int registered = pthread_atfork(nullptr, nullptr, forget_pool_in_child);
    (void)registered;
#endif
    pool = new Pool(num_threads());
  }
  return *pool;
}

}  // namespace

void parallel(Index tasks, const Work& work) {
  if (tasks <= 1 || num_threads() == 1) {
    for (Index t = 0; t < tasks; ++t) work(t, 0);
  } else {
    the_pool().run(tasks, work);
  }
}

int num_threads() {
  if (wanted_threads == 0) wanted_threads = usable_cpus();
  return wanted_threads;
}

void set_num_threads(int threads) {
  need(threads >= 1 && threads <= 1024, "set_num_threads: needs 1 to 1024 threads, got ", threads);
  if (threads == num_threads()) return;
  delete pool;
  pool = nullptr;
  wanted_threads = threads;
}

}  // namespace hello_dl
