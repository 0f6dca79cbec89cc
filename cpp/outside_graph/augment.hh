// Changes grey pictures at random, so that a network sees each of them in many forms (Hello Deep Learning, chapter 7).
#pragma once

#include <cstdint>

#include "engine/common.hh"

namespace hello_dl {

// How far a picture may be changed. At 0 (the scales at 1) each of these does nothing. Lengths are in pixels.
struct Augmentation {
  double shift = 0;                        // moved by at most this in x and y
  double degrees = 0;                      // turned by at most this in either direction
  double shear = 0;                        // moved sideways by at most this for each pixel of height
  double least_scale = 1, most_scale = 1;  // width and height are each multiplied by a factor in between
  double elastic = 0;                      // standard deviation of a smooth distortion
  double thickness = 0;                    // strokes grow or shrink by at most this on each side
  double contrast = 0;                     // ink is multiplied by 1 - contrast to 1 + contrast
  double coarse = 0;                       // probability of being drawn with coarse black and white pixels
  double noise = 0;                        // standard deviation of what is added to a pixel; 1 is full ink
  double flip = 0;                         // this many pixels are inverted
  double erase = 0;                        // probability that a rectangle becomes paper
};

// Fills `out` with n changed pictures (n, height, width). What happens to picture i depends on seed, step and i alone,
// not on the other pictures or the number of threads.
void augment(const Augmentation& how, std::uint64_t seed, std::uint64_t step, const std::uint8_t* in, Index n,
             Index height, Index width, std::uint8_t* out);

}  // namespace hello_dl
