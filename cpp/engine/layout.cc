// Turns images between (N, C, H, W) and (N, H, W, C).
#include "engine/layout.hh"

namespace hello_dl {
namespace {

Tensor turned(const char* op, const Tensor& x, bool last) {
  const Index channels = x.size(1), pixels = x.size(2) * x.size(3);
  const Index rows = last ? channels : pixels, cols = last ? pixels : channels;
  return node(
             op, x.shape(), {rows_as_stored(x)},
             [=](Out y, In a) {
               for (Index n = 0; n < y.rows; ++n)
                 MatrixMap(y.data + n * y.cols, cols, rows) =
                     ConstMatrixMap(a.data + n * a.cols, rows, cols).transpose();
             },
             [=](Grad g, In a) {
               const bool assign = a.grad().fresh();
               real* to = a.grad().written();
               for (Index n = 0; n < g.rows; ++n) {
                 const ConstMatrixMap G(g.data + n * g.cols, cols, rows);
                 MatrixMap A(to + n * g.cols, rows, cols);
                 store(assign, A, G.transpose());
               }
             })
      .reads(kReadsNothing)
      .channels_last(last);
}

}  // namespace

Tensor channels_last(const Tensor& x) {
  if (x.node().channels_last) return x;
  need(x.dims() == 4, "channels_last: needs images (N, C, H, W), got ", x.shape());
  return turned("channels_last", x, true);
}

Tensor channels_first(const Tensor& x) {
  if (!x.node().channels_last) return x;
  return turned("channels_first", x, false);
}

}  // namespace hello_dl
