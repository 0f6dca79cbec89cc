// What keeps softmax from overflowing.
#pragma once

#include <limits>

#include "engine/view.hh"

namespace hello_dl {

// What is subtracted from a line of numbers before exp: the largest of them, or 0 if all are minus infinity. Then exp
// cannot overflow, and what was subtracted cancels out in exp(x) / sum(exp(x)).
template <class Line>
real softmax_shift(const Line& line) {
  const real top = line.maxCoeff();
  return top == -std::numeric_limits<real>::infinity() ? real(0) : top;
}

}  // namespace hello_dl
