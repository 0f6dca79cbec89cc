// Makes images smaller: the mean of each window.
#include <algorithm>
#include <utility>

#include "engine/layout.hh"
#include "ops/sums.hh"
#include "ops/windows.hh"

namespace hello_dl {
namespace {

struct MeanWindows {
  WindowAxis h, w;
  Index channels;
  bool count_padding;

  // The largest number of pixels in a window.
  Index most() const { return h.count * w.count == 0 ? 0 : std::min(h.kernel, h.size) * std::min(w.kernel, w.size); }

  // f(offset in the result, offset in the image, 1 / how many) for every pixel of every window; channels lie side by
  // side.
  template <class F>
  void each(F f) const {
    Index to = 0;
    for (Index oy = 0; oy < h.count; ++oy)
      for (Index ox = 0; ox < w.count; ++ox, to += channels) {
        const Index inside = (h.end(oy) - h.begin(oy)) * (w.end(ox) - w.begin(ox));
        const Index count = count_padding ? h.length_with_padding(oy) * w.length_with_padding(ox) : inside;
        const real share = real(1) / static_cast<real>(count);
        for (Index y = h.begin(oy); y < h.end(oy); ++y)
          for (Index x = w.begin(ox); x < w.end(ox); ++x) f(to, (y * w.size + x) * channels, share);
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
  const MeanWindows s{pooling_axis("avg_pool2d", x, 0, kernel, step, padding, ceil_mode),
                      pooling_axis("avg_pool2d", x, 1, kernel, step, padding, ceil_mode), x.size(1), count_include_pad};
  auto forward = [s](Out y, In x) {
    arr(y).setZero();
    for (Index n = 0; n < y.rows; ++n) {
      real* __restrict to = y.data + n * y.cols;
      const real* image = x.data + n * x.cols;
      if (s.most() <= kFewParts) {
        s.each([=, c = s.channels](Index o, Index i, real share) {
          for (Index k = 0; k < c; ++k) to[o + k] += share * image[i + k];
        });
        continue;
      }
      Sums sums(s.channels);
      Index last = -1;
      s.each([&, c = s.channels](Index o, Index i, real share) {
        if (std::exchange(last, o) != o) sums.begin(to + o);
        real* __restrict sum = sums.next();
        for (Index k = 0; k < c; ++k) sum[k] += share * image[i + k];
      });
      sums.write();
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
