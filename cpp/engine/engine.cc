// Computes the tensors asked for: makes a plan, runs its passes in order, and stores the values that a handle refers
// to.
#include "engine/engine.hh"

#include <algorithm>
#include <utility>

#include "engine/evaluation.hh"
#include "engine/layout.hh"
#include "engine/pool.hh"

namespace hello_dl {
namespace {

std::mutex mutex;                          // see Lock
thread_local bool computing_here = false;  // this thread has locked it
int resting = 0;                           // backward passes that wait for code outside the engine
thread_local int resting_here = 0;         // of these, this thread's
Index forced_units = 0;
RunStatistics last;

}  // namespace

void Lock::lock() {
  need<std::runtime_error>(!computing_here,
                           "engine: needs the end of the evaluation that this thread is in the middle of, got a tensor "
                           "to compute in a signal handler or a __del__; set a flag there, and compute later");
  take();
}
void Lock::take() {
  mutex.lock();
  computing_here = locked_ = true;
}
Lock::Lock(std::try_to_lock_t) {
  if (!computing_here && mutex.try_lock()) computing_here = locked_ = true;
}
void Lock::unlock() {
  computing_here = locked_ = false;
  mutex.unlock();
}

Rest::Rest(Lock& lock) : lock_(lock) {
  ++resting;
  ++resting_here;
  lock_.unlock();
}
Rest::~Rest() {
  lock_.take();  // what was computed meanwhile is computed: this thread does not hold it
  --resting;
  --resting_here;
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
  const NodeLock lock(node_mutex());
  for (Edge& e : n.inputs) dropped.edges.push_back(std::move(e));
  if (n.rule) dropped.rules.push_back(std::move(n.rule));
  n.inputs.clear();
  dropped.forwards.push_back(std::exchange(n.forward, nullptr));
  dropped.backwards.push_back(std::exchange(n.backward, nullptr));
}

void keep_values(Plan& plan, Dropped& dropped) {
  for (PlanNode& p : plan.nodes) {
    if (!p.kept || !p.compute || !p.value) continue;
    const NodeLock lock(node_mutex());
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
  // In a signal handler, numbers that are there already can be had.
  if (computing_here && std::all_of(wanted.begin(), wanted.end(), [](Node* n) { return n->value != nullptr; })) return;
  Dropped dropped;
  const Lock lock;
  evaluate_nodes(wanted, dropped);
}

StoragePtr numbers(const Tensor& x) {
  const Tensor plain = channels_first(x);
  evaluate({plain});
  return value_of(plain.node());
}

void assign(const Tensor& x, const Tensor& from) {
  need(is_whole(x.node()), "copy_: needs a leaf to be overwritten, got a tensor that comes from ", x.node().op);
  need(x.shape() == from.shape(), "copy_: needs numbers of shape ", x.shape(), ", got ", from.shape());
  const Tensor plain = channels_first(from);
  evaluate({plain});
  const Lock lock;
  own_numbers(x.node(), true);
  std::copy_n(plain.node().value->data(), x.size(), x.node().value->data());
  if (x.dtype() == DType::integer) {
    std::vector<std::int64_t> exact = plain.node().value->integers;
    const NodeLock node_lock(node_mutex());
    std::swap(x.node().value->integers, exact);
    x.node().largest = -1;
  }
}

void change_in_place(const std::vector<Tensor>& leaves, const std::function<void()>& work) {
  const Lock lock;
  for (const Tensor& x : leaves) {
    need(is_whole(x.node()), "optim: needs a leaf to be changed, got a tensor that comes from ", x.node().op);
    own_numbers(x.node(), true);
  }
  work();
}

void run_alone(const std::function<void()>& work) {
  const Lock lock;
  work();
}

// (A signal handler that forks in the middle of an evaluation: this thread holds the lock already.)
void before_fork() {
  if (!computing_here) mutex.lock();
}
void after_fork(bool in_child) {
  if (in_child) resting = resting_here;
  if (!computing_here) mutex.unlock();
}

void change_num_threads(int threads) {
  run_alone([threads] { set_num_threads(threads); });
}

void set_slice_units(Index units) {
  run_alone([units] { forced_units = units; });
}
Index slice_units() { return forced_units; }
RunStatistics last_run() {
  const Lock lock;
  return last;
}

}  // namespace hello_dl
