// Making images smaller: the mean of each window.
#include <algorithm>

#include "engine/layout.hh"
#include "engine/registry.hh"

namespace hello_dl {
namespace {

// The windows along one axis of an image.
struct MeanAxis {
  Index size, k, stride, pad, count;

  Index from(Index o) const { return std::max<Index>(o * stride - pad, 0); }
  Index to(Index o) const { return std::min(o * stride - pad + k, size); }
  Index padded_length(Index o) const { return std::min(o * stride - pad + k, size + pad) - (o * stride - pad); }
};

MeanAxis mean_axis(const Tensor& x, int axis, const Ints& kernel, const Ints& stride, const Ints& padding,
                   bool ceil_mode) {
  auto at = [axis](const Ints& v, const char* name) {
    need(v.size() == 1 || v.size() == 2, "avg_pool2d: ", name, " needs one or two numbers, got ", v.size());
    return v[v.size() == 1 ? 0 : axis - 2];
  };
  MeanAxis a{x.size(axis), at(kernel, "kernel_size"), at(stride, "stride"), at(padding, "padding"), 0};
  need(a.k > 0 && a.stride > 0, "avg_pool2d: needs windows and strides of at least 1, got ", a.k, " and ", a.stride);
  need(a.pad >= 0 && 2 * a.pad <= a.k, "avg_pool2d: needs padding from 0 to half the window, got ", a.pad, " for ",
       a.k);
  const Index room = a.size + 2 * a.pad - a.k;
  need(room >= 0, "avg_pool2d: a window of ", a.k, " does not fit along axis ", axis, " of ", x.shape());
  a.count = (room + (ceil_mode ? a.stride - 1 : 0)) / a.stride + 1;
  if (ceil_mode && (a.count - 1) * a.stride >= a.size + a.pad) --a.count;  // no window that begins beyond the image
  return a;
}

struct MeanWindows {
  MeanAxis h, w;
  Index channels;
  bool count_padding;

  // f(offset in the result, offset in the image, 1 / how many) for every pixel of every window; channels lie side by
  // side.
  template <class F>
  void each(F f) const {
    Index to = 0;
    for (Index oy = 0; oy < h.count; ++oy)
      for (Index ox = 0; ox < w.count; ++ox, to += channels) {
        const Index inside = (h.to(oy) - h.from(oy)) * (w.to(ox) - w.from(ox));
        const Index count = count_padding ? h.padded_length(oy) * w.padded_length(ox) : inside;
        const real share = real(1) / static_cast<real>(count);
        for (Index y = h.from(oy); y < h.to(oy); ++y)
          for (Index x = w.from(ox); x < w.to(ox); ++x) f(to, (y * w.size + x) * channels, share);
      }
  }
};

}  // namespace

// y = mean of x over each window:  each of its pixels gets G / (how many).
Tensor avg_pool2d(const Tensor& images, const Ints& kernel, const std::optional<Ints>& stride, const Ints& padding,
                  bool ceil_mode, bool count_include_pad) {
  need(images.dims() == 4, "avg_pool2d: needs images (N, C, H, W), got ", images.shape());
  const Tensor x = channels_last(images);
  const Ints& step = stride ? *stride : kernel;
  const MeanWindows s{mean_axis(x, 2, kernel, step, padding, ceil_mode),
                      mean_axis(x, 3, kernel, step, padding, ceil_mode), x.size(1), count_include_pad};
  auto forward = [s](Out y, In x) {
    arr(y).setZero();
    for (Index n = 0; n < y.rows; ++n) {
      real* __restrict to = y.data + n * y.cols;
      const real* image = x.data + n * x.cols;
      s.each([=, c = s.channels](Index o, Index i, real share) {
        for (Index k = 0; k < c; ++k) to[o + k] += share * image[i + k];
      });
    }
  };
  auto backward = [s](Grad g, In x) {
    real* dx = x.grad().zeroed();
    for (Index n = 0; n < g.rows; ++n) {
      real* __restrict image = dx + n * x.cols;
      const real* G = g.data + n * g.cols;
      s.each([=, c = s.channels](Index o, Index i, real share) {
        for (Index k = 0; k < c; ++k) image[i + k] += share * G[o + k];
      });
    }
  };
  return node("avg_pool2d", Shape{x.rows(), s.channels, s.h.count, s.w.count}, {rows_as_stored(x)}, forward, backward)
      .reads(kReadsNothing)
      .work(4)
      .channels_last();
}
HELLO_DL_OP(avg_pool2d, "x, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True",
            "The mean of each window: x (N, C, H, W) gives (N, C, OH, OW).");

}  // namespace hello_dl
