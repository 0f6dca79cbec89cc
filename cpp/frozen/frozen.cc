// The engine's own plan and passes (plan.hh, pass.hh) are made once. What they store whole is moved to memory that each
// call has for itself, a seat, so that calls do not meet.
#include "frozen/frozen.hh"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <utility>

#include "engine/evaluation.hh"
#include "engine/plan.hh"
#include "engine/pool.hh"
#include "engine/workspace.hh"
#include "frozen/fuse.hh"
#include "frozen/parts.hh"

namespace hello_dl {
namespace {

constexpr double kSmallestSlice = 150e3;    // multiply-adds of a slice
constexpr double kCacheBytes = 768 * 1024;  // of a slice's workspace
constexpr Index kMostSlices = 8, kMostUnits = 64;

// A slot of a pass; a stored one may be in the seat's memory.
struct Place {
  Slot slot;
  Index in_memory = -1;
};

// Memory for stored values, and where each has gone.
class Moving {
 public:
  Index add(const StoragePtr& numbers, Index size) {
    const auto [found, is_new] = places_.try_emplace(numbers->data(), size_);
    if (is_new) size_ += (std::max<Index>(size, 1) + kAlign - 1) / kAlign * kAlign;
    return found->second;
  }
  Place place(const Slot& slot) const {
    Place p;
    p.slot = slot;
    if (slot.kind != Slot::kStored) return p;
    const auto found = places_.find(slot.base);
    if (found != places_.end()) p.in_memory = found->second;
    return p;
  }
  Index size() const { return size_; }

 private:
  std::unordered_map<const real*, Index> places_;
  Index size_ = 0;
};

// More units than kFewRows are cut into slices, as few as give several threads work and each a workspace that fits the
// cache.
Index slices_of(const Pass& pass) {
  if (pass.units <= kFewRows || !pass.accumulators.empty()) return 1;
  double work = 0;
  for (const Call& call : pass.calls) work += call.node->work * static_cast<double>(call.node->shape.size());
  const double units = static_cast<double>(pass.units);
  const auto least = static_cast<Index>(std::ceil(kSmallestSlice * units / std::max(work, 1.0)));
  const auto fits = static_cast<Index>(kCacheBytes / static_cast<double>(pass.workspace * sizeof(real) + 1));
  const Index most = std::max<Index>(1, std::min(fits, kMostUnits));
  const Index wanted = std::max(pass.units / kMostSlices, std::min<Index>(2, pass.units / 4));
  const Index per_slice = std::clamp<Index>(std::max(least, std::min(wanted, most)), 1, pass.units);
  return (pass.units + per_slice - 1) / per_slice;
}

}  // namespace

struct Frozen::Step {
  Node* node = nullptr;
  const InParts* in_parts = nullptr;  // nullptr: its rule computes it all at once
  Place result, extra, scratch;
  std::vector<Place> inputs;
  Place total;  // of a fold
  bool is_fold = false;
};

struct Frozen::Stage {
  std::vector<Step> steps;
  Index units, slices, workspace;

  Index unit_of_slice(Index slice) const { return slice * units / slices; }
  Index largest_slice() const { return (units + slices - 1) / slices; }
};

struct Frozen::Seat {
  explicit Seat(Index size) : memory(size) {}
  Storage memory;
  Arena workspaces;
  Index per_thread = 0;
};

namespace {

struct Slice {
  Index from, to, room;
  real *memory, *workspace;

  View view(const Place& p) const {
    View v;
    v.rows = p.slot.all ? p.slot.rows : p.slot.rows * (to - from);
    v.cols = p.slot.cols;
    v.first = p.slot.all ? 0 : p.slot.rows * from;
    if (p.slot.kind == Slot::kStored)
      v.data = (p.in_memory < 0 ? p.slot.base : memory + p.in_memory) + v.first * v.cols;
    if (p.slot.kind == Slot::kWorkspace) v.data = workspace + p.slot.offset * room;
    return v;
  }
};

// Calls f(y, inputs) with what a step sees of a slice.
template <class Step, class F>
void with_views(const Step& step, const Slice& s, F f) {
  constexpr std::size_t kInline = 8;
  In few[kInline];
  std::vector<In> many(step.inputs.size() > kInline ? step.inputs.size() : 0);
  In* inputs = many.empty() ? few : many.data();
  for (std::size_t k = 0; k < step.inputs.size(); ++k) static_cast<View&>(inputs[k]) = s.view(step.inputs[k]);
  Out y;
  static_cast<View&>(y) = s.view(step.result);
  y.extra = s.view(step.extra).data;
  y.scratch = s.view(step.scratch).data;
  GradSink total;
  if (step.is_fold) {
    const View v = s.view(step.total);
    total = {v.data, v.rows, v.cols, true};
    y.total = &total;
  }
  f(y, inputs);
  if (!step.is_fold) return;
  real* sums = total.zeroed();  // zeros if nothing was added
  if (step.node->scale != 1) ArrayMap(sums, total.size()) *= static_cast<real>(step.node->scale);
}

}  // namespace

Frozen::Frozen(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) {
  for (const Tensor& x : inputs) {
    need(is_whole(x.node()), "freeze: needs leaves as inputs, got a tensor that comes from ", x.node().op);
    input_shapes_.push_back(x.shape());
    input_types_.push_back(x.dtype());
  }
  for (const Tensor& y : outputs) {
    output_shapes_.push_back(y.shape());
    output_types_.push_back(y.dtype());
  }
  const bool was_recording = grad_enabled();
  set_grad_enabled(false);
  const std::vector<Node*> behind = nodes_behind(outputs);
  for (Node* n : behind) {
    const bool is_input = std::any_of(inputs.begin(), inputs.end(), [n](const Tensor& x) { return &x.node() == n; });
    if (n->is_leaf() && n->value && !is_input) parameters_.push_back({NodePtr(n), n->value, n->version(), 1, false});
  }
  results_ = fused(inputs, outputs);
  set_grad_enabled(was_recording);
  make_stages(inputs);
}

Frozen::~Frozen() = default;

void Frozen::make_stages(const std::vector<Tensor>& inputs) {
  std::vector<Node*> roots;
  for (const Tensor& y : results_)
    if (!y.node().value) roots.push_back(&y.node());
  Moving moving;
  for (const Tensor& x : inputs) input_places_.push_back(moving.add(x.node().value, x.size()));
  const Lock lock;  // planning marks nodes, and leaves may belong to several graphs
  Plan plan;
  if (!roots.empty()) plan = make_plan(roots, false);
  for (int r = 0; r < static_cast<int>(plan.regions.size()); ++r) {
    const Pass pass = make_pass(plan, r, true, false);
    for (const PlanNode& p : plan.nodes)
      if (p.value) moving.add(p.value, p.node->shape.size());
    Stage stage;
    stage.units = pass.units;
    stage.slices = slices_of(pass);
    stage.workspace = pass.workspace;
    for (const Call& call : pass.calls) {
      const auto* parts = call.node->forward.target<PartsForward>();
      Step step;
      step.node = call.node;
      step.in_parts = parts ? parts->rule.get() : nullptr;
      step.result = moving.place(call.result);
      step.extra = moving.place(call.extra);
      step.scratch = moving.place(call.scratch);
      for (int k = 0; k < call.inputs; ++k) step.inputs.push_back(moving.place(pass.inputs[call.first_input + k]));
      step.is_fold = call.total.accumulator >= 0;
      if (step.is_fold) {
        Slot total = call.total.slot;
        total.kind = Slot::kStored;
        total.base = pass.accumulators[call.total.accumulator].total;
        step.total = moving.place(total);
      }
      stage.steps.push_back(std::move(step));
    }
    stages_.push_back(std::move(stage));
  }
  for (const Tensor& y : results_) {
    StoragePtr numbers = y.node().value;
    for (const PlanNode& p : plan.nodes)
      if (p.node == &y.node() && p.value) numbers = p.value;
    Slot stored;
    stored.kind = Slot::kStored;
    stored.base = numbers->data();
    output_places_.push_back(moving.place(stored).in_memory);
  }
  memory_ = moving.size();
}

std::vector<std::string> Frozen::steps() const {
  std::vector<std::string> names;
  for (const Stage& stage : stages_)
    for (const Step& step : stage.steps) names.emplace_back(step.node->op);
  return names;
}

void Frozen::watch() {
  std::unordered_map<const Node*, int> edges;
  for (const Node* n : nodes_behind(results_))
    for (const Edge& e : n->inputs) ++edges[e.node.get()];
  for (Parameter& p : parameters_) {
    for (const Tensor& y : results_) edges[&y.node()] += &y.node() == p.node.get() ? 1 : 0;
    p.own_references = 1 + edges[p.node.get()];
    p.is_shared = p.node->references.load() > p.own_references;
  }
  parameters_.erase(
      std::remove_if(parameters_.begin(), parameters_.end(), [](const Parameter& p) { return !p.is_shared; }),
      parameters_.end());
}

bool Frozen::is_current() const {
  const NodeLock lock(node_mutex());
  return std::all_of(parameters_.begin(), parameters_.end(), [](const Parameter& p) {
    return p.node->value == p.value && p.value->version == p.version &&
           p.node->references.load(std::memory_order_relaxed) > p.own_references;
  });
}

void Frozen::run(const std::vector<const real*>& inputs, const std::vector<real*>& outputs) {
  std::unique_ptr<Seat> seat;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!free_seats_.empty()) {
      seat = std::move(free_seats_.back());
      free_seats_.pop_back();
    }
  }
  if (!seat) seat = std::make_unique<Seat>(memory_);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    std::copy_n(inputs[i], input_shapes_[i].size(), seat->memory.data() + input_places_[i]);
  {
    const Lock engine(std::try_to_lock);
    run_stages(*seat, !engine || num_threads() == 1);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i)
    std::copy_n(output_places_[i] < 0 ? results_[i].node().value->data() : seat->memory.data() + output_places_[i],
                output_shapes_[i].size(), outputs[i]);
  const std::lock_guard<std::mutex> lock(mutex_);
  free_seats_.push_back(std::move(seat));
}

// alone: on the caller's thread.
void Frozen::run_stages(Seat& seat, bool alone) const {
  for (const Stage& stage : stages_) {
    seat.per_thread = stage.workspace * stage.largest_slice();
    seat.workspaces.get(seat.per_thread * (alone ? 1 : num_threads()));
    if (stage.slices == 1)
      run_in_parts(stage, seat, alone);
    else if (alone)
      for (Index k = 0; k < stage.slices; ++k) run_slice(stage, seat, k, 0);
    else
      parallel(stage.slices, [&](Index k, int thread) { run_slice(stage, seat, k, thread); });
  }
}

void Frozen::run_slice(const Stage& stage, Seat& seat, Index k, int thread) const {
  const Slice s{stage.unit_of_slice(k), stage.unit_of_slice(k + 1), stage.largest_slice(), seat.memory.data(),
                seat.workspaces.get(0) + seat.per_thread * thread};
  for (const Step& step : stage.steps)
    with_views(step, s,
               [&](const Out& y, const In* in) { step.node->forward(y, in, static_cast<int>(step.inputs.size())); });
}

// Everything is one slice: its steps come one after the other, each on all threads if it can be computed in parts.
void Frozen::run_in_parts(const Stage& stage, Seat& seat, bool alone) const {
  const Slice s{0, stage.units, stage.units, seat.memory.data(), seat.workspaces.get(0)};
  for (const Step& step : stage.steps)
    with_views(step, s, [&](const Out& y, const In* in) {
      const Index parts = step.in_parts && !alone ? step.in_parts->parts(y.rows) : 1;
      if (parts == 1)
        step.node->forward(y, in, static_cast<int>(step.inputs.size()));
      else
        parallel(parts, [&](Index part, int) { step.in_parts->compute(y, in, part); });
    });
}

}  // namespace hello_dl
