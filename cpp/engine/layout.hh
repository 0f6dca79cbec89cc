// Images are stored (N, H, W, C), "channels last", between convolutions: all the channels of one pixel side by side.
#pragma once

#include "engine/graph.hh"

namespace hello_dl {

// The same image, its channels stored last. Its shape stays (N, C, H, W): only the order in memory changes.
Tensor channels_last(const Tensor& x);

// The same numbers in the order their shape says. Every op gets its inputs so, unless it asks otherwise.
Tensor channels_first(const Tensor& x);

}  // namespace hello_dl
