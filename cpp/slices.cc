// How many slices a pass is cut into, and how many lanes they form.
#include <algorithm>
#include <cmath>

#include "pass.hh"

namespace hello_dl {
namespace {

// The sizes that decide the slices. They are constants, not this machine's, so that the same seed gives the same bits
// everywhere.
constexpr double kCacheBytes = 768 * 1024;  // a slice should stay in the core's own cache
constexpr double kProduct = 64;             // multiply-adds a number: from here on an op is a matrix product
constexpr double kPackCost = 256;           // multiply-adds that must come of putting one weight in order for a product
constexpr double kSmallestSlice = 150e3;    // multiply-adds; below, handing it to a thread costs more than it gains
constexpr int kMostLanes = 8;
constexpr double kLaneBytes = 4 * 1024 * 1024;  // of all lanes' gradients together, where there is a choice

}  // namespace

// First enough rows that packing the weights anew for every slice does not matter, then what fits in the cache; but
// slices enough for all lanes, as long as each is worth a thread's while.
void choose_slices(Pass& pass) {
  double work = 0, weights = 0;
  for (const Call& call : pass.calls) {
    work += call.node->work * static_cast<double>(call.node->shape.size()) * (call.backward ? 2 : 1);
    if (call.node->work < kProduct) continue;
    for (const Edge& e : call.node->inputs)
      if (e.word == Word::whole) weights += call.node->passes * static_cast<double>(e.node->shape.size());
  }
  const double units = static_cast<double>(pass.units);
  const double enough = std::ceil(kPackCost * weights / std::max(work / units, 1.0));
  const double fits = std::floor(kCacheBytes / (static_cast<double>(pass.workspace + 1) * sizeof(real)));
  const double per_slice = std::max({enough, fits, 1.0});
  double slices = std::ceil(units / per_slice);
  slices = std::max(slices, std::min<double>(kMostLanes, std::floor(units / std::max(enough, 1.0))));
  slices = std::max(slices, std::min(2.0, units));
  slices = std::min({slices, std::max(1.0, std::floor(work / kSmallestSlice)), units});
  pass.slices = std::max<Index>(1, static_cast<Index>(slices));

  const double lane_bytes = static_cast<double>(pass.accumulated * sizeof(real));
  const int affordable = lane_bytes > 0 ? static_cast<int>(kLaneBytes / lane_bytes) : kMostLanes;
  pass.lanes = static_cast<int>(std::min<Index>(pass.slices, std::clamp(affordable, 2, kMostLanes)));
  if (pass.slices > pass.lanes)
    pass.slices = std::min(pass.units, (pass.slices + pass.lanes - 1) / pass.lanes * pass.lanes);
}

}  // namespace hello_dl
