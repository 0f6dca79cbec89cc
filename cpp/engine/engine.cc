// Computes the tensors asked for: makes a plan, runs its passes in order, and stores the values that a handle refers
// to.
#include "engine/engine.hh"

#include <algorithm>

#ifndef _WIN32
#include <pthread.h>
#endif

#include "engine/evaluation.hh"
#include "engine/layout.hh"
#include "engine/pool.hh"

namespace hello_dl {
namespace {

std::mutex mutex;
int resting = 0;  // backward passes that wait for code outside the engine
Index forced_units = 0;
RunStatistics last;

// fork() waits for the evaluation that runs: the child would inherit a locked mutex without the thread that unlocks it.
#ifndef _WIN32
int register_fork_handlers() noexcept {
  return pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); }, [] { mutex.unlock(); });
}
[[maybe_unused]] const int fork_handlers = register_fork_handlers();
#endif

}  // namespace

std::mutex& engine_mutex() { return mutex; }

Rest::Rest(Lock& lock) : lock_(lock) {
  ++resting;
  lock_.unlock();
}
Rest::~Rest() {
  lock_.lock();
  --resting;
}

void start_statistics(const Plan& plan) {
  last = {};
  last.regions = static_cast<int>(plan.regions.size());
  last.fused = plan.fused < last.regions ? plan.fused : -1;
}

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
  run(pass, interrupt);
}

void forget_recipe(Node& n, Dropped& dropped) {
  if (resting > 0) return;
  for (Edge& e : n.inputs) dropped.edges.push_back(std::move(e));
  if (n.rule) dropped.rules.push_back(std::move(n.rule));
  n.inputs.clear();
  n.forward = nullptr;
  n.backward = nullptr;
}

void keep_values(Plan& plan, Dropped& dropped) {
  for (PlanNode& p : plan.nodes) {
    if (!p.kept || !p.compute || !p.value) continue;
    p.node->value = std::move(p.value);
  }
  for (PlanNode& p : plan.nodes) {
    Node& n = *p.node;
    if (!n.value || n.requires_grad || n.is_leaf()) continue;
    forget_recipe(n, dropped);
  }
}

void evaluate_nodes(const std::vector<Node*>& wanted, Dropped& dropped) {
  std::vector<Node*> roots;
  for (Node* n : wanted)
    if (!n->value) roots.push_back(n);
  if (roots.empty()) return;
  Interrupt interrupt;
  Plan plan = make_plan(roots, false);
  start_statistics(plan);
  for (int r = 0; r < last.regions; ++r) run_pass(plan, r, true, false, interrupt);
  keep_values(plan, dropped);
}

void evaluate(const std::vector<Tensor>& tensors) {
  std::vector<Node*> wanted;
  wanted.reserve(tensors.size());
  for (const Tensor& t : tensors) wanted.push_back(&t.node());
  Dropped dropped;
  const Lock lock(mutex);
  evaluate_nodes(wanted, dropped);
}

StoragePtr numbers(const Tensor& x) {
  const Tensor plain = channels_first(x);
  evaluate({plain});
  return plain.node().value;
}

void assign(const Tensor& x, const Tensor& from) {
  need(x.node().is_leaf() && x.node().value, "copy_: needs a leaf to be overwritten, got a tensor that comes from ",
       x.node().op);
  need(x.shape() == from.shape(), "copy_: needs numbers of shape ", x.shape(), ", got ", from.shape());
  const Tensor plain = channels_first(from);
  evaluate({plain});
  const Lock lock(mutex);
  own_numbers(x.node());
  std::copy_n(plain.node().value->data(), x.size(), x.node().value->data());
  if (x.dtype() == DType::integer) {
    x.node().value->integers = plain.node().value->integers;
    x.node().largest = -1;
  }
  ++x.node().value->version;
}

void change_in_place(const std::vector<Tensor>& leaves, const std::function<void()>& work) {
  const Lock lock(mutex);
  for (const Tensor& x : leaves) {
    need(x.node().is_leaf() && x.node().value, "optim: needs a leaf to be changed, got a tensor that comes from ",
         x.node().op);
    own_numbers(x.node());
    ++x.node().value->version;
  }
  work();
}

void change_num_threads(int threads) {
  const Lock lock(mutex);
  set_num_threads(threads);
}

void set_slice_units(Index units) { forced_units = units; }
Index slice_units() { return forced_units; }
RunStatistics last_run() { return last; }

}  // namespace hello_dl
