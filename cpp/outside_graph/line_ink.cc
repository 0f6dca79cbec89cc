// The kernels of line_ink.hh: one picture goes through all changes as floats, 0 = paper and 1 = ink.
#include "outside_graph/line_ink.hh"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/random.hh"

namespace hello_dl {
namespace {

using Floats = std::vector<float>;

constexpr float kSome = 0.1F;    // less than this is not counted as ink
constexpr Index kGrainSize = 2;  // pixels between the random numbers of the grain
constexpr float kHalf = 0.5F;    // added before a number of 0 or more is cut to a whole one: so it is rounded

float share(std::uint32_t random_bits) { return static_cast<float>(random_bits >> 8) * (1.0F / 16777216); }  // 0..1

// A number of mean 0 and variance 1: the sum of four random bytes is nearly normal, of mean 510 and deviation 147.8.
float nearly_normal(std::uint32_t b) {
  const auto sum = static_cast<int>((b & 255) + (b >> 8 & 255) + (b >> 16 & 255) + (b >> 24));
  return static_cast<float>(sum - 510) * (1 / 147.8F);
}

class Line {
 public:
  Line(Index height, Index width) : h_(height), w_(width), ink_(height * width), other_(height * width) {}

  void run(const InkLook& how, std::uint64_t key, std::uint8_t* picture) {
    for (Index i = 0; i < h_ * w_; ++i) ink_[i] = static_cast<float>(picture[i]) * (1 / 255.0F);
    if (how.grow != 0) grow(static_cast<float>(how.grow));
    if (how.coarse > 1) coarsen(static_cast<float>(how.coarse));
    if (how.blur > 0.05) blur(static_cast<float>(how.blur));
    if (how.fade > 0) fade(static_cast<float>(how.fade), static_cast<float>(how.fade_size), mix(key ^ 1));
    if (how.grain > 0) fade(static_cast<float>(how.grain), kGrainSize, mix(key ^ 2));
    if (how.strength > 0) strengthen(static_cast<float>(how.strength));
    if (how.gain > 0) curve(static_cast<float>(how.gain), static_cast<float>(how.threshold));
    if (how.noise > 0) add_noise(static_cast<float>(how.noise), mix(key ^ 3));
    for (Index i = 0; i < h_ * w_; ++i) {
      const float clipped = std::min(std::max(ink_[i], 0.0F), 1.0F);
      picture[i] = static_cast<std::uint8_t>(static_cast<int>(255 * clipped + kHalf));
    }
  }

 private:
  // Dilation (each pixel becomes the darkest of 3 x 3) or erosion (the lightest), once for each pixel of `amount`; the
  // last part of a pixel is a mixture of before and after.
  void grow(float amount) {
    float left = std::abs(amount);
    while (left > 0) {
      if (amount > 0)
        spread(std::min(left, 1.0F), [](float a, float b) { return std::max(a, b); });
      else
        spread(std::min(left, 1.0F), [](float a, float b) { return std::min(a, b); });
      left -= 1;
    }
  }

  template <class Pick>
  void spread(float amount, Pick pick) {
    other_ = ink_;
    for (Index r = 0; r < h_; ++r) {
      float* __restrict to = &other_[r * w_];
      const float* __restrict from = &ink_[r * w_];
      for (Index c = 1; c + 1 < w_; ++c) to[c] = pick(pick(from[c - 1], from[c + 1]), from[c]);
    }
    for (Index r = 1; r + 1 < h_; ++r) {
      float* __restrict to = &ink_[r * w_];
      const float* __restrict here = &other_[r * w_];
      const float* __restrict above = here - w_;
      const float* __restrict below = here + w_;
      for (Index c = 0; c < w_; ++c) to[c] += amount * (pick(pick(above[c], below[c]), here[c]) - to[c]);
    }
  }

  // The mean of each larger pixel, and bilinear interpolation between these means.
  void coarsen(float size) {
    const Index tall = std::max<Index>(2, std::lround(static_cast<float>(h_) / size));
    const Index wide = std::max<Index>(2, std::lround(static_cast<float>(w_) / size));
    if (tall >= h_ || wide >= w_) return;
    Floats small(tall * wide), sums(w_), places(w_);
    for (Index r = 0; r < tall; ++r) {
      const Index top = r * h_ / tall, bottom = (r + 1) * h_ / tall;
      std::fill(sums.begin(), sums.end(), 0.0F);
      for (Index y = top; y < bottom; ++y)
        for (Index c = 0; c < w_; ++c) sums[c] += ink_[y * w_ + c];
      for (Index c = 0; c < wide; ++c) {
        const Index left = c * w_ / wide, right = (c + 1) * w_ / wide;
        float sum = 0;
        for (Index x = left; x < right; ++x) sum += sums[x];
        small[r * wide + c] = sum / static_cast<float>((bottom - top) * (right - left));
      }
    }
    for (Index c = 0; c < w_; ++c) places[c] = between(c, w_, wide);
    Floats row(wide);
    for (Index r = 0; r < h_; ++r) {
      const float y = between(r, h_, tall);
      const auto upper = static_cast<Index>(y);
      const float down = y - static_cast<float>(upper);
      for (Index c = 0; c < wide; ++c) {
        const float* p = &small[upper * wide + c];
        row[c] = p[0] + down * (p[wide] - p[0]);
      }
      for (Index c = 0; c < w_; ++c) {
        const auto column = static_cast<Index>(places[c]);
        ink_[r * w_ + c] = row[column] + (places[c] - static_cast<float>(column)) * (row[column + 1] - row[column]);
      }
    }
  }

  // The place of pixel p of `size` among `few` larger ones, in larger pixels from the middle of the first.
  static float between(Index p, Index size, Index few) {
    const float place = (static_cast<float>(p) + 0.5F) * static_cast<float>(few) / static_cast<float>(size) - 0.5F;
    return std::min(std::max(place, 0.0F), static_cast<float>(few) - 1.001F);
  }

  // A Gaussian, cut off at 2.5 deviations, along rows and then along columns. Outside of the picture there is paper.
  void blur(float deviation) {
    const Index reach = std::max<Index>(1, std::lround(2.5F * deviation));
    Floats weight(reach + 1);
    float sum = 0;
    for (Index k = 0; k <= reach; ++k) {
      const float d = static_cast<float>(k) / deviation;
      weight[k] = std::exp(-0.5F * d * d);
      sum += (k == 0 ? 1 : 2) * weight[k];
    }
    for (float& x : weight) x /= sum;
    for (Index r = 0; r < h_; ++r) {
      const float* __restrict from = &ink_[r * w_];
      float* __restrict to = &other_[r * w_];
      for (Index c = 0; c < w_; ++c) to[c] = weight[0] * from[c];
      for (Index k = 1; k <= std::min(reach, w_ - 1); ++k) {
        for (Index c = k; c < w_; ++c) to[c] += weight[k] * from[c - k];
        for (Index c = 0; c + k < w_; ++c) to[c] += weight[k] * from[c + k];
      }
    }
    for (Index r = 0; r < h_; ++r) {
      float* __restrict to = &ink_[r * w_];
      std::fill_n(to, w_, 0.0F);
      for (Index k = -reach; k <= reach; ++k) {
        if (r + k < 0 || r + k >= h_) continue;
        const float* __restrict from = &other_[(r + k) * w_];
        const float x = weight[std::abs(k)];
        for (Index c = 0; c < w_; ++c) to[c] += x * from[c];
      }
    }
  }

  // Multiplies the ink by 1 - amount * u, where u is a smooth random field: squares of uniform numbers at the points of
  // a grid, `size` pixels apart, and bilinear interpolation in between.
  void fade(float amount, float size, std::uint64_t key) {
    const Index columns = static_cast<Index>(static_cast<float>(w_) / size) + 2;
    Floats column(columns), upper(columns), lower(columns);
    Index held = -1;
    const auto draw = [&](Index row, Floats& values) {
      for (Index k = 0; k < columns; ++k) {
        const float u = share(bits(key, static_cast<std::uint32_t>(row * columns + k)));
        values[k] = u * u;
      }
    };
    for (Index r = 0; r < h_; ++r) {
      const float y = static_cast<float>(r) / size;
      const auto row = static_cast<Index>(y);
      if (row != held) {
        draw(row, upper);
        draw(row + 1, lower);
        held = row;
      }
      const float down = y - static_cast<float>(row);
      for (Index k = 0; k < columns; ++k) column[k] = upper[k] + down * (lower[k] - upper[k]);
      float* to = &ink_[r * w_];
      for (Index c = 0; c < w_; ++c) {
        const float x = static_cast<float>(c) / size;
        const auto k = static_cast<Index>(x);
        to[c] *= 1 - amount * (column[k] + (x - static_cast<float>(k)) * (column[k + 1] - column[k]));
      }
    }
  }

  // Multiplies the ink so that nine tenths of it, of what is at least kSome, are at most `least`; never weakens it.
  void strengthen(float least) {
    std::array<Index, 256> counts{};
    Index some = 0;
    for (const float x : ink_)
      if (x >= kSome) {
        ++counts[static_cast<Index>(std::min(x, 1.0F) * 255)];
        ++some;
      }
    Index level = 255;
    for (Index above = counts[255]; level > 0 && 10 * above < some; above += counts[level]) --level;
    const float strongest = (static_cast<float>(level) + 0.5F) / 255;
    if (some == 0 || strongest >= least) return;
    for (float& x : ink_) x *= least / strongest;
  }

  // y = (s(x) - s(0)) / (s(1) - s(0)) with s(x) = 1 / (1 + exp(-gain (x - threshold))): what a detector of ink says
  // where x of a pixel is covered. Computed for 256 values of x.
  void curve(float gain, float threshold) {
    const auto s = [&](float x) { return 1 / (1 + std::exp(-gain * (x - threshold))); };
    const float low = s(0), high = s(1);
    Floats table(257);
    for (Index i = 0; i <= 256; ++i) table[i] = (s(static_cast<float>(i) / 256) - low) / (high - low);
    for (float& x : ink_) x = table[static_cast<Index>(std::min(std::max(x, 0.0F), 1.0F) * 256 + kHalf)];
  }

  void add_noise(float amount, std::uint64_t key) {
    for (Index i = 0; i < h_ * w_; ++i) ink_[i] += amount * nearly_normal(bits(key, static_cast<std::uint32_t>(i)));
  }

  const Index h_, w_;
  Floats ink_, other_;
};

}  // namespace

void change_ink(const InkLook& how, std::uint64_t key, Index height, Index width, std::uint8_t* picture) {
  Line(height, width).run(how, key, picture);
}

void bend_ink(const std::uint8_t* in, Index height, Index width, const float* grid, Index columns, Index step,
              Index out_height, Index out_width, std::uint8_t* out) {
  const Index stride = width + 2;  // a frame of paper, so that every place has four neighbours
  Floats framed((height + 2) * stride, 0.0F);
  for (Index r = 0; r < height; ++r)
    for (Index c = 0; c < width; ++c) framed[(r + 1) * stride + c + 1] = in[r * width + c];
  const float most_x = static_cast<float>(width) + 0.999F, most_y = static_cast<float>(height) + 0.999F;
  const float part = 1 / static_cast<float>(step);
  Floats places(2 * columns);
  for (Index r = 0; r < out_height; ++r) {
    const float* upper = grid + r / step * columns * 2;
    const float down = static_cast<float>(r % step) * part;
    for (Index k = 0; k < 2 * columns; ++k) places[k] = upper[k] + down * (upper[k + 2 * columns] - upper[k]);
    for (Index c = 0; c < out_width; ++c) {
      const float* p = &places[c / step * 2];
      const float right = static_cast<float>(c % step) * part;
      const float x = std::min(std::max(0.0F, p[0] + right * (p[2] - p[0]) + 1), most_x);
      const float y = std::min(std::max(0.0F, p[1] + right * (p[3] - p[1]) + 1), most_y);
      const auto column = static_cast<Index>(x), row = static_cast<Index>(y);
      const float fx = x - static_cast<float>(column), fy = y - static_cast<float>(row);
      const float* at = &framed[row * stride + column];
      const float top = at[0] + fx * (at[1] - at[0]), bottom = at[stride] + fx * (at[stride + 1] - at[stride]);
      out[r * out_width + c] = static_cast<std::uint8_t>(static_cast<int>(top + fy * (bottom - top) + kHalf));
    }
  }
}

}  // namespace hello_dl
