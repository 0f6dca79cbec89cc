// Makes a plan in these steps: collect nodes, mark what is needed, assign stages, find regions, choose the fused region
// and what is stored. Each step is linear in the number of nodes and none recurses: chains of 300,000 nodes are
// planned.
#include "engine/plan.hh"

#include <algorithm>
#include <numeric>

namespace hello_dl {
namespace {

bool has_value(const PlanNode& p) { return p.node->value != nullptr; }

// While nodes are collected, Node::mark is a node's number in the plan. It is reset at the end, also after an error.
struct Marks {
  std::vector<PlanNode>& nodes;
  ~Marks() {
    for (PlanNode& p : nodes) p.node->mark = -1;
  }
};

// An expression may be computed from numbers that its input had before a change. But a gradient rule that reads them
// would mix two states of the network: PyTorch refuses it as well.
void check_version(const Node& consumer, const Edge& e, bool for_gradient) {
  need(e.version == e.node->version() && !(for_gradient && e.node->outdated), consumer.op, ": its input of shape ",
       e.node->shape,
       " was changed in place (by an optimizer, perhaps) after this expression was made and before it was computed; "
       "ask for its value before the change, or make the expression again after it");
}

// Depth first, with an explicit stack. Inputs of a node that has a value are left out, unless a gradient has to pass
// through the node.
void collect(Plan& plan, const std::vector<Node*>& roots, bool backward) {
  struct Visit {
    Node* node;
    std::size_t next;
  };
  constexpr int kOpen = -2;  // on the stack, not numbered yet
  std::vector<Visit> stack;
  auto expands = [backward](const Node& n) { return !n.is_leaf() && (!n.value || (backward && n.requires_grad)); };
  auto enter = [&](Node* n) {
    if (n->mark != -1) return;
    n->mark = kOpen;
    stack.push_back({n, 0});
  };
  for (Node* root : roots) {
    enter(root);
    while (!stack.empty()) {
      Visit& v = stack.back();
      Node* n = v.node;
      if (expands(*n) && v.next < n->inputs.size()) {
        Edge& e = n->inputs[v.next++];
        lead_to_former_numbers(e);
        enter(e.node.get());
        continue;
      }
      PlanNode p;
      p.node = n;
      p.expanded = expands(*n);
      n->mark = static_cast<int>(plan.nodes.size());
      plan.nodes.push_back(std::move(p));
      stack.pop_back();
    }
  }
  for (PlanNode& p : plan.nodes) {
    if (!p.expanded) continue;
    p.first_input = static_cast<int>(plan.inputs.size());
    p.is_solo = true;
    for (const Edge& e : p.node->inputs) {
      plan.inputs.push_back(e.node->mark);
      ++plan.nodes[e.node->mark].uses;
      p.is_fold |= e.word == Word::fold;
      p.is_solo &= e.word == Word::whole;
    }
  }
}

// Marks the nodes whose gradients are wanted. Returns for each node whether one of them is behind it, or may have been
// before the graph was freed.
std::vector<bool> lead_to(Plan& plan, const std::vector<Node*>& wanted) {
  std::vector<bool> leads(plan.nodes.size(), false);
  bool all_there = true;
  for (const Node* n : wanted) {
    all_there &= n->mark >= 0;
    if (n->mark >= 0) leads[n->mark] = plan.nodes[n->mark].wanted = true;
  }
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    if (!all_there && plan.nodes[i].node->graph_freed) leads[i] = true;
    for (int k = 0; k < plan.input_count(static_cast<int>(i)); ++k)
      if (leads[plan.inputs_of(static_cast<int>(i))[k]]) leads[i] = true;
  }
  return leads;
}

// From the roots down: through which nodes a gradient flows, and which values are read.
void mark(Plan& plan, const std::vector<Node*>& roots, bool backward, const std::vector<Node*>& wanted) {
  const std::vector<bool> leads = wanted.empty() ? std::vector<bool>() : lead_to(plan, wanted);
  for (Node* root : roots) {
    PlanNode& p = plan.nodes[root->mark];
    p.required = p.kept = true;
    p.grad = backward;
  }
  for (int i = static_cast<int>(plan.nodes.size()) - 1; i >= 0; --i) {
    PlanNode& p = plan.nodes[i];
    Node& n = *p.node;
    need(!(p.grad && n.graph_freed && !p.wanted), "backward: the graph behind '", n.op, "' of shape ", n.shape,
         " was already used by an earlier backward; make the expression again, or pass retain_graph=True the first "
         "time");
    p.kept |= n.references.load() > p.uses;
    for (int k = 0; k < plan.input_count(i); ++k) {
      const int j = plan.inputs_of(i)[k];
      PlanNode& x = plan.nodes[j];
      if (!p.grad || !x.node->requires_grad || (!leads.empty() && !leads[j])) continue;
      x.grad = p.passes = true;
    }
    plan.calls_outside |= p.hooked() || (p.passes && n.rule);
    p.required |= p.kept || (p.passes && (n.reads & kReadsResult));
    p.compute = p.required && !has_value(p);
    if (!p.expanded) continue;
    for (int k = 0; k < plan.input_count(i); ++k) {
      PlanNode& x = plan.nodes[plan.inputs_of(i)[k]];
      const bool for_gradient = p.passes && Plan::reads_input(n.reads | n.refill, k);
      const bool is_read = p.compute || for_gradient;
      x.required |= is_read;
      if (is_read) check_version(n, n.inputs[k], for_gradient);
    }
  }
}

// Sums without gradient, such as the count in a masked mean, run beforehand, so that the rest can be one pass.
void choose_beforehand(Plan& plan) {
  std::vector<bool> wanted(plan.nodes.size());
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    PlanNode& p = plan.nodes[i];
    if (!p.active()) continue;
    p.after_fold = p.is_fold && p.compute;
    for (int k = 0; k < plan.input_count(i); ++k) {
      const int j = plan.inputs_of(i)[k];
      p.after_fold |= plan.nodes[j].after_fold && p.compute;
      if (p.grad && plan.nodes[j].after_fold && !plan.nodes[j].grad) wanted[j] = true;
    }
  }
  for (std::size_t i = 0; i < plan.nodes.size(); ++i)
    if (wanted[i]) plan.compute_beforehand.push_back(static_cast<int>(i));
}

// How many stages later than its input a node must come.
int delay(const PlanNode& input, Word word) {
  return word == Word::whole || input.is_fold || input.is_solo || input.hooked() ? 1 : 0;
}

// Each node first gets its earliest stage, which gives the number of stages, then its latest. (With earliest stages a
// weight that is computed would cut the network into two regions: what comes before its use, and the rest.)
void assign_stages(Plan& plan) {
  int last = 0;
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    PlanNode& p = plan.nodes[i];
    if (!p.active()) continue;
    for (int k = 0; k < plan.input_count(i); ++k) {
      const PlanNode& x = plan.nodes[plan.inputs_of(i)[k]];
      if (x.active()) p.stage = std::max(p.stage, x.stage + delay(x, p.node->inputs[k].word));
    }
    last = std::max(last, p.stage);
  }
  for (PlanNode& p : plan.nodes) p.stage = last;
  for (int i = static_cast<int>(plan.nodes.size()) - 1; i >= 0; --i) {
    const PlanNode& p = plan.nodes[i];
    if (!p.active()) continue;
    for (int k = 0; k < plan.input_count(i); ++k) {
      PlanNode& x = plan.nodes[plan.inputs_of(i)[k]];
      x.stage = std::min(x.stage, p.stage - delay(x, p.node->inputs[k].word));
    }
  }
}

// Union-find: nodes of one stage that are joined by rows or folds form a group.
class Groups {
 public:
  explicit Groups(std::size_t n) : parent_(n) { std::iota(parent_.begin(), parent_.end(), 0); }
  int find(int i) {
    while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
    return i;
  }
  void join(int a, int b) { parent_[find(a)] = find(b); }

 private:
  std::vector<int> parent_;
};

void measure(const Plan& plan, Region& region) {
  Index units = 0;
  for (int i : region.nodes) {
    const PlanNode& p = plan.nodes[i];
    region.has_grad |= p.grad;
    region.work += p.node->work * static_cast<double>(std::max<Index>(p.node->shape.size(), 1));
    if (p.is_solo) continue;
    if (!p.is_fold) units = std::gcd(units, p.node->rows());
    for (int k = 0; k < plan.input_count(i); ++k)
      if (p.node->inputs[k].word != Word::whole) units = std::gcd(units, p.node->inputs[k].node->rows());
  }
  region.units = std::max<Index>(units, 1);
}

void find_regions(Plan& plan) {
  Groups groups(plan.nodes.size());
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const PlanNode& p = plan.nodes[i];
    if (!p.active()) continue;
    for (int k = 0; k < plan.input_count(i); ++k) {
      const PlanNode& x = plan.nodes[plan.inputs_of(i)[k]];
      if (x.active() && x.stage == p.stage) groups.join(static_cast<int>(i), plan.inputs_of(i)[k]);
    }
  }
  std::vector<int> number(plan.nodes.size(), -1);
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    if (!plan.nodes[i].active()) continue;
    int& region = number[groups.find(static_cast<int>(i))];
    if (region < 0) {
      region = static_cast<int>(plan.regions.size());
      plan.regions.emplace_back();
    }
    plan.regions[region].nodes.push_back(static_cast<int>(i));
  }
  for (Region& r : plan.regions) measure(plan, r);
  // Within a stage the region with the most work comes last, since the last one is fused and that one gains the most.
  std::stable_sort(plan.regions.begin(), plan.regions.end(), [&plan](const Region& a, const Region& b) {
    const int sa = plan.nodes[a.nodes[0]].stage, sb = plan.nodes[b.nodes[0]].stage;
    return sa != sb ? sa < sb : a.work < b.work;
  });
  for (std::size_t r = 0; r < plan.regions.size(); ++r)
    for (int i : plan.regions[r].nodes) plan.nodes[i].region = static_cast<int>(r);
}

// The last region whose values backward reads can run forward and backward in one pass, slice by slice, because the
// gradients that it starts from do not depend on values (that of a mean is 1/n for any numbers).
void choose_fused(Plan& plan) {
  plan.fused = static_cast<int>(plan.regions.size());
  int reads_from = -1;  // the latest region whose values the regions after this one read in their backward rules
  for (int r = plan.fused - 1; r >= 0; --r) {
    if (reads_from >= r) return;
    if (!plan.regions[r].has_grad || plan.nodes[plan.regions[r].nodes[0]].node->rule) continue;
    plan.fused = r;
    for (int i : plan.regions[r].nodes) {
      const PlanNode& p = plan.nodes[i];
      if (!p.passes) continue;
      if (((p.node->reads & kReadsResult) || p.node->extra) && p.compute) reads_from = std::max(reads_from, r);
      for (int k = 0; k < plan.input_count(i); ++k) {
        const PlanNode& x = plan.nodes[plan.inputs_of(i)[k]];
        if (Plan::reads_input(p.node->reads | p.node->refill, k) && x.compute)
          reads_from = std::max(reads_from, x.region);
      }
    }
  }
}

// Stored whole: values that a handle refers to, values and gradients that cross from one region to another, and sums
// over slices; in regions before the fused one also expensive values, which their backward pass would compute again.
void choose_stored(Plan& plan) {
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    PlanNode& p = plan.nodes[i];
    if (!p.expanded) {
      p.store_grad = p.grad;
      continue;
    }
    if (!p.active()) continue;
    const bool alone = p.is_fold || p.is_solo;
    p.store_value |= p.compute && (p.kept || alone || (p.node->expensive && p.region < plan.fused && p.grad));
    p.store_grad |= p.grad && (alone || p.node->retains_grad || p.wanted ||
                               static_cast<int>(i) + 1 == static_cast<int>(plan.nodes.size()));
    for (int k = 0; k < plan.input_count(i); ++k) {
      PlanNode& x = plan.nodes[plan.inputs_of(i)[k]];
      if (!x.active() || x.region == p.region) continue;
      x.store_value |= x.compute;
      x.store_grad |= x.grad && p.grad;
    }
  }
}

}  // namespace

Plan make_plan(const std::vector<Node*>& roots, bool backward, const std::vector<Node*>& wanted) {
  Plan plan;
  Marks marks{plan.nodes};
  collect(plan, roots, backward);
  mark(plan, roots, backward, wanted);
  if (backward) choose_beforehand(plan);
  if (!plan.compute_beforehand.empty()) return plan;
  assign_stages(plan);
  find_regions(plan);
  if (backward)
    choose_fused(plan);
  else
    plan.fused = static_cast<int>(plan.regions.size());
  choose_stored(plan);
  return plan;
}

}  // namespace hello_dl
