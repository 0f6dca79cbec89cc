// Numbers picked by their index. The values of an index are known when the op runs: they are checked then.
#include <cmath>

#include "engine/registry.hh"
#include "ops/axes.hh"
#include "ops/sums.hh"

namespace hello_dl {
namespace {

void need_integers(const char* op, const Tensor& index) {
  need<TypeError>(index.dtype() == DType::integer, op, ": needs integers as index, got ",
                  index.dtype() == DType::boolean ? "booleans" : "floats");
}

// The index as a number from 0 to size - 1. With `negative` it may count from the end, as in x[-1].
Index checked_index(const char* op, real number, Index size, bool negative) {
  const auto i = static_cast<Index>(number);
  const bool fine = (negative ? -size : 0) <= i && i < size;
  need<IndexError>(fine, op, ": index ", i, " is out of range for an axis of size ", size);
  return i < 0 ? i + size : i;
}

}  // namespace

// y[i, j] = x[i, index[i, j]] (along axis 1; others likewise):  the gradient goes back to where each number came from.
Tensor gather(const Tensor& x, Index dim, const Tensor& index) {
  need_integers("gather", index);
  const int axis = find_axis("gather", x.dims(), dim);
  bool fits = index.dims() == x.dims();
  for (int i = 0; fits && i < x.dims(); ++i) fits = i == axis || index.size(i) == x.size(i);
  need(fits, "gather: needs an index of the shape of x except along axis ", axis, ", got ", x.shape(), " and ",
       index.shape());
  const Lines from = lines_along(x.shape(), axis), to = lines_along(index.shape(), axis);
  // f(offset in y, offset in x) for every number of these rows of y. Along axis 0 the input is the whole of x.
  auto each = [=](const View& y, const In& index, auto f) {
    const Index blocks = to.blocks(y.rows), steps = to.whole ? y.rows : to.size;
    for (Index b = 0, i = 0; b < blocks; ++b)
      for (Index k = 0; k < steps; ++k)
        for (Index j = 0; j < to.inner; ++j, ++i)
          f(i, b * from.block() + checked_index("gather", index.data[i], from.size, false) * from.inner + j);
  };
  return node(
             "gather", index.shape(), {from.input(x), rows(index)},
             [=](Out y, In x, In index) { each(y, index, [&](Index to, Index from) { y.data[to] = x.data[from]; }); },
             [=](Grad g, In x, In index) {
               real* dx = x.grad().zeroed();
               each(g, index, [&](Index to, Index from) { dx[from] += g.data[to]; });
             })
      .reads(kReadsSecond)
      .dtype(x.dtype());
}
HELLO_DL_OP(
    gather, "x, dim, index",
    "y[i, j] = x[i, index[i, j]] for dim=1, and likewise along other axes; index has x's shape except along dim.");

// The transpose of gather: y[i, index[i, j]] += x[i, j] (along axis 1; others likewise):  dL/dx = gather(G).
Tensor scatter_sum(const Tensor& x, Index dim, const Tensor& index, Index size) {
  need_integers("scatter_sum", index);
  need(size >= 0, "scatter_sum: needs a size of 0 or more, got ", size);
  const int axis = find_axis("scatter_sum", x.dims(), dim);
  need(x.dims() > 0 && index.shape() == x.shape(), "scatter_sum: needs an index of x's shape, got ", x.shape(), " and ",
       index.shape());
  Shape shape = x.shape();
  shape[axis] = size;
  const Lines from = lines_along(x.shape(), axis), to = lines_along(shape, axis);
  // f(offset in x, offset in y) for every number of these rows of x. Along axis 0 each row of x is a part of the sum.
  auto each = [=](const View& x, const In& index, auto f) {
    const Index blocks = from.blocks(x.rows), steps = from.whole ? x.rows : from.size;
    for (Index b = 0, i = 0; b < blocks; ++b)
      for (Index k = 0; k < steps; ++k)
        for (Index j = 0; j < from.inner; ++j, ++i)
          f(i, b * to.block() + checked_index("scatter_sum", index.data[i], size, false) * from.inner + j);
  };
  auto forward = [=](Out y, In x, In index) {
    real* sums = from.whole ? y.sum().zeroed() : y.data;
    if (!from.whole) arr(y).setZero();
    each(x, index, [&](Index i, Index o) { sums[o] += x.data[i]; });
  };
  auto backward = [=](Grad g, In x, In index) {
    const bool assign = x.grad().fresh();
    real* dx = x.grad().written();
    each(x, index, [&](Index i, Index o) { store(assign, dx[i], g.data[o]); });
  };
  return node("scatter_sum", shape, {from.whole ? fold(x) : rows(x), from.whole ? fold(index) : rows(index)}, forward,
              backward)
      .reads(kReadsSecond)
      .dtype(x.dtype());
}
HELLO_DL_OP(scatter_sum, "x, dim, index, size",
            "y[i, index[i, j]] += x[i, j] for dim=1, where y begins as zeros and has `size` places along dim; likewise "
            "along other axes. The transpose of gather.");

// The transpose of index_select: y[a, index[i], b] += x[a, i, b]:  dL/dx = index_select(G).
Tensor index_sum(const Tensor& x, Index dim, const Tensor& index, Index size) {
  need_integers("index_sum", index);
  need(size >= 0, "index_sum: needs a size of 0 or more, got ", size);
  need(x.dims() > 0, "index_sum: needs at least one axis, got a single number");
  const int axis = find_axis("index_sum", x.dims(), dim);
  need(index.dims() == 1 && index.rows() == x.size(axis), "index_sum: needs an index (", x.size(axis), ",), got ",
       index.shape());
  Shape shape = x.shape();
  shape[axis] = size;
  const Lines from = lines_along(x.shape(), axis), to = lines_along(shape, axis);
  // f(offset in x, offset in y) for each run of `inner` numbers of these rows of x.
  auto each = [=](const View& x, const In& index, auto f) {
    for (Index b = 0, blocks = from.blocks(x.rows), at = 0; b < blocks; ++b)
      for (Index i = 0; i < index.size(); ++i, at += from.inner)
        f(at, b * to.block() + checked_index("index_sum", index.data[i], size, true) * from.inner);
  };
  auto forward = [=](Out y, In x, In index) {
    real* sums = from.whole ? y.sum().zeroed() : y.data;
    if (!from.whole) arr(y).setZero();
    each(x, index, [&](Index i, Index o) {
      for (Index j = 0; j < from.inner; ++j) sums[o + j] += x.data[i + j];
    });
  };
  auto backward = [=](Grad g, In x, In index) {
    const bool assign = x.grad().fresh();
    real* dx = x.grad().written();
    each(x, index, [&](Index i, Index o) {
      store_each(assign, dx + i, from.inner, [from = g.data + o](Index j) { return from[j]; });
    });
  };
  return node("index_sum", shape, {from.whole ? fold(x) : rows(x), from.whole ? fold(index) : whole(index)}, forward,
              backward)
      .reads(kReadsSecond)
      .dtype(x.dtype());
}
HELLO_DL_OP(index_sum, "x, dim, index, size",
            "Place i of x along an axis is added to place index[i] of a result that begins as zeros and has `size` "
            "places there. The transpose of index_select.");

namespace {

// Of a short table, many places may name the same row, such as that of a space. What rounding takes from its sum is
// kept for the next number that is added (Kahan 1965).
constexpr Index kMostKept = 65536;  // numbers of a table, of which most are named so seldom that it does not matter
inline void add_kept(real& sum, real& kept, real number) {
  const real part = number - kept, next = sum + part;
  kept = (next - sum) - part;
  sum = next;
}

// y[a, i, b] = x[a, index[i], b]:  the gradients of all places with the same index are added.
Tensor taken(const char* op, const Tensor& x, int axis, const Tensor& index, bool negative) {
  need_integers(op, index);
  const Lines l = lines_along(x.shape(), axis);
  Shape shape;
  for (int i = 0; i < axis; ++i) shape.push_back(x.size(i));
  for (Index s : index.shape()) shape.push_back(s);
  for (int i = axis + 1; i < x.dims(); ++i) shape.push_back(x.size(i));
  // Along axis 0 the rows of the result are those of the index. f(offset in y, offset in x) for each run of l.inner.
  auto each = [=](const View& x, const In& index, auto f) {
    for (Index b = 0, blocks = l.blocks(x.rows), to = 0; b < blocks; ++b)
      for (Index i = 0, n = index.size(); i < n; ++i, to += l.inner)
        f(to, b * l.block() + checked_index(op, index.data[i], l.size, negative) * l.inner);
  };
  const bool by_index = l.whole && index.dims() > 0;
  return node(
             op, shape, {l.input(x), by_index ? rows(index) : whole(index)},
             [=](Out y, In x, In index) {
               each(x, index, [&](Index to, Index from) { std::copy_n(x.data + from, l.inner, y.data + to); });
             },
             [=](Grad g, In x, In index) {
               real* dx = x.grad().zeroed();
               if (x.size() > kMostKept || index.size() <= kFewParts) {
                 each(x, index, [&](Index to, Index from) {
                   for (Index j = 0; j < l.inner; ++j) dx[from + j] += g.data[to + j];
                 });
                 return;
               }
               std::vector<real> kept(static_cast<std::size_t>(x.size()));
               each(x, index, [&](Index to, Index from) {
                 for (Index j = 0; j < l.inner; ++j) add_kept(dx[from + j], kept[from + j], g.data[to + j]);
               });
             })
      .reads(kReadsSecond)
      .dtype(x.dtype());
}

}  // namespace

Tensor index_select(const Tensor& x, Index dim, const Tensor& index) {
  need(x.dims() > 0, "index_select: needs at least one axis, got a single number");
  return taken("index_select", x, find_axis("index_select", x.dims(), dim), index, true);
}
HELLO_DL_OP(
    index_select, "x, dim, index",
    "The places `index` (integers of any shape, negative ones count from the end) along an axis: the index's axes "
    "stand where that axis was.");

Tensor embedding(const Tensor& index, const Tensor& weight) {
  need(weight.dims() == 2, "embedding: needs a weight of shape (vocabulary, features), got ", weight.shape());
  return taken("embedding", weight, 0, index, false);
}
HELLO_DL_OP(embedding, "index, weight",
            "Row index[i] of the weight (vocabulary, features) for each i: index (...) gives (..., features).");

// y_i = x[i, index_i]:  the gradient goes back to where each number came from.
Tensor pick(const Tensor& x, const Tensor& index) {
  need_integers("pick", index);
  need(x.dims() == 2 && index.dims() == 1 && index.rows() == x.rows(), "pick: needs x (n, k) and index (n,), got ",
       x.shape(), " and ", index.shape());
  const Index k = x.size(1);
  return node(
             "pick", Shape{x.rows()}, {rows(x), rows(index)},
             [=](Out y, In x, In index) {
               for (Index i = 0; i < y.rows; ++i)
                 y.data[i] = x.data[i * k + checked_index("pick", index.data[i], k, false)];
             },
             [=](Grad g, In x, In index) {
               real* to = x.grad().zeroed();
               for (Index i = 0; i < g.rows; ++i) to[i * k + static_cast<Index>(index.data[i])] += g.data[i];
             })
      .reads(kReadsSecond)
      .dtype(x.dtype());
}
HELLO_DL_OP(pick, "x, index", "One number of each row: x (n, k) and index (n,) give (n,).");

}  // namespace hello_dl
