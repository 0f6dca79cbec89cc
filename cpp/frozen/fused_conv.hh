// A convolution whose filters never change, together with what follows it: batch norm, functions of single numbers,
// a max-pooling.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/graph.hh"
#include "frozen/parts.hh"
#include "frozen/winograd.hh"
#include "ops/conv_geometry.hh"
#include "ops/windows.hh"

namespace hello_dl {

struct FusedConvRecipe {
  ConvGeometry s;
  StoragePtr filters;           // in panels, as filter_panels makes them
  StoragePtr bias;              // for each panel kBlockCols numbers
  std::vector<Forward> before;  // functions of single numbers, then ...
  std::optional<PoolGeometry> pool;
  std::vector<Forward> after;

  Index panels() const { return s.groups * s.blocks(s.group_out()); }
  Index lines() const { return pool ? pool->h.count : s.oh; }
  Index width() const { return pool ? pool->w.count : s.ow; }
  Index first_out(Index panel) const {
    const Index blocks = s.blocks(s.group_out());
    return panel / blocks * s.group_out() + panel % blocks * kBlockCols;
  }
  Index columns(Index panel) const {
    return std::min<Index>(kBlockCols, s.group_out() - panel % s.blocks(s.group_out()) * kBlockCols);
  }
};

class FusedConv final : public InParts {
 public:
  explicit FusedConv(FusedConvRecipe recipe);

  Index parts(Index rows) const override;
  void compute(const Out& y, const In* in, Index part) const override;

 private:
  // Some lines of the result of some images, for some panels of filters.
  struct Chunk {
    Index image, images, line, lines, first_panel, last_panel;

    Index panels() const { return last_panel - first_panel; }
  };
  Index conv_line(Index line) const { return std::min(r_.pool ? line * r_.pool->h.kernel : line, r_.s.oh); }
  void compute_chunk(const Out& y, const In& x, const Chunk& c) const;
  ImageLines read_lines(const In& x, const Chunk& c, Index conv_lines, real* memory) const;
  Index copied_size(const Chunk& c, Index conv_lines) const;
  void convolve(const ImageLines& x, const Chunk& c, Index conv_lines, real* to) const;
  void finish(const Out& y, const Chunk& c, Index conv_lines, Index panel, real* numbers, real* pooled) const;

  FusedConvRecipe r_;
  std::unique_ptr<const Winograd> winograd_;
  bool copies_;                             // images are copied, with a border of zeros
  Index step_;                              // lines of the result that are cut off together
  Index width_in_;                          // pixels in a line of an image as it is read
  std::vector<Index> at_;                   // offsets of a patch's numbers
  Index line_parts_ = 1, panel_parts_ = 1;  // of a single image
};

}  // namespace hello_dl
