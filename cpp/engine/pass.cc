// Lays out a pass: the list of calls, a workspace in which memory is used again as soon as it is free, and the slices.
#include "engine/pass.hh"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "engine/workspace.hh"

namespace hello_dl {
namespace {
class Layout {
 public:
  Layout(Plan& plan, int region, bool forward, bool backward)
      : plan_(plan), region_(plan.regions[region]), number_(region), forward_(forward), backward_(backward) {}

  Pass make() {
    pass_.units = region_.units;
    list_calls();
    find_last_uses();
    for (std::size_t c = 0; c < order_.size(); ++c) lay_out(static_cast<int>(c));
    pass_.workspace = workspace_.size();
    for (Accumulator& a : pass_.accumulators) {
      // If a tensor is read by rows, too, its rows' gradients are in the total before the lanes' sums are added.
      a.direct = !rows_written_.count(a.plan_node);
      a.fresh = a.fresh && a.direct;
      if (a.is_gradient) plan_.nodes[a.plan_node].grad_started = true;
    }
    for (int i : rows_written_) plan_.nodes[i].grad_started = true;
    choose_slices(pass_);
    return std::move(pass_);
  }

 private:
  struct Planned {
    int node;
    bool backward;
  };
  // Offsets of a node's buffers in the workspace (-1: none), and the last call that reads each.
  struct Life {
    Index value = -1, grad = -1, extra = -1;
    int value_end = -1, grad_end = -1, extra_end = -1;
    int first_sink = -1;  // the first of Pass::sinks that writes its gradient
    bool forward = false;
  };

  bool is_here(int i) const { return plan_.nodes[i].region == number_; }
  bool stored(int i) const {
    const PlanNode& p = plan_.nodes[i];
    return p.node->value || p.value || p.store_value;
  }

  void list_calls() {
    std::vector<int> forward;
    if (forward_) {
      for (int i : region_.nodes)
        if (plan_.nodes[i].compute) forward.push_back(i);
    } else {
      forward = to_compute_again();
    }
    for (int i : forward) {
      order_.push_back({i, false});
      lives_[i].forward = true;
    }
    if (!backward_) return;
    for (auto i = region_.nodes.rbegin(); i != region_.nodes.rend(); ++i)
      if (plan_.nodes[*i].passes && !plan_.nodes[*i].node->rule) order_.push_back({*i, true});
  }

  // Values that backward rules read but that are not stored, and the values from which these are computed.
  std::vector<int> to_compute_again() const {
    std::map<int, bool> need;
    std::vector<int> again;
    auto ask = [&](int i) {
      if (is_here(i) && plan_.nodes[i].compute && !stored(i)) need[i] = true;
    };
    for (auto it = region_.nodes.rbegin(); it != region_.nodes.rend(); ++it) {
      const PlanNode& p = plan_.nodes[*it];
      if (p.passes) {
        const Reads reads = p.node->reads | p.node->refill;
        if (reads & kReadsResult) ask(*it);
        for (int k = 0; k < plan_.input_count(*it); ++k)
          if (Plan::reads_input(reads, k)) ask(plan_.inputs_of(*it)[k]);
      }
      if (!need.count(*it)) continue;
      for (int k = 0; k < plan_.input_count(*it); ++k) ask(plan_.inputs_of(*it)[k]);
      again.push_back(*it);
    }
    std::reverse(again.begin(), again.end());
    return again;
  }

  void find_last_uses() {
    for (std::size_t c = 0; c < order_.size(); ++c) {
      const int at = static_cast<int>(c), i = order_[c].node;
      const bool back = order_[c].backward;
      Life& life = lives_[i];
      if (back) life.grad_end = life.extra_end = at;
      if (!back || (reads_of(i) & kReadsResult)) life.value_end = at;
      for (int k = 0; k < plan_.input_count(i); ++k)
        if (!back || Plan::reads_input(reads_of(i), k)) lives_[plan_.inputs_of(i)[k]].value_end = at;
    }
  }

  // What the backward rule reads, given that forward has or has not filled its extra numbers in this very pass.
  Reads reads_of(int i) {
    const Node& n = *plan_.nodes[i].node;
    return lives_[i].forward ? n.reads : n.reads | n.refill;
  }

  Index rows_per_unit(const Node& n) const { return n.rows() / region_.units; }

  Slot slot(const Node& n, bool all) const {
    return {Slot::kAbsent, all, nullptr, 0, all ? n.rows() : rows_per_unit(n), n.cols()};
  }
  static Slot in_workspace(Slot s, Index offset) {
    s.kind = Slot::kWorkspace;
    s.offset = offset;
    return s;
  }
  static Slot stored_at(Slot s, real* base) {
    s.kind = Slot::kStored;
    s.base = base;
    return s;
  }

  real* stored_value(int i) {
    PlanNode& p = plan_.nodes[i];
    if (p.node->value) return p.node->value->data();
    if (!p.value) p.value = make_storage(p.node->shape.size());
    return p.value->data();
  }
  real* stored_gradient(int i) {
    PlanNode& p = plan_.nodes[i];
    if (!p.gradient) p.gradient = make_storage(p.node->shape.size());
    return p.gradient->data();
  }

  Slot value_slot(int i, bool all) {
    const Slot s = slot(*plan_.nodes[i].node, all);
    return stored(i) ? stored_at(s, stored_value(i)) : in_workspace(s, lives_[i].value);
  }

  int accumulator(int i, bool is_gradient) {
    auto [found, is_new] = accumulator_of_.try_emplace(i, static_cast<int>(pass_.accumulators.size()));
    if (!is_new) return found->second;
    Accumulator a;
    a.plan_node = i;
    a.is_gradient = is_gradient;
    a.total = is_gradient ? stored_gradient(i) : stored_value(i);
    a.size = plan_.nodes[i].node->shape.size();
    a.fresh = !(is_gradient && plan_.nodes[i].grad_started);
    a.scale = is_gradient ? 1 : plan_.nodes[i].node->scale;
    a.offset = pass_.accumulated;
    pass_.accumulated += (a.size + kAlign - 1) / kAlign * kAlign;
    pass_.accumulators.push_back(a);
    return found->second;
  }

  void lay_out(int c) {
    const int i = order_[c].node;
    const PlanNode& p = plan_.nodes[i];
    Call call;
    call.node = p.node;
    call.backward = order_[c].backward;
    call.first_input = static_cast<int>(pass_.inputs.size());
    call.inputs = plan_.input_count(i);
    call.backward ? lay_out_backward(i, call) : lay_out_forward(i, call);
    if (p.node->scratch) {
      call.scratch = own_memory(p, p.node->scratch, workspace_.take(p.node->scratch * own_rows(p)));
      workspace_.give_back(call.scratch.offset);
    }
    pass_.calls.push_back(call);
    free_what_ends(c);
  }

  // Extra and scratch numbers go with the rows of the result; for a fold, with the rows it sums.
  Index own_rows(const PlanNode& p) const {
    for (const Edge& e : p.node->inputs)
      if (e.word == Word::fold) return rows_per_unit(*e.node);
    return rows_per_unit(*p.node);
  }
  Slot own_memory(const PlanNode& p, Index cols, Index offset) const {
    return {Slot::kWorkspace, false, nullptr, offset, own_rows(p), cols};
  }
  Slot extra_slot(int i) {
    const PlanNode& p = plan_.nodes[i];
    Life& life = lives_[i];
    if (life.extra < 0) life.extra = workspace_.take(p.node->extra * own_rows(p));
    return own_memory(p, p.node->extra, life.extra);
  }

  void lay_out_forward(int i, Call& call) {
    const PlanNode& p = plan_.nodes[i];
    const Node& n = *p.node;
    if (p.is_fold) {
      call.total = {slot(n, true), accumulator(i, false), true};
    } else if (!stored(i)) {
      lives_[i].value = workspace_.take(rows_per_unit(n) * n.cols());
    }
    call.result = p.is_fold ? slot(n, true) : value_slot(i, false);
    if (n.extra) call.extra = extra_slot(i);
    for (int k = 0; k < call.inputs; ++k) {
      pass_.inputs.push_back(value_slot(plan_.inputs_of(i)[k], n.inputs[k].word == Word::whole));
      pass_.sinks.emplace_back();
    }
  }

  void lay_out_backward(int i, Call& call) {
    const PlanNode& p = plan_.nodes[i];
    const Node& n = *p.node;
    const Slot gradient = slot(n, p.is_fold);
    call.result = p.store_grad ? stored_at(gradient, stored_gradient(i)) : in_workspace(gradient, lives_[i].grad);
    if (reads_of(i) & kReadsResult) call.result_value = value_slot(i, p.is_fold);
    if (n.extra) {
      call.extra_filled = lives_[i].forward;
      call.extra = extra_slot(i);
    }
    sinks_of_call_ = call.first_input;
    for (int k = 0; k < call.inputs; ++k) {
      const int j = plan_.inputs_of(i)[k];
      const bool all = n.inputs[k].word == Word::whole;
      // A rule that does not read an input may still use its number of rows and columns.
      pass_.inputs.push_back(Plan::reads_input(reads_of(i), k) ? value_slot(j, all) : slot(*plan_.nodes[j].node, all));
      pass_.sinks.push_back(!plan_.nodes[j].grad ? Sink{} : all ? sum_sink(j) : row_sink(j));
    }
  }

  // Is the sink that comes next the first to write to its memory? Two inputs of one call may be the same tensor, and
  // its rule may write to the second one first: then the first sink is marked, so that zeros stand there beforehand.
  bool is_first(int& first_sink) {
    if (first_sink < 0) {
      first_sink = static_cast<int>(pass_.sinks.size());
      return true;
    }
    if (first_sink >= sinks_of_call_) pass_.sinks[first_sink].shared = true;
    return false;
  }

  // The gradient of an input that is used whole is a sum over the slices.
  Sink sum_sink(int j) {
    Sink s;
    s.slot = slot(*plan_.nodes[j].node, true);
    s.accumulator = accumulator(j, true);
    s.fresh = is_first(pass_.accumulators[s.accumulator].first_sink);
    return s;
  }

  Sink row_sink(int j) {
    const PlanNode& x = plan_.nodes[j];
    Life& life = lives_[j];
    Sink s;
    s.slot = slot(*x.node, false);
    s.fresh = is_first(life.first_sink);
    if (x.store_grad) {
      s.slot = stored_at(s.slot, stored_gradient(j));
      s.fresh = s.fresh && !x.grad_started;
      rows_written_.insert(j);
    } else {
      if (life.grad < 0) life.grad = workspace_.take(rows_per_unit(*x.node) * x.node->cols());
      s.slot = in_workspace(s.slot, life.grad);
    }
    return s;
  }

  // Buffers that this call used last go back to the workspace, for the next ones.
  void free_what_ends(int c) {
    const int i = order_[c].node;
    release(i, c);
    for (int k = 0; k < plan_.input_count(i); ++k) release(plan_.inputs_of(i)[k], c);
  }
  void release(int i, int c) {
    Life& life = lives_[i];
    if (life.value >= 0 && life.value_end <= c) workspace_.give_back(life.value), life.value = -1;
    if (life.grad >= 0 && life.grad_end == c) workspace_.give_back(life.grad), life.grad = -1;
    if (life.extra >= 0 && life.extra_end <= c) workspace_.give_back(life.extra), life.extra = -1;
  }

  Plan& plan_;
  const Region& region_;
  int number_;
  bool forward_, backward_;
  int sinks_of_call_ = 0;  // the first of the call that is being laid out
  std::vector<Planned> order_;
  std::unordered_map<int, Life> lives_;
  std::unordered_map<int, int> accumulator_of_;
  std::unordered_set<int> rows_written_;
  Workspace workspace_;
  Pass pass_;
};

}  // namespace

Pass make_pass(Plan& plan, int region, bool forward, bool backward) {
  return Layout(plan, region, forward, backward).make();
}

}  // namespace hello_dl
