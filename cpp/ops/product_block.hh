// The loop in which convolutions and recurrent layers spend most of their time: a block of a matrix product.
#pragma once

#include "engine/view.hh"

namespace hello_dl {

// A vector register, through Eigen: 4 floats with SSE, 8 with AVX2, 16 with AVX-512; half as many doubles.
using Packet = Eigen::internal::packet_traits<real>::type;
constexpr int kPacket = Eigen::internal::packet_traits<real>::size;

constexpr int kBlockRows = 6;  // 6 x 2 sums and 2 operands fill 14 of 16 vector registers
constexpr int kBlockCols = 2 * kPacket;

// C[i][j] = start(i)[j] + sum over k of A[i][k] * B[k * b_step + j], for `rows` rows i, `count` places k and kBlockCols
// columns j.
//
// A(k) gives a function whose value for i is A[i][k], and C(i) is the address of row i: so A's rows may be the patches
// of an image where they lie, and nothing has to be copied together first. Per k six rows cost 12 multiply-adds of
// vectors and 9 loads, which is what a core can do.
template <int rows, class Column, class Start, class Row>
inline void product_block(Column A, Index count, const real* B, Index b_step, Start start, Row C) {
  namespace ei = Eigen::internal;
  Packet sum[rows][2];
  for (int i = 0; i < rows; ++i) {
    sum[i][0] = ei::ploadu<Packet>(start(i));
    sum[i][1] = ei::ploadu<Packet>(start(i) + kPacket);
  }
  for (Index k = 0; k < count; ++k, B += b_step) {
    const Packet b0 = ei::ploadu<Packet>(B), b1 = ei::ploadu<Packet>(B + kPacket);
    const auto column = A(k);
    for (int i = 0; i < rows; ++i) {
      const Packet a = ei::pset1<Packet>(column(i));
      sum[i][0] = ei::pmadd(a, b0, sum[i][0]);
      sum[i][1] = ei::pmadd(a, b1, sum[i][1]);
    }
  }
  for (int i = 0; i < rows; ++i) {
    ei::pstoreu(C(i), sum[i][0]);
    ei::pstoreu(C(i) + kPacket, sum[i][1]);
  }
}

// C += A B.
template <int rows, class Column, class Row>
inline void add_product_block(Column A, Index count, const real* B, Index b_step, Row C) {
  product_block<rows>(A, count, B, b_step, C, C);
}

// C = A B, plus `start` in every row.
template <int rows, class Column, class Row>
inline void write_product_block(Column A, Index count, const real* B, Index b_step, const real* start, Row C) {
  product_block<rows>(A, count, B, b_step, [=](int) { return start; }, C);
}

}  // namespace hello_dl
