// Dropout: numbers are left out at random while training.
#include "engine/random.hh"
#include "engine/registry.hh"

namespace hello_dl {
namespace {

// y = x / (1 - p) where the dice say keep, else 0. The dice depend on the key, the row and the place in the row alone:
// no slicing changes them, and the backward rule throws the same again.
void keep_some(const Draw& draw, real p, const View& from, real* to, bool add) {
  const real scale = p < 1 ? 1 / (1 - p) : real(0);
  const auto limit = static_cast<std::uint32_t>(std::min(static_cast<double>(p) * 4294967296.0, 4294967295.0));
  for (Index r = 0; r < from.rows; ++r) {
    const std::uint64_t key = draw.row_key(from.first + r);
    const real* x = from.data + r * from.cols;
    real* y = to + r * from.cols;
    const auto n = static_cast<std::uint32_t>(from.cols);
    if (add)
      for (std::uint32_t i = 0; i < n; ++i) y[i] += bits(key, i) >= limit ? x[i] * scale : real(0);
    else
      for (std::uint32_t i = 0; i < n; ++i) y[i] = bits(key, i) >= limit ? x[i] * scale : real(0);
  }
}

}  // namespace

Tensor dropout(const Tensor& x, double p, Index key) {
  need(0 <= p && p <= 1, "dropout: needs a probability from 0 to 1, got ", p);
  const Draw draw{static_cast<std::uint64_t>(key)};
  const real chance = static_cast<real>(p);
  return node(
             "dropout", x.shape(), {rows_as_stored(x)}, [=](Out y, In x) { keep_some(draw, chance, x, y.data, false); },
             [=](Grad g, In x) {
               const bool add = !x.grad().fresh();
               keep_some(draw, chance, g, x.grad().written(), add);
             })
      .reads(kReadsNothing)
      .channels_last(x.node().channels_last);
}
HELLO_DL_OP(
    dropout, "x, p, key",
    "Each number becomes 0 with probability p, the others are divided by 1 - p; the same key gives the same choice "
    "(Srivastava et al. 2014).");

}  // namespace hello_dl
