// Checks the arguments of windows that slide over an image.
#include "ops/windows.hh"

namespace hello_dl {

Index window_argument(const char* op, const char* name, const Ints& numbers, int axis, Index least) {
  need(numbers.size() == 1 || numbers.size() == 2, op, ": needs one or two numbers as ", name, ", got ",
       numbers.size());
  const Index n = numbers[numbers.size() == 1 ? 0 : axis];
  need(least <= n && n <= kMostWindow, op, ": needs ", name, " from ", least, " to ", kMostWindow, ", got ", n);
  return n;
}

WindowAxis pooling_axis(const char* op, const Tensor& images, int axis, const Ints& kernel, const Ints& stride,
                        const Ints& padding, bool ceil_mode) {
  WindowAxis w{};
  w.size = images.size(2 + axis);
  need(w.size > 0, op, ": needs images of at least one pixel, got ", images.shape());
  w.kernel = window_argument(op, "kernel_size", kernel, axis, 1);
  w.stride = window_argument(op, "stride", stride, axis, 1);
  w.pad = window_argument(op, "padding", padding, axis, 0);
  need(2 * w.pad <= w.kernel, op, ": needs padding of at most half the window of ", w.kernel, ", got ", w.pad);
  const Index last = w.size + 2 * w.pad - w.kernel + (ceil_mode ? w.stride - 1 : 0);  // pixels from the first window
  need(last >= 0, op, ": needs images at least as large as the window of ", w.kernel, ", less padding, got ",
       images.shape());
  w.count = last / w.stride + 1;
  if (ceil_mode && (w.count - 1) * w.stride >= w.size + w.pad) --w.count;
  return w;
}

}  // namespace hello_dl
