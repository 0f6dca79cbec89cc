// Forward rules that can be computed in parts, each on a thread of its own: for a single image, whose row is all there
// is, so that it cannot be cut into slices.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/storage.hh"
#include "engine/view.hh"

namespace hello_dl {

class InParts {
 public:
  InParts() = default;
  InParts(const InParts&) = delete;
  InParts& operator=(const InParts&) = delete;
  virtual ~InParts() = default;

  // How many parts these rows of the result have. It depends on the problem alone, not on the number of threads.
  virtual Index parts(Index rows) const = 0;
  virtual void compute(const Out& y, const In* in, Index part) const = 0;
};

// Such a rule as the forward rule of a node.
struct PartsForward {
  std::shared_ptr<const InParts> rule;

  void operator()(const Out& y, const In* in, int) const {
    for (Index p = 0, n = rule->parts(y.rows); p < n; ++p) rule->compute(y, in, p);
  }
};

// Multiply-adds of a part, about: a smaller part costs more in waiting than it gains.
constexpr double kPartWork = 400e3;
constexpr Index kMostParts = 8;

// So few images are computed in parts; more are cut into slices.
constexpr Index kFewRows = 3;

// How many parts so much work is worth: 1 or an even number, so that two threads get the same.
inline Index useful_parts(double work) {
  if (work < kPartWork / 2) return 1;
  return std::clamp<Index>(2 * static_cast<Index>(std::lround(work / kPartWork / 2)), 2, kMostParts);
}

}  // namespace hello_dl
