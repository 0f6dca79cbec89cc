// Changes grey pictures at random, so that a network sees each example in many forms (Hello Deep Learning, chapter 7).
#pragma once

#include <cstdint>

#include "engine/common.hh"

namespace hello_dl {

// How far a picture may be changed. At 0 (scale at 1 to 1) each of these does nothing. Lengths are in pixels.
struct Augmentation {
  double shift = 0;                        // up to so far in x and y
  double degrees = 0;                      // turned by up to so many degrees either way
  double shear = 0;                        // up to so many pixels sideways for each pixel of height
  double least_scale = 1, most_scale = 1;  // width and height each times a factor in between
  double elastic = 0;                      // standard deviation of a smooth distortion
  double thickness = 0;                    // strokes grow or shrink by up to this much on each side
  double contrast = 0;                     // ink times a factor between 1 - contrast and 1 + contrast
  double coarse = 0;                       // chance of being seen through coarse pixels, black or white
  double noise = 0;                        // standard deviation, as a share of full ink
  double flip = 0;                         // so many pixels are turned into their opposite
  double erase = 0;                        // chance that a rectangle is blotted out
};

// Fills `out` with n changed pictures (n, height, width). What happens to picture i depends on seed, step and i alone,
// so neither the other pictures nor the number of threads show.
void augment(const Augmentation& how, std::uint64_t seed, std::uint64_t step, const std::uint8_t* in, Index n,
             Index height, Index width, std::uint8_t* out);

}  // namespace hello_dl
