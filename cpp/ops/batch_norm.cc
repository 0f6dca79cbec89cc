// The parts of batch normalisation (Ioffe and Szegedy 2015) that read all the numbers of a batch.
//
// They are put together in Python (functional/normalisation.py): scale = weight / sqrt(variance + eps) and
// shift = bias - mean * scale are a few numbers per channel. The planner finds by itself that mean, variance and the
// normalised values each need a pass over the whole batch.
#include <algorithm>

#include "engine/layout.hh"
#include "engine/registry.hh"
#include "ops/sums.hh"

namespace hello_dl {
namespace {

// x as lines of one number per channel, (n, c) or an image stored channels last.
Tensor as_lines(const char* op, const Tensor& x) {
  need(x.dims() == 2 || x.dims() == 4, op, ": needs x (n, c) or (n, c, h, w), got ", x.shape());
  return x.dims() == 4 ? channels_last(x) : x;
}

void need_per_channel(const char* op, const char* name, const Tensor& t, const Tensor& x) {
  need(t.shape() == Shape{x.size(1)}, op, ": needs ", name, " of shape (", x.size(1), ",), one for each channel of ",
       x.shape(), ", got ", t.shape());
}

// to_c += the sum of (x - m_c)^2 over all lines of one number per channel.
void add_squares(real* to, const real* x, const real* __restrict m, Index lines, Index channels) {
  Sums sums(channels);
  sums.begin(to);
  for (Index first = 0; first < lines; first += kFewParts) {
    const Index last = std::min(lines, first + kFewParts);
    real* __restrict sum = sums.next(last - first);
    for (Index i = first; i < last; ++i) {
      const real* __restrict line = x + i * channels;
      for (Index c = 0; c < channels; ++c) sum[c] += (line[c] - m[c]) * (line[c] - m[c]);
    }
  }
  sums.write();
}

}  // namespace

// Each image's own mean and variance, Y = (m, v) with m = mean(x), v = mean((x - m)^2) over its pixels:
// dL/dx = (Gm + 2 Gv (x - m)) / pixels, since the deviations x - m add up to 0.
// They are computed in the same pass as the images. Those of the whole batch follow from these few numbers per image:
// mean = mean of m,  variance = mean of v + variance of m.
Tensor image_moments(const Tensor& images) {
  need(images.dims() == 4, "image_moments: needs images (n, c, h, w), got ", images.shape());
  const Tensor x = channels_last(images);
  const Index channels = x.size(1), pixels = x.size(2) * x.size(3), size = x.cols();
  const real share = static_cast<real>(1.0 / static_cast<double>(std::max<Index>(1, pixels)));
  return node(
             "image_moments", Shape{x.rows(), 2, channels}, {rows_as_stored(x)},
             [=](Out y, In x) {
               arr(y).setZero();
               for (Index n = 0; n < y.rows; ++n) {
                 real* __restrict m = y.data + n * y.cols, * __restrict v = m + channels;
                 const real* image = x.data + n * size;
                 add_column_sums(m, image, pixels, channels, channels);
                 for (Index c = 0; c < channels; ++c) m[c] *= share;
                 add_squares(v, image, m, pixels, channels);
                 for (Index c = 0; c < channels; ++c) v[c] *= share;
               }
             },
             [=](Grad g, In x) {
               const bool assign = x.grad().fresh();
               real* all = x.grad().written();
               for (Index n = 0; n < g.rows; ++n) {
                 const real* __restrict Gm = g.data + n * g.cols, * __restrict Gv = Gm + channels;
                 const real* __restrict m = g.value + n * g.cols, *image = x.data + n * size;
                 real* dx = all + n * size;
                 for (Index i = 0; i < size; i += channels) {
                   store_each(assign, dx + i, channels,
                              [=](Index c) { return share * (Gm[c] + 2 * Gv[c] * (image[i + c] - m[c])); });
                 }
               }
             })
      .reads(kReadsFirst | kReadsResult);
}
HELLO_DL_OP(image_moments, "x",
            "Mean and variance of each image and channel: x (n, c, h, w) gives (n, 2, c), means before variances.");

// v_c = mean of (x - m_c)^2 over everything but the channels:  dL/dx = 2/n G_c (x - m_c).
// m is the mean of x itself, so dv/dm = -2 (mean(x) - m) = 0: it gets no gradient.
Tensor channel_variance(const Tensor& images, const Tensor& mean) {
  const Tensor x = as_lines("channel_variance", images);
  need_per_channel("channel_variance", "mean", mean, x);
  const Index channels = x.size(1);
  const double scale = 1.0 / static_cast<double>(std::max<Index>(1, x.size() / std::max<Index>(channels, 1)));
  const real share = static_cast<real>(scale);
  return node(
             "channel_variance", Shape{channels}, {fold_as_stored(x), whole(mean)},
             [=](Out y, In x, In mean) {
               if (channels > 0) add_squares(y.sum().zeroed(), x.data, mean.data, x.size() / channels, channels);
             },
             [=](Grad g, In x, In mean) {
               if (!x) return;
               const bool assign = x.grad().fresh();
               real* dx = x.grad().written();
               const real* __restrict G = g.data, * __restrict m = mean.data;
               for (Index i = 0; i < x.size(); i += channels) {
                 const real* __restrict line = x.data + i;
                 store_each(assign, dx + i, channels, [=](Index c) { return 2 * share * G[c] * (line[c] - m[c]); });
               }
             })
      .reads(kReadsFirst | kReadsSecond)
      .scale(scale);
}
HELLO_DL_OP(
    channel_variance, "x, mean",
    "Variance of each channel around its own mean, which has to be given: x (n, c) or (n, c, h, w) and mean (c,) "
    "give (c,).");

// y = a_c x + b_c:  dL/dx = a_c G,  dL/da_c = sum of G x,  dL/db_c = sum of G.
Tensor channel_affine(const Tensor& images, const Tensor& scale, const Tensor& shift) {
  const Tensor x = as_lines("channel_affine", images);
  need_per_channel("channel_affine", "scale", scale, x);
  need_per_channel("channel_affine", "shift", shift, x);
  const Index channels = x.size(1);
  return node(
             "channel_affine", x.shape(), {rows_as_stored(x), whole(scale), whole(shift)},
             [=](Out y, In x, In scale, In shift) {
               const real* __restrict a = scale.data, * __restrict b = shift.data;
               for (Index i = 0; i < y.size(); i += channels) {
                 const real* __restrict line = x.data + i;
                 real* __restrict to = y.data + i;
                 for (Index c = 0; c < channels; ++c) to[c] = line[c] * a[c] + b[c];
               }
             },
             [=](Grad g, In x, In scale, In shift) {
               const bool assign = x && x.grad().fresh();
               real* dx = x ? x.grad().written() : nullptr;
               const Index lines = channels ? g.size() / channels : 0;
               Sums da(scale ? channels : 0);
               if (scale) da.begin(scale.grad().zeroed());
               if (shift) add_column_sums(shift.grad().zeroed(), g.data, lines, channels, channels);
               const real* __restrict a = scale.data;
               for (Index first = 0; first < lines; first += kFewParts) {
                 const Index last = std::min(lines, first + kFewParts);
                 real* __restrict sum = scale ? da.next(last - first) : nullptr;
                 for (Index i = first * channels; i < last * channels; i += channels) {
                   const real* __restrict G = g.data + i;
                   if (sum) {
                     const real* __restrict line = x.data + i;
                     for (Index c = 0; c < channels; ++c) sum[c] += G[c] * line[c];
                   }
                   if (dx) store_each(assign, dx + i, channels, [=](Index c) { return G[c] * a[c]; });
                 }
               }
               da.write();
             })
      .reads((images.requires_grad() ? kReadsSecond : kReadsNothing) |
             (scale.requires_grad() ? kReadsFirst : kReadsNothing))
      .channels_last(x.dims() == 4);
}
HELLO_DL_OP(channel_affine, "x, scale, shift",
            "x * scale + shift for each channel: x (n, c) or (n, c, h, w), scale and shift (c,).");

}  // namespace hello_dl
