// Makes images smaller: the largest number of each window (chapter 5).
#include <algorithm>

#include "engine/layout.hh"
#include "ops/windows.hh"

namespace hello_dl {
namespace {

// Calls f(output position, pixels, count) for every window: the pixels (y * w + x) of it that lie inside the image.
template <class F>
void windows(const PoolGeometry& s, F f) {
  std::vector<Index> pixels(static_cast<std::size_t>(std::min(s.h.kernel, s.h.size) * std::min(s.w.kernel, s.w.size)));
  for (Index oy = 0; oy < s.h.count; ++oy)
    for (Index ox = 0; ox < s.w.count; ++ox) {
      int count = 0;
      for (Index y = s.h.begin(oy); y < s.h.end(oy); ++y)
        for (Index x = s.w.begin(ox); x < s.w.end(ox); ++x) pixels[count++] = y * s.w.size + x;
      f(oy * s.w.count + ox, pixels.data(), count);
    }
}

// One window, all channels side by side: the largest number, and which pixel of the window has it. Ties go to the
// first.
void largest_of_window(const real* image, const Index* pixels, int count, Index channels, real* __restrict y,
                       real* __restrict winner) {
  const real* first = image + pixels[0] * channels;
  for (Index c = 0; c < channels; ++c) y[c] = first[c], winner[c] = 0;
  for (int p = 1; p < count; ++p) {
    const real* __restrict x = image + pixels[p] * channels;
    for (Index c = 0; c < channels; ++c) {
      const bool better = beats(x[c], y[c]);
      y[c] = better ? x[c] : y[c];
      winner[c] = better ? real(p) : winner[c];
    }
  }
}

// The same for four pixels, the usual window: twice as fast, and pooling takes a tenth of the letters network's time.
void largest_of_4(const real* image, const Index* pixels, Index channels, real* __restrict y, real* __restrict winner) {
  const real* __restrict x0 = image + pixels[0] * channels, * __restrict x1 = image + pixels[1] * channels;
  const real* __restrict x2 = image + pixels[2] * channels, * __restrict x3 = image + pixels[3] * channels;
  for (Index c = 0; c < channels; ++c) {
    real best = x0[c], at = 0;
    const bool second = beats(x1[c], best);
    best = second ? x1[c] : best;
    at = second ? real(1) : at;
    const bool third = beats(x2[c], best);
    best = third ? x2[c] : best;
    at = third ? real(2) : at;
    const bool fourth = beats(x3[c], best);
    y[c] = fourth ? x3[c] : best;
    winner[c] = fourth ? real(3) : at;
  }
}

void pool_image(const PoolGeometry& s, const real* image, real* y, real* winner) {
  windows(s, [=](Index o, const Index* pixels, int count) {
    if (count == 4)
      largest_of_4(image, pixels, s.channels, y + o * s.channels, winner + o * s.channels);
    else
      largest_of_window(image, pixels, count, s.channels, y + o * s.channels, winner + o * s.channels);
  });
}

// Each number of the gradient goes to its window's winner, the other pixels get 0. (If the windows do not overlap,
// these zeros and winners can be assigned instead of added.)
void spread_gradient(const PoolGeometry& s, const real* g, const real* winner, bool assign, real* image) {
  windows(s, [=](Index o, const Index* pixels, int count) {
    for (int p = 0; p < count; ++p) {
      real* __restrict to = image + pixels[p] * s.channels;
      const real *G = g + o * s.channels, *won = winner + o * s.channels;
      store_each(assign, to, s.channels, [=](Index c) { return won[c] == real(p) ? G[c] : real(0); });
    }
  });
}

// Does every pixel lie in exactly one window?
bool tiles(const WindowAxis& w) { return w.stride == w.kernel && w.count * w.stride - w.pad >= w.size; }

}  // namespace

void MaxPoolForward::operator()(const Out& y, const In* in, int) const {
  for (Index n = 0; n < y.rows; ++n) pool_image(s, in->data + n * in->cols, y.data + n * y.cols, y.extra + n * y.cols);
}

// y = max of x over each window:  dL/dx = G at the winner, 0 elsewhere. The winners are kept from forward to backward.
Tensor max_pool2d(const Tensor& images, const Ints& kernel, const std::optional<Ints>& stride, const Ints& padding,
                  bool ceil_mode) {
  need(images.dims() == 4, "max_pool2d: needs images (N, C, H, W), got ", images.shape());
  const Tensor x = channels_last(images);
  const Ints& step = stride ? *stride : kernel;
  const PoolGeometry s{pooling_axis("max_pool2d", x, 0, kernel, step, padding, ceil_mode),
                       pooling_axis("max_pool2d", x, 1, kernel, step, padding, ceil_mode), x.size(1)};
  const Index cols = s.outputs();
  const bool once = tiles(s.h) && tiles(s.w);
  return node("max_pool2d", Shape{x.rows(), s.channels, s.h.count, s.w.count}, {rows_as_stored(x)}, MaxPoolForward{s},
              [=](Grad g, In x) {
                const bool assign = once && x.grad().fresh();
                real* to = assign ? x.grad().written() : x.grad().zeroed();
                std::vector<real> unused(g.extra_filled ? 0 : static_cast<std::size_t>(cols));
                for (Index n = 0; n < g.rows; ++n) {
                  real* winner = g.extra + n * cols;
                  if (!g.extra_filled) pool_image(s, x.data + n * x.cols, unused.data(), winner);
                  spread_gradient(s, g.data + n * cols, winner, assign, to + n * x.cols);
                }
              })
      .reads(kReadsNothing)
      .extra(cols, kReadsFirst)
      .work(4)
      .channels_last();
}
HELLO_DL_OP(max_pool2d, "x, kernel_size, stride=None, padding=0, ceil_mode=False",
            "The largest number of each window: x (N, C, H, W) gives (N, C, OH, OW) (chapter 5).");

}  // namespace hello_dl
