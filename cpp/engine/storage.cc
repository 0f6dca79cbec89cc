// Freed blocks are kept for the next tensor of the same size, up to kCacheBytes; the rest goes back to the system.
#include "engine/storage.hh"

#include <mutex>
#include <new>
#include <unordered_map>
#include <vector>

#ifndef _WIN32
#include <pthread.h>
#endif

namespace hello_dl {
namespace {

constexpr std::size_t kAlign = 64;

// AddressSanitizer only sees a use of freed memory, or of memory behind a block, if blocks are neither kept nor
// rounded.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
constexpr std::size_t kCacheBytes = kSanitized ? 0 : std::size_t{64} << 20;  // the most that freed blocks take

struct Cache {
  std::mutex mutex;
  std::unordered_map<std::size_t, std::vector<void*>> free_blocks;
  std::size_t held = 0;
};

// Never destroyed: tensors may outlive static destructors when the interpreter shuts down.
Cache& cache() {
  static auto* c = new Cache;
  return *c;
}

#ifndef _WIN32
// fork() waits until no other thread holds the lock: the child would not have the thread that unlocks it.
// NOLINTNEXTLINE(bugprone-throwing-static-initialization): the handlers run in fork(), not here
[[maybe_unused]] const int fork_handlers =
    pthread_atfork([] { cache().mutex.lock(); }, [] { cache().mutex.unlock(); }, [] { cache().mutex.unlock(); });
#endif

// Rounds up to 64 bytes, and large blocks to a sixteenth of their size, so that similar sizes share blocks.
std::size_t rounded(std::size_t bytes) {
  if (kSanitized) return bytes;
  std::size_t step = kAlign;
  while (step * 16 < bytes) step *= 2;
  return (bytes + step - 1) / step * step;
}

void* take(std::size_t bytes) {
  {
    Cache& c = cache();
    std::lock_guard<std::mutex> lock(c.mutex);
    auto found = c.free_blocks.find(bytes);
    if (found != c.free_blocks.end() && !found->second.empty()) {
      void* block = found->second.back();
      found->second.pop_back();
      c.held -= bytes;
      return block;
    }
  }
  return ::operator new(bytes, std::align_val_t(kAlign));
}

void give_back(void* block, std::size_t bytes) {
  Cache& c = cache();
  {
    std::lock_guard<std::mutex> lock(c.mutex);
    if (c.held + bytes <= kCacheBytes) {
      c.free_blocks[bytes].push_back(block);
      c.held += bytes;
      return;
    }
  }
  ::operator delete(block, std::align_val_t(kAlign));
}

}  // namespace

Storage::Storage(Index count)
    : data_(nullptr), count_(count), bytes_(rounded(static_cast<std::size_t>(count < 1 ? 1 : count) * sizeof(real))) {
  data_ = static_cast<real*>(take(bytes_));
}

Storage::~Storage() { give_back(data_, bytes_); }

}  // namespace hello_dl
