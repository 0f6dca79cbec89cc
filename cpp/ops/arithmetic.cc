// Functions of two numbers, with broadcasting: arithmetic and comparisons.
#include <cmath>

#include "../registry.hh"
#include "broadcast.hh"

namespace hello_dl {
namespace {

const real kNothing = 0;  // stands for a value that the rule does not read

// f over a run of numbers. The four cases are spelled out so that each inner loop becomes vector instructions.
template <class F>
void run(Index n, real* y, const real* a, const real* b, bool a_moves, bool b_moves, F f) {
  if (a_moves && b_moves)
    for (Index i = 0; i < n; ++i) y[i] = f(a[i], b[i]);
  else if (a_moves)
    for (Index i = 0; i < n; ++i) y[i] = f(a[i], *b);
  else if (b_moves)
    for (Index i = 0; i < n; ++i) y[i] = f(*a, b[i]);
  else
    for (Index i = 0; i < n; ++i) y[i] = f(*a, *b);
}

// The gradient of one operand over a run: d(G, a, b) is assigned, added, or summed if the operand stands still.
template <class D>
void run_gradient(Index n, real* to, bool to_moves, bool assign, const real* g, const real* a, const real* b,
                  bool a_moves, bool b_moves, D d) {
  const Index as = a_moves, bs = b_moves;
  if (to_moves && assign) {
    for (Index i = 0; i < n; ++i) to[i] = d(g[i], a[i * as], b[i * bs]);
  } else if (to_moves) {
    for (Index i = 0; i < n; ++i) to[i] += d(g[i], a[i * as], b[i * bs]);
  } else {
    real sum = 0;
    for (Index i = 0; i < n; ++i) sum += d(g[i], a[i * as], b[i * bs]);
    *to += sum;
  }
}

// One operand's gradient over all runs of a slice. `mine` is its position in a run (0: a, 1: b).
template <class D>
void gradient(const Walk& walk, const Grad& g, const In& a, const In& b, int mine, D d) {
  GradSink& sink = (mine == 0 ? a : b).grad();
  const bool full = mine == 0 ? walk.a_full : walk.b_full;
  const bool assign = full && sink.fresh();
  real* to = full ? sink.written() : sink.zeroed();
  walk.runs(g.rows, [&](Index n, Index iy, Index ia, Index ib, bool a_moves, bool b_moves) {
    const real* pa = a.data ? a.data + ia : &kNothing;
    const real* pb = b.data ? b.data + ib : &kNothing;
    run_gradient(n, to + (mine == 0 ? ia : ib), mine == 0 ? a_moves : b_moves, assign, g.data + iy, pa, pb,
                 a_moves && a.data, b_moves && b.data, d);
  });
}

// y = f(a, b); da(G, a, b) and db(G, a, b) are dL/da and dL/db of one number. da_reads: what da looks at.
template <class F, class DA, class DB>
Made binary(const char* op, const Tensor& x1, const Tensor& x2, Reads da_reads, Reads db_reads, F f, DA da, DB db) {
  const Meeting m = meet(op, x1, x2);
  const Walk walk = m.walk;
  Made y = node(
      op, m.shape, {Input{m.a, operand_word(m.shape, m.a.shape())}, Input{m.b, operand_word(m.shape, m.b.shape())}},
      [walk, f](Out y, In a, In b) {
        walk.runs(y.rows, [&](Index n, Index iy, Index ia, Index ib, bool a_moves, bool b_moves) {
          run(n, y.data + iy, a.data + ia, b.data + ib, a_moves, b_moves, f);
        });
      },
      [walk, da, db](Grad g, In a, In b) {
        if (a) gradient(walk, g, a, b, 0, da);
        if (b) gradient(walk, g, a, b, 1, db);
      });
  y.reads((m.a.requires_grad() ? da_reads : kReadsNothing) | (m.b.requires_grad() ? db_reads : kReadsNothing));
  y.channels_last(m.channels_last);
  if (m.a.dtype() != DType::real && m.b.dtype() != DType::real) y.dtype(DType::integer);
  return y;
}

template <class F>
Tensor comparison(const char* op, const Tensor& a, const Tensor& b, F f) {
  const Meeting m = meet(op, a, b);
  const Walk walk = m.walk;
  return node(
             op, m.shape, {Input{m.a, operand_word(m.shape, m.a.shape())}, Input{m.b, operand_word(m.shape, m.b.shape())}},
             [walk, f](Out y, In a, In b) {
               walk.runs(y.rows, [&](Index n, Index iy, Index ia, Index ib, bool a_moves, bool b_moves) {
                 run(n, y.data + iy, a.data + ia, b.data + ib, a_moves, b_moves,
                     [f](real a, real b) { return f(a, b) ? real(1) : real(0); });
               });
             },
             nullptr)
      .dtype(DType::boolean)
      .channels_last(m.channels_last);
}

}  // namespace

// d(a + b) = da + db
Tensor add(const Tensor& a, const Tensor& b) {
  return binary("add", a, b, kReadsNothing, kReadsNothing, [](real a, real b) { return a + b; },
                [](real g, real, real) { return g; }, [](real g, real, real) { return g; });
}
HELLO_DL_OP(add, "x, other", "Sum of two tensors, with broadcasting.");

// d(a - b) = da - db
Tensor sub(const Tensor& a, const Tensor& b) {
  return binary("sub", a, b, kReadsNothing, kReadsNothing, [](real a, real b) { return a - b; },
                [](real g, real, real) { return g; }, [](real g, real, real) { return -g; });
}
HELLO_DL_OP(sub, "x, other", "Difference of two tensors, with broadcasting.");

// d(ab) = b da + a db
Tensor mul(const Tensor& a, const Tensor& b) {
  return binary("mul", a, b, kReadsSecond, kReadsFirst, [](real a, real b) { return a * b; },
                [](real g, real, real b) { return g * b; }, [](real g, real a, real) { return g * a; });
}
HELLO_DL_OP(mul, "x, other", "Product of two tensors number by number, with broadcasting.");

// d(a/b) = da / b - a/b^2 db
Tensor div(const Tensor& a, const Tensor& b) {
  return binary("div", a, b, kReadsSecond, kReadsFirst | kReadsSecond, [](real a, real b) { return a / b; },
                [](real g, real, real b) { return g / b; }, [](real g, real a, real b) { return -g * a / (b * b); })
      .dtype(DType::real);
}
HELLO_DL_OP(div, "x, other", "Quotient of two tensors, with broadcasting; the result is never an integer.");

// d(a^b) = b a^(b-1) da + a^b log(a) db, where 0^0 = 1 has no slope in its exponent
Tensor pow(const Tensor& a, const Tensor& b) {
  return binary("pow", a, b, kReadsFirst | kReadsSecond, kReadsFirst | kReadsSecond,
                [](real a, real b) { return b == 2 ? a * a : std::pow(a, b); },
                [](real g, real a, real b) { return b == 0 ? real(0) : g * b * (b == 2 ? a : std::pow(a, b - 1)); },
                [](real g, real a, real b) { return a == 0 && b >= 0 ? real(0) : g * std::pow(a, b) * std::log(a); });
}
HELLO_DL_OP(pow, "x, exponent", "x to the power of the exponent, with broadcasting.");

Tensor eq(const Tensor& a, const Tensor& b) {
  return comparison("eq", a, b, [](real a, real b) { return a == b; });
}
HELLO_DL_OP(eq, "x, other", "Where the two are equal.");

Tensor lt(const Tensor& a, const Tensor& b) {
  return comparison("lt", a, b, [](real a, real b) { return a < b; });
}
HELLO_DL_OP(lt, "x, other", "Where x < other.");

}  // namespace hello_dl
