// Broadcasting: an op combines the numbers of tensors whose shapes differ.
#pragma once

#include <initializer_list>

#include "engine/graph.hh"

namespace hello_dl {

constexpr int kMostOperands = 3;

// n neighbouring numbers of the result from offset y on. Each operand begins at an offset of its own, and either moves
// along (n neighbouring numbers) or stands still (one number for all n).
struct Run {
  Index n = 0, y = 0, at[kMostOperands] = {};
  bool moves[kMostOperands] = {};
};

// A loop over all numbers of a result y in which each operand moves along or stands still.
//
// Neighbouring axes along which all operands do the same are joined to one axis, so that the innermost run is as long
// as possible. Of axis 0, the rows, only the strides are kept: the number of rows is known when a slice runs.
struct StridedLoop {
  int axes = 0;  // after axis 0
  Index size[Shape::kMaxDims] = {}, step[kMostOperands][Shape::kMaxDims] = {};
  Index row_size = 1, row[kMostOperands] = {};  // numbers to the next row of y, and of each operand
  bool full[kMostOperands] = {};                // the operand has the shape of y: each number is used once

  // f(run), for run after run.
  template <class F>
  void runs(Index rows, F f) const {
    Run r;
    if (rows <= 0 || row_size <= 0) return;
    if (one_run()) {
      r.n = rows * row_size;
      for (int k = 0; k < kMostOperands; ++k) r.moves[k] = axes == 0 ? row[k] != 0 : step[k][0] != 0;
      f(r);
      return;
    }
    const int inner = axes - 1;
    r.n = size[inner];
    for (int k = 0; k < kMostOperands; ++k) r.moves[k] = step[k][inner] != 0;
    Index at[Shape::kMaxDims] = {};
    for (Index i = 0; i < rows; ++i) {
      r.y = i * row_size;
      for (int k = 0; k < kMostOperands; ++k) r.at[k] = i * row[k];
      for (const Index end = r.y + row_size; r.y < end;) {
        f(r);
        r.y += size[inner];
        for (int axis = inner - 1; axis >= 0; --axis) {  // to the next place, as an odometer counts
          for (int k = 0; k < kMostOperands; ++k) r.at[k] += step[k][axis];
          if (++at[axis] < size[axis]) break;
          for (int k = 0; k < kMostOperands; ++k) r.at[k] -= step[k][axis] * size[axis];
          at[axis] = 0;
        }
      }
    }
  }

 private:
  // One run covers all rows if a row of the result is a single run and each operand moves along or stands still from
  // row to row, too.
  bool one_run() const {
    if (axes == 0) return true;
    bool yes = axes == 1;
    for (int k = 0; k < kMostOperands; ++k)
      yes = yes && ((step[k][0] == 0 && row[k] == 0) || (step[k][0] == 1 && row[k] == row_size));
    return yes;
  }
};

// Shapes as stored, all of the same number of axes as y; sizes equal y's or are 1.
StridedLoop make_strided_loop(const Shape& y, std::initializer_list<Shape> operands);

// The shape that a and b broadcast to, by numpy's rules.
Shape broadcast_shape(const char* op, const Shape& a, const Shape& b);

// The shape with ones put before it to make `dims` axes; and the axes in the order in which they are stored.
Shape padded(const Shape& shape, int dims);
Shape as_stored(const Shape& padded_shape, bool channels_last);

// The word of an operand: rows if it has the rows of the result, else whole.
Word operand_word(const Shape& y, const Shape& x);

// The operands in a common order in memory, the shape and order of the result, and the loop over all.
struct BroadcastPlan {
  Tensor operand[kMostOperands];
  Shape shape;
  bool channels_last = false;
  StridedLoop loop;

  Input input(int k) const { return {operand[k], operand_word(shape, operand[k].shape())}; }
};
BroadcastPlan plan_broadcast(const char* op, std::initializer_list<Tensor> operands);

// Of numbers computed from both: floats if either is, else integers if either is, else truth values.
DType common_dtype(const Tensor& a, const Tensor& b);

}  // namespace hello_dl
