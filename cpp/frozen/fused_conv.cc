// Works through an image in chunks of a few lines that stay in the first-level cache until all is done with them. Each
// number of the result is summed in the same order, whatever the chunks are.
#include "frozen/fused_conv.hh"

#include <algorithm>

namespace hello_dl {
namespace {

constexpr Index kChunkPositions = 96;     // positions of a convolution in a chunk, about
constexpr Index kWinogradPositions = 48;  // the same for Winograd's method: 12 tiles
constexpr Index kFewestChannels = 16;     // in and out, from which on Winograd's method is faster

bool suits_winograd(const ConvGeometry& s) {
  return s.kh == 3 && s.kw == 3 && s.stride_h == 1 && s.stride_w == 1 && s.dilation_h == 1 && s.dilation_w == 1 &&
         s.groups == 1 && s.c % kPacket == 0 && s.c >= kFewestChannels && s.out >= kFewestChannels;
}

// `rows` positions, whose patches begin at A[i], for one panel.
template <int rows>
void positions_block(const real* const* A, const Index* at, Index count, const real* filters, const real* bias,
                     real* to) {
  auto column = [=](Index k) { return [A, offset = at[k]](int i) { return A[i][offset]; }; };
  write_product_block<rows>(column, count, filters, kBlockCols, bias, [=](int i) { return to + i * kBlockCols; });
}
using PositionsBlock = void (*)(const real* const*, const Index*, Index, const real*, const real*, real*);
constexpr PositionsBlock kPositionsBlock[kBlockRows + 1] = {nullptr,
                                                            positions_block<1>,
                                                            positions_block<2>,
                                                            positions_block<3>,
                                                            positions_block<4>,
                                                            positions_block<5>,
                                                            positions_block<6>};

void apply(const std::vector<Forward>& functions, real* numbers, Index count) {
  Out y;
  y.data = numbers;
  y.rows = 1;
  y.cols = count;
  In x;
  static_cast<View&>(x) = y;
  for (const Forward& f : functions) f(y, &x, 1);
}

// The largest number of each window of one image, kBlockCols channels side by side.
void pool_lines(const PoolGeometry& s, Index first, Index lines, const real* image, real* to) {
  const Index top = s.h.begin(first);
  for (Index oy = first; oy < first + lines; ++oy)
    for (Index ox = 0; ox < s.w.count; ++ox, to += kBlockCols) {
      real best[kBlockCols];
      std::copy_n(image + ((s.h.begin(oy) - top) * s.w.size + s.w.begin(ox)) * kBlockCols, kBlockCols, best);
      for (Index y = s.h.begin(oy); y < s.h.end(oy); ++y)
        for (Index x = s.w.begin(ox); x < s.w.end(ox); ++x) {
          const real* pixel = image + ((y - top) * s.w.size + x) * kBlockCols;
          for (int c = 0; c < kBlockCols; ++c) best[c] = beats(pixel[c], best[c]) ? pixel[c] : best[c];
        }
      std::copy_n(best, kBlockCols, to);
    }
}

}  // namespace

FusedConv::FusedConv(FusedConvRecipe recipe) : r_(std::move(recipe)) {
  const ConvGeometry& s = r_.s;
  if (suits_winograd(s)) winograd_ = std::make_unique<Winograd>(r_.filters->data(), r_.panels(), s.c);
  copies_ = s.padded() || (winograd_ && (s.ow % 2 != 0 || s.oh % 2 != 0));
  width_in_ = copies_ ? std::max(s.padded_w(), winograd_ ? (s.ow + 1) / 2 * 2 + 2 : 0) : s.w;
  for (Index y = 0; y < s.kh; ++y)
    for (Index x = 0; x < s.kw; ++x)
      for (Index c = 0; c < s.group_in(); ++c)
        at_.push_back((y * s.dilation_h * width_in_ + x * s.dilation_w) * s.c + c);
  const Index kernel = r_.pool ? r_.pool->h.kernel : 1;
  step_ = winograd_ && kernel % 2 != 0 ? 2 : 1;  // Winograd's tiles begin at even lines
  const Index steps = (r_.lines() + step_ - 1) / step_;
  const Index useful = useful_parts(static_cast<double>(s.positions()) * static_cast<double>(s.out * s.patch()));
  const Index positions_of_step = step_ * kernel * s.ow;
  const Index few = winograd_ ? std::max<Index>(1, kWinogradPositions / 2 / positions_of_step) : 1;
  line_parts_ = std::clamp<Index>(steps / few, 1, useful);
  if (line_parts_ < useful) {
    panel_parts_ = std::min(useful, r_.panels());
    line_parts_ = std::clamp<Index>(useful / panel_parts_, 1, line_parts_);
  }
}

Index FusedConv::parts(Index rows) const { return rows <= kFewRows ? rows * line_parts_ * panel_parts_ : 1; }

void FusedConv::compute(const Out& y, const In* in, Index part) const {
  const ConvGeometry& s = r_.s;
  const bool few = y.rows <= kFewRows;
  const Index line_parts = few ? line_parts_ : 1, panel_parts = few ? panel_parts_ : 1;
  const Index a = part % line_parts, b = part / line_parts % panel_parts, image = part / (line_parts * panel_parts);
  const Index steps = (r_.lines() + step_ - 1) / step_;
  const Index from = a * steps / line_parts * step_, to = std::min((a + 1) * steps / line_parts * step_, r_.lines());
  const Index target = winograd_ ? kWinogradPositions : kChunkPositions;
  const Index per_line = std::max<Index>(1, s.ow * (r_.pool ? r_.pool->h.kernel : 1));
  const Index lines = std::max<Index>(1, target / per_line / step_) * step_;  // of the result in a chunk
  const Index images = lines >= r_.lines() ? std::max<Index>(1, target / s.positions()) : 1;
  const Index end = few ? image + 1 : y.rows;
  for (Index n = image; n < end; n += images)
    for (Index line = from; line < to; line += lines)
      compute_chunk(y, in[0],
                    {n, std::min(images, end - n), line, std::min(lines, to - line), b * r_.panels() / panel_parts,
                     (b + 1) * r_.panels() / panel_parts});
}

Index FusedConv::copied_size(const Chunk& c, Index conv_lines) const {
  const ConvGeometry& s = r_.s;
  const Index even = winograd_ ? (conv_lines + 1) / 2 * 2 : conv_lines;
  return copies_ ? c.images * ((even - 1) * s.stride_h + s.dilation_h * (s.kh - 1) + 1) * width_in_ * s.c : 0;
}

// The lines of the images that a chunk reads: where they lie, or copied to memory with zeros around them.
ImageLines FusedConv::read_lines(const In& x, const Chunk& c, Index conv_lines, real* memory) const {
  const ConvGeometry& s = r_.s;
  const Index first = conv_line(c.line) * s.stride_h, line = width_in_ * s.c;
  const real* images = x.data + c.image * x.cols;
  if (!copies_) return {images + first * line, x.cols, line};
  const Index size = copied_size(c, conv_lines) / c.images, lines = size / line;
  std::fill_n(memory, size * c.images, real(0));
  const Index top = std::max<Index>(0, first - s.pad_h), bottom = std::min(s.h, first - s.pad_h + lines);
  for (Index n = 0; n < c.images; ++n)
    for (Index y = top; y < bottom; ++y)
      std::copy_n(images + n * x.cols + y * s.w * s.c, s.w * s.c,
                  memory + n * size + (y + s.pad_h - first) * line + s.pad_w * s.c);
  return {memory, size, line};
}

// to: (panels of the chunk, images, lines, width, kBlockCols).
void FusedConv::convolve(const ImageLines& x, const Chunk& c, Index conv_lines, real* to) const {
  const ConvGeometry& s = r_.s;
  const Index of_image = conv_lines * s.ow, all = c.images * of_image;
  for (Index p = c.first_panel; p < c.last_panel; ++p) {
    const real* filters = r_.filters->data() + p * s.patch() * kBlockCols;
    const real* from = x.data + r_.first_out(p) / s.group_out() * s.group_in();
    const Index blocks = (all + kBlockRows - 1) / kBlockRows;
    for (Index b = 0; b < blocks; ++b) {
      const Index first = b * all / blocks;
      const int rows = static_cast<int>((b + 1) * all / blocks - first);
      const real* A[kBlockRows];
      for (int i = 0; i < rows; ++i) {
        const Index n = (first + i) / of_image, place = (first + i) % of_image;
        A[i] = from + n * x.image + place / s.ow * s.stride_h * x.line + place % s.ow * s.stride_w * s.c;
      }
      kPositionsBlock[rows](A, at_.data(), s.patch(), filters, r_.bias->data() + p * kBlockCols,
                            to + first * kBlockCols);
    }
    to += all * kBlockCols;
  }
}

// What follows the convolution, and the way from the panel to the result.
void FusedConv::finish(const Out& y, const Chunk& c, Index conv_lines, Index panel, real* numbers, real* pooled) const {
  const ConvGeometry& s = r_.s;
  const Index of_image = conv_lines * s.ow * kBlockCols, width = r_.width();
  apply(r_.before, numbers, c.images * of_image);
  const real* from = numbers;
  const Index of_result = c.lines * width * kBlockCols;
  if (r_.pool) {
    for (Index n = 0; n < c.images; ++n)
      pool_lines(*r_.pool, c.line, c.lines, numbers + n * of_image, pooled + n * of_result);
    apply(r_.after, pooled, c.images * of_result);
    from = pooled;
  }
  const Index columns = r_.columns(panel);
  for (Index n = 0; n < c.images; ++n) {
    real* to = y.data + (c.image + n) * y.cols + c.line * width * s.out + r_.first_out(panel);
    for (Index i = 0; i < c.lines * width; ++i, from += kBlockCols, to += s.out) std::copy_n(from, columns, to);
  }
}

void FusedConv::compute_chunk(const Out& y, const In& x, const Chunk& c) const {
  static thread_local Arena memory;
  const ConvGeometry& s = r_.s;
  const Index conv_lines = conv_line(c.line + c.lines) - conv_line(c.line);
  const Index of_panel = c.images * conv_lines * s.ow * kBlockCols;
  const Index of_result = r_.pool ? c.images * c.lines * r_.width() * kBlockCols : 0;
  const Index copied = copied_size(c, conv_lines);
  const Index work = winograd_ ? winograd_->work_size(c.images, conv_lines, s.ow) : 0;
  real* results = memory.get(c.panels() * of_panel + of_result + copied + work + 3 * kPacket);
  real *pooled = results + c.panels() * of_panel, *for_work = pooled + of_result;
  real* for_images = for_work + work;
  const ImageLines from = read_lines(x, c, conv_lines, for_images);
  if (winograd_)
    winograd_->compute(from, c.images, conv_lines, s.ow, c.first_panel, c.last_panel, r_.bias->data(), results,
                       for_work);
  else
    convolve(from, c, conv_lines, results);
  for (Index p = c.first_panel; p < c.last_panel; ++p, results += of_panel)
    finish(y, c, conv_lines, p, results, pooled);
}

}  // namespace hello_dl
