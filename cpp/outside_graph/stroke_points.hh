// Points at equal distances along pen strokes, smoothed: what a tablet recorded at equal times, with its jitter,
// becomes a curve that can be drawn.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/common.hh"

namespace hello_dl {

// Points (x, y), one after the other, and the first point of each stroke, then the number of points.
struct StrokePoints {
  std::vector<float> xy;
  std::vector<std::int64_t> starts;
};

// Strokes with points at most `step` apart, at equal distances along each stroke, smoothed `passes` times by
// (1, 2, 1) / 4. A stroke's ends stay; a stroke of no length becomes one point. Stroke k has the points starts[k] up
// to, but not including, starts[k + 1] of `xy`; each has at least one. A stroke whose length is not finite keeps its
// ends.
StrokePoints resample(const float* xy, const std::int64_t* starts, Index strokes, float step, int passes);

}  // namespace hello_dl
