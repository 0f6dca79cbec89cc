// Copies numbers along steps: axes are joined where possible, and two of them are the inner loops.
#include "ops/strided.hh"

#include <algorithm>

namespace hello_dl {
namespace {

struct StepAxis {
  Index size = 1, y = 0, x = 0;  // numbers from one step to the next in y and in x
};

// What is done with a number of y and its number of x: the copy forward, or the gradient of y given back to x.
enum class Move { copy, assign_back, add_back };

template <Move move>
inline void move_one(real& y, real& x) {
  if constexpr (move == Move::copy) y = x;
  if constexpr (move == Move::assign_back) x = y;
  if constexpr (move == Move::add_back) x += y;
}

// Along the last axis of y, whose numbers lie side by side. In x they lie `step` apart.
template <Move move>
void move_line(Index n, real* y, real* x, Index step) {
  if (step == 1) {
    for (Index i = 0; i < n; ++i) move_one<move>(y[i], x[i]);
  } else {
    for (Index i = 0; i < n; ++i) move_one<move>(y[i], x[i * step]);
  }
}

// Neighbours along p are neighbours in x, those along q in y: a transposition. It goes through a small square, so that
// whole cache lines are read and written. (3 to 8 times as fast where the lines of x or y are a power of two apart,
// since these share few places of the cache.)
template <Move move>
void move_tiles(const StepAxis& p, const StepAxis& q, real* y, real* x) {
  constexpr Index kTile = 16;
  real square[kTile][kTile];
  auto tile = [&](Index i0, Index j0, Index rows, Index cols) {
    for (Index i = 0; i < rows; ++i)
      for (Index j = 0; j < cols; ++j)
        if constexpr (move != Move::copy) square[j][i] = y[(i0 + i) * p.y + j0 + j];
    for (Index j = 0; j < cols; ++j)
      for (Index i = 0; i < rows; ++i)
        move_one<move>(move == Move::copy ? square[i][j] : square[j][i], x[i0 + i + (j0 + j) * q.x]);
    for (Index i = 0; i < rows; ++i)
      for (Index j = 0; j < cols; ++j)
        if constexpr (move == Move::copy) y[(i0 + i) * p.y + j0 + j] = square[i][j];
  };
  for (Index i0 = 0; i0 < p.size; i0 += kTile)
    for (Index j0 = 0; j0 < q.size; j0 += kTile) {
      const Index rows = std::min(kTile, p.size - i0), cols = std::min(kTile, q.size - j0);
      rows == kTile&& cols == kTile ? tile(i0, j0, kTile, kTile) : tile(i0, j0, rows, cols);
    }
}

// All the loops of a copy.
struct Stride {
  int outer = 0;
  StepAxis axis[Shape::kMaxDims];
  StepAxis p, q;  // the two inner loops; q is the last axis of y

  template <Move move>
  void visit(real* y, real* x) const {
    Index at[Shape::kMaxDims] = {};
    while (true) {
      if (p.x == 1 && q.x > 1)
        move_tiles<move>(p, q, y, x);
      else
        for (Index i = 0; i < p.size; ++i) move_line<move>(q.size, y + i * p.y, x + i * p.x, q.x);
      int k = outer - 1;
      for (; k >= 0; --k) {  // to the next place, as an odometer counts
        y += axis[k].y;
        x += axis[k].x;
        if (++at[k] < axis[k].size) break;
        y -= axis[k].y * axis[k].size;
        x -= axis[k].x * axis[k].size;
        at[k] = 0;
      }
      if (k < 0) return;
    }
  }
};

// The loops over axis `from` of y and those after it. Neighbouring axes are joined if one loop with equal steps does
// the same. p becomes the axis whose neighbours are neighbours in x, if there is one.
Stride make_stride(const Shape& shape, const Index* steps, int from) {
  Stride stride;
  std::vector<StepAxis> axes;
  for (int i = from; i < shape.dims(); ++i) {
    const StepAxis next{shape[i], shape.product(i + 1), steps[i]};
    if (next.size == 1) continue;
    if (!axes.empty() && axes.back().x == next.x * next.size)
      axes.back() = {axes.back().size * next.size, next.y, next.x};
    else
      axes.push_back(next);
  }
  stride.q = axes.empty() ? StepAxis{1, 1, 1} : axes.back();
  if (!axes.empty()) axes.pop_back();
  auto p = std::find_if(axes.begin(), axes.end(), [](const StepAxis& a) { return a.x == 1; });
  if (p == axes.end() && !axes.empty()) --p;
  if (p != axes.end()) {
    stride.p = *p;
    axes.erase(p);
  }
  stride.outer = static_cast<int>(axes.size());
  std::copy(axes.begin(), axes.end(), stride.axis);
  return stride;
}

}  // namespace

// The gradient goes back to where each number came from.
Tensor strided(const char* op, const Tensor& x, const Shape& shape, const Index* steps, Index start, bool by_rows) {
  const bool each = x.size() == shape.size();  // each number of x is met once, else at most once
  const Stride stride = make_stride(shape, steps, by_rows ? 1 : 0);
  auto forward = [=](Out y, In x) {
    if (y.size() == 0) return;
    for (Index i = 0, n = by_rows ? y.rows : 1; i < n; ++i)
      stride.template visit<Move::copy>(y.data + i * y.cols, x.data + i * x.cols + start);
  };
  auto backward = [=](Grad g, In x) {
    const bool assign = each && x.grad().fresh();
    real* dx = each ? x.grad().written() : x.grad().zeroed();
    if (g.size() == 0) return;
    for (Index i = 0, n = by_rows ? g.rows : 1; i < n; ++i) {
      real *from = g.data + i * g.cols, *to = dx + i * x.cols + start;
      assign ? stride.template visit<Move::assign_back>(from, to) : stride.template visit<Move::add_back>(from, to);
    }
  };
  return node(op, shape, {by_rows ? rows(x) : whole(x)}, forward, backward).reads(kReadsNothing).dtype(x.dtype());
}

}  // namespace hello_dl
