// The form of an op that computes each number from two others, with broadcasting.
#pragma once

#include <type_traits>

#include "ops/broadcast.hh"
#include "ops/sums.hh"

namespace hello_dl {

// Calls f(as, bs) with steps of 0 or 1 that the compiler knows, so that each inner loop becomes vector instructions.
template <class F>
void with_steps(bool a_moves, bool b_moves, F f) {
  using Still = std::integral_constant<Index, 0>;
  using Moves = std::integral_constant<Index, 1>;
  if (a_moves)
    b_moves ? f(Moves{}, Moves{}) : f(Moves{}, Still{});
  else
    b_moves ? f(Still{}, Moves{}) : f(Still{}, Still{});
}

// y = f(a, b) over all runs of a slice.
template <class F>
void run_forward(const StridedLoop& loop, const Out& y, const In& a, const In& b, F f) {
  loop.runs(y.rows, [&](const Run& r) {
    real* to = y.data + r.y;
    const real *pa = a.data + r.at[0], *pb = b.data + r.at[1];
    with_steps(r.moves[0], r.moves[1], [=, n = r.n](auto as, auto bs) {
      for (Index i = 0; i < n; ++i) to[i] = f(pa[i * as], pb[i * bs]);
    });
  });
}

// f(run, assign, to) for all runs of a slice: it assigns or adds the gradient of operand `mine`, from `to` on. Where
// many runs meet the same numbers, they add to sums that keep their digits.
template <class F>
void give_back(const StridedLoop& loop, Index rows, int mine, GradSink& sink, F f) {
  if (loop.repeats(rows, mine) <= kFewParts) {
    const bool assign = loop.full[mine] && sink.fresh();
    real* all = loop.full[mine] ? sink.written() : sink.zeroed();
    loop.runs(rows, [&](const Run& r) { f(r, assign, all + r.at[mine]); });
    return;
  }
  real* all = sink.zeroed();
  Sums sums(loop.moves(mine) ? loop.run_size() : 1);
  loop.runs_by_place(rows, mine, [&](const Run& r, bool other) {
    if (other) sums.begin(all + r.at[mine]);
    f(r, false, sums.next());
  });
  sums.write();
}

// The gradient of operand `mine` (0: a, 1: b) over all runs of a slice: d(G, a, b) is assigned or added, or its sum
// over the run where the operand stands still. A value that the rule does not read may be absent.
template <class D>
void run_backward(const StridedLoop& loop, const Grad& g, const In& a, const In& b, int mine, D d) {
  static const real kNothing = 0;
  give_back(loop, g.rows, mine, (mine == 0 ? a : b).grad(), [&](const Run& r, bool assign, real* to) {
    const real *pg = g.data + r.y, *pa = a.data ? a.data + r.at[0] : &kNothing,
               *pb = b.data ? b.data + r.at[1] : &kNothing;
    with_steps(a.data && r.moves[0], b.data && r.moves[1], [=, n = r.n, moves = r.moves[mine]](auto as, auto bs) {
      auto part = [=](Index i) { return d(pg[i], pa[i * as], pb[i * bs]); };
      if (moves)
        store_each(assign, to, n, part);
      else
        *to += block_sum(0, n, part);
    });
  });
}

// y = f(a, b); da(G, a, b) and db(G, a, b) are dL/da and dL/db of one number, da_reads and db_reads what they read.
template <class F, class DA, class DB>
Made binary(const char* op, const Tensor& x1, const Tensor& x2, Reads da_reads, Reads db_reads, F f, DA da, DB db) {
  const BroadcastPlan plan = plan_broadcast(op, {x1, x2});
  Made y = node(
      op, plan.shape, {plan.input(0), plan.input(1)},
      [loop = plan.loop, f](Out y, In a, In b) { run_forward(loop, y, a, b, f); },
      [loop = plan.loop, da, db](Grad g, In a, In b) {
        if (a) run_backward(loop, g, a, b, 0, da);
        if (b) run_backward(loop, g, a, b, 1, db);
      });
  const DType dtype = common_dtype(x1, x2);
  return y.reads((x1.requires_grad() ? da_reads : kReadsNothing) | (x2.requires_grad() ? db_reads : kReadsNothing))
      .channels_last(plan.channels_last)
      .dtype(dtype == DType::boolean ? DType::integer : dtype);
}

}  // namespace hello_dl
