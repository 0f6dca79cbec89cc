// Broadcasting: how numbers of two tensors of different shapes meet.
#pragma once

#include "../graph.hh"

namespace hello_dl {

// A walk over all numbers of a result y in which operands a and b either walk along or stand still.
//
// Neighbouring axes along which both do the same are one axis, so the innermost run is as long as can be. Axis 0, the
// rows, is described by strides only: how many rows there are is known when a slice runs.
struct Walk {
  int axes = 0;  // after axis 0
  Index size[Shape::kMaxDims] = {}, a_step[Shape::kMaxDims] = {}, b_step[Shape::kMaxDims] = {};
  Index row_size = 1, a_row = 0, b_row = 0;  // numbers to the next row of y, a, b
  bool a_full = true, b_full = true;         // the operand has y's own shape: each number is met once

  // f(n, y, a, b, a_moves, b_moves): n numbers from these offsets on.
  template <class F>
  void runs(Index rows, F f) const {
    // A result whose rows are single runs, and operands that just go on or stand still: one run for all rows.
    const bool flat = axes == 0 || (axes == 1 && moves_on(a_step[0], a_row) && moves_on(b_step[0], b_row));
    if (flat) {
      const Index a = axes == 0 ? a_row : a_step[0], b = axes == 0 ? b_row : b_step[0];
      if (rows > 0 && row_size > 0) f(rows * row_size, Index(0), Index(0), Index(0), a != 0, b != 0);
      return;
    }
    const int inner = axes - 1;
    Index at[Shape::kMaxDims] = {};
    for (Index r = 0; r < rows; ++r) {
      Index y = r * row_size, a = r * a_row, b = r * b_row;
      const Index end = y + row_size;
      while (y < end) {
        f(size[inner], y, a, b, a_step[inner] != 0, b_step[inner] != 0);
        y += size[inner];
        for (int axis = inner - 1; axis >= 0; --axis) {  // an odometer
          a += a_step[axis];
          b += b_step[axis];
          if (++at[axis] < size[axis]) break;
          a -= a_step[axis] * size[axis];
          b -= b_step[axis] * size[axis];
          at[axis] = 0;
        }
      }
    }
  }

 private:
  bool moves_on(Index step, Index row) const { return (step == 0 && row == 0) || (step == 1 && row == row_size); }
};

// Shapes as stored, all of the same number of axes as y; sizes equal y's or are 1.
Walk make_walk(const Shape& y, const Shape& a, const Shape& b);

// The shape that a and b broadcast to, by numpy's rules.
Shape broadcast_shape(const char* op, const Shape& a, const Shape& b);

// x's shape with ones put before it until it has so many axes, and in the order in which it is stored.
Shape padded(const Shape& shape, int dims);
Shape as_stored(const Shape& padded_shape, bool channels_last);

// An operand's word: its rows are the result's rows, or all of it is needed.
Word operand_word(const Shape& y, const Shape& x);

// Two operands made ready to meet: a shape and an order in memory for the result, and the walk.
struct Meeting {
  Tensor a, b;
  Shape shape;
  bool channels_last = false;
  Walk walk;
};
Meeting meet(const char* op, const Tensor& a, const Tensor& b);

}  // namespace hello_dl
