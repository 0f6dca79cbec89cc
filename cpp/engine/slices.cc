// How many slices a pass is cut into, and how many lanes they form.
#include <algorithm>
#include <cmath>

#include "engine/pass.hh"
#include "engine/workspace.hh"

namespace hello_dl {
namespace {

// The numbers that decide the slices. They are constants rather than sizes of the machine's caches, so that the same
// seed gives the same bits everywhere.
constexpr double kCacheBytes = 768 * 1024;        // a slice's workspace, to fit the cache of one core
constexpr double kLargeBytes = 40 * 1024 * 1024;  // the same if one unit needs more: about the cache that cores share
constexpr double kPackCost = 64;          // multiply-adds that copying one number of a weight for a product costs
constexpr double kLargePacking = 16;      // if no slice fits the cache: slices this many times the smallest useful one
constexpr double kSmallestSlice = 150e3;  // multiply-adds; for a smaller slice a thread costs more than it gains
constexpr int kMostLanes = 8;
constexpr double kLaneBytes = 4 * 1024 * 1024;  // gradients of all lanes together, where there are more than two
constexpr double kProductGain = 16;             // multiply-adds of a product in the time of one elsewhere
constexpr Index kMostDoubles = 65536;           // numbers of a sum that is kept in doubles
constexpr double kDoublesShare = 25;            // a slice takes so much longer than adding its sums to doubles would

// A fold goes through the rows that it sums, other ops through their result.
double numbers_of(const Node& n) {
  double numbers = static_cast<double>(n.shape.size());
  for (const Edge& e : n.inputs)
    if (e.word == Word::fold) numbers = std::max(numbers, static_cast<double>(e.node->shape.size()));
  return numbers;
}

// Small sums, such as biases and means, keep their digits however many slices there are, since they can be added in
// doubles at next to no cost.
void choose_doubles(Pass& pass) {
  double time = 0;
  for (const Call& call : pass.calls)
    time += numbers_of(*call.node) * (1 + call.node->work / kProductGain) * (call.backward ? 2 : 1);
  const double most = time / static_cast<double>(pass.slices) / kDoublesShare;
  for (Accumulator& a : pass.accumulators) {
    a.in_doubles = a.size <= kMostDoubles && static_cast<double>(a.size) <= most;
    if (!a.in_doubles) continue;
    a.offset_in_doubles = pass.doubles;
    pass.doubles += (a.size + kAlign - 1) / kAlign * kAlign;
  }
}

}  // namespace

// A slice gets as many units as make copying ("packing") the weights for its products cheap beside the products, and at
// least those that fit into the cache; if not even one unit fits, so many that packing costs next to nothing (which
// makes a GPT of 4 blocks a fifth faster). But there are slices enough for all lanes, if each has enough work.
void choose_slices(Pass& pass) {
  double work = 0, weights = 0;
  for (const Call& call : pass.calls) {
    work += call.node->work * numbers_of(*call.node) * (call.backward ? 2 : 1);
    if (call.node->work < kPackCost) continue;
    for (const Edge& e : call.node->inputs)
      if (e.word == Word::whole) weights += call.node->passes * static_cast<double>(e.node->shape.size());
  }
  const double units = static_cast<double>(pass.units);
  const double packing = kPackCost * weights / std::max(work / units, 1.0), enough = std::ceil(packing);
  const double unit_bytes = static_cast<double>(pass.workspace + 1) * sizeof(real);
  double fits = std::floor(kCacheBytes / unit_bytes);
  if (fits < 1) fits = std::floor(std::min(kLargePacking * packing, kLargeBytes / unit_bytes));
  const double lane_bytes = static_cast<double>(pass.accumulated * sizeof(real));
  const int affordable = lane_bytes > 0 ? static_cast<int>(kLaneBytes / lane_bytes) : kMostLanes;
  const int lanes = std::clamp(affordable, 2, kMostLanes);

  const double per_slice = std::max({enough, fits, 1.0});
  double slices = std::ceil(units / per_slice);
  slices = std::max(slices, std::min<double>(lanes, std::floor(units / std::max(enough, 1.0))));
  slices = std::max(slices, std::min(2.0, units));
  slices = std::min({slices, std::max(1.0, std::floor(work / kSmallestSlice)), units});
  pass.slices = std::max<Index>(1, static_cast<Index>(slices));
  pass.lanes = static_cast<int>(std::min<Index>(pass.slices, lanes));
  if (pass.slices > pass.lanes)
    pass.slices = std::min(pass.units, (pass.slices + pass.lanes - 1) / pass.lanes * pass.lanes);
  choose_doubles(pass);
}

}  // namespace hello_dl
