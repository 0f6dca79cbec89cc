// The largest and the smallest of many numbers, and where they are.
#include <limits>

#include "engine/registry.hh"
#include "ops/axes.hh"
#include "ops/binary.hh"

namespace hello_dl {
namespace {

constexpr real kLowest = -std::numeric_limits<real>::infinity();

// The larger one; a NaN wins. (| instead of || needs no branch, so that vector instructions compare eight at once.)
inline real larger(real a, real b) { return ((b > a) | (b != b)) ? b : a; }

// Equal, where a NaN equals a NaN.
inline bool is_same(real a, real b) { return (a == b) | ((a != a) & (b != b)); }

// The largest of sign * x, by Eigen's vector instructions; a NaN wins.
real largest_signed(const real* x, Index n, real sign) {
  const ConstArrayMap all(x, n);
  return sign > 0 ? all.maxCoeff<Eigen::PropagateNaN>() : -all.minCoeff<Eigen::PropagateNaN>();
}

// y = max of sign * x over some axes, times sign. All numbers equal to the largest get the same share of the gradient:
// dL/dx = G [x = y] / (how many x = y).
Tensor extreme(const char* op, const Tensor& x, const std::optional<Ints>& dim, bool keepdim, real sign) {
  const Axes axes = find_axes(op, x.shape(), dim);
  need(axes.count(x.shape()) > 0, op, ": needs at least one number to choose from, got shape ", x.shape());
  const bool over_rows = x.dims() == 0 || axes.has[0];
  // As in reduce.cc: the loop runs over x, and the result is the operand that stands still.
  const StridedLoop loop = make_strided_loop(x.shape(), {axes.reduced(x.shape(), true)});
  auto forward = [=](Out y, In x) {
    arr(y).setConstant(kLowest);
    loop.runs(x.rows, [&](const Run& r) {
      const real* p = x.data + r.y;
      real* top = y.data + r.at[0];
      if (r.moves[0])
        for (Index i = 0; i < r.n; ++i) top[i] = larger(top[i], sign * p[i]);
      else
        *top = larger(*top, largest_signed(p, r.n, sign));
    });
    if (sign < 0) arr(y) = -arr(y);
  };
  auto backward = [=](Grad g, In x) {
    ArrayMap share(g.scratch, g.size());
    share.setZero();
    loop.runs(x.rows, [&](const Run& r) {
      const real *p = x.data + r.y, *top = g.value + r.at[0];
      real* count = g.scratch + r.at[0];
      if (r.moves[0])
        for (Index i = 0; i < r.n; ++i) count[i] += is_same(p[i], top[i]) ? real(1) : real(0);
      else
        *count += block_sum(0, r.n, [p, top = *top](Index i) { return is_same(p[i], top) ? real(1) : real(0); });
    });
    share = arr(g) / share;
    const bool assign = x.grad().fresh();
    real* all = x.grad().written();
    loop.runs(x.rows, [&](const Run& r) {
      const real *p = x.data + r.y, *top = g.value + r.at[0], *part = g.scratch + r.at[0];
      real* to = all + r.y;
      with_steps(r.moves[0], false, [=, n = r.n](auto step, auto) {
        store_each(assign, to, n, [=](Index i) {
          const real G = part[i * step];
          return is_same(p[i], top[i * step]) ? G : real(0);
        });
      });
    });
  };
  const Shape shape = axes.reduced(x.shape(), keepdim);
  return node(op, shape, {over_rows ? whole(x) : rows(x)}, forward, backward)
      .reads(kReadsFirst | kReadsResult)
      .scratch(shape.cols())
      .dtype(x.dtype());
}

// Where sign * x is largest along an axis: the first place of several, or that of the first NaN.
Tensor place_of_extreme(const char* op, const Tensor& x, const std::optional<Index>& dim, bool keepdim, real sign) {
  Shape shape;
  Lines l;
  if (dim) {
    Axes axes;
    const int axis = find_axis(op, x.dims(), *dim);
    axes.has[axis] = true;
    shape = axes.reduced(x.shape(), keepdim);
    l = lines_along(x.shape(), axis);
  } else {
    l.size = x.size();
    l.whole = true;
    for (int i = 0; keepdim && i < x.dims(); ++i) shape.push_back(1);
  }
  need(l.size > 0, op, ": needs at least one number to choose from, got shape ", x.shape());
  constexpr Index kExact = sizeof(real) == 4 ? Index(1) << 24 : Index(1) << 53;
  need(l.size <= kExact, op, ": places are held as floats, so it needs at most ", kExact,
       " numbers to choose from, got ", l.size);
  auto forward = [=](Out y, In x) {
    for (Index b = 0, blocks = l.blocks(x.rows); b < blocks; ++b)
      for (Index i = 0; i < l.inner; ++i) {
        const real* line = x.data + b * l.block() + i;
        Index best = 0;
        real top = sign * line[0];
        for (Index k = 1; k < l.size && top == top; ++k) {
          const real number = sign * line[k * l.inner];
          if (number <= top) continue;
          top = number;
          best = k;
        }
        y.data[b * l.inner + i] = static_cast<real>(best);
      }
  };
  return node(op, shape, {l.input(x)}, forward, nullptr).dtype(DType::integer);
}

}  // namespace

Tensor amax(const Tensor& x, const std::optional<Ints>& dim, bool keepdim) {
  return extreme("amax", x, dim, keepdim, 1);
}
HELLO_DL_OP(amax, "x, dim=None, keepdim=False",
            "The largest number over the given axes, or over all; equals share the gradient evenly.");

Tensor amin(const Tensor& x, const std::optional<Ints>& dim, bool keepdim) {
  return extreme("amin", x, dim, keepdim, -1);
}
HELLO_DL_OP(amin, "x, dim=None, keepdim=False",
            "The smallest number over the given axes, or over all; equals share the gradient evenly.");

Tensor argmax(const Tensor& x, const std::optional<Index>& dim, bool keepdim) {
  return place_of_extreme("argmax", x, dim, keepdim, 1);
}
HELLO_DL_OP(argmax, "x, dim=None, keepdim=False",
            "Where along an axis the largest number is (the first of several), or its place in the flattened tensor.");

Tensor argmin(const Tensor& x, const std::optional<Index>& dim, bool keepdim) {
  return place_of_extreme("argmin", x, dim, keepdim, -1);
}
HELLO_DL_OP(argmin, "x, dim=None, keepdim=False",
            "Where along an axis the smallest number is (the first of several), or its place in the flattened tensor.");

}  // namespace hello_dl
