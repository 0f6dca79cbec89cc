// Which numbers dropout leaves out.
#pragma once

#include <algorithm>

#include "engine/random.hh"

namespace hello_dl {

// Each number is left out with probability p; those that stay are multiplied by `scale` = 1 / (1 - p). The choice
// depends on the key, the row and the place in the row alone: no slicing changes it, and backward makes the same again.
struct Dropout {
  Draw draw;
  real scale = 1;
  std::uint32_t limit = 0;  // numbers whose random bits are below it are left out

  Dropout() = default;
  Dropout(real p, Index key)
      : draw{static_cast<std::uint64_t>(key)},
        scale(p < 1 ? 1 / (1 - p) : real(0)),
        limit(static_cast<std::uint32_t>(std::min(static_cast<double>(p) * 4294967296.0, 4294967295.0))) {}

  bool keeps(std::uint64_t row_key, std::uint32_t place) const { return bits(row_key, place) >= limit; }
};

}  // namespace hello_dl
