// Dropout: while training, numbers are set to 0 at random.
#include "ops/dropout.hh"

#include "engine/registry.hh"

namespace hello_dl {
namespace {

// y = x / (1 - p) where a number is kept, else 0; or y += the same.
void keep_some(const Dropout dropout, const View& from, bool assign, real* to) {
  const auto n = static_cast<std::uint32_t>(from.cols);
  for (Index r = 0; r < from.rows; ++r) {
    const std::uint64_t key = dropout.draw.row_key(from.first + r);
    const real* x = from.data + r * from.cols;
    store_each(assign, to + r * from.cols, n,
               [=](std::uint32_t i) { return dropout.keeps(key, i) ? x[i] * dropout.scale : real(0); });
  }
}

}  // namespace

Tensor dropout(const Tensor& x, double p, Index key) {
  need(0 <= p && p <= 1, "dropout: needs a probability from 0 to 1, got ", p);
  const Dropout some(static_cast<real>(p), key);
  return node(
             "dropout", x.shape(), {rows_as_stored(x)}, [=](Out y, In x) { keep_some(some, x, true, y.data); },
             [=](Grad g, In x) {
               const bool assign = x.grad().fresh();
               keep_some(some, g, assign, x.grad().written());
             })
      .reads(kReadsNothing)
      .channels_last(x.node().channels_last);
}
HELLO_DL_OP(
    dropout, "x, p, key",
    "Each number becomes 0 with probability p, the others are divided by 1 - p; the same key gives the same choice "
    "(Srivastava et al. 2014).");

}  // namespace hello_dl
