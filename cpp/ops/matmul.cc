// Matrix products.
#include "../registry.hh"

namespace hello_dl {

// Y = A B, G = dL/dY:  dL/dA = G B',  dL/dB = A' G.
// A may have any number of axes before its last: they are rows like the first.
Tensor matmul_2d(const Tensor& a, const Tensor& b) {
  const Index k = b.size(0), n = b.size(1);
  need(a.dims() >= 1 && a.shape().back() == k, "matmul: needs (..., k) and (k, n), got ", a.shape(), " and ", b.shape());
  Shape shape = a.shape();
  shape[a.dims() - 1] = n;
  return node(
             "matmul", shape, {rows(a), whole(b)},
             [=](Out y, In a, In b) { mat(y, n).noalias() = mat(a, k) * mat(b); },
             [=](Grad g, In a, In b) {
               if (a) a.grad() += mat(g, n) * mat(b).transpose();
               if (b) b.grad() += mat(a, k).transpose() * mat(g, n);
             })
      .reads((a.requires_grad() ? kReadsSecond : kReadsNothing) | (b.requires_grad() ? kReadsFirst : kReadsNothing))
      .work(static_cast<double>(k))
      .expensive();
}

// Y = X W' + b:  dL/dX = G W,  dL/dW = G' X,  dL/db = the sum of G over its rows.
Tensor linear(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias) {
  need(weight.dims() == 2 && x.dims() >= 1 && x.shape().back() == weight.size(1),
       "linear: needs x (..., in) and weight (out, in), got ", x.shape(), " and ", weight.shape());
  const Index in = weight.size(1), out = weight.size(0);
  need(!bias || (bias->dims() == 1 && bias->rows() == out), "linear: needs a bias of shape (", out, ",), got ",
       bias ? bias->shape() : Shape{});
  Shape shape = x.shape();
  shape[x.dims() - 1] = out;
  auto forward = [=](Out y, const In* in_, int count) {
    const In &x = in_[0], &w = in_[1];
    MatrixMap Y = mat(y, out);
    if (count == 3) {
      Y.rowwise() = mat(in_[2], out).row(0);
      Y.noalias() += mat(x, in) * mat(w).transpose();
    } else {
      Y.noalias() = mat(x, in) * mat(w).transpose();
    }
  };
  auto backward = [=](Grad g, const In* in_, int count) {
    const In &x = in_[0], &w = in_[1];
    const MatrixMap G = mat(g, out);
    if (x) x.grad() += G * mat(w);
    if (w) w.grad() += G.transpose() * mat(x, in);
    if (count == 3 && in_[2]) in_[2].grad() += G.colwise().sum();
  };
  return node("linear", shape, {x.dims() == 1 ? whole(x) : rows(x), whole(weight), whole(bias.value_or(Tensor{}))},
              forward, backward)
      .reads((x.requires_grad() ? kReadsSecond : kReadsNothing) | (weight.requires_grad() ? kReadsFirst : kReadsNothing))
      .work(static_cast<double>(in))
      .expensive();
}
HELLO_DL_OP(linear, "x, weight, bias=None",
            "x W' + b: x (..., in), weight (out, in), bias (out,) give (..., out) (chapter 3).");

}  // namespace hello_dl
