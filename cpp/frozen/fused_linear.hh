// A linear layer whose weights never change, together with the functions of single numbers that follow it.
#pragma once

#include <vector>

#include "engine/graph.hh"
#include "frozen/parts.hh"

namespace hello_dl {

struct FusedLinearRecipe {
  Index in, out;
  StoragePtr weight, bias;     // (out, in) and (out,)
  std::vector<Forward> after;  // functions of single numbers
};

class FusedLinear final : public InParts {
 public:
  explicit FusedLinear(FusedLinearRecipe recipe);

  Index parts(Index rows) const override;
  void compute(const Out& y, const In* in, Index part) const override;

 private:
  void one_row(const real* x, Index first, Index last, real* y) const;
  void many_rows(const real* x, Index rows, real* y) const;

  FusedLinearRecipe r_;
  StoragePtr panels_, padded_bias_;
};

}  // namespace hello_dl
