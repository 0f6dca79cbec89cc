// One pass over a region: the calls to make for each slice, and where in memory each of them finds its numbers.
#pragma once

#include <vector>

#include "engine/plan.hh"

namespace hello_dl {

// Where numbers are: stored whole at an address, or at an offset in the slice's workspace.
struct Slot {
  enum Kind { kAbsent, kStored, kWorkspace } kind = kAbsent;
  bool all = false;          // every row at once, instead of the slice's own
  real* base = nullptr;      // kStored
  Index offset = 0;          // kWorkspace: per unit of the slice
  Index rows = 0, cols = 0;  // rows of one unit, or of everything if `all`
};

// Where a gradient goes. A sum over slices goes to an accumulator: each lane has a copy, and these are added at the
// end.
struct Sink {
  Slot slot;
  int accumulator = -1;
  bool fresh = false;   // nothing has been written there before, in this slice
  bool shared = false;  // a later input of the same call is the same tensor
};

struct Call {
  Node* node = nullptr;
  bool backward = false;
  bool extra_filled = false;
  Slot result, result_value;  // forward: the value; backward: its gradient and, if read, its value
  Sink total;                 // for a fold running forward
  Slot extra, scratch;
  int first_input = 0, inputs = 0;  // in Pass::inputs and Pass::sinks
};

// A sum over slices: gradients of whole inputs, results of folds.
struct Accumulator {
  int plan_node = 0;
  bool is_gradient = false;
  real* total = nullptr;
  Index size = 0;
  bool fresh = true;    // nothing was written to total before this pass
  bool direct = true;   // lane 0 may write to total itself, because no other sink of this pass does
  int first_sink = -1;  // while laying out: the first of Pass::sinks that writes here
  Index offset = 0;     // among a lane's accumulators
  double scale = 1;     // the sum over all lanes is multiplied by this

  // Where a lane has many slices, each kFewSlices of them are summed as `real`, and these sums as doubles.
  bool in_doubles = false;
  Index offset_in_doubles = 0;  // among a lane's doubles
};

constexpr Index kFewSlices = 16;

struct Pass {
  std::vector<Call> calls;
  std::vector<Slot> inputs;
  std::vector<Sink> sinks;
  std::vector<Accumulator> accumulators;
  Index units = 1, slices = 1;
  int lanes = 1;
  Index workspace = 0;    // numbers per unit
  Index accumulated = 0;  // numbers per lane
  Index doubles = 0;      // of these, as doubles

  Index unit_of_slice(Index slice) const { return slice * units / slices; }
  Index slice_of_lane(Index lane) const { return lane * slices / lanes; }
  Index largest_slice() const { return (units + slices - 1) / slices; }
};

// forward: compute the region's values. backward: compute its gradients. Both: slice by slice, one after the other.
// With backward alone, values that were not stored are computed again.
Pass make_pass(Plan& plan, int region, bool forward, bool backward);

// Sets the numbers of slices and lanes, from the pass's work and memory alone (slices.cc).
void choose_slices(Pass& pass);

}  // namespace hello_dl
