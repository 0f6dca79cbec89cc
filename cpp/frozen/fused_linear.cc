// y = W x + b for one x, whose time is that of reading W; or for many, in blocks that stay in the cache.
#include "frozen/fused_linear.hh"

#include <algorithm>

#include "ops/panels.hh"

namespace hello_dl {
namespace {

namespace ei = Eigen::internal;

constexpr double kReadingCost = 4;  // multiply-adds in the time that it takes to read one number of W
constexpr Index kRowsAtOnce = 96, kColumnsAtOnce = 256;  // of x: a panel with so many fits the first-level cache

// Four sums side by side, because an addition has to wait for the one before it.
void multiply_row(const real* x, Index count, const real* panel, const real* bias, real* y) {
  Packet sum[4][2];
  for (int j = 0; j < 2; ++j) {
    sum[0][j] = ei::ploadu<Packet>(bias + j * kPacket);
    for (int s = 1; s < 4; ++s) sum[s][j] = ei::pset1<Packet>(real(0));
  }
  auto add = [&](int s, Index k) {
    const Packet a = ei::pset1<Packet>(x[k]);
    for (int j = 0; j < 2; ++j)
      sum[s][j] = ei::pmadd(a, ei::ploadu<Packet>(panel + k * kBlockCols + j * kPacket), sum[s][j]);
  };
  Index k = 0;
  for (; k + 4 <= count; k += 4)
    for (int s = 0; s < 4; ++s) add(s, k + s);
  for (; k < count; ++k) add(0, k);
  for (int j = 0; j < 2; ++j)
    ei::pstoreu(y + j * kPacket, ei::padd(ei::padd(sum[0][j], sum[1][j]), ei::padd(sum[2][j], sum[3][j])));
}

}  // namespace

FusedLinear::FusedLinear(FusedLinearRecipe recipe)
    : r_(std::move(recipe)),
      panels_(make_storage(panels_size(r_.in, r_.out))),
      padded_bias_(make_storage(panels_size(1, r_.out))) {
  write_panels(r_.weight->data(), 1, r_.in, r_.in, r_.out, real(1), panels_->data());
  std::fill_n(padded_bias_->data(), panels_size(1, r_.out), real(0));
  if (r_.bias) std::copy_n(r_.bias->data(), r_.out, padded_bias_->data());
}

Index FusedLinear::parts(Index rows) const {
  if (rows != 1) return 1;
  return std::min(useful_parts(kReadingCost * static_cast<double>(r_.in) * static_cast<double>(r_.out)),
                  (r_.out + kBlockCols - 1) / kBlockCols);
}

void FusedLinear::one_row(const real* x, Index first, Index last, real* y) const {
  for (Index p = first; p < last; ++p) {
    real narrow[kBlockCols];
    const Index columns = std::min<Index>(kBlockCols, r_.out - p * kBlockCols);
    real* to = columns == kBlockCols ? y + p * kBlockCols : narrow;
    multiply_row(x, r_.in, panels_->data() + p * r_.in * kBlockCols, padded_bias_->data() + p * kBlockCols, to);
    if (to == narrow) std::copy_n(narrow, columns, y + p * kBlockCols);
  }
}

void FusedLinear::many_rows(const real* x, Index rows, real* y) const {
  for (Index n = 0; n < rows; ++n) std::copy_n(padded_bias_->data(), r_.out, y + n * r_.out);
  const RightSide W = RightSide::panels(panels_->data(), r_.in);
  for (Index n = 0; n < rows; n += kRowsAtOnce)
    for (Index k = 0; k < r_.in; k += kColumnsAtOnce)
      add_product({x + n * r_.in + k, r_.in}, W.from(k), std::min(kRowsAtOnce, rows - n),
                  std::min(kColumnsAtOnce, r_.in - k), r_.out, y + n * r_.out, r_.out);
}

void FusedLinear::compute(const Out& y, const In* in, Index part) const {
  const Index rows = r_.out ? y.size() / r_.out : 0, count = parts(y.rows);
  Index first = 0, last = y.size();  // of the result's numbers
  if (count == 1) {
    rows == 1 ? one_row(in[0].data, 0, (r_.out + kBlockCols - 1) / kBlockCols, y.data)
              : many_rows(in[0].data, rows, y.data);
  } else if (rows == 1) {
    const Index panels = (r_.out + kBlockCols - 1) / kBlockCols;
    const Index a = part * panels / count, b = (part + 1) * panels / count;
    one_row(in[0].data, a, b, y.data);
    first = a * kBlockCols, last = std::min(b * kBlockCols, r_.out);
  } else {
    const Index a = part * rows / count, b = (part + 1) * rows / count;
    many_rows(in[0].data + a * r_.in, b - a, y.data + a * r_.out);
    first = a * r_.out, last = b * r_.out;
  }
  Out some;
  some.data = y.data + first;
  some.rows = 1;
  some.cols = last - first;
  In same;
  static_cast<View&>(same) = some;
  for (const Forward& f : r_.after) f(some, &same, 1);
}

}  // namespace hello_dl
