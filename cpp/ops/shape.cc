// Ops that rearrange, repeat or select numbers without computing any.
#include "ops/shape.hh"

#include <algorithm>
#include <numeric>

#include "engine/recipe.hh"
#include "ops/axes.hh"
#include "ops/binary.hh"
#include "ops/strided.hh"

namespace hello_dl {

// The order of the numbers does not change. If one number of rows divides the other, a block of rows of x is a block of
// rows of the result.
Tensor reshape(const Tensor& x, const Ints& sizes) {
  Shape shape(sizes);
  Index known = 1;
  int open = -1;
  for (int i = 0; i < shape.dims(); ++i) {
    need(shape[i] >= 0 || (shape[i] == -1 && open < 0), "reshape: needs sizes of 0 or more and at most one -1, got ",
         shape);
    shape[i] == -1 ? void(open = i) : void(known *= shape[i]);
  }
  if (open >= 0 && known > 0) shape[open] = x.size() / known;
  need(shape.size() == x.size(), "reshape: needs a shape of ", x.size(), " numbers, as x ", x.shape(), " has, got ",
       Shape(sizes));
  const Index a = x.rows(), b = shape.rows(), common = std::gcd(a, b);
  const bool by_rows = a == b || (common > 1 && common == std::min(a, b));
  return node(
             "reshape", shape, {by_rows ? rows(x) : whole(x)}, [](Out y, In x) { arr(y) = arr(x); },
             [](Grad g, In x) { x.grad() += arr(g); })
      .reads(kReadsNothing)
      .dtype(x.dtype());
}
HELLO_DL_OP(reshape, "x, shape", "The same numbers in another shape; one size may be -1.");

Tensor permute(const Tensor& x, const Ints& dims) {
  const int n = x.dims();
  need(static_cast<int>(dims.size()) == n, "permute: needs each of the ", n, " axes of ", x.shape(), " once, got ",
       Shape(dims));
  const AxisSteps steps(x.shape());
  Shape shape;
  Index from[Shape::kMaxDims] = {};
  bool used[Shape::kMaxDims] = {}, same = true;
  for (int i = 0; i < n; ++i) {
    const int axis = find_axis("permute", n, dims[i]);
    need(!used[axis], "permute: needs each of the ", n, " axes of ", x.shape(), " once, got ", Shape(dims));
    used[axis] = true;
    same = same && axis == i;
    shape.push_back(x.size(axis));
    from[i] = steps.of[axis];
  }
  if (same) return x;
  Tensor y = strided("permute", x, shape, from, 0, shape.rows() == x.rows() && from[0] == steps.of[0]);
  remember(y.node(), {true, dims});  // here, because softmax along another axis than the last calls it, too
  return y;
}
HELLO_DL_OP(permute, "x, dims", "The axes in another order: axis i of the result is axis dims[i] of x.");

// A number that is used several times gets the sum of the gradients of its uses.
Tensor expand(const Tensor& x, const Ints& sizes) {
  Shape shape(sizes);
  const int more = shape.dims() - x.dims();
  need(more >= 0, "expand: needs at least as many axes as ", x.shape(), " has, got ", shape);
  for (int i = 0; i < shape.dims(); ++i) {
    const Index old = i < more ? 1 : x.size(i - more);
    if (shape[i] == -1 && i >= more) shape[i] = old;
    need((shape[i] == old || old == 1) && shape[i] >= 0, "expand: needs a shape that differs from x ", x.shape(),
         " along axes of size 1 only, got ", Shape(sizes));
  }
  if (shape == x.shape()) return x;
  const StridedLoop loop = make_strided_loop(shape, {padded(x.shape(), shape.dims())});
  return node(
             "expand", shape, {more == 0 && shape.rows() == x.rows() ? rows(x) : whole(x)},
             [loop](Out y, In x) {
               loop.runs(y.rows, [&](const Run& r) {
                 const real* from = x.data + r.at[0];
                 r.moves[0] ? std::copy_n(from, r.n, y.data + r.y) : std::fill_n(y.data + r.y, r.n, *from);
               });
             },
             [loop](Grad g, In x) {
               give_back(loop, g.rows, 0, x.grad(), [&](const Run& r, bool assign, real* to) {
                 const real* from = g.data + r.y;
                 if (r.moves[0])
                   store_each(assign, to, r.n, [=](Index i) { return from[i]; });
                 else
                   *to += block_sum(from, r.n);
               });
             })
      .reads(kReadsNothing)
      .dtype(x.dtype());
}
HELLO_DL_OP(expand, "x, shape", "x repeated along axes of size 1 (and along new first axes); -1 keeps a size.");

Tensor slice(const Tensor& x, Index dim, Index start, Index stop, Index step) {
  need(x.dims() > 0, "slice: needs at least one axis, got a single number");
  need(step > 0, "slice: needs a step of 1 or more, got ", step);
  const int axis = find_axis("slice", x.dims(), dim);
  const Index size = x.size(axis);
  auto within = [size](Index i) { return std::clamp<Index>(i < 0 ? i + size : i, 0, size); };
  const Index from = within(start), to = std::max(from, within(stop));
  AxisSteps steps(x.shape());
  Shape shape = x.shape();
  shape[axis] = to > from ? (to - from - 1) / step + 1 : 0;
  if (shape == x.shape()) return x;
  const Index first = from * steps.of[axis];
  steps.of[axis] *= std::min(step, std::max<Index>(size, 1));  // a larger step stays at the first place
  return strided("slice", x, shape, steps.of, first, axis > 0);
}
HELLO_DL_OP(slice, "x, dim, start, stop, step=1",
            "Every step-th of the places start to stop - 1 along an axis; negative places count from the end.");

namespace {

// Along axis 0 the rows of the inputs follow each other; along other axes each row is put together from all inputs.
Tensor joined(const Tensors& list, int axis, const Shape& shape) {
  std::vector<Edge> edges;
  std::vector<Index> chunk;  // how many numbers of each input a block of the result has
  const Lines l = lines_along(shape, axis);
  DType dtype = list[0].dtype();
  for (const Tensor& x : list) {
    chunk.push_back(x.size(axis) * l.inner);
    add_edge(edges, l.input(x));
    if (x.dtype() != dtype) dtype = x.dtype() == DType::real || dtype == DType::real ? DType::real : DType::integer;
  }
  auto forward = [=](Out y, const In* x, int count) {
    for (Index b = 0, blocks = l.blocks(y.rows), at = 0; b < blocks; ++b)
      for (int k = 0; k < count; at += chunk[k++]) std::copy_n(x[k].data + b * chunk[k], chunk[k], y.data + at);
  };
  auto backward = [=](Grad g, const In* x, int count) {
    const Index blocks = l.blocks(g.rows);
    for (Index k = 0, first = 0; k < count; first += chunk[k++]) {
      if (!x[k]) continue;
      const bool assign = x[k].grad().fresh();
      real* to = x[k].grad().written();
      for (Index b = 0; b < blocks; ++b) {
        const ConstArrayMap from(g.data + b * l.block() + first, chunk[k]);
        ArrayMap part(to + b * chunk[k], chunk[k]);
        store(assign, part, from);
      }
    }
  };
  Made y = make_node("cat", shape, std::move(edges), forward, backward);
  return y.reads(kReadsNothing).dtype(dtype);
}

}  // namespace

Tensor cat(const Tensors& list, Index dim) {
  need(!list.empty(), "cat: needs at least one tensor, got none");
  need(list[0].dims() > 0, "cat: needs tensors with at least one axis, got single numbers");
  const int axis = find_axis("cat", list[0].dims(), dim);
  Shape shape = list[0].shape();
  for (std::size_t k = 1; k < list.size(); ++k) {
    bool fits = list[k].dims() == shape.dims();
    for (int i = 0; fits && i < shape.dims(); ++i) fits = i == axis || list[k].size(i) == shape[i];
    need(fits, "cat: needs shapes that are equal except along axis ", axis, ", got ", list[0].shape(), " and ",
         list[k].shape());
    shape[axis] += list[k].size(axis);
  }
  return joined(list, axis, shape);
}
HELLO_DL_OP(cat, "tensors, dim=0", "Tensors one after the other along an axis; all other sizes must be equal.");

}  // namespace hello_dl
