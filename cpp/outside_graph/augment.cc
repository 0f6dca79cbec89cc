// The kernel of augment.hh: one picture goes through all changes while it is in the cache; the threads share the
// pictures.
#include "outside_graph/augment.hh"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/pool.hh"
#include "engine/random.hh"

namespace hello_dl {
namespace {

constexpr int kGrid = 7;     // control points of the elastic distortion along each axis
constexpr Index kEdge = 2;   // pixels of paper put around a picture, so that just outside it there is paper
constexpr Index kTask = 16;  // pictures of a task

// A number of mean 0 and variance 1. The sum of four random bytes is nearly normal, of mean 510 and deviation 147.8.
inline float nearly_normal(std::uint32_t b) {
  const auto sum = static_cast<int>((b & 255) + (b >> 8 & 255) + (b >> 16 & 255) + (b >> 24));
  return static_cast<float>(sum - 510) * (1 / 147.8F);
}

// The random numbers of one picture, one after the other: number i depends on the key and i alone.
class CounterRandom {
 public:
  explicit CounterRandom(std::uint64_t key) : key_(key) {}
  float uniform() { return static_cast<float>(bits(key_, count_++) >> 8) * (1.0F / 16777216); }  // 0 <= u < 1
  float uniform(float low, float high) { return low + (high - low) * uniform(); }
  float plus_minus(double most) { return uniform(static_cast<float>(-most), static_cast<float>(most)); }
  Index below(Index n) { return std::min(static_cast<Index>(uniform() * static_cast<float>(n)), n - 1); }
  float normal() { return nearly_normal(bits(key_, count_++)); }

 private:
  std::uint64_t key_;
  std::uint32_t count_ = 0;
};

// The weight of each control point of the grid at each of `size` pixels, (kGrid, size): a cubic B-spline.
std::vector<float> spline(Index size) {
  std::vector<float> share(kGrid * size);
  for (int k = 0; k < kGrid; ++k)
    for (Index p = 0; p < size; ++p) {
      const float place = (kGrid - 1) * (static_cast<float>(p) + 0.5F) / static_cast<float>(size);
      const float d = std::abs(place - static_cast<float>(k));
      share[k * size + p] = d < 1 ? 2.0F / 3 - d * d + d * d * d / 2 : d < 2 ? (2 - d) * (2 - d) * (2 - d) / 6 : 0.0F;
    }
  return share;
}

// Memory for changing one picture at a time: the picture as floats (0 = paper, 255 = ink), and buffers of its size that
// the changes use.
class Scratch {
 public:
  Scratch(const Augmentation& how, Index height, Index width)
      : how_(how),
        h_(height),
        w_(width),
        stride_(width + 2 * kEdge),
        picture_(h_ * w_),
        other_(h_ * w_),
        padded_((h_ + 2 * kEdge) * stride_),
        x_(h_ * w_),
        y_(h_ * w_),
        column_(spline(w_)),
        line_(spline(h_)) {}

  void change(std::uint64_t key, const std::uint8_t* in, std::uint8_t* out) {
    CounterRandom random(key);
    for (Index i = 0; i < h_ * w_; ++i) picture_[i] = in[i];
    if (moves()) move(random);
    if (how_.thickness > 0) thicken(random.plus_minus(how_.thickness));
    if (how_.coarse > 0 && random.uniform() < how_.coarse) coarsen(random);
    if (how_.contrast > 0) scale_ink(1 + random.plus_minus(how_.contrast));
    if (how_.erase > 0 && random.uniform() < how_.erase) erase(random);
    if (how_.flip > 0) flip(random);
    if (how_.noise > 0) add_noise(mix(key));
    for (Index i = 0; i < h_ * w_; ++i) {
      const float rounded = 0.5F + std::min(std::max(picture_[i], 0.0F), 255.0F);
      out[i] = static_cast<std::uint8_t>(static_cast<int>(rounded));
    }
  }

 private:
  bool moves() const {
    return how_.shift > 0 || how_.degrees > 0 || how_.shear > 0 || how_.elastic > 0 || how_.least_scale != 1 ||
           how_.most_scale != 1;
  }

  // Turns, leans, stretches, shifts and distorts: computes the place (x, y) that each pixel comes from, and fetches it.
  void move(CounterRandom& random) {
    const float angle = random.plus_minus(how_.degrees) * 0.017453293F, lean = random.plus_minus(how_.shear);
    const auto least = static_cast<float>(how_.least_scale), most = static_cast<float>(how_.most_scale);
    const float tall = 1 / random.uniform(least, most), wide = 1 / random.uniform(least, most);
    const float middle_x = static_cast<float>(w_ - 1) / 2, middle_y = static_cast<float>(h_ - 1) / 2;
    const float to_x = middle_x + random.plus_minus(how_.shift), to_y = middle_y + random.plus_minus(how_.shift);
    const float cos = std::cos(angle), sin = std::sin(angle);
    const float xx = wide * (cos - lean * sin), xy = wide * (sin + lean * cos), yx = -tall * sin, yy = tall * cos;
    for (Index r = 0; r < h_; ++r) {
      const float dy = static_cast<float>(r) - middle_y;
      for (Index c = 0; c < w_; ++c) {
        const float dx = static_cast<float>(c) - middle_x;
        x_[r * w_ + c] = to_x + xx * dx + xy * dy;
        y_[r * w_ + c] = to_y + yx * dx + yy * dy;
      }
    }
    if (how_.elastic > 0) {
      distort(x_.data(), random);
      distort(y_.data(), random);
    }
    fetch();
  }

  // Adds a smooth random field: normal numbers on a coarse grid, interpolated by the cubic B-spline. (Simard,
  // Steinkraus, Platt 2003 draw a number for each pixel and smooth by a Gaussian: the effect is the same, and it takes
  // longer.)
  void distort(float* place, CounterRandom& random) {
    std::array<float, kGrid * kGrid> grid;
    const float amount = static_cast<float>(how_.elastic) * 2.1F;  // the spline divides the deviation by 2.1
    for (float& g : grid) g = amount * random.normal();
    for (Index r = 0; r < h_; ++r) {
      std::array<float, kGrid> row{};
      for (int i = 0; i < kGrid; ++i)
        for (int k = 0; k < kGrid; ++k) row[k] += line_[i * h_ + r] * grid[i * kGrid + k];
      float* __restrict to = place + r * w_;
      for (int k = 0; k < kGrid; ++k) {
        const float* __restrict share = &column_[k * w_];
        for (Index c = 0; c < w_; ++c) to[c] += share[c] * row[k];
      }
    }
  }

  // Bilinear interpolation: each pixel becomes the mean of the four around its place, weighted by nearness.
  void fetch() {
    std::fill(padded_.begin(), padded_.end(), 0.0F);
    for (Index r = 0; r < h_; ++r) std::copy_n(&picture_[r * w_], w_, &padded_[(r + kEdge) * stride_ + kEdge]);
    const float most_x = static_cast<float>(w_ + 2 * kEdge) - 1.001F,
                most_y = static_cast<float>(h_ + 2 * kEdge) - 1.001F;
    const float* __restrict from = padded_.data();
    const float* __restrict xs = x_.data(), * __restrict ys = y_.data();
    float* __restrict to = picture_.data();
    const auto size = static_cast<int>(h_ * w_), stride = static_cast<int>(stride_);
    for (int i = 0; i < size; ++i) {
      const float x = std::min(std::max(xs[i] + kEdge, 0.0F), most_x);
      const float y = std::min(std::max(ys[i] + kEdge, 0.0F), most_y);
      const int column = static_cast<int>(x), row = static_cast<int>(y), at = row * stride + column;
      const float right = x - static_cast<float>(column), down = y - static_cast<float>(row);
      const float upper = from[at] + right * (from[at + 1] - from[at]);
      const float lower = from[at + stride] + right * (from[at + stride + 1] - from[at + stride]);
      to[i] = upper + down * (lower - upper);
    }
  }

  // Dilation (each pixel becomes the darkest of itself and its eight neighbours) or erosion (the lightest), once for
  // each pixel of `amount`; the last part of a pixel is a mixture of before and after.
  void thicken(float amount) {
    float left = std::abs(amount);
    while (left > 0) {
      const float share = std::min(left, 1.0F);
      left -= 1;
      if (amount > 0)
        spread(share, [](float a, float b) { return std::max(a, b); });
      else
        spread(share, [](float a, float b) { return std::min(a, b); });
    }
  }

  template <class Pick>
  void spread(float share, Pick pick) {
    std::copy(picture_.begin(), picture_.end(), other_.begin());
    for (Index r = 0; r < h_; ++r) {
      float* to = &other_[r * w_];
      const float* from = &picture_[r * w_];
      for (Index c = 1; c + 1 < w_; ++c) to[c] = pick(pick(from[c - 1], from[c + 1]), from[c]);
    }
    for (Index r = 1; r + 1 < h_; ++r) {
      float* to = &picture_[r * w_];
      const float* here = &other_[r * w_];
      for (Index c = 0; c < w_; ++c) to[c] += share * (pick(pick(here[c - w_], here[c + w_]), here[c]) - to[c]);
    }
  }

  // A scan of low resolution: means over larger pixels, made black or white by a threshold, and enlarged again by
  // bilinear interpolation.
  void coarsen(CounterRandom& random) {
    const float size = random.uniform(1.3F, 3.2F), threshold = 255 * random.uniform(0.25F, 0.5F);
    const auto tall = static_cast<Index>(static_cast<float>(h_) / size);
    const auto wide = static_cast<Index>(static_cast<float>(w_) / size);
    for (Index r = 0; r < tall; ++r) {
      const Index top = r * h_ / tall, bottom = (r + 1) * h_ / tall;
      float* sums = y_.data();  // of each column's pixels in these lines
      std::copy_n(&picture_[top * w_], w_, sums);
      for (Index y = top + 1; y < bottom; ++y)
        for (Index c = 0; c < w_; ++c) sums[c] += picture_[y * w_ + c];
      for (Index c = 0; c < wide; ++c) {
        const Index left = c * w_ / wide, right = (c + 1) * w_ / wide;
        float sum = 0;
        for (Index x = left; x < right; ++x) sum += sums[x];
        const bool ink = sum > threshold * static_cast<float>((bottom - top) * (right - left));
        other_[r * wide + c] = ink ? 255.0F : 0.0F;
      }
    }
    for (Index c = 0; c < w_; ++c) x_[c] = between(c, w_, wide);
    for (Index r = 0; r < h_; ++r) {
      const float y = between(r, h_, tall);
      const auto row = static_cast<Index>(y);
      const float down = y - static_cast<float>(row);
      float* line = y_.data();
      for (Index c = 0; c < wide; ++c) {
        const float* p = &other_[row * wide + c];
        line[c] = p[0] + down * (p[wide] - p[0]);
      }
      for (Index c = 0; c < w_; ++c) {
        const auto column = static_cast<Index>(x_[c]);
        picture_[r * w_ + c] = line[column] + (x_[c] - static_cast<float>(column)) * (line[column + 1] - line[column]);
      }
    }
  }

  // The place of pixel p of `size` among `few` larger ones, in larger pixels from the middle of the first.
  static float between(Index p, Index size, Index few) {
    const float place = (static_cast<float>(p) + 0.5F) * static_cast<float>(few) / static_cast<float>(size) - 0.5F;
    return std::min(std::max(place, 0.0F), static_cast<float>(few) - 1.001F);
  }

  void scale_ink(float factor) {
    for (float& p : picture_) p *= factor;
  }

  // A rectangle of up to half the height and width becomes paper (Zhong et al. 2020).
  void erase(CounterRandom& random) {
    const Index tall = 1 + random.below(std::max<Index>(h_ / 2, 1)),
                wide = 1 + random.below(std::max<Index>(w_ / 2, 1));
    const Index top = random.below(h_ - tall + 1), left = random.below(w_ - wide + 1);
    for (Index r = top; r < top + tall; ++r) std::fill_n(&picture_[r * w_ + left], wide, 0.0F);
  }

  // Inverts random pixels, each once: those that were inverted are marked in `other_`.
  void flip(CounterRandom& random) {
    std::fill(other_.begin(), other_.end(), 0.0F);
    for (Index flipped = 0; flipped < std::min(static_cast<Index>(how_.flip), h_ * w_);) {
      const Index i = random.below(h_ * w_);
      if (other_[i] != 0) continue;
      other_[i] = 1;
      picture_[i] = 255 - picture_[i];
      ++flipped;
    }
  }

  void add_noise(std::uint64_t key) {
    const float amount = static_cast<float>(how_.noise) * 255;
    for (Index i = 0; i < h_ * w_; ++i) picture_[i] += amount * nearly_normal(bits(key, static_cast<std::uint32_t>(i)));
  }

  const Augmentation& how_;
  const Index h_, w_, stride_;
  std::vector<float> picture_, other_, padded_, x_, y_, column_, line_;
};

}  // namespace

void augment(const Augmentation& how, std::uint64_t seed, std::uint64_t step, const std::uint8_t* in, Index n,
             Index height, Index width, std::uint8_t* out) {
  const std::uint64_t key = mix(seed ^ mix(step));
  const Draw draw{key};
  const Index size = height * width;
  parallel((n + kTask - 1) / kTask, [&](Index task, int) {
    Scratch scratch(how, height, width);
    for (Index i = task * kTask; i < std::min((task + 1) * kTask, n); ++i)
      scratch.change(draw.row_key(i), in + i * size, out + i * size);
  });
}

}  // namespace hello_dl
