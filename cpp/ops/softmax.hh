// What keeps softmax from overflowing.
#pragma once

#include <cmath>

#include "engine/view.hh"

namespace hello_dl {

// What is subtracted from a line of numbers before exp: the largest of them, or 0 if that is infinite or NaN. Then exp
// cannot overflow, and what was subtracted cancels out in exp(x) / sum(exp(x)).
template <class Line>
real softmax_shift(const Line& line) {
  const real top = line.maxCoeff();
  return std::isfinite(top) ? top : real(0);
}

}  // namespace hello_dl
