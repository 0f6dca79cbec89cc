// Images are stored (N, H, W, C), "channels last", between convolutions: all the channels of one pixel side by side.
#pragma once

#include "engine/graph.hh"

namespace hello_dl {

// The same image, its channels stored last. Its shape stays (N, C, H, W): only the order in memory changes.
Tensor channels_last(const Tensor& x);

// The same numbers in the order of the shape, which is how ops get their inputs unless they take them as stored.
Tensor channels_first(const Tensor& x);

}  // namespace hello_dl
