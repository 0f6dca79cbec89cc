// Making images smaller: the largest number of each window (chapter 5).
#include <algorithm>

#include "engine/layout.hh"
#include "engine/registry.hh"

namespace hello_dl {
namespace {

struct PoolGeometry {
  Index h, w, c, kh, kw, stride_h, stride_w, pad_h, pad_w, oh, ow;

  Index outputs() const { return oh * ow * c; }
};

// Calls f(output position, pixels, count) for every window: the pixels (y * w + x) of it that lie inside the image.
template <class F>
void windows(const PoolGeometry& s, F f) {
  std::vector<Index> pixels(static_cast<std::size_t>(s.kh * s.kw));
  for (Index oy = 0; oy < s.oh; ++oy)
    for (Index ox = 0; ox < s.ow; ++ox) {
      const Index y0 = oy * s.stride_h - s.pad_h, x0 = ox * s.stride_w - s.pad_w;
      int count = 0;
      for (Index y = std::max<Index>(y0, 0); y < std::min(y0 + s.kh, s.h); ++y)
        for (Index x = std::max<Index>(x0, 0); x < std::min(x0 + s.kw, s.w); ++x) pixels[count++] = y * s.w + x;
      f(oy * s.ow + ox, pixels.data(), count);
    }
}

// Is x the new winner? A NaN wins too, as in PyTorch. (| instead of ||: no branch, so eight are compared at once.)
inline bool beats(real x, real best) { return (x > best) | (x != x); }

// One window, all channels side by side: the largest number, and which pixel of the window has it. Ties go to the
// first.
void largest(const real* image, const Index* pixels, int count, Index channels, real* __restrict y,
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

// The usual window of four, in one go: twice as fast, and pooling is a tenth of the letters network's time.
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
      largest_of_4(image, pixels, s.c, y + o * s.c, winner + o * s.c);
    else
      largest(image, pixels, count, s.c, y + o * s.c, winner + o * s.c);
  });
}

// Each number of the gradient goes to its window's winner. Windows that do not overlap meet each pixel at most once, so
// there whole runs of channels are written, zeros included.
void spread_gradient(const PoolGeometry& s, const real* g, const real* winner, bool assign, real* image) {
  windows(s, [=](Index o, const Index* pixels, int count) {
    for (int p = 0; p < count; ++p) {
      real* __restrict to = image + pixels[p] * s.c;
      const real *G = g + o * s.c, *won = winner + o * s.c;
      if (assign)
        for (Index c = 0; c < s.c; ++c) to[c] = won[c] == real(p) ? G[c] : real(0);
      else
        for (Index c = 0; c < s.c; ++c) to[c] += won[c] == real(p) ? G[c] : real(0);
    }
  });
}

// Does every pixel lie in exactly one window?
bool tiles(const PoolGeometry& s) {
  const Index end_h = (s.oh - 1) * s.stride_h - s.pad_h + s.kh, end_w = (s.ow - 1) * s.stride_w - s.pad_w + s.kw;
  return s.stride_h == s.kh && s.stride_w == s.kw && end_h >= s.h && end_w >= s.w;
}

Index pair_of(const Ints& v, std::size_t i, const char* name) {
  need(v.size() == 1 || v.size() == 2, "max_pool2d: ", name, " needs one or two numbers, got ", v.size());
  return v[v.size() == 1 ? 0 : i];
}

Index output_size(Index size, Index k, Index stride, Index pad, bool ceil_mode) {
  const Index room = size + 2 * pad - k;
  if (room < 0 && !(ceil_mode && room + stride > 0)) return 0;
  const Index n = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
  return ceil_mode && (n - 1) * stride >= size + pad ? n - 1 : n;  // no window that begins beyond the image
}

PoolGeometry pool_geometry(const Tensor& x, const Ints& kernel, const Ints& stride, const Ints& padding,
                           bool ceil_mode) {
  PoolGeometry s{};
  s.h = x.size(2), s.w = x.size(3), s.c = x.size(1);
  s.kh = pair_of(kernel, 0, "kernel_size"), s.kw = pair_of(kernel, 1, "kernel_size");
  s.stride_h = pair_of(stride, 0, "stride"), s.stride_w = pair_of(stride, 1, "stride");
  s.pad_h = pair_of(padding, 0, "padding"), s.pad_w = pair_of(padding, 1, "padding");
  need(s.kh > 0 && s.kw > 0 && s.stride_h > 0 && s.stride_w > 0, "max_pool2d: needs windows and strides of at least 1");
  need(s.pad_h >= 0 && s.pad_w >= 0 && 2 * s.pad_h <= s.kh && 2 * s.pad_w <= s.kw,
       "max_pool2d: needs padding from 0 to half the window");
  s.oh = output_size(s.h, s.kh, s.stride_h, s.pad_h, ceil_mode);
  s.ow = output_size(s.w, s.kw, s.stride_w, s.pad_w, ceil_mode);
  need(s.oh > 0 && s.ow > 0, "max_pool2d: windows of ", s.kh, "x", s.kw, " do not fit into images of ", x.shape());
  return s;
}

}  // namespace

// y = max of x over each window:  dL/dx = G at the winner, 0 elsewhere. The winners are kept from forward to backward.
Tensor max_pool2d(const Tensor& images, const Ints& kernel, const std::optional<Ints>& stride, const Ints& padding,
                  bool ceil_mode) {
  need(images.dims() == 4, "max_pool2d: needs images (N, C, H, W), got ", images.shape());
  const Tensor x = channels_last(images);
  const PoolGeometry s = pool_geometry(x, kernel, stride.value_or(kernel), padding, ceil_mode);
  const Index cols = s.outputs();
  const bool once = tiles(s);
  return node(
             "max_pool2d", Shape{x.rows(), s.c, s.oh, s.ow}, {rows_as_stored(x)},
             [=](Out y, In x) {
               for (Index n = 0; n < y.rows; ++n)
                 pool_image(s, x.data + n * x.cols, y.data + n * cols, y.extra + n * cols);
             },
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
