// Computes the tensors asked for: makes a plan, runs its passes in order, stores the values that a handle refers to,
// and adds gradients to leaves.
#include "engine/engine.hh"

#include <algorithm>
#include <mutex>

#ifndef _WIN32
#include <pthread.h>
#endif

#include "engine/layout.hh"
#include "engine/pool.hh"
#include "engine/run.hh"

namespace hello_dl {
namespace {

std::mutex engine_mutex;  // locked during an evaluation: one runs at a time, on all threads of the pool
Index forced_units = 0;
RunStatistics last;

// fork() waits for the evaluation that runs: the child would inherit a locked mutex without the thread that unlocks it.
#ifndef _WIN32
int register_fork_handlers() noexcept {
  return pthread_atfork([] { engine_mutex.lock(); }, [] { engine_mutex.unlock(); }, [] { engine_mutex.unlock(); });
}
[[maybe_unused]] const int fork_handlers = register_fork_handlers();
#endif

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

void forget_recipe(Node& n, std::vector<Edge>& dropped) {
  for (Edge& e : n.inputs) dropped.push_back(std::move(e));
  n.inputs.clear();
  n.forward = nullptr;
  n.backward = nullptr;
}

// Values that were stored for a handle move from the plan to their nodes. A computed node that needs no gradient
// forgets how it was made, so that its inputs can be freed. (The edges are freed last: the plan points to their nodes.)
void keep_values(Plan& plan) {
  std::vector<Edge> dropped;
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

// Adds the gradients of leaves, and of nodes with retains_grad, to those they have. Then the graph is freed.
void keep_gradients(Plan& plan, bool retain_graph) {
  for (PlanNode& p : plan.nodes)
    if (p.grad && p.gradient && (p.node->retains_grad || (!p.expanded && p.node->is_leaf())))
      add_to_gradient(*p.node, std::move(p.gradient));
  if (retain_graph) return;
  std::vector<Edge> dropped;
  for (PlanNode& p : plan.nodes) {
    if (!p.grad || !p.expanded) continue;
    p.node->graph_freed = true;
    forget_recipe(*p.node, dropped);
  }
}

// Where backward starts: the seed, or ones.
void copy_seed(const real* seed, Index size, real* to) {
  if (seed)
    std::copy_n(seed, size, to);
  else
    std::fill_n(to, size, real(1));
}

// Values of the regions before the fused one, gradients of those after it, the fused region, values of those after it,
// gradients of those before it.
void run_backward(Plan& plan, Node& root, const real* seed) {
  Interrupt interrupt;
  const Index size = root.shape.size();
  PlanNode& top = plan.nodes.back();
  top.gradient = make_storage(size);
  copy_seed(seed, size, top.gradient->data());
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
  wanted.reserve(tensors.size());
  for (const Tensor& t : tensors) wanted.push_back(&t.node());
  std::lock_guard<std::mutex> lock(engine_mutex);
  evaluate_nodes(wanted);
}

void backward(const Tensor& y, const Tensor& seed, bool retain_graph) {
  need(y.requires_grad(), "backward: needs a tensor that depends on one with requires_grad=True, got one of shape ",
       y.shape(), " that does not");
  if (seed) {
    need(seed.shape() == y.shape(), "backward: needs a gradient of shape ", y.shape(), ", got ", seed.shape());
  } else {
    need(y.size() == 1, "backward: needs a single number, or gradient=..., got a tensor of shape ", y.shape());
  }
  const Tensor seed_as_stored = seed && y.node().channels_last ? channels_last(seed) : seed;
  std::lock_guard<std::mutex> lock(engine_mutex);
  if (seed) evaluate_nodes({&seed_as_stored.node()});
  const real* seed_numbers = seed ? seed_as_stored.node().value->data() : nullptr;
  if (y.node().is_leaf() && !y.node().graph_freed) {
    StoragePtr one = make_storage(y.size());
    copy_seed(seed_numbers, y.size(), one->data());
    add_to_gradient(y.node(), std::move(one));
    return;
  }
  Plan plan = make_plan({&y.node()}, true);
  if (!plan.compute_beforehand.empty()) {
    std::vector<Node*> sums;
    sums.reserve(plan.compute_beforehand.size());
    for (int i : plan.compute_beforehand) sums.push_back(plan.nodes[i].node);
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
  need(x.node().is_leaf() && x.node().value, "copy_: needs a leaf to be overwritten, got a tensor that comes from ",
       x.node().op);
  need(x.shape() == from.shape(), "copy_: needs numbers of shape ", x.shape(), ", got ", from.shape());
  const Tensor plain = channels_first(from);
  evaluate({plain});
  std::lock_guard<std::mutex> lock(engine_mutex);
  std::copy_n(plain.node().value->data(), x.size(), x.node().value->data());
  if (x.dtype() == DType::integer) {
    x.node().value->integers = plain.node().value->integers;
    x.node().largest = -1;
  }
  ++x.node().value->version;
}

void change_in_place(const std::vector<Tensor>& leaves, const std::function<void()>& work) {
  std::lock_guard<std::mutex> lock(engine_mutex);
  for (const Tensor& x : leaves) {
    need(x.node().is_leaf() && x.node().value, "optim: needs a leaf to be changed, got a tensor that comes from ",
         x.node().op);
    ++x.node().value->version;
  }
  work();
}

void change_num_threads(int threads) {
  std::lock_guard<std::mutex> lock(engine_mutex);
  set_num_threads(threads);
}

void set_slice_units(Index units) { forced_units = units; }
Index slice_units() { return forced_units; }
RunStatistics last_run() { return last; }

}  // namespace hello_dl
