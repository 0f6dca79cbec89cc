// From scores to probabilities, and the loss that is made of them (chapter 4).
#include "../registry.hh"
#include "axes.hh"

namespace hello_dl {

// y = x - log(sum(exp(x))) along the last axis:  dL/dx = G - exp(y) sum(G).
Tensor log_softmax_last(const Tensor& x) {
  const Index k = x.shape().back();
  return node(
             "log_softmax", x.shape(), {rows(x)},
             [k](Out y, In x) {
               MatrixMap X = mat(x, k), Y = mat(y, k);
               for (Index i = 0; i < X.rows(); ++i) {
                 const real top = X.row(i).maxCoeff();
                 const real total = std::log((X.row(i).array() - top).exp().sum());
                 Y.row(i).array() = X.row(i).array() - (top + total);
               }
             },
             [k](Grad g, In x) {
               const MatrixMap G = mat(g, k);
               x.grad() += (G.array() - value_mat(g, k).array().exp().colwise() * G.rowwise().sum().array()).matrix();
             })
      .reads(kReadsResult)
      .work(20);
}

// y_i = x[i, index_i]:  the gradient goes back to where each number came from.
Tensor pick(const Tensor& x, const Tensor& index) {
  need(x.dims() == 2 && index.dims() == 1 && index.rows() == x.rows(), "pick: needs x (n, k) and index (n,), got ",
       x.shape(), " and ", index.shape());
  const Index k = x.size(1);
  auto checked = [k](real number) {
    need<IndexError>(number >= 0 && number < static_cast<real>(k), "pick: index ", number, " is out of range for ", k, " columns");
    return static_cast<Index>(number);
  };
  return node(
             "pick", Shape{x.rows()}, {rows(x), rows(index)},
             [=](Out y, In x, In index) {
               for (Index i = 0; i < y.rows; ++i) y.data[i] = x.data[i * k + checked(index.data[i])];
             },
             [=](Grad g, In x, In index) {
               real* to = x.grad().zeroed();
               for (Index i = 0; i < g.rows; ++i) to[i * k + static_cast<Index>(index.data[i])] += g.data[i];
             })
      .reads(kReadsSecond);
}
HELLO_DL_OP(pick, "x, index", "One number of each row: x (n, k) and index (n,) give (n,).");
HELLO_DL_OP(log_softmax_last, "x", "log of softmax along the last axis.");

}  // namespace hello_dl
