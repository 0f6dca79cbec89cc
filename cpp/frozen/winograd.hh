// Convolutions with filters of 3 x 3 in 16 multiplications for four results instead of 36 (Winograd 1980; Lavin and
// Gray 2016, equation 8).
#pragma once

#include "engine/storage.hh"
#include "ops/product_block.hh"

namespace hello_dl {

// Images as they lie in memory, channels last: numbers from one image, and from one line, to the next.
struct ImageLines {
  const real* data;
  Index image, line;
};

class Winograd {
 public:
  // panels: filters (panels, 9 taps, channels, kBlockCols); the channels are a multiple of kPacket.
  Winograd(const real* panels, Index panel_count, Index channels);

  // Writes the convolution of `images` images, `lines` lines of `width` results each, for the panels from `first` to
  // `last`: to is (panels, images, lines, width, kBlockCols), bias (panels of the layer, kBlockCols). x has lines + 2
  // lines of width + 2 pixels, both rounded up to an even number. work_size numbers of `work` are overwritten.
  void compute(const ImageLines& x, Index images, Index lines, Index width, Index first, Index last, const real* bias,
               real* to, real* work) const;
  Index work_size(Index images, Index lines, Index width) const {
    return kNumbers * tiles(images, lines, width) * (channels_ + kBlockCols);
  }

 private:
  static constexpr int kNumbers = 16;  // of a tile of 4 x 4, which gives 2 x 2 results
  static Index tiles(Index images, Index lines, Index width) { return images * ((lines + 1) / 2) * ((width + 1) / 2); }
  void transform_images(const ImageLines& x, Index images, Index lines, Index width, real* V) const;

  Index channels_;
  StoragePtr filters_;  // (panels, 16, channels, kBlockCols)
};

}  // namespace hello_dl
