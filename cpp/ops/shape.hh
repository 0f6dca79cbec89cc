// The ops on shapes of which other ops are composed.
#pragma once

#include "engine/registry.hh"

namespace hello_dl {

Tensor reshape(const Tensor& x, const Ints& sizes);
Tensor permute(const Tensor& x, const Ints& dims);
Tensor slice(const Tensor& x, Index dim, Index start, Index stop, Index step);
Tensor cat(const Tensors& list, Index dim);

}  // namespace hello_dl
