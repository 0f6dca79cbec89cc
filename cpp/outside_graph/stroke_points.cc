// Resampling of stroke_points.hh: walks along each stroke and sets a point at every equal part of its length.
#include "outside_graph/stroke_points.hh"

#include <algorithm>
#include <cmath>

namespace hello_dl {
namespace {

constexpr float kMostPieces = 100000;  // of a stroke; keeps the memory small when lengths are absurd

float distance(const float* a, const float* b) { return std::hypot(b[0] - a[0], b[1] - a[1]); }

// Appends to `out` the points of one stroke of n points.
void walk(const float* xy, Index n, float step, std::vector<float>& out) {
  float length = 0;
  for (Index i = 0; i + 1 < n; ++i) length += distance(xy + 2 * i, xy + 2 * i + 2);
  const bool usual = std::isfinite(length);
  const auto pieces = static_cast<Index>(usual ? std::ceil(std::min(length / step, kMostPieces)) : 1.0F);
  out.insert(out.end(), xy, xy + 2);
  float done = 0;  // length up to point i
  Index i = 0;
  for (Index k = 1; k < pieces; ++k) {
    const float wanted = length * static_cast<float>(k) / static_cast<float>(pieces);
    float here = distance(xy + 2 * i, xy + 2 * i + 2);
    while (done + here < wanted && i + 2 < n) {
      done += here;
      ++i;
      here = distance(xy + 2 * i, xy + 2 * i + 2);
    }
    const float t = here > 0 ? std::min((wanted - done) / here, 1.0F) : 0.0F;
    const float* a = xy + 2 * i;
    out.push_back(a[0] + t * (a[2] - a[0]));
    out.push_back(a[1] + t * (a[3] - a[1]));
  }
  if (pieces > 0) out.insert(out.end(), xy + 2 * (n - 1), xy + 2 * n);
}

// x[i] becomes (x[i - 1] + 2 x[i] + x[i + 1]) / 4, but for the first and the last of n points.
void smooth(float* xy, Index n) {
  float before[2] = {xy[0], xy[1]};
  for (Index i = 1; i + 1 < n; ++i)
    for (Index k = 0; k < 2; ++k) {
      const float here = xy[2 * i + k];
      xy[2 * i + k] = (before[k] + 2 * here + xy[2 * i + 2 + k]) / 4;
      before[k] = here;
    }
}

}  // namespace

StrokePoints resample(const float* xy, const std::int64_t* starts, Index strokes, float step, int passes) {
  StrokePoints out;
  out.starts.push_back(0);
  for (Index s = 0; s < strokes; ++s) {
    const auto first = static_cast<Index>(out.xy.size());
    walk(xy + 2 * starts[s], starts[s + 1] - starts[s], step, out.xy);
    for (int pass = 0; pass < passes; ++pass)
      smooth(out.xy.data() + first, (static_cast<Index>(out.xy.size()) - first) / 2);
    out.starts.push_back(static_cast<std::int64_t>(out.xy.size() / 2));
  }
  return out;
}

}  // namespace hello_dl
