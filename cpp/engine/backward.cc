// The backward pass: gradients of leaves, or of tensors that are asked for by name; hooks and rules in Python.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/evaluation.hh"
#include "engine/layout.hh"

namespace hello_dl {
namespace {

void add_to_gradient(Node& n, StoragePtr gradient) {
  const NodePtr former = gradient_of(n);  // a hold on it: another thread may take it away now (x.grad = None)
  if (!former) {
    const Tensor first = leaf(n.shape, std::move(gradient));
    first.node().channels_last = n.channels_last;
    return set_gradient(n, first.pointer());
  }
  const StoragePtr sum = value_of(*former);
  ArrayMap(sum->data(), n.shape.size()) += ConstArrayMap(gradient->data(), n.shape.size());
  const NodeLock lock(node_mutex());
  ++sum->version;
}

// Adds the gradients of leaves, and of nodes with retains_grad, to those they have.
void keep_gradients(Plan& plan) {
  for (PlanNode& p : plan.nodes)
    if (p.grad && p.gradient && (p.node->retains_grad || (!p.expanded && p.node->is_leaf())))
      add_to_gradient(*p.node, std::move(p.gradient));
}

void free_graph(Plan& plan, Dropped& dropped) {
  for (PlanNode& p : plan.nodes) {
    if (!p.passes) continue;
    p.node->graph_freed = true;
    forget_recipe(*p.node, dropped);
  }
}

// ---- code outside the engine: hooks, and rules written in Python

// The gradient's memory, or a copy if somebody outside has kept a hold on it.
StoragePtr own(StoragePtr numbers, Index size) {
  if (numbers.use_count() == 1) return numbers;
  StoragePtr copy = make_storage(size);
  std::copy_n(numbers->data(), size, copy->data());
  return copy;
}

// A node that got no gradient from anywhere, because each rule above it said that there is none, has a gradient of 0.
void fill_missing(PlanNode& p) {
  if (p.grad_started) return;
  p.gradient = make_storage(p.node->shape.size());
  std::fill_n(p.gradient->data(), p.node->shape.size(), real(0));
  p.grad_started = true;
}

Tensor gradient_at(const PlanNode& p) {
  Tensor g = leaf(p.node->shape, p.gradient);
  g.node().channels_last = p.node->channels_last;
  return g;
}

void call_hook(PlanNode& p, Lock& lock) {
  const std::shared_ptr<Outside> hook = p.node->hook;
  StoragePtr numbers;
  {
    const Tensor given = channels_first(gradient_at(p));
    const Rest rest(lock);
    const std::vector<Tensor> returned = hook->call(given);
    Tensor next = returned.empty() || !returned[0] ? given : returned[0];
    need(next.shape() == p.node->shape, "hook: needs a gradient of shape ", p.node->shape, ", got ", next.shape());
    if (p.node->channels_last) next = channels_last(next);
    evaluate({next});
    p.gradient.reset();
    numbers = value_of(next.node());
  }
  p.gradient = own(std::move(numbers), p.node->shape.size());
}

void call_rule(Plan& plan, int i, Lock& lock) {
  const std::shared_ptr<Outside> rule = plan.nodes[i].node->rule;
  const Tensor given = gradient_at(plan.nodes[i]);
  std::vector<Tensor> gradients;
  {
    const Rest rest(lock);
    gradients = rule->call(given);
    for (Tensor& g : gradients)
      if (g) g = leaf(g.shape(), numbers(g));
  }
  need(static_cast<int>(gradients.size()) == plan.input_count(i), "backward: needs ", plan.input_count(i),
       " gradients of a rule, got ", gradients.size());
  for (int k = 0; k < plan.input_count(i); ++k) {
    PlanNode& x = plan.nodes[plan.inputs_of(i)[k]];
    if (!x.grad || !gradients[k]) continue;
    const Shape& shape = x.node->shape;
    need(gradients[k].shape() == shape, "backward: needs a gradient of shape ", shape, ", got ", gradients[k].shape());
    if (!x.gradient) x.gradient = make_storage(shape.size());
    store(!x.grad_started, ArrayMap(x.gradient->data(), shape.size()),
          ConstArrayMap(gradients[k].node().value->data(), shape.size()));
    x.grad_started = true;
  }
}

// ---- the backward pass

// The gradients of a region; with `forward`, its values as well, in the same pass.
void run_gradients(Plan& plan, int region, bool forward, Interrupt& interrupt, Lock& lock) {
  if (plan.calls_outside) {
    for (int i : plan.regions[region].nodes) {
      PlanNode& p = plan.nodes[i];
      if (p.grad && p.store_grad) fill_missing(p);
      if (p.hooked()) call_hook(p, lock);
    }
    const int first = plan.regions[region].nodes[0];  // a node with a rule is a region of its own
    if (plan.nodes[first].passes && plan.nodes[first].node->rule) return call_rule(plan, first, lock);
  }
  run_pass(plan, region, forward, true, interrupt);
}

// Values of the regions before the fused one, gradients of those after it, the fused region, values of those after it,
// gradients of those before it.
void run_backward(Plan& plan, const real* seed, Lock& lock) {
  Interrupt interrupt;
  PlanNode& top = plan.nodes.back();
  const Index size = top.node->shape.size();
  top.gradient = make_storage(size);
  if (seed)
    std::copy_n(seed, size, top.gradient->data());
  else
    std::fill_n(top.gradient->data(), size, real(1));
  top.grad_started = true;
  const int regions = static_cast<int>(plan.regions.size()), fused = plan.fused;
  for (int r = 0; r < fused; ++r) run_pass(plan, r, true, false, interrupt);
  for (int r = regions - 1; r > fused; --r) run_gradients(plan, r, false, interrupt, lock);
  if (fused < regions) run_gradients(plan, fused, true, interrupt, lock);
  for (int r = fused + 1; r < regions; ++r) run_pass(plan, r, true, false, interrupt);
  for (int r = fused - 1; r >= 0; --r)
    if (plan.regions[r].has_grad) run_gradients(plan, r, false, interrupt, lock);
  for (PlanNode& p : plan.nodes)
    if (p.grad && p.gradient && !p.expanded && p.node->hook) call_hook(p, lock);
}

// Plans the backward pass; sums that must be there before it are computed.
Plan plan_backward(const Tensor& root, const std::vector<Node*>& wanted, Dropped& dropped) {
  Plan plan = make_plan({&root.node()}, true, wanted);
  if (!plan.compute_beforehand.empty()) {
    std::vector<Node*> sums;
    sums.reserve(plan.compute_beforehand.size());
    for (int i : plan.compute_beforehand) sums.push_back(plan.nodes[i].node);
    evaluate_nodes(sums, dropped);
    plan = make_plan({&root.node()}, true, wanted);
  }
  start_statistics(plan);
  return plan;
}

void check_seed(const Tensor& y, const Tensor& seed) {
  need(y.requires_grad(), "backward: needs a tensor that depends on one with requires_grad=True, got one of shape ",
       y.shape(), " that does not");
  if (seed) {
    need(seed.shape() == y.shape(), "backward: needs a gradient of shape ", y.shape(), ", got ", seed.shape());
  } else {
    need(y.size() == 1, "backward: needs a single number, or gradient=..., got a tensor of shape ", y.shape());
  }
}

// One number from which the backward pass of all ys starts.
Tensor start_of(const std::vector<Tensor>& ys, const std::vector<Tensor>& seeds) {
  need(ys.size() == seeds.size(), "backward: needs a gradient for each of ", ys.size(), " tensors, got ", seeds.size());
  std::vector<Tensor> computed;
  for (std::size_t k = 0; k < ys.size(); ++k) {
    check_seed(ys[k], seeds[k]);
    computed.push_back(leaf(ys[k].shape(), seeds[k] ? numbers(seeds[k]) : make_storage(1)));
    if (!seeds[k]) computed[k].node().value->data()[0] = 1;
  }
  return seeded(ys, std::move(computed));
}

}  // namespace

void backward(const Tensor& y, const Tensor& seed, bool retain_graph) {
  check_seed(y, seed);
  // A copy: code outside the engine may let y stand for another expression.
  const Tensor root = y;  // NOLINT(performance-unnecessary-copy-initialization)
  const Tensor seed_as_stored = seed && y.node().channels_last ? channels_last(seed) : seed;
  Dropped dropped;
  Lock lock;
  if (seed) evaluate_nodes({&seed_as_stored.node()}, dropped);
  const real* seed_numbers = seed ? seed_as_stored.node().value->data() : nullptr;
  Plan plan = plan_backward(root, {}, dropped);
  run_backward(plan, seed_numbers, lock);
  keep_values(plan, dropped);
  keep_gradients(plan);
  if (!retain_graph) free_graph(plan, dropped);
}

void backward(const std::vector<Tensor>& ys, const std::vector<Tensor>& seeds, bool retain_graph) {
  backward(start_of(ys, seeds), Tensor{}, retain_graph);
}

std::vector<Tensor> gradients(const std::vector<Tensor>& ys, const std::vector<Tensor>& seeds,
                              const std::vector<Tensor>& xs, bool retain_graph) {
  need(!xs.empty(), "grad: needs at least one tensor to differentiate by, got none");
  const Tensor root = start_of(ys, seeds);
  std::vector<Node*> wanted;
  wanted.reserve(xs.size());
  for (const Tensor& x : xs) wanted.push_back(&x.node());
  const std::vector<Tensor> held = xs;  // NOLINT(performance-unnecessary-copy-initialization): as in backward
  std::vector<Tensor> found(xs.size());
  Dropped dropped;
  Lock lock;
  Plan plan = plan_backward(root, wanted, dropped);
  run_backward(plan, nullptr, lock);
  keep_values(plan, dropped);
  for (const PlanNode& p : plan.nodes)
    for (std::size_t k = 0; p.wanted && p.gradient && k < held.size(); ++k)
      if (wanted[k] == p.node) found[k] = gradient_at(p);
  if (!retain_graph) free_graph(plan, dropped);
  return found;
}

}  // namespace hello_dl
