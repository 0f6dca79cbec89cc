// Products of a few rows with a matrix, which is read where it lies or in panels.
#include "ops/panels.hh"

#include <algorithm>
#include <vector>

#include "engine/graph.hh"

namespace hello_dl {
namespace {

// A block whose rows lie in equal steps: 1 to kBlockRows of them.
template <int rows>
void add_block(const LeftSide& A, const real* B, Index b_k, Index k, real* C, Index c_row) {
  const real* data = A.data;
  const Index row = A.row, step = A.k;
  auto column = [=](Index l) { return [from = data + l * step, row](int i) { return from[i * row]; }; };
  add_product_block<rows>(column, k, B, b_k, [=](int i) { return C + i * c_row; });
}

using AddBlock = void (*)(const LeftSide&, const real*, Index, Index, real*, Index);
constexpr AddBlock kAddBlock[kBlockRows + 1] = {nullptr,      add_block<1>, add_block<2>, add_block<3>,
                                                add_block<4>, add_block<5>, add_block<6>};

}  // namespace

void add_product(const LeftSide& A, const RightSide& B, Index rows, Index k, Index cols, real* C, Index c_row) {
  const Index parts = (rows + kBlockRows - 1) / kBlockRows;
  std::vector<real> narrow;
  for (Index first = 0; first < cols; first += kBlockCols) {
    const Index width = std::min<Index>(kBlockCols, cols - first);
    const real* panel = B.data + first / kBlockCols * B.panel;
    Index b_k = B.k;
    if (width < kBlockCols && !B.padded) {
      narrow.assign(static_cast<std::size_t>(k * kBlockCols), real(0));
      for (Index l = 0; l < k; ++l) std::copy_n(panel + l * b_k, width, narrow.data() + l * kBlockCols);
      panel = narrow.data();
      b_k = kBlockCols;
    }
    for (Index p = 0; p < parts; ++p) {  // of nearly equal height, since a low block takes almost as long as a full one
      const Index from = p * rows / parts, height = (p + 1) * rows / parts - from;
      const LeftSide part{A.data + from * A.row, A.row, A.k};
      real* to = C + from * c_row + first;
      if (width == kBlockCols) {
        kAddBlock[height](part, panel, b_k, k, to, c_row);
        continue;
      }
      real copy[kBlockRows][kBlockCols] = {};
      for (Index i = 0; i < height; ++i) std::copy_n(to + i * c_row, width, copy[i]);
      kAddBlock[height](part, panel, b_k, k, copy[0], kBlockCols);
      for (Index i = 0; i < height; ++i) std::copy_n(copy[i], width, to + i * c_row);
    }
  }
}

void write_panels(const real* data, Index k, Index column, Index rows, Index cols, real factor, real* to) {
  for (Index first = 0; first < cols; first += kBlockCols) {
    const Index count = std::min<Index>(kBlockCols, cols - first);
    for (Index l = 0; l < rows; ++l, to += kBlockCols) {
      const real* from = data + l * k + first * column;
      for (Index j = 0; j < count; ++j) to[j] = factor * from[j * column];
      std::fill(to + count, to + kBlockCols, real(0));
    }
  }
}

Tensor panels(const Tensor& w, bool turned) {
  const Index rows = w.size(turned ? 1 : 0), cols = w.size(turned ? 0 : 1), step = w.size(1);
  return node(
      "panels", Shape{panels_size(rows, cols) / (rows * kBlockCols), rows * kBlockCols}, {whole(w)},
      [=](Out y, In w) { write_panels(w.data, turned ? 1 : step, turned ? step : 1, rows, cols, real(1), y.data); },
      nullptr);
}

}  // namespace hello_dl
