// The form of an op that computes each number from one other.
#pragma once

#include "engine/graph.hh"

namespace hello_dl {

// y = f(x), and dL/dx = df(G, x, y), as expressions on whole arrays. `reads` says which of x and y the derivative
// reads.
template <class F, class D>
Made unary(const char* op, const Tensor& x, Reads reads, F f, D df) {
  return node(
             op, x.shape(), {rows_as_stored(x)}, [f](Out y, In x) { arr(y) = f(arr(x)); },
             [df](Grad g, In x) { x.grad() += df(arr(g), arr(x), value_arr(g)); })
      .reads(reads)
      .channels_last(x.node().channels_last);
}

// The same with functions of single numbers, for rules that distinguish cases. Integers stay integers.
template <class F, class D>
Made number_by_number(const char* op, const Tensor& x, Reads reads, F f, D df) {
  return node(
             op, x.shape(), {rows_as_stored(x)},
             [f](Out y, In x) {
               const Index n = y.size();
               for (Index i = 0; i < n; ++i) y.data[i] = f(x.data[i]);
             },
             [df](Grad g, In x) {
               const Index n = g.size();
               const real* px = x.data ? x.data : g.data;  // a value that is absent is not read by the rule
               const real* py = g.value ? g.value : g.data;
               const real* pg = g.data;
               const bool assign = x.grad().fresh();
               store_each(assign, x.grad().written(), n, [=](Index i) { return df(pg[i], px[i], py[i]); });
             })
      .reads(reads)
      .dtype(x.dtype() == DType::real ? DType::real : DType::integer)
      .channels_last(x.node().channels_last);
}

}  // namespace hello_dl
