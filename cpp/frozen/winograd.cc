// The filters g are turned once, U = G g G'. Each tile d of 4 x 4 pixels is turned, V = B' d B; the products of the 16
// numbers, summed over channels, are matrix products, M = sum of U V; the results are Y = A' M A. Turning costs
// additions only, since B and A consist of 0, 1 and -1.
#include "frozen/winograd.hh"

#include <algorithm>

namespace hello_dl {
namespace {

namespace ei = Eigen::internal;

// (G g)_i for one column of a filter, with G = (1 0 0; 1/2 1/2 1/2; 1/2 -1/2 1/2; 0 0 1).
void turn_filter(const double g[3], double u[4]) {
  u[0] = g[0];
  u[1] = (g[0] + g[1] + g[2]) / 2;
  u[2] = (g[0] - g[1] + g[2]) / 2;
  u[3] = g[2];
}

// B' d for one column: (d0 - d2, d1 + d2, d2 - d1, d1 - d3).
inline void turn_image(const Packet d[4], Packet v[4]) {
  v[0] = ei::psub(d[0], d[2]);
  v[1] = ei::padd(d[1], d[2]);
  v[2] = ei::psub(d[2], d[1]);
  v[3] = ei::psub(d[1], d[3]);
}

// A' m for one column: (m0 + m1 + m2, m1 - m2 - m3).
inline void turn_result(const Packet m[4], Packet y[2]) {
  y[0] = ei::padd(ei::padd(m[0], m[1]), m[2]);
  y[1] = ei::psub(ei::psub(m[1], m[2]), m[3]);
}

template <int rows>
void multiply_block(const real* V, Index channels, const real* U, real* M) {
  static const real kZeros[kBlockCols] = {};
  auto column = [=](Index k) { return [=](int i) { return V[i * channels + k]; }; };
  write_product_block<rows>(column, channels, U, kBlockCols, kZeros, [=](int i) { return M + i * kBlockCols; });
}
using MultiplyBlock = void (*)(const real*, Index, const real*, real*);
constexpr MultiplyBlock kMultiplyBlock[kBlockRows + 1] = {nullptr,           multiply_block<1>, multiply_block<2>,
                                                          multiply_block<3>, multiply_block<4>, multiply_block<5>,
                                                          multiply_block<6>};

// The results of one tile, for one vector of channels: m at 16 places `step` numbers apart.
inline void write_tile(const real* M, Index step, Packet bias, Index lines, Index cols, real* to, Index line) {
  Packet half[2][4], m[4], y[2];
  for (int j = 0; j < 4; ++j) {
    for (int i = 0; i < 4; ++i) m[i] = ei::ploadu<Packet>(M + (i * 4 + j) * step);
    turn_result(m, y);
    half[0][j] = y[0];
    half[1][j] = y[1];
  }
  for (int i = 0; i < lines; ++i) {
    turn_result(half[i], y);
    ei::pstoreu(to + i * line, ei::padd(y[0], bias));
    if (cols > 1) ei::pstoreu(to + i * line + kBlockCols, ei::padd(y[1], bias));
  }
}

}  // namespace

Winograd::Winograd(const real* panels, Index panel_count, Index channels)
    : channels_(channels), filters_(make_storage(panel_count * kNumbers * channels * kBlockCols)) {
  const Index step = channels * kBlockCols;  // from tap to tap
  for (Index p = 0; p < panel_count; ++p)
    for (Index at = 0; at < step; ++at) {
      double half[3][4], u[4];
      for (int x = 0; x < 3; ++x) {
        double g[3];
        for (int y = 0; y < 3; ++y) g[y] = panels[(p * 9 + y * 3 + x) * step + at];
        turn_filter(g, half[x]);
      }
      for (int i = 0; i < 4; ++i) {
        const double line[3] = {half[0][i], half[1][i], half[2][i]};
        turn_filter(line, u);
        for (int j = 0; j < 4; ++j) filters_->data()[(p * kNumbers + i * 4 + j) * step + at] = static_cast<real>(u[j]);
      }
    }
}

void Winograd::transform_images(const ImageLines& x, Index images, Index lines, Index width, real* V) const {
  const Index all = tiles(images, lines, width);
  Index t = 0;
  for (Index n = 0; n < images; ++n)
    for (Index y = 0; y < lines; y += 2)
      for (Index column = 0; column < width; column += 2, ++t)
        for (Index c = 0; c < channels_; c += kPacket) {
          const real* from = x.data + n * x.image + y * x.line + column * channels_ + c;
          Packet half[4][4], d[4], v[4];
          for (int j = 0; j < 4; ++j) {
            for (int i = 0; i < 4; ++i) d[i] = ei::ploadu<Packet>(from + i * x.line + j * channels_);
            turn_image(d, v);
            for (int i = 0; i < 4; ++i) half[i][j] = v[i];
          }
          for (int i = 0; i < 4; ++i) {
            turn_image(half[i], v);
            for (int j = 0; j < 4; ++j) ei::pstoreu(V + ((i * 4 + j) * all + t) * channels_ + c, v[j]);
          }
        }
}

void Winograd::compute(const ImageLines& x, Index images, Index lines, Index width, Index first, Index last,
                       const real* bias, real* to, real* work) const {
  const Index all = tiles(images, lines, width), blocks = (all + kBlockRows - 1) / kBlockRows;
  real *V = work, *M = work + kNumbers * all * channels_;
  transform_images(x, images, lines, width, V);
  for (Index p = first; p < last; ++p) {
    for (int number = 0; number < kNumbers; ++number) {
      const real* U = filters_->data() + (p * kNumbers + number) * channels_ * kBlockCols;
      for (Index b = 0; b < blocks; ++b) {  // of nearly equal height
        const Index from = b * all / blocks, height = (b + 1) * all / blocks - from, row = number * all + from;
        kMultiplyBlock[height](V + row * channels_, channels_, U, M + row * kBlockCols);
      }
    }
    Index t = 0;
    for (Index n = 0; n < images; ++n)
      for (Index y = 0; y < lines; y += 2)
        for (Index column = 0; column < width; column += 2, ++t)
          for (int half = 0; half < kBlockCols; half += kPacket)
            write_tile(M + t * kBlockCols + half, all * kBlockCols, ei::ploadu<Packet>(bias + p * kBlockCols + half),
                       std::min<Index>(2, lines - y), std::min<Index>(2, width - column),
                       to + ((n * lines + y) * width + column) * kBlockCols + half, width * kBlockCols);
    to += images * lines * width * kBlockCols;
  }
}

}  // namespace hello_dl
