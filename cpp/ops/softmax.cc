// From scores to probabilities, and the logarithm that a loss needs (chapter 4).
#include "ops/softmax.hh"

#include <cmath>
#include <numeric>

#include "engine/registry.hh"
#include "ops/axes.hh"
#include "ops/exp.hh"
#include "ops/shape.hh"
#include "ops/sums.hh"

namespace hello_dl {
namespace {

// y = exp(x) / sum(exp(x)) along the last axis:  dL/dx = y (G - sum(G y)).
Tensor softmax_last(const Tensor& x) {
  const Index k = x.shape().back();
  return node(
             "softmax", x.shape(), {x.dims() < 2 ? whole(x) : rows(x)},
             [k](Out y, In x) {
               const MatrixMap X = mat(x, k);
               MatrixMap Y = mat(y, k);
               for (Index i = 0; i < X.rows(); ++i) Y.row(i).array() = X.row(i).array() - softmax_shift(X.row(i));
               arr(y) = exp_of(arr(y));
               for (Index i = 0; i < X.rows(); ++i) Y.row(i) *= 1 / block_sum(Y.row(i).data(), k);
             },
             [k](Grad g, In x) {
               const MatrixMap G = mat(g, k);
               const ConstMatrixMap Y = value_mat(g, k);
               const bool assign = x.grad().fresh();
               MatrixMap dX(x.grad().written(), G.rows(), k);
               for (Index i = 0; i < G.rows(); ++i) {
                 const auto part = Y.row(i).array() * (G.row(i).array() - G.row(i).dot(Y.row(i)));
                 store(assign, dX.row(i).array(), part);
               }
             })
      .reads(kReadsResult)
      .work(20);
}

// y = x - log(sum(exp(x))) along the last axis:  dL/dx = G - exp(y) sum(G).
Tensor log_softmax_last(const Tensor& x) {
  const Index k = x.shape().back();
  return node(
             "log_softmax", x.shape(), {x.dims() < 2 ? whole(x) : rows(x)},
             [k](Out y, In x) {
               const MatrixMap X = mat(x, k);
               MatrixMap Y = mat(y, k), E(y.scratch, X.rows(), k);
               for (Index i = 0; i < X.rows(); ++i) Y.row(i).array() = X.row(i).array() - softmax_shift(X.row(i));
               ArrayMap(y.scratch, y.size()) = exp_of(arr(y));
               for (Index i = 0; i < X.rows(); ++i) Y.row(i).array() -= std::log(block_sum(E.row(i).data(), k));
             },
             [k](Grad g, In x) {
               const MatrixMap G = mat(g, k);
               ArrayMap(g.scratch, g.size()) = exp_of(value_arr(g));
               const MatrixMap E(g.scratch, G.rows(), k);
               const bool assign = x.grad().fresh();
               MatrixMap dX(x.grad().written(), G.rows(), k);
               for (Index i = 0; i < G.rows(); ++i) {
                 const auto part = G.row(i) - E.row(i) * G.row(i).sum();
                 store(assign, dX.row(i), part);
               }
             })
      .reads(kReadsResult)
      .scratch(x.cols())
      .work(20);
}

// y = log(sum(exp(x))) along the last axis:  dL/dx = G exp(x - y).
Tensor logsumexp_last(const Tensor& x) {
  const Index k = x.shape().back();
  Shape shape;
  for (int i = 0; i + 1 < x.dims(); ++i) shape.push_back(x.size(i));
  return node(
             "logsumexp", shape, {x.dims() < 2 ? whole(x) : rows(x)},
             [k](Out y, In x) {
               const MatrixMap X = mat(x, k);
               for (Index i = 0; i < X.rows(); ++i) {
                 const real top = softmax_shift(X.row(i)), shift = std::isfinite(top) ? top : real(0);
                 ArrayMap e(y.scratch, k);
                 e = exp_of(X.row(i).array() - shift).transpose();
                 y.data[i] = shift + std::log(block_sum(y.scratch, k));
               }
             },
             [k](Grad g, In x) {
               const MatrixMap X = mat(x, k);
               const bool assign = x.grad().fresh();
               MatrixMap dX(x.grad().written(), X.rows(), k);
               for (Index i = 0; i < X.rows(); ++i) {
                 const auto part = g.data[i] * exp_of(X.row(i).array() - g.value[i]);
                 store(assign, dX.row(i).array(), part);
               }
             })
      .reads(kReadsFirst | kReadsResult)
      .scratch(k)
      .work(20);
}

// f works along the last axis. For another one, that axis and the last are swapped before f and back after it.
template <class F>
Tensor along(const char* op, const Tensor& x, Index dim, F f) {
  const int axis = find_axis(op, x.dims(), dim);
  need(x.dims() == 0 || x.size(axis) > 0, op, ": needs at least one number along axis ", axis, ", got shape ",
       x.shape());
  if (axis + 1 >= x.dims()) return f(x);
  Ints swapped(x.dims());
  std::iota(swapped.begin(), swapped.end(), 0);
  std::swap(swapped[axis], swapped.back());
  return permute(f(permute(x, swapped)), swapped);
}

}  // namespace

Tensor softmax(const Tensor& x, Index dim) { return along("softmax", x, dim, softmax_last); }
HELLO_DL_OP(softmax, "x, dim", "exp(x) divided by its sum along an axis: scores become probabilities (chapter 4).");

Tensor log_softmax(const Tensor& x, Index dim) { return along("log_softmax", x, dim, log_softmax_last); }
HELLO_DL_OP(log_softmax, "x, dim", "The logarithm of softmax along an axis, computed without overflow (chapter 4).");

Tensor logsumexp(const Tensor& x, const Ints& dim, bool keepdim) {
  const Axes axes = find_axes("logsumexp", x.shape(), dim);
  need(axes.count(x.shape()) > 0, "logsumexp: needs at least one number along its axes, got shape ", x.shape());
  const Shape kept = axes.reduced(x.shape(), keepdim);
  Ints order, sizes;
  for (int i = 0; i < x.dims(); ++i)
    if (!axes.has[i]) order.push_back(i), sizes.push_back(x.size(i));
  for (int i = 0; i < x.dims(); ++i)
    if (axes.has[i]) order.push_back(i);
  sizes.push_back(static_cast<Index>(axes.count(x.shape())));
  const Tensor y = logsumexp_last(reshape(permute(x, order), sizes));
  return y.shape() == kept ? y : reshape(y, Ints(kept.begin(), kept.end()));
}
HELLO_DL_OP(logsumexp, "x, dim, keepdim=False", "log(sum(exp(x))) over the given axes, computed without overflow.");

}  // namespace hello_dl
