// Checks the arguments of a convolution and computes the offsets of its numbers.
#include "ops/conv_geometry.hh"

#include <numeric>

#include "ops/windows.hh"

namespace hello_dl {

ConvGeometry conv_geometry(const Tensor& x, const Tensor& weight, const Ints& stride, const Ints& padding,
                           const Ints& dilation, Index groups) {
  need(x.dims() == 4 && weight.dims() == 4, "conv2d: needs x (N, C, H, W) and weight (out, C / groups, kh, kw), got ",
       x.shape(), " and ", weight.shape());
  ConvGeometry s;
  s.h = x.size(2), s.w = x.size(3), s.c = x.size(1);
  s.out = weight.size(0), s.kh = weight.size(2), s.kw = weight.size(3), s.groups = groups;
  need(groups >= 1 && s.c % groups == 0 && s.out % groups == 0, "conv2d: needs groups that divide the ", s.c,
       " channels in and the ", s.out, " out, got ", groups);
  need(weight.size(1) == s.group_in(), "conv2d: needs ", s.group_in(), " channels in weight, as x (N, C, H, W) has ",
       s.c, " in ", groups, " group(s), got x ", x.shape(), " and weight ", weight.shape());
  need(s.kh > 0 && s.kw > 0 && s.kh <= kMostWindow && s.kw <= kMostWindow, "conv2d: needs a kernel from 1x1 to ",
       kMostWindow, 'x', kMostWindow, ", got weight ", weight.shape());
  s.stride_h = window_argument("conv2d", "stride", stride, 0, 1);
  s.stride_w = window_argument("conv2d", "stride", stride, 1, 1);
  s.pad_h = window_argument("conv2d", "padding", padding, 0, 0);
  s.pad_w = window_argument("conv2d", "padding", padding, 1, 0);
  s.dilation_h = window_argument("conv2d", "dilation", dilation, 0, 1);
  s.dilation_w = window_argument("conv2d", "dilation", dilation, 1, 1);
  need_countable("conv2d", Shape{s.padded_h(), s.padded_w(), s.c});
  const Index room_h = s.padded_h() - s.dilation_h * (s.kh - 1) - 1,
              room_w = s.padded_w() - s.dilation_w * (s.kw - 1) - 1;
  need(room_h >= 0 && room_w >= 0, "conv2d: needs images (with padding) at least as large as the kernel of ", s.kh, 'x',
       s.kw, " (with dilation), got x ", x.shape());
  s.oh = room_h / s.stride_h + 1;
  s.ow = room_w / s.stride_w + 1;
  return s;
}

std::shared_ptr<const ConvOffsets> conv_offsets(const ConvGeometry& s) {
  auto made = std::make_shared<ConvOffsets>();
  const Index line = s.padded_w() * s.c;
  made->position.reserve(static_cast<std::size_t>(s.images_at_once() * s.positions()));
  for (Index n = 0; n < s.images_at_once(); ++n)
    for (Index y = 0; y < s.oh; ++y)
      for (Index x = 0; x < s.ow; ++x)
        made->position.push_back(n * s.padded_size() + y * s.stride_h * line + x * s.stride_w * s.c);
  for (Index y = 0; y < s.kh; ++y)
    for (Index x = 0; x < s.kw; ++x) made->tap.push_back(y * s.dilation_h * line + x * s.dilation_w * s.c);
  made->number.reserve(static_cast<std::size_t>(s.patch()));
  for (Index tap : made->tap)
    for (Index c = 0; c < s.group_in(); ++c) made->number.push_back(tap + c);
  made->channel.resize(static_cast<std::size_t>(s.group_out()));
  std::iota(made->channel.begin(), made->channel.end(), Index(0));
  return made;
}

}  // namespace hello_dl
