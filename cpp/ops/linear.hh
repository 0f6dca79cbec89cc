// The forward rule of linear: a class of its own, so that it can be recognised in a graph (fuse.cc).
#pragma once

#include "engine/view.hh"

namespace hello_dl {

struct LinearForward {
  Index in, out;

  void operator()(const Out& y, const In* inputs, int count) const;  // inputs: x, W and, if there are three, b
};

}  // namespace hello_dl
