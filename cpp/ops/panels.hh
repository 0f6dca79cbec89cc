// Matrix products with few rows, or with the same right side many times, faster than Eigen's.
//
// Eigen's product first copies both sides into the order in which its inner loop reads them, every time. Here the left
// side is read where it lies. So is the right side, or it is copied once for many products, to panels: kBlockCols
// columns each, one panel after the other, with the columns of a row side by side in memory.
#pragma once

#include "ops/product_block.hh"

namespace hello_dl {

class Tensor;

// A of a product A B: `row` numbers from one row to the next, `k` from one column to the next.
struct LeftSide {
  const real* data;
  Index row, k = 1;
};

// B of a product A B: `k` numbers from one row to the next, `panel` from one panel of kBlockCols columns to the next.
struct RightSide {
  const real* data;
  Index k, panel;
  bool padded;  // the last panel has all its columns, filled up with zeros

  static RightSide plain(const real* data, Index k) { return {data, k, kBlockCols, false}; }
  RightSide from(Index first_k) const { return {data + first_k * k, k, panel, padded}; }
  static RightSide panels(const real* data, Index rows) { return {data, kBlockCols, rows * kBlockCols, true}; }
};

// C += A B, where A is (rows, k), B (k, cols) and C (rows, cols) with c_row numbers from one row to the next.
void add_product(const LeftSide& A, const RightSide& B, Index rows, Index k, Index cols, real* C, Index c_row);

// Writes factor times a matrix (rows, cols) as panels; number (l, j) of the matrix is at data + l * k + j * column.
// panels_size is how many numbers that are.
void write_panels(const real* data, Index k, Index column, Index rows, Index cols, real factor, real* to);
constexpr Index panels_size(Index rows, Index cols) { return (cols + kBlockCols - 1) / kBlockCols * kBlockCols * rows; }

// The panels of W (or, turned, of W') as a node. No gradient flows through them.
Tensor panels(const Tensor& w, bool turned);

}  // namespace hello_dl
