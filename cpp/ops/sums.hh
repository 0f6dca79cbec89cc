// Pairwise sums: the halves are summed on their own, so that the rounding error grows with the logarithm of n only, as
// in PyTorch.
#pragma once

#include "engine/common.hh"

namespace hello_dl {

// f(from) + ... + f(to - 1). Eight sums side by side become vector instructions. Their order does not depend on the
// address, so that the result has the same bits everywhere.
template <class F>
real pairwise_sum(Index from, Index to, F f) {
  constexpr Index kSide = 8, kBlock = 512;
  if (to - from > kBlock) {
    const Index half = from + (to - from) / 2 / kSide * kSide;
    return pairwise_sum(from, half, f) + pairwise_sum(half, to, f);
  }
  real side[kSide] = {};
  Index i = from;
  for (; i + kSide <= to; i += kSide)
    for (Index k = 0; k < kSide; ++k) side[k] += f(i + k);
  real rest = 0;
  for (; i < to; ++i) rest += f(i);
  return ((side[0] + side[4]) + (side[1] + side[5])) + ((side[2] + side[6]) + (side[3] + side[7])) + rest;
}

inline real pairwise_sum(const real* x, Index n) {
  return pairwise_sum(0, n, [x](Index i) { return x[i]; });
}

}  // namespace hello_dl
