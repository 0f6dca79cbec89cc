// Windows that slide over an image: the arguments and the geometry that convolution and pooling share.
#pragma once

#include "engine/registry.hh"

namespace hello_dl {

// Larger kernels, strides, paddings and dilations are refused: sums and products of a few of them must fit an Index.
constexpr Index kMostWindow = Index(1) << 24;

// An argument of one number for both axes, or of two: the one for axis 0 (height) or 1 (width), at least `least`.
Index window_argument(const char* op, const char* name, const Ints& numbers, int axis, Index least);

// The windows along one axis of an image. They begin every `stride` pixels, the first of them `pad` pixels before the
// image.
struct WindowAxis {
  Index size, kernel, stride, pad, count;

  Index begin(Index window) const { return std::max<Index>(window * stride - pad, 0); }
  Index end(Index window) const { return std::min(window * stride - pad + kernel, size); }
  Index length_with_padding(Index window) const { return std::min(kernel, size + 2 * pad - window * stride); }
};

// The windows of a pooling along axis 0 (height) or 1 (width) of images (N, C, H, W). With ceil_mode the last pixels
// have a window, too, even if it reaches beyond the padding, but no window begins beyond the image.
WindowAxis pooling_axis(const char* op, const Tensor& images, int axis, const Ints& kernel, const Ints& stride,
                        const Ints& padding, bool ceil_mode);

// A max-pooling of images: what a network that is only used (fuse.cc) has to know of it.
struct PoolGeometry {
  WindowAxis h, w;
  Index channels;

  Index outputs() const { return h.count * w.count * channels; }
};

// Is x larger than the best so far? A NaN wins, as in PyTorch. (| instead of || needs no branch, so that vector
// instructions compare eight at once.)
inline bool beats(real x, real best) { return (x > best) | (x != x); }

// The forward rule of max_pool2d. Rules that are objects of a class of their own can be recognised in a graph.
struct MaxPoolForward {
  PoolGeometry s;
  void operator()(const Out& y, const In* in, int count) const;
};

}  // namespace hello_dl
