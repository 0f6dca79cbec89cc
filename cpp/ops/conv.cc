// Convolution of images, as a matrix product over patches (chapter 5).
#include <cstring>

#include "../registry.hh"
#include "layout.hh"

namespace hello_dl {
namespace {

// Everything one image (H, W, C) and its patches (OH, OW) x (KH, KW, C) need to know.
struct Geometry {
  Index h, w, c, kh, kw, oh, ow, stride_h, stride_w, pad_h, pad_w, dil_h, dil_w;

  Index positions() const { return oh * ow; }
  Index patch() const { return kh * kw * c; }
  bool contiguous() const { return dil_w == 1; }
};

// Calls f(patch offset, image offset or -1 where there is padding, count) for every run of numbers that lie side by
// side both in the patch matrix and in the image.
template <class F>
void patches(const Geometry& s, F f) {
  Index at = 0;
  for (Index oy = 0; oy < s.oh; ++oy)
    for (Index ox = 0; ox < s.ow; ++ox)
      for (Index ky = 0; ky < s.kh; ++ky) {
        const Index y = oy * s.stride_h - s.pad_h + ky * s.dil_h, x0 = ox * s.stride_w - s.pad_w;
        if (s.contiguous() && y >= 0 && y < s.h && x0 >= 0 && x0 + s.kw <= s.w) {
          f(at, (y * s.w + x0) * s.c, s.kw * s.c);
          at += s.kw * s.c;
          continue;
        }
        for (Index kx = 0; kx < s.kw; ++kx, at += s.c) {
          const Index x = x0 + kx * s.dil_w;
          const bool inside = y >= 0 && y < s.h && x >= 0 && x < s.w;
          f(at, inside ? (y * s.w + x) * s.c : Index(-1), s.c);
        }
      }
}

// im2col: each output position's patch becomes a row.
void gather_patches(const Geometry& s, const real* image, real* columns) {
  patches(s, [=](Index to, Index from, Index count) {
    if (from < 0)
      std::memset(columns + to, 0, count * sizeof(real));
    else
      std::memcpy(columns + to, image + from, count * sizeof(real));
  });
}

// Its adjoint: what belongs to each patch is added back to the image.
void scatter_patches(const Geometry& s, const real* columns, real* image) {
  patches(s, [=](Index from, Index to, Index count) {
    if (to < 0) return;
    for (Index i = 0; i < count; ++i) image[to + i] += columns[from + i];
  });
}

Index pair_at(const Ints& v, std::size_t i, const char* name) {
  need(v.size() == 1 || v.size() == 2, "conv2d: ", name, " needs one or two numbers, got ", v.size());
  return v[v.size() == 1 ? 0 : i];
}

Geometry geometry(const Tensor& x, const Tensor& weight, const Ints& stride, const Ints& padding, const Ints& dilation) {
  Geometry s{};
  s.h = x.size(2), s.w = x.size(3), s.c = x.size(1);
  s.kh = weight.size(2), s.kw = weight.size(3);
  s.stride_h = pair_at(stride, 0, "stride"), s.stride_w = pair_at(stride, 1, "stride");
  s.pad_h = pair_at(padding, 0, "padding"), s.pad_w = pair_at(padding, 1, "padding");
  s.dil_h = pair_at(dilation, 0, "dilation"), s.dil_w = pair_at(dilation, 1, "dilation");
  need(s.stride_h > 0 && s.stride_w > 0 && s.dil_h > 0 && s.dil_w > 0 && s.pad_h >= 0 && s.pad_w >= 0,
       "conv2d: needs stride and dilation of at least 1 and padding of at least 0");
  const Index room_h = s.h + 2 * s.pad_h - s.dil_h * (s.kh - 1) - 1, room_w = s.w + 2 * s.pad_w - s.dil_w * (s.kw - 1) - 1;
  need(room_h >= 0 && room_w >= 0, "conv2d: a kernel of ", weight.shape(), " does not fit into images of ", x.shape());
  s.oh = room_h / s.stride_h + 1;
  s.ow = room_w / s.stride_w + 1;
  return s;
}

// With P the patches of an image as rows and W the filters as rows:  Y = P W' + b,  dW = G' P,  db = the column sums of
// G,  dP = G W, and dX adds each patch back where it came from. (The original's filter gradient is not this one.)
Tensor convolve(const Tensor& x, const Tensor& weight, const Tensor& bias, const Geometry& s) {
  const Index positions = s.positions(), patch = s.patch(), out = weight.size(0);
  auto forward = [=](Out y, const In* in, int count) {
    MatrixMap Y = mat(y, out);
    if (count == 3)
      Y.rowwise() = mat(in[2], out).row(0);
    else
      Y.setZero();
    for (Index n = 0; n < y.rows; ++n) gather_patches(s, in[0].data + n * in[0].cols, y.extra + n * positions * patch);
    Y.noalias() += ConstMatrixMap(y.extra, y.rows * positions, patch) * mat(in[1], patch).transpose();
  };
  auto backward = [=](Grad g, const In* in, int count) {
    const In &x = in[0], &w = in[1];
    const MatrixMap G = mat(g, out);
    MatrixMap P(g.extra, g.rows * positions, patch);
    if (count == 3 && in[2]) in[2].grad() += G.colwise().sum();
    if (w) {
      if (!g.extra_filled)
        for (Index n = 0; n < g.rows; ++n) gather_patches(s, x.data + n * x.cols, g.extra + n * positions * patch);
      w.grad() += G.transpose() * P;
    }
    if (!x) return;
    P.noalias() = G * mat(w, patch);  // the patches are not needed any more: their place is taken by their gradients
    real* dX = x.grad().zeroed();
    for (Index n = 0; n < g.rows; ++n) scatter_patches(s, g.extra + n * positions * patch, dX + n * x.cols);
  };
  return node("conv2d", Shape{x.rows(), out, s.oh, s.ow},
              {rows_as_stored(x), whole_as_stored(weight), whole(bias)}, forward, backward)
      .reads((x.requires_grad() ? kReadsSecond : kReadsNothing) | (weight.requires_grad() ? kReadsFirst : kReadsNothing))
      .extra(positions * patch)
      .work(static_cast<double>(patch))
      .expensive()
      .channels_last();
}

}  // namespace

Tensor conv2d(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias, const Ints& stride,
              const Ints& padding, const Ints& dilation, Index groups) {
  need(x.dims() == 4 && weight.dims() == 4, "conv2d: needs x (N, C, H, W) and weight (out, in, kh, kw), got ", x.shape(),
       " and ", weight.shape());
  need(x.size(1) == weight.size(1), "conv2d: needs as many channels in x as in weight, got ", x.shape(), " and ",
       weight.shape());
  need(!bias || bias->shape() == Shape{weight.size(0)}, "conv2d: needs a bias of shape (", weight.size(0), ",), got ",
       bias ? bias->shape() : Shape{});
  need(groups == 1, "conv2d: groups not yet");
  const Geometry s = geometry(x, weight, stride, padding, dilation);
  return convolve(channels_last(x), channels_last(weight), bias.value_or(Tensor{}), s);
}
HELLO_DL_OP(conv2d, "x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
            "Each filter slides over each image: x (N, C, H, W), weight (out, C / groups, kh, kw), bias (out,) give "
            "(N, out, OH, OW) (chapter 5).");

}  // namespace hello_dl
