// Draws pen strokes into small grey pictures: the rasteriser behind the embedded handwriting.
#pragma once

#include <cstdint>

namespace hello_dl {

// One segment is six floats: x0, y0, r0, x1, y1, r1. It is the trace of a round pen tip that moves in a
// straight line from (x0, y0) to (x1, y1) while its radius goes from r0 to r1: a capsule. Units are pixels,
// x to the right and y downwards; the centre of the top left pixel is (0.5, 0.5).
constexpr int64_t numbers_per_segment = 6;

// Fills `out` (n, height, width) with n pictures, 0 = paper and 255 = ink. Picture i is made of the segments
// first_segment_of_image[i] up to, but not including, first_segment_of_image[i + 1], so that array has
// n + 1 entries. Where segments overlap, the darkest ink is taken, so that a stroke has no darker joints.
// The offsets must rise and lie inside `segments`. Segments with a number that is not finite are left out, and what
// falls outside the picture is cut off.
void draw_strokes(const float* segments, const int64_t* first_segment_of_image, int64_t n, int64_t height,
                  int64_t width, uint8_t* out);

}  // namespace hello_dl
