// The rasteriser of strokes.hh: the distance of a pixel to a segment gives its ink.
#include "outside_graph/strokes.hh"

#include <algorithm>
#include <cmath>

namespace hello_dl {
namespace {

struct Capsule {
  float x0, y0, r0, x1, y1, r1;
};

bool is_finite(const Capsule& c) {
  return std::isfinite(c.x0) && std::isfinite(c.y0) && std::isfinite(c.r0) && std::isfinite(c.x1) &&
         std::isfinite(c.y1) && std::isfinite(c.r1);
}

// The pixels whose centres lie in [low, high], cut to 0 .. size - 1, as a half open range. The bounds are cut
// while they are floats: a float outside the range of an integer must not be converted to one.
struct Range {
  int64_t begin, end;
};

Range pixels_between(float low, float high, int64_t size) {
  const auto limit = static_cast<float>(size);
  const float begin = std::clamp(std::ceil(low - 0.5F), 0.0F, limit);
  const float end = std::clamp(std::floor(high - 0.5F) + 1.0F, 0.0F, limit);
  return {static_cast<int64_t>(begin), static_cast<int64_t>(end)};
}

// With p the pixel's centre, a and b the segment's ends: the nearest point of the segment is a + t (b - a),
// t = (p - a).(b - a) / |b - a|^2 cut to 0..1, and there the pen's radius is r0 + t (r1 - r0). The ink is
// 1/2 + radius - distance, cut to 0..1: all ink half a pixel inside the edge, none half a pixel outside.
void draw(const Capsule& c, int64_t height, int64_t width, uint8_t* image) {
  const float reach = std::max(c.r0, c.r1) + 0.5F;
  const Range rows = pixels_between(std::min(c.y0, c.y1) - reach, std::max(c.y0, c.y1) + reach, height);
  const Range columns = pixels_between(std::min(c.x0, c.x1) - reach, std::max(c.x0, c.x1) + reach, width);
  const float dx = c.x1 - c.x0;
  const float dy = c.y1 - c.y0;
  const float length2 = dx * dx + dy * dy;
  const float inverse = length2 > 0 ? 1.0F / length2 : 0.0F;  // a point is a segment with t = 0
  for (int64_t row = rows.begin; row < rows.end; ++row) {
    const float py = static_cast<float>(row) + 0.5F - c.y0;
    uint8_t* line = image + row * width;
    for (int64_t column = columns.begin; column < columns.end; ++column) {
      const float px = static_cast<float>(column) + 0.5F - c.x0;
      const float t = std::clamp((px * dx + py * dy) * inverse, 0.0F, 1.0F);
      const float ex = px - t * dx;
      const float ey = py - t * dy;
      const float edge = c.r0 + t * (c.r1 - c.r0) + 0.5F;  // where the ink ends
      const float distance2 = ex * ex + ey * ey;
      if (edge <= 0 || distance2 >= edge * edge) {
        continue;
      }
      const float ink = std::min(edge - std::sqrt(distance2), 1.0F);
      line[column] = std::max(line[column], static_cast<uint8_t>(std::lround(255.0F * ink)));
    }
  }
}

}  // namespace

void draw_strokes(const float* segments, const int64_t* first_segment_of_image, int64_t n, int64_t height,
                  int64_t width, uint8_t* out) {
  std::fill_n(out, n * height * width, uint8_t{0});
  for (int64_t i = 0; i < n; ++i) {
    uint8_t* image = out + i * height * width;
    for (int64_t s = first_segment_of_image[i]; s < first_segment_of_image[i + 1]; ++s) {
      const float* v = segments + s * numbers_per_segment;
      const Capsule capsule{v[0], v[1], v[2], v[3], v[4], v[5]};
      if (is_finite(capsule)) {
        draw(capsule, height, width, image);
      }
    }
  }
}

}  // namespace hello_dl
