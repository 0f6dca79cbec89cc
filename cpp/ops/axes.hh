// The axes along which an op works.
#pragma once

#include <optional>
#include <vector>

#include "engine/layout.hh"

namespace hello_dl {

// The axis as a number from 0 to dims - 1; -1 is the last one. A single number counts as one axis.
inline int find_axis(const char* op, int dims, Index axis) {
  const Index limit = dims == 0 ? 1 : dims;
  need<IndexError>(-limit <= axis && axis < limit, op, ": needs an axis from ", -limit, " to ", limit - 1, ", got ",
                   axis);
  return static_cast<int>(axis < 0 ? axis + limit : axis);
}

// A set of axes: those that a reduction removes.
struct Axes {
  bool has[Shape::kMaxDims] = {};

  double count(const Shape& shape) const {
    double n = 1;
    for (int i = 0; i < shape.dims(); ++i) n *= has[i] ? static_cast<double>(shape[i]) : 1;
    return n;
  }
  Shape reduced(const Shape& shape, bool keepdim) const {
    Shape y;
    for (int i = 0; i < shape.dims(); ++i)
      if (!has[i])
        y.push_back(shape[i]);
      else if (keepdim)
        y.push_back(1);
    return y;
  }
  // Images (N, C, H, W) stored as (N, H, W, C): is the order of the axes that are left the same in both?
  bool keep_order_when_channels_last() const { return has[1] || (has[2] && has[3]); }
};

// No axes given means all.
inline Axes find_axes(const char* op, const Shape& shape, const std::optional<std::vector<Index>>& dim) {
  Axes axes;
  if (!dim || dim->empty()) {
    for (bool& h : axes.has) h = true;
    return axes;
  }
  for (Index d : *dim) {
    bool& h = axes.has[find_axis(op, shape.dims(), d)];
    need(!h, op, ": needs each axis at most once, got axis ", d, " twice");
    h = true;
  }
  return axes;
}

// The lines of a tensor along one axis: a row has `outer` blocks of `size` steps, each of `inner` numbers side by side,
// and a block holds `inner` lines. Along axis 0 the lines cross all rows: then the op needs the whole tensor, which is
// one block.
struct Lines {
  Index size = 1, inner = 1, outer = 1;
  bool whole = false;

  Index block() const { return size * inner; }
  Index blocks(Index rows) const { return whole ? 1 : rows * outer; }
  Input input(const Tensor& x) const { return whole ? hello_dl::whole(x) : rows(x); }
};

inline Lines lines_along(const Shape& shape, int axis) {
  Lines l;
  l.size = shape.dims() == 0 ? 1 : shape[axis];
  l.inner = shape.product(axis + 1);
  l.whole = axis == 0;
  for (int i = 1; i < axis; ++i) l.outer *= shape[i];
  return l;
}

}  // namespace hello_dl
