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

  // How many runs meet the same numbers of operand `mine`.
  double repeats(Index rows, int mine) const {
    if (one_run()) return 1;
    double times = row[mine] == 0 ? static_cast<double>(rows) : 1;
    for (int i = 0; i + 1 < axes; ++i) times *= step[mine][i] == 0 ? static_cast<double>(size[i]) : 1;
    return times;
  }

  // Of a loop of more than one run: the length of its runs, and whether operand k walks along.
  Index run_size() const { return size[axes - 1]; }
  bool moves(int k) const { return step[k][axes - 1] != 0; }

  // Is operand k a single run that all runs of y meet?
  bool is_one_line(int k) const {
    bool yes = axes > 0 && row[k] == 0 && step[k][axes - 1] == 1;
    for (int i = 0; i + 1 < axes; ++i) yes = yes && step[k][i] == 0;
    return yes;
  }

  // f(run, whether it meets other numbers of operand `mine` than the one before), in an order in which runs that meet
  // the same numbers follow each other. For a loop of more than one run.
  template <class F>
  void runs_by_place(Index rows, int mine, F f) const {
    struct Axis {
      Index size = 0, y = 0, at[kMostOperands] = {};
    };
    if (rows <= 0 || row_size <= 0) return;
    Axis order[Shape::kMaxDims];  // first those along which operand `mine` moves
    int count = 0, moving = 0;
    for (const bool still : {false, true}) {
      Index y = row_size;  // numbers of y to the next place along the axis
      for (int i = -1; i + 1 < axes; ++i) {
        if (i >= 0) y /= size[i];
        if (((i < 0 ? row[mine] : step[mine][i]) == 0) != still) continue;
        Axis& axis = order[count++];
        axis.size = i < 0 ? rows : size[i];
        axis.y = y;
        for (int k = 0; k < kMostOperands; ++k) axis.at[k] = i < 0 ? row[k] : step[k][i];
      }
      if (!still) moving = count;
    }
    Run r;
    r.n = run_size();
    for (int k = 0; k < kMostOperands; ++k) r.moves[k] = moves(k);
    Index at[Shape::kMaxDims] = {};
    for (bool other = true;;) {
      f(r, other);
      int a = count - 1;
      for (; a >= 0; --a) {  // to the next place, as an odometer counts
        r.y += order[a].y;
        for (int k = 0; k < kMostOperands; ++k) r.at[k] += order[a].at[k];
        if (++at[a] < order[a].size) break;
        r.y -= order[a].y * order[a].size;
        for (int k = 0; k < kMostOperands; ++k) r.at[k] -= order[a].at[k] * order[a].size;
        at[a] = 0;
      }
      if (a < 0) return;
      other = a < moving;
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
