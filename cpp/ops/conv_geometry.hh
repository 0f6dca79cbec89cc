// Where the numbers of a convolution lie: images, patches and filters, as offsets.
#pragma once

#include <memory>

#include "engine/registry.hh"
#include "ops/product_block.hh"

namespace hello_dl {

// One image is (h, w, c), channels last, with a border of zeros around it if there is padding. Each of the output's
// positions reads a patch of kh * kw pixels (taps). Channels are divided into groups that do not mix.
struct ConvGeometry {
  Index h = 0, w = 0, c = 0, out = 0, groups = 1, kh = 0, kw = 0, oh = 0, ow = 0;
  Index stride_h = 1, stride_w = 1, pad_h = 0, pad_w = 0, dilation_h = 1, dilation_w = 1;

  Index padded_h() const { return h + 2 * pad_h; }
  Index padded_w() const { return w + 2 * pad_w; }
  Index padded_size() const { return padded_h() * padded_w() * c; }
  bool padded() const { return pad_h > 0 || pad_w > 0; }
  Index positions() const { return oh * ow; }
  Index taps() const { return kh * kw; }
  Index group_in() const { return c / groups; }
  Index group_out() const { return out / groups; }
  Index patch() const { return taps() * group_in(); }
  static Index blocks(Index columns) { return (columns + kBlockCols - 1) / kBlockCols; }

  // How many images are computed together: enough for about 96 positions, few enough for the first-level cache.
  Index images_at_once() const { return std::max<Index>(1, 96 / positions()); }
};

// Offsets within padded images: of each position's patch (of images_at_once() images), of each tap within a patch, of
// each number within a patch (for each tap the group's channels); and 0, 1, 2 ... for each channel out of a group.
struct ConvOffsets {
  std::vector<Index> position, tap, number, channel;
};

// The forward rule of conv2d: a class of its own, so that it can be recognised in a graph (fuse.cc).
class Convolution;
struct ConvForward {
  ConvGeometry s;
  bool has_bias;  // the bias is the last input
  std::shared_ptr<const Convolution> convolution;

  void operator()(const Out& y, const In* in, int count) const;
};

ConvGeometry conv_geometry(const Tensor& x, const Tensor& weight, const Ints& stride, const Ints& padding,
                           const Ints& dilation, Index groups);
std::shared_ptr<const ConvOffsets> conv_offsets(const ConvGeometry& s);

// The filters, laid out for y = W x and for dx = W' G (conv_filters.cc).
Tensor filter_panels(const Tensor& weight, const ConvGeometry& s);
Tensor turned_panels(const Tensor& weight, const ConvGeometry& s);

}  // namespace hello_dl
