// Runs passes: lanes go to threads, each lane sends its slices through the whole region one after the other, and the
// lanes' sums are added in order. How many threads there are therefore never shows in the result.
#include "engine.hh"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#ifndef _WIN32
#include <pthread.h>
#endif

#include "ops/layout.hh"
#include "pass.hh"
#include "pool.hh"

namespace hello_dl {
namespace {

std::mutex engine_mutex;  // one evaluation at a time; the threads belong to it
std::function<void()> interrupt_check;
Index forced_units = 0;
LastRun last;

// A child forked while another thread computes must not inherit a locked engine.
#ifndef _WIN32
[[maybe_unused]] const int fork_handlers =
    pthread_atfork([] { engine_mutex.lock(); }, [] { engine_mutex.unlock(); }, [] { engine_mutex.unlock(); });
#endif

// Memory that is kept from run to run.
class Arena {
 public:
  real* get(Index count) {
    if (!storage_ || storage_->count() < count) {
      storage_.reset();
      storage_ = std::make_unique<Storage>(count);
    }
    return storage_->data();
  }

 private:
  std::unique_ptr<Storage> storage_;
};

// Stops all threads soon after the caller's was interrupted.
class Interrupt {
 public:
  void poll(int thread) {
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
  struct Stopped {};

 private:
  std::atomic<bool> stopped_{false};
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
};

struct Slice {
  Index from = 0, to = 0;  // units
  Index room = 0;          // units for which the workspace has been laid out
  int lane = 0;
  bool first_of_lane = false;
  real* workspace = nullptr;
};

class Runner {
 public:
  explicit Runner(const Pass& pass, Interrupt& interrupt) : pass_(pass), interrupt_(interrupt) {}

  void run() {
    const Index room = pass_.largest_slice();
    const Index per_thread = pass_.workspace * room;
    real* workspaces = arena_workspace().get(per_thread * num_threads());  // any thread may take any lane
    lanes_ = arena_lanes().get(pass_.accumulated * pass_.lanes);
    parallel(pass_.lanes, [&](int lane, int thread) {
      Slice s;
      s.room = room;
      s.lane = lane;
      s.workspace = workspaces + per_thread * thread;
      const Index begin = pass_.slice_of_lane(lane), end = pass_.slice_of_lane(lane + 1);
      for (Index k = begin; k < end; ++k) {
        s.from = pass_.unit_of_slice(k);
        s.to = pass_.unit_of_slice(k + 1);
        s.first_of_lane = k == begin;
        try {
          run_slice(s, thread);
        } catch (const Interrupt::Stopped&) {
          return;  // the caller's thread throws the real reason
        }
      }
    });
    add_lanes();
  }

 private:
  // Workspaces and lanes of the one evaluation that may run at a time.
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
    }
    Grad g;
    static_cast<View&>(g) = view(call.result, s);
    g.value = view(call.result_value, s).data;
    g.extra = view(call.extra, s).data;
    g.extra_filled = call.extra_filled;
    g.scratch = view(call.scratch, s).data;
    call.node->backward(g, inputs, call.inputs);
    for (int k = 0; k < call.inputs; ++k)
      if (sinks[k] && sinks[k].fresh()) sinks[k].zeroed();  // the rule had nothing to give
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
      const bool direct = s.lane == 0 && a.direct;
      const bool fresh = k.fresh && s.first_of_lane && (!direct || a.fresh);
      real* to = direct ? a.total : lanes_ + s.lane * pass_.accumulated + a.offset;
      return {to, k.slot.rows, k.slot.cols, fresh};
    }
    const View v = view(k.slot, s);
    return {v.data, v.rows, v.cols, k.fresh};
  }

  // The sums of all lanes, in the lanes' order whatever thread they came from; in parallel over the numbers.
  void add_lanes() const {
    constexpr Index kChunk = 16 * 1024;
    for (const Accumulator& a : pass_.accumulators) {
      const int begin = a.direct ? 1 : 0;
      if (begin == pass_.lanes) continue;
      auto add = [&](Index from, Index to) {
        ArrayMap total(a.total + from, to - from);
        for (int lane = begin; lane < pass_.lanes; ++lane) {
          const ConstArrayMap part(lanes_ + lane * pass_.accumulated + a.offset + from, to - from);
          const bool assign = lane == 0 && a.fresh;
          assign ? void(total = part) : void(total += part);
        }
      };
      const Index chunks = std::min<Index>((a.size + kChunk - 1) / kChunk, 1024);
      if (chunks <= 1) {
        add(0, a.size);
      } else {
        const Index step = (a.size + chunks - 1) / chunks;
        parallel(static_cast<int>(chunks), [&](int c, int) {
          const Index from = std::min(c * step, a.size);
          add(from, std::min(from + step, a.size));
        });
      }
    }
  }

  const Pass& pass_;
  Interrupt& interrupt_;
  real* lanes_ = nullptr;
};

void run_pass(Plan& plan, int region, bool forward, bool backward, Interrupt& interrupt) {
  Pass pass = make_pass(plan, region, forward, backward);
  if (pass.calls.empty()) return;
  if (forced_units > 0) {
    pass.slices = std::max<Index>(1, (pass.units + forced_units - 1) / forced_units);
    pass.lanes = static_cast<int>(std::min<Index>(pass.slices, 8));
  }
  last.slices += pass.slices;
  last.lanes = std::max(last.lanes, pass.lanes);
  last.workspace_bytes =
      std::max<Index>(last.workspace_bytes, pass.workspace * pass.largest_slice() * static_cast<Index>(sizeof(real)));
  Runner(pass, interrupt).run();
}

void forget_recipe(Node& n, std::vector<Edge>& let_go) {
  for (Edge& e : n.inputs) let_go.push_back(std::move(e));
  n.inputs.clear();
  n.forward = nullptr;
  n.backward = nullptr;
}

// What was stored for somebody becomes the node's own; a computed node without gradient forgets how it was made.
// (The edges die at the very end: the plan still points to the nodes they hold.)
void keep_values(Plan& plan) {
  std::vector<Edge> let_go;
  for (PlanNode& p : plan.nodes) {
    if (!p.kept || !p.compute || !p.value) continue;
    p.node->value = std::move(p.value);
  }
  for (PlanNode& p : plan.nodes) {
    Node& n = *p.node;
    if (!n.value || n.requires_grad || n.is_leaf()) continue;
    forget_recipe(n, let_go);
  }
}

void evaluate_nodes(const std::vector<Node*>& wanted) {
  std::vector<Node*> roots;
  for (Node* n : wanted)
    if (!n->value) roots.push_back(n);
  if (roots.empty()) return;
  Interrupt interrupt;
  Plan plan = make_plan(roots, false);
  last = {};
  last.regions = static_cast<int>(plan.regions.size());
  last.fused = -1;
  for (int r = 0; r < last.regions; ++r) run_pass(plan, r, true, false, interrupt);
  keep_values(plan);
}

void add_to_gradient(Node& n, StoragePtr gradient) {
  if (!n.grad) {
    n.grad = leaf(n.shape, std::move(gradient)).pointer();
    n.grad->channels_last = n.channels_last;
    return;
  }
  ArrayMap(n.grad->value->data(), n.shape.size()) += ConstArrayMap(gradient->data(), n.shape.size());
  ++n.grad->value->version;
}

void keep_gradients(Plan& plan, bool retain_graph) {
  for (PlanNode& p : plan.nodes)
    if (p.grad && p.gradient && (p.node->retains_grad || (!p.expanded && p.node->is_leaf())))
      add_to_gradient(*p.node, std::move(p.gradient));
  if (retain_graph) return;
  std::vector<Edge> let_go;
  for (PlanNode& p : plan.nodes) {
    if (!p.grad || !p.expanded) continue;
    p.node->spent = true;
    forget_recipe(*p.node, let_go);
  }
}

void run_backward(Plan& plan, Node& root, const real* seed) {
  Interrupt interrupt;
  const Index size = root.shape.size();
  PlanNode& top = plan.nodes.back();
  top.gradient = make_storage(size);
  seed ? void(std::copy_n(seed, size, top.gradient->data())) : void(std::fill_n(top.gradient->data(), size, real(1)));
  top.grad_started = true;
  const int regions = static_cast<int>(plan.regions.size()), fused = plan.fused;
  for (int r = 0; r < fused; ++r) run_pass(plan, r, true, false, interrupt);
  for (int r = regions - 1; r > fused; --r) run_pass(plan, r, false, true, interrupt);
  if (fused < regions) run_pass(plan, fused, true, true, interrupt);
  for (int r = fused + 1; r < regions; ++r) run_pass(plan, r, true, false, interrupt);
  for (int r = fused - 1; r >= 0; --r)
    if (plan.regions[r].has_grad) run_pass(plan, r, false, true, interrupt);
}

}  // namespace

void evaluate(const std::vector<Tensor>& tensors) {
  std::vector<Node*> wanted;
  for (const Tensor& t : tensors) wanted.push_back(&t.node());
  std::lock_guard<std::mutex> lock(engine_mutex);
  evaluate_nodes(wanted);
}

void backward(const Tensor& y, const Tensor& seed, bool retain_graph) {
  need(y.requires_grad(), "backward: this tensor of shape ", y.shape(),
       " does not depend on anything that requires a gradient");
  if (seed) {
    need(seed.shape() == y.shape(), "backward: needs a gradient of shape ", y.shape(), ", got ", seed.shape());
  } else {
    need(y.size() == 1, "backward: a tensor of shape ", y.shape(), " is not a single number; pass gradient=...");
  }
  const Tensor seed_as_stored = seed && y.node().channels_last ? channels_last(seed) : seed;
  std::lock_guard<std::mutex> lock(engine_mutex);
  if (seed) evaluate_nodes({&seed_as_stored.node()});
  const real* seed_numbers = seed ? seed_as_stored.node().value->data() : nullptr;
  if (y.node().is_leaf() && !y.node().spent) {
    StoragePtr one = make_storage(y.size());
    seed ? void(std::copy_n(seed_numbers, y.size(), one->data())) : void(std::fill_n(one->data(), y.size(), real(1)));
    add_to_gradient(y.node(), std::move(one));
    return;
  }
  Plan plan = make_plan({&y.node()}, true);
  if (!plan.first.empty()) {
    std::vector<Node*> sums;
    for (int i : plan.first) sums.push_back(plan.nodes[i].node);
    evaluate_nodes(sums);
    plan = make_plan({&y.node()}, true);
  }
  last = {};
  last.regions = static_cast<int>(plan.regions.size());
  last.fused = plan.fused;
  run_backward(plan, y.node(), seed_numbers);
  keep_values(plan);
  keep_gradients(plan, retain_graph);
}

StoragePtr numbers(const Tensor& x) {
  const Tensor plain = channels_first(x);
  evaluate({plain});
  return plain.node().value;
}

void assign(const Tensor& x, const Tensor& from) {
  need(x.node().is_leaf() && x.node().value,
       "copy_: only a tensor that is no result of an expression can be overwritten; "
       "this one comes from ",
       x.node().op);
  need(x.shape() == from.shape(), "copy_: needs numbers of shape ", x.shape(), ", got ", from.shape());
  const Tensor plain = channels_first(from);
  evaluate({plain});
  std::lock_guard<std::mutex> lock(engine_mutex);
  std::copy_n(plain.node().value->data(), x.size(), x.node().value->data());
  ++x.node().value->version;
}

void touch(const std::vector<Tensor>& leaves, const std::function<void()>& work) {
  std::lock_guard<std::mutex> lock(engine_mutex);
  for (const Tensor& x : leaves) {
    need(x.node().is_leaf() && x.node().value, "optim: only a leaf can be changed in place; this tensor comes from ",
         x.node().op);
    ++x.node().value->version;
  }
  work();
}

void set_interrupt_check(std::function<void()> check) { interrupt_check = std::move(check); }
void set_slice_units(Index units) { forced_units = units; }
Index slice_units() { return forced_units; }
LastRun last_run() { return last; }

}  // namespace hello_dl
