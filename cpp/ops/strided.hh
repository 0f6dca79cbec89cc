// Reads a tensor in given steps along each axis: what permute and slice have in common.
#pragma once

#include "engine/graph.hh"

namespace hello_dl {

// y[i, j, ...] = x[start + i steps[0] + j steps[1] + ...], offsets counted in numbers of x.
// by_rows: row i of y reads row i of x only, so that a batch can be sliced.
Tensor strided(const char* op, const Tensor& x, const Shape& shape, const Index* steps, Index start, bool by_rows);

// How many numbers lie between neighbours along each axis, for a tensor in the order of its shape.
struct AxisSteps {
  Index of[Shape::kMaxDims] = {};
  explicit AxisSteps(const Shape& shape) {
    for (int i = 0; i < shape.dims(); ++i) of[i] = shape.product(i + 1);
  }
};

}  // namespace hello_dl
