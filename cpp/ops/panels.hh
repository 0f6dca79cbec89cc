// Products for which a general one is too much: with few rows, or with the same matrix again and again.
//
// A general product first copies both sides into the order in which its inner loop reads them, every time. Here the
// left side is read where it lies, and so is the right side, if its rows are long enough; or it is put in order once,
// for many products: panels of kBlockCols columns, one after the other, each with its rows side by side in memory.
#pragma once

#include "ops/product_block.hh"

namespace hello_dl {

class Tensor;

// A of a product A B: from one row to the next, and from one k to the next.
struct LeftSide {
  const real* data;
  Index row, k = 1;
};

// B of a product A B: from one k to the next, and from one panel of kBlockCols columns to the next.
struct RightSide {
  const real* data;
  Index k, panel;
  bool padded;  // the last panel has all its columns, filled up with zeros

  static RightSide plain(const real* data, Index k) { return {data, k, kBlockCols, false}; }
  RightSide from(Index first_k) const { return {data + first_k * k, k, panel, padded}; }
  static RightSide panels(const real* data, Index rows) { return {data, kBlockCols, rows * kBlockCols, true}; }
};

// C += A B, C (rows, cols) with c_row from one row to the next.
void add_product(const LeftSide& A, const RightSide& B, Index rows, Index k, Index cols, real* C, Index c_row);

// factor times the columns of a matrix, found at data + l * k + j * column, as panels; and how many numbers these take.
void write_panels(const real* data, Index k, Index column, Index rows, Index cols, real factor, real* to);
constexpr Index panels_size(Index rows, Index cols) { return (cols + kBlockCols - 1) / kBlockCols * kBlockCols * rows; }

// The panels of W (or, turned, of W') as a node. No gradient flows through them.
Tensor panels(const Tensor& w, bool turned);

}  // namespace hello_dl
