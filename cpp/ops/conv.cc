// Convolution of images (chapter 5): filters slide over images; the products are computed as a matrix product.
//
// With x_p the patch under position p, as a row, and W the filters, as rows:
//     y_p = W x_p + b,   dL/dW = sum over p of G_p x_p',   dL/db = sum of G_p,   dL/dx_p += W' G_p.
// (The filter gradient of the original Hello Deep Learning is wrong; its test, a plain sum, could not detect it.)
// Patches are read where they lie in the image: copying them to a matrix first takes a quarter of the time.
#include <algorithm>

#include "engine/layout.hh"
#include "ops/conv_geometry.hh"
#include "ops/sums.hh"

namespace hello_dl {
namespace {

// C[i][j] += sum over k of A[i][at[k]] * B[k * b_step + j], for a whole block of rows and columns.
void add_full_block(const real* const* A, const Index* at, Index count, const real* B, Index b_step, real* const* C) {
  auto column = [=](Index k) { return [A, offset = at[k]](int i) { return A[i][offset]; }; };
  add_product_block<kBlockRows>(column, count, B, b_step, [C](int i) { return C[i]; });
}

// The same for a few rows or columns: computed on a copy of a whole block, of which the rest is thrown away.
void add_block(const real* const* A, const Index* at, Index count, const real* B, Index b_step, real* const* C,
               int rows, Index cols) {
  if (rows == kBlockRows && cols >= kBlockCols) return add_full_block(A, at, count, B, b_step, C);
  real copy[kBlockRows][kBlockCols] = {};
  const real* from[kBlockRows];
  real* to[kBlockRows];
  const Index used = std::min<Index>(cols, kBlockCols);
  for (int i = 0; i < kBlockRows; ++i) {
    from[i] = A[i < rows ? i : 0];
    to[i] = copy[i];
    if (i < rows) std::copy_n(C[i], used, copy[i]);
  }
  add_full_block(from, at, count, B, b_step, to);
  for (int i = 0; i < rows; ++i) std::copy_n(copy[i], used, C[i]);
}

// Calls f(first, rows) for 0, 6, 12 ... up to count.
template <class F>
void in_blocks(Index count, F f) {
  for (Index i = 0; i < count; i += kBlockRows) f(i, static_cast<int>(std::min<Index>(kBlockRows, count - i)));
}

}  // namespace

class Convolution {
 public:
  explicit Convolution(const ConvGeometry& s) : s_(s), offsets_(conv_offsets(s)) {}

  // x: a few images, with their borders. y: the results of all their positions, one after the other.
  void forward(const real* x, Index images, const real* filters, real* y) const {
    const Index all = images * s_.positions(), patch = s_.patch();
    for (Index g = 0; g < s_.groups; ++g)
      for (Index block = 0; block < s_.blocks(s_.group_out()); ++block, filters += patch * kBlockCols) {
        const Index column = block * kBlockCols, first_out = g * s_.group_out() + column;
        in_blocks(all, [&](Index p, int rows) {
          const real* A[kBlockRows];
          real* C[kBlockRows];
          for (int i = 0; i < rows; ++i) {
            A[i] = x + offsets_->position[p + i] + g * s_.group_in();
            C[i] = y + (p + i) * s_.out + first_out;
          }
          add_block(A, offsets_->number.data(), patch, filters, kBlockCols, C, rows, s_.group_out() - column);
        });
      }
  }

  // dL/dW, in the same panels as the filters.
  void filter_gradient(const real* x, Index images, const real* G, real* d_filters) const {
    const Index all = images * s_.positions(), patch = s_.patch();
    std::vector<real> copy;
    for (Index g = 0; g < s_.groups; ++g)
      for (Index block = 0; block < s_.blocks(s_.group_out()); ++block, d_filters += patch * kBlockCols) {
        const Index column = block * kBlockCols;
        const real* B = G + g * s_.group_out() + column;
        Index b_step = s_.out;
        if (s_.group_out() - column < kBlockCols) {
          copy.assign(static_cast<std::size_t>(all * kBlockCols), 0);
          for (Index p = 0; p < all; ++p) std::copy_n(B + p * s_.out, s_.group_out() - column, &copy[p * kBlockCols]);
          B = copy.data();
          b_step = kBlockCols;
        }
        in_blocks(patch, [&](Index k, int rows) {
          const real* A[kBlockRows];
          real* C[kBlockRows];
          for (int i = 0; i < rows; ++i) {
            A[i] = x + offsets_->number[k + i] + g * s_.group_in();
            C[i] = d_filters + (k + i) * kBlockCols;
          }
          add_block(A, offsets_->position.data(), all, B, b_step, C, rows, kBlockCols);
        });
      }
  }

  // dL/dx, one tap (pixel of the filter) at a time: for one tap all positions lie on different pixels, so whole blocks
  // can be added at once.
  void image_gradient(Index images, const real* G, const real* turned, real* dx) const {
    const Index all = images * s_.positions(), in = s_.group_in(), out = s_.group_out();
    for (Index g = 0; g < s_.groups; ++g)
      for (Index tap : offsets_->tap)
        for (Index block = 0; block < s_.blocks(in); ++block, turned += out * kBlockCols) {
          const Index column = block * kBlockCols;
          in_blocks(all, [&](Index p, int rows) {
            const real* A[kBlockRows];
            real* C[kBlockRows];
            for (int i = 0; i < rows; ++i) {
              A[i] = G + (p + i) * s_.out + g * out;
              C[i] = dx + offsets_->position[p + i] + tap + g * in + column;
            }
            add_block(A, offsets_->channel.data(), out, turned, kBlockCols, C, rows, in - column);
          });
        }
  }

  // Copies images into a border of zeros, and adds the numbers inside the border to images.
  void pad(const real* x, Index images, real* padded) const {
    std::fill_n(padded, images * s_.padded_size(), real(0));
    lines(images, [&](Index in_x, Index in_padded, Index n) { std::copy_n(x + in_x, n, padded + in_padded); });
  }
  void add_unpadded(const real* padded, Index images, real* x) const {
    lines(images, [&](Index in_x, Index in_padded, Index n) {
      for (Index i = 0; i < n; ++i) x[in_x + i] += padded[in_padded + i];
    });
  }

 private:
  template <class F>
  void lines(Index images, F f) const {
    for (Index n = 0; n < images; ++n)
      for (Index y = 0; y < s_.h; ++y)
        f((n * s_.h + y) * s_.w * s_.c, n * s_.padded_size() + ((y + s_.pad_h) * s_.padded_w() + s_.pad_w) * s_.c,
          s_.w * s_.c);
  }

  ConvGeometry s_;
  std::shared_ptr<const ConvOffsets> offsets_;
};

namespace {

// Calls f(first image, images) for a few images at a time.
template <class F>
void few_by_few(const ConvGeometry& s, Index rows, F f) {
  const Index step = s.images_at_once();
  for (Index n = 0; n < rows; n += step) f(n, std::min(step, rows - n));
}

}  // namespace

void ConvForward::operator()(const Out& y, const In* in, int count) const {
  const In &x = in[0], &filters = in[1];
  const Index y_size = s.positions() * s.out;
  if (has_bias)
    mat(y, s.out).rowwise() = mat(in[count - 1], s.out).row(0);
  else
    arr(y).setZero();
  few_by_few(s, y.rows, [&](Index n, Index images) {
    const real* from = x.data + n * x.cols;
    if (s.padded()) convolution->pad(from, images, y.scratch), from = y.scratch;
    convolution->forward(from, images, filters.data, y.data + n * y_size);
  });
}

Tensor conv2d(const Tensor& images, const Tensor& weight, const std::optional<Tensor>& bias, const Ints& stride,
              const Ints& padding, const Ints& dilation, Index groups) {
  const ConvGeometry s = conv_geometry(images, weight, stride, padding, dilation, groups);
  need(!bias || bias->shape() == Shape{s.out}, "conv2d: needs a bias of shape (", s.out, ",), got ",
       bias ? bias->shape() : Shape{});
  const auto convolution = std::make_shared<const Convolution>(s);
  const Tensor x = channels_last(images);
  const bool turn = x.requires_grad(), has_bias = bias.has_value();
  const Index y_size = s.positions() * s.out;

  auto backward = [=](Grad g, const In* in, int count) {
    const In &x = in[0], &filters = in[1];
    if (has_bias && in[count - 1])
      add_column_sums(in[count - 1].grad().zeroed(), g.data, g.rows * s.positions(), s.out, s.out);
    real* d_filters = filters ? filters.grad().zeroed() : nullptr;
    real* dx = x ? x.grad().zeroed() : nullptr;
    few_by_few(s, g.rows, [&](Index n, Index images) {
      const real* G = g.data + n * y_size;
      if (filters) {
        const real* from = x.data + n * x.cols;
        if (s.padded()) convolution->pad(from, images, g.scratch), from = g.scratch;
        convolution->filter_gradient(from, images, G, d_filters);
      }
      if (x) {
        real* to = s.padded() ? g.scratch : dx + n * x.cols;
        if (s.padded()) std::fill_n(to, images * s.padded_size(), real(0));
        convolution->image_gradient(images, G, in[2].data, to);
        if (s.padded()) convolution->add_unpadded(to, images, dx + n * x.cols);
      }
    });
  };
  return node("conv2d", Shape{x.rows(), s.out, s.oh, s.ow},
              {rows_as_stored(x), whole(filter_panels(weight, s)), whole(turn ? turned_panels(weight, s) : Tensor{}),
               whole(bias.value_or(Tensor{}))},
              ConvForward{s, has_bias, convolution}, backward)
      .reads((turn ? kReadsThird : kReadsNothing) | (weight.requires_grad() ? kReadsFirst : kReadsNothing))
      .scratch(s.padded() ? s.padded_size() : 0)
      .work(static_cast<double>(s.patch()))
      .expensive()
      .channels_last();
}
HELLO_DL_OP(conv2d, "x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1",
            "Each filter slides over each image: x (N, C, H, W), weight (out, C / groups, kh, kw), bias (out,) give "
            "(N, out, OH, OW) (chapter 5).");

}  // namespace hello_dl
