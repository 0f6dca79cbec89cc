// Making images smaller: the largest number of each window (chapter 5).
#include "../registry.hh"
#include "layout.hh"

namespace hello_dl {
namespace {

struct Windows {
  Index h, w, c, kh, kw, stride_h, stride_w, pad_h, pad_w, oh, ow;

  // The part of window o that lies inside the image, along one axis.
  static Index from(Index o, Index stride, Index pad) { return std::max<Index>(0, o * stride - pad); }
  static Index to(Index o, Index stride, Index pad, Index k, Index size) { return std::min(size, o * stride - pad + k); }
};

// For each window and channel the number, and which pixel (y * w + x) it came from. Ties go to the first.
void largest(const Windows& s, const real* image, real* y, real* winner) {
  for (Index oy = 0; oy < s.oh; ++oy)
    for (Index ox = 0; ox < s.ow; ++ox, y += s.c, winner += s.c) {
      const Index y0 = Windows::from(oy, s.stride_h, s.pad_h), y1 = Windows::to(oy, s.stride_h, s.pad_h, s.kh, s.h);
      const Index x0 = Windows::from(ox, s.stride_w, s.pad_w), x1 = Windows::to(ox, s.stride_w, s.pad_w, s.kw, s.w);
      for (Index iy = y0; iy < y1; ++iy)
        for (Index ix = x0; ix < x1; ++ix) {
          const real pixel = static_cast<real>(iy * s.w + ix);
          const real* x = image + (iy * s.w + ix) * s.c;
          if (iy == y0 && ix == x0) {
            for (Index c = 0; c < s.c; ++c) y[c] = x[c], winner[c] = pixel;
            continue;
          }
          for (Index c = 0; c < s.c; ++c) {
            const bool better = x[c] > y[c];
            y[c] = better ? x[c] : y[c];
            winner[c] = better ? pixel : winner[c];
          }
        }
    }
}

}  // namespace

// The gradient goes to the winner of each window.
Tensor max_pool2d(const Tensor& images, const Ints& kernel, const std::optional<Ints>& stride, const Ints& padding,
                  bool ceil_mode) {
  need(images.dims() == 4, "max_pool2d: needs images (N, C, H, W), got ", images.shape());
  const Tensor x = channels_last(images);
  auto at = [](const Ints& v, std::size_t i) { return v.size() == 1 ? v[0] : v.at(i); };
  const Ints& step = stride ? *stride : kernel;
  Windows s{x.size(2), x.size(3), x.size(1), at(kernel, 0), at(kernel, 1), at(step, 0), at(step, 1), at(padding, 0),
            at(padding, 1), 0, 0};
  auto outputs = [ceil_mode](Index size, Index k, Index stride, Index pad) {
    Index n = (size + 2 * pad - k + (ceil_mode ? stride - 1 : 0)) / stride + 1;
    return ceil_mode && (n - 1) * stride >= size + pad ? n - 1 : n;  // no window that begins beyond the image
  };
  s.oh = outputs(s.h, s.kh, s.stride_h, s.pad_h);
  s.ow = outputs(s.w, s.kw, s.stride_w, s.pad_w);
  need(s.oh > 0 && s.ow > 0, "max_pool2d: windows of ", s.kh, "x", s.kw, " do not fit into images of ", x.shape());
  const Index cols = s.oh * s.ow * s.c;
  return node(
             "max_pool2d", Shape{x.rows(), s.c, s.oh, s.ow}, {rows_as_stored(x)},
             [=](Out y, In x) {
               for (Index n = 0; n < y.rows; ++n) largest(s, x.data + n * x.cols, y.data + n * cols, y.extra + n * cols);
             },
             [=](Grad g, In x) {
               if (!g.extra_filled)
                 for (Index n = 0; n < g.rows; ++n)
                   largest(s, x.data + n * x.cols, g.scratch + n * cols, g.extra + n * cols);
               real* to = x.grad().zeroed();
               for (Index n = 0; n < g.rows; ++n)
                 for (Index p = 0, i = n * cols; p < s.oh * s.ow; ++p)
                   for (Index c = 0; c < s.c; ++c, ++i)
                     to[n * x.cols + static_cast<Index>(g.extra[i]) * s.c + c] += g.data[i];
             })
      .extra(cols)
      .scratch(cols)
      .work(4)
      .channels_last();
}
HELLO_DL_OP(max_pool2d, "x, kernel_size, stride=None, padding=0, ceil_mode=False",
            "The largest number of each window: x (N, C, H, W) gives (N, C, OH, OW) (chapter 5).");

}  // namespace hello_dl
