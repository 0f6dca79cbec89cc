// Comparisons, and choices made by them. A truth value is 1 or 0; it has no gradient.
#include <algorithm>
#include <cmath>

#include "engine/registry.hh"
#include "ops/binary.hh"

namespace hello_dl {
namespace {

template <class F>
Tensor comparison(const char* op, const Tensor& x1, const Tensor& x2, F holds) {
  const BroadcastPlan plan = plan_broadcast(op, {x1, x2});
  auto forward = [loop = plan.loop, holds](Out y, In a, In b) {
    run_forward(loop, y, a, b, [holds](real a, real b) { return holds(a, b) ? real(1) : real(0); });
  };
  return node(op, plan.shape, {plan.input(0), plan.input(1)}, forward, nullptr)
      .dtype(DType::boolean)
      .channels_last(plan.channels_last);
}

template <class F>
Tensor test_of_each(const char* op, const Tensor& x, F holds) {
  return node(
             op, x.shape(), {rows_as_stored(x)},
             [holds](Out y, In x) {
               for (Index i = 0, n = y.size(); i < n; ++i) y.data[i] = holds(x.data[i]) ? real(1) : real(0);
             },
             nullptr)
      .dtype(DType::boolean)
      .channels_last(x.node().channels_last);
}

}  // namespace

Tensor eq(const Tensor& a, const Tensor& b) {
  return comparison("eq", a, b, [](real a, real b) { return a == b; });
}
HELLO_DL_OP(eq, "x, other", "Where the two are equal, with broadcasting.");

Tensor ne(const Tensor& a, const Tensor& b) {
  return comparison("ne", a, b, [](real a, real b) { return a != b; });
}
HELLO_DL_OP(ne, "x, other", "Where the two differ, with broadcasting.");

Tensor lt(const Tensor& a, const Tensor& b) {
  return comparison("lt", a, b, [](real a, real b) { return a < b; });
}
HELLO_DL_OP(lt, "x, other", "Where x < other, with broadcasting.");

Tensor le(const Tensor& a, const Tensor& b) {
  return comparison("le", a, b, [](real a, real b) { return a <= b; });
}
HELLO_DL_OP(le, "x, other", "Where x <= other, with broadcasting.");

Tensor gt(const Tensor& a, const Tensor& b) {
  return comparison("gt", a, b, [](real a, real b) { return a > b; });
}
HELLO_DL_OP(gt, "x, other", "Where x > other, with broadcasting.");

Tensor ge(const Tensor& a, const Tensor& b) {
  return comparison("ge", a, b, [](real a, real b) { return a >= b; });
}
HELLO_DL_OP(ge, "x, other", "Where x >= other, with broadcasting.");

Tensor logical_not(const Tensor& x) {
  return test_of_each("logical_not", x, [](real x) { return x == 0; });
}
HELLO_DL_OP(logical_not, "x", "Where x is 0 or False.");

Tensor isnan(const Tensor& x) {
  return test_of_each("isnan", x, [](real x) { return x != x; });
}
HELLO_DL_OP(isnan, "x", "Which numbers are NaN (not a number).");

Tensor isinf(const Tensor& x) {
  return test_of_each("isinf", x, [](real x) { return std::isinf(x); });
}
HELLO_DL_OP(isinf, "x", "Which numbers are infinite, plus or minus.");

Tensor isfinite(const Tensor& x) {
  return test_of_each("isfinite", x, [](real x) { return std::isfinite(x); });
}
HELLO_DL_OP(isfinite, "x", "Which numbers are neither infinite nor NaN.");

// y = a where c, b elsewhere:  dL/da = G where c,  dL/db = G elsewhere.
Tensor where(const Tensor& condition, const Tensor& x, const Tensor& other) {
  const BroadcastPlan plan = plan_broadcast("where", {condition, x, other});
  auto forward = [loop = plan.loop](Out y, In c, In a, In b) {
    loop.runs(y.rows, [&](const Run& r) {
      real* to = y.data + r.y;
      const real *pc = c.data + r.at[0], *pa = a.data + r.at[1], *pb = b.data + r.at[2];
      with_steps(r.moves[1], r.moves[2], [=, n = r.n, c_moves = r.moves[0]](auto as, auto bs) {
        auto choose = [=](bool first, Index i) {  // reads both numbers, so that no branch is needed
          const real u = pa[i * as], v = pb[i * bs];
          return first ? u : v;
        };
        if (c_moves)
          for (Index i = 0; i < n; ++i) to[i] = choose(pc[i] != 0, i);
        else
          for (Index i = 0; i < n; ++i) to[i] = choose(*pc != 0, i);
      });
    });
  };
  auto gradient = [loop = plan.loop](const Grad& g, const In& c, const In& x, int mine, bool wanted) {
    give_back(loop, g.rows, mine, x.grad(), [&](const Run& r, bool assign, real* to) {
      const real *pg = g.data + r.y, *pc = c.data + r.at[0];
      with_steps(r.moves[0], r.moves[mine], [=, n = r.n](auto cs, auto moves) {
        auto part = [=](Index i) {
          const real G = pg[i];
          return (pc[i * cs] != 0) == wanted ? G : real(0);
        };
        if constexpr (moves)
          store_each(assign, to, n, part);
        else
          *to += block_sum(0, n, part);
      });
    });
  };
  auto backward = [gradient](Grad g, In c, In a, In b) {
    if (a) gradient(g, c, a, 1, true);
    if (b) gradient(g, c, b, 2, false);
  };
  return node("where", plan.shape, {plan.input(0), plan.input(1), plan.input(2)}, forward, backward)
      .reads(kReadsFirst)
      .dtype(common_dtype(x, other))
      .channels_last(plan.channels_last);
}
HELLO_DL_OP(where, "condition, x, other", "x where the condition holds, other elsewhere, with broadcasting.");

namespace {

// y = x on and below a diagonal, 0 above it (or the other way round), and so is the gradient.
Tensor triangle(const char* op, const Tensor& x, Index diagonal, bool lower) {
  need(x.dims() >= 2, op, ": needs a matrix (..., m, n), got ", x.shape());
  const Index m = x.size(x.dims() - 2), n = x.shape().back();
  const bool flat = x.dims() == 2;                  // then a row of the tensor is a row of the matrix
  const Index shift = std::clamp(diagonal, -m, n);  // the diagonals beyond keep all or nothing, as these do
  // f(offset of the line, from, to): the columns of each line that are kept
  auto each_line = [=](const View& v, auto f) {
    const Index lines = n ? v.size() / n : 0;
    for (Index l = 0; l < lines; ++l) {
      const Index i = flat ? v.first + l : l % m, edge = std::clamp<Index>(i + shift + (lower ? 1 : 0), 0, n);
      lower ? f(l * n, Index(0), edge) : f(l * n, edge, n);
    }
  };
  return node(
             op, x.shape(), {rows(x)},
             [=](Out y, In x) {
               each_line(y, [&](Index at, Index from, Index to) {
                 for (Index j = 0; j < n; ++j) y.data[at + j] = j >= from && j < to ? x.data[at + j] : real(0);
               });
             },
             [=](Grad g, In x) {
               real* dx = x.grad().zeroed();
               each_line(g, [&](Index at, Index from, Index to) {
                 for (Index j = from; j < to; ++j) dx[at + j] += g.data[at + j];
               });
             })
      .reads(kReadsNothing)
      .dtype(x.dtype());
}

}  // namespace

Tensor tril(const Tensor& x, Index diagonal) { return triangle("tril", x, diagonal, true); }
HELLO_DL_OP(tril, "x, diagonal=0", "The lower triangle of each matrix (..., m, n), zeros above the diagonal.");

Tensor triu(const Tensor& x, Index diagonal) { return triangle("triu", x, diagonal, false); }
HELLO_DL_OP(triu, "x, diagonal=0", "The upper triangle of each matrix (..., m, n), zeros below the diagonal.");

}  // namespace hello_dl
