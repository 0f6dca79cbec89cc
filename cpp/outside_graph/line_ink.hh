// Makes the picture of a written line look as a camera and an ink detector leave it: bent, blurred, pale, broken.
#pragma once

#include <cstdint>

#include "engine/common.hh"

namespace hello_dl {

// How the ink of one line is changed. Lengths are in pixels; at its default, each number changes nothing.
struct InkLook {
  double grow = 0;         // strokes grow (or, below 0, shrink) by this on each side
  double coarse = 1;       // resolution is this many times lower, then the picture is enlarged again
  double blur = 0;         // standard deviation of a Gaussian blur
  double fade = 0;         // the palest places lose this share of their ink
  double fade_size = 16;   // distance from a pale place to the next
  double grain = 0;        // small places of 2 pixels lose up to this share of their ink
  double strength = 0;     // if the strongest tenth of the ink is weaker than this, all ink is multiplied up to it
  double gain = 0;         // steepness of the logistic curve from ink to certainty of ink; 0 = no curve
  double threshold = 0.5;  // ink that this curve answers with one half
  double noise = 0;        // standard deviation of what is added to each pixel; 1 is full ink
};

// Changes a picture (height, width) in place, 0 = paper and 255 = ink. What happens depends on `key` and `how` alone.
void change_ink(const InkLook& how, std::uint64_t key, Index height, Index width, std::uint8_t* picture);

// Bends a picture: pixel (r, c) of `out` (out_height, out_width) comes from the place (x, y) of `in`, by bilinear
// interpolation. The places are given at the points of a grid (rows, columns, 2), x before y, whose points lie `step`
// pixels apart in `out`, and are interpolated in between; the first point is the middle of the first pixel. The grid
// must reach over the last row and column. Outside of `in` there is paper.
void bend_ink(const std::uint8_t* in, Index height, Index width, const float* grid, Index columns, Index step,
              Index out_height, Index out_width, std::uint8_t* out);

}  // namespace hello_dl
