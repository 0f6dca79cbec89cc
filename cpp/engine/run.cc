// A lane is a task of the pool: it sends its slices through the whole region one after the other. The sums of the lanes
// are added in the order of the lanes, so the number of threads does not change the result.
#include "engine/run.hh"

#include <algorithm>
#include <functional>
#include <memory>

#include "engine/engine.hh"
#include "engine/pool.hh"

namespace hello_dl {
namespace {

std::function<void()> interrupt_check;

struct Slice {
  Index from = 0, to = 0;  // units
  Index room = 0;          // units for which the workspace has been laid out
  Index lane = 0;
  bool first_of_lane = false, first_of_few = false;  // few: kFewSlices
  real* workspace = nullptr;
};

class Runner {
 public:
  explicit Runner(const Pass& pass, Interrupt& interrupt)
      : pass_(pass), interrupt_(interrupt), many_(pass.slices > pass.lanes * kFewSlices) {}

  void run() {
    const Index room = pass_.largest_slice();
    const Index per_thread = pass_.workspace * room;
    real* workspaces = arena_workspace().get(per_thread * num_threads());  // any thread may take any lane
    lanes_ = arena_lanes().get(lane_size() * pass_.lanes);
    parallel(pass_.lanes, [&](Index lane, int thread) {
      Slice s;
      s.room = room;
      s.lane = lane;
      s.workspace = workspaces + per_thread * thread;
      const Index begin = pass_.slice_of_lane(lane), end = pass_.slice_of_lane(lane + 1);
      for (Index k = begin; k < end; ++k) {
        s.from = pass_.unit_of_slice(k);
        s.to = pass_.unit_of_slice(k + 1);
        s.first_of_lane = k == begin;
        s.first_of_few = (k - begin) % kFewSlices == 0;
        try {
          run_slice(s, thread);
        } catch (const Interrupt::Stopped&) {
          return;  // the caller's thread throws the exception that stopped them
        }
        if (k + 1 == end || (k + 1 - begin) % kFewSlices == 0) add_to_doubles(lane, k - begin < kFewSlices);
      }
    });
    add_lanes();
  }

 private:
  // One arena each is enough, since one evaluation runs at a time.
  static Arena& arena_workspace() {
    static auto* a = new Arena;
    return *a;
  }
  static Arena& arena_lanes() {
    static auto* a = new Arena;
    return *a;
  }

  void run_slice(const Slice& s, int thread) const {
    constexpr int kInline = 8;
    In few_inputs[kInline];
    GradSink few_sinks[kInline];
    std::vector<In> many_inputs;
    std::vector<GradSink> many_sinks;
    for (const Call& call : pass_.calls) {
      interrupt_.poll(thread);
      In* inputs = few_inputs;
      GradSink* sinks = few_sinks;
      if (call.inputs > kInline) {
        many_inputs.resize(call.inputs);
        many_sinks.resize(call.inputs);
        inputs = many_inputs.data();
        sinks = many_sinks.data();
      }
      for (int k = 0; k < call.inputs; ++k) {
        static_cast<View&>(inputs[k]) = view(pass_.inputs[call.first_input + k], s);
        inputs[k].sink = nullptr;
      }
      call.backward ? run_backward(call, s, inputs, sinks) : run_forward(call, s, inputs);
    }
  }

  void run_forward(const Call& call, const Slice& s, const In* inputs) const {
    Out y;
    static_cast<View&>(y) = view(call.result, s);
    y.extra = view(call.extra, s).data;
    y.scratch = view(call.scratch, s).data;
    GradSink total;
    if (call.total.accumulator >= 0) {
      total = sink(call.total, s);
      y.total = &total;
    }
    call.node->forward(y, inputs, call.inputs);
  }

  void run_backward(const Call& call, const Slice& s, In* inputs, GradSink* sinks) const {
    for (int k = 0; k < call.inputs; ++k) {
      sinks[k] = sink(pass_.sinks[call.first_input + k], s);
      if (sinks[k]) inputs[k].sink = &sinks[k];
      if (pass_.sinks[call.first_input + k].shared) sinks[k].zeroed();
    }
    Grad g;
    static_cast<View&>(g) = view(call.result, s);
    g.value = view(call.result_value, s).data;
    g.extra = view(call.extra, s).data;
    g.extra_filled = call.extra_filled;
    g.scratch = view(call.scratch, s).data;
    call.node->backward(g, inputs, call.inputs);
    for (int k = 0; k < call.inputs; ++k)
      if (sinks[k] && sinks[k].fresh()) sinks[k].zeroed();  // the rule wrote nothing: the gradient is 0
  }

  View view(const Slot& slot, const Slice& s) const {
    View v;
    v.rows = slot.all ? slot.rows : slot.rows * (s.to - s.from);
    v.cols = slot.cols;
    v.first = slot.all ? 0 : slot.rows * s.from;
    if (slot.kind == Slot::kStored) v.data = slot.base + v.first * v.cols;
    if (slot.kind == Slot::kWorkspace) v.data = s.workspace + slot.offset * s.room;
    return v;
  }

  GradSink sink(const Sink& k, const Slice& s) const {
    if (k.accumulator >= 0) {
      const Accumulator& a = pass_.accumulators[k.accumulator];
      const bool direct = s.lane == 0 && is_direct(a);
      const bool first = in_doubles(a) ? s.first_of_few : s.first_of_lane;
      const bool fresh = k.fresh && first && (!direct || a.fresh);
      real* to = direct ? a.total : lane(s.lane) + a.offset;
      return {to, k.slot.rows, k.slot.cols, fresh};
    }
    const View v = view(k.slot, s);
    return {v.data, v.rows, v.cols, k.fresh};
  }

  // A lane's memory: its accumulators, then those in doubles.
  Index lane_size() const { return pass_.accumulated + pass_.doubles * kPerDouble; }
  real* lane(Index number) const { return lanes_ + number * lane_size(); }
  double* doubles(Index number, const Accumulator& a) const {
    return reinterpret_cast<double*>(lane(number) + pass_.accumulated) + a.offset_in_doubles;
  }
  bool in_doubles(const Accumulator& a) const { return many_ && a.in_doubles; }
  bool is_direct(const Accumulator& a) const { return a.direct && !in_doubles(a); }

  // The sums over the last few slices go to those over all slices of the lane.
  void add_to_doubles(Index number, bool first) const {
    for (const Accumulator& a : pass_.accumulators) {
      if (!in_doubles(a)) continue;
      const real* few = lane(number) + a.offset;
      double* sums = doubles(number, a);
      for (Index i = 0; i < a.size; ++i) sums[i] = first ? few[i] : sums[i] + few[i];
    }
  }

  // Adds the sums of all lanes to the total. The lanes are in order, whatever thread each came from; in
  // parallel over the numbers.
  void add_lanes() const {
    constexpr Index kChunk = 16 * 1024;
    for (const Accumulator& a : pass_.accumulators) {
      if (is_direct(a) && pass_.lanes == 1 && a.scale == 1) continue;
      auto add_some = [&](Index from, Index to) {
        a.in_doubles ? add_in_doubles(a, from, to) : add_numbers(a, from, to);
      };
      const Index chunks = std::min<Index>((a.size + kChunk - 1) / kChunk, 1024);
      if (chunks <= 1) {
        add_some(0, a.size);
      } else {
        const Index step = (a.size + chunks - 1) / chunks;
        parallel(chunks, [&](Index c, int) {
          const Index from = std::min(c * step, a.size);
          add_some(from, std::min(from + step, a.size));
        });
      }
    }
  }

  void add_numbers(const Accumulator& a, Index from, Index to) const {
    ArrayMap total(a.total + from, to - from);
    for (int k = is_direct(a) ? 1 : 0; k < pass_.lanes; ++k)
      store(k == 0 && a.fresh, total, ConstArrayMap(lane(k) + a.offset + from, to - from));
    if (a.scale != 1) total *= static_cast<real>(a.scale);
  }

  void add_in_doubles(const Accumulator& a, Index from, Index to) const {
    constexpr Index kBlock = 256;
    double sum[kBlock];
    const bool direct = is_direct(a), from_zero = !direct && a.fresh;
    for (Index n = 0; from < to; from += n) {
      n = std::min(kBlock, to - from);
      real* total = a.total + from;
      for (Index i = 0; i < n; ++i) sum[i] = from_zero ? 0.0 : total[i];
      for (int k = direct ? 1 : 0; k < pass_.lanes; ++k)
        in_doubles(a) ? add(sum, doubles(k, a) + from, n) : add(sum, lane(k) + a.offset + from, n);
      for (Index i = 0; i < n; ++i) total[i] = static_cast<real>(sum[i] * a.scale);
    }
  }
  template <class Number>
  static void add(double* sum, const Number* part, Index n) {
    for (Index i = 0; i < n; ++i) sum[i] += part[i];
  }

  static constexpr Index kPerDouble = sizeof(real) == sizeof(double) ? 1 : 2;  // numbers in the room of a double

  const Pass& pass_;
  Interrupt& interrupt_;
  bool many_;  // a lane has more than kFewSlices slices
  real* lanes_ = nullptr;
};

}  // namespace

void set_interrupt_check(std::function<void()> check) { interrupt_check = std::move(check); }

void Interrupt::poll(int thread) {
  if (stopped_.load(std::memory_order_relaxed)) throw Stopped{};
  if (thread != 0 || !interrupt_check) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  try {
    interrupt_check();
  } catch (...) {
    stopped_.store(true);
    throw;
  }
}

void run(const Pass& pass, Interrupt& interrupt) { Runner(pass, interrupt).run(); }

}  // namespace hello_dl
