// What every other file uses: the type of numbers, the errors, and the shape of a tensor.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace hello_dl {

// All tensors hold numbers of this one type. The package is compiled a second time with double, for checking gradients.
#ifdef HELLO_DL_DOUBLE
using real = double;
#else
using real = float;
#endif

using Index = std::int64_t;

struct ValueError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};
struct TypeError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};
struct IndexError : std::out_of_range {
  using std::out_of_range::out_of_range;
};

template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

// need(condition, "matmul: needs ..., got ", shape) raises a ValueError (or another Error) if the condition is false.
template <class Error = ValueError, class... Parts>
void need(bool condition, const Parts&... parts) {
  if (!condition) throw Error(text(parts...));
}

// The sizes along each axis, at most eight. They lie in the object itself, since a graph has very many shapes.
class Shape {
 public:
  static constexpr int kMaxDims = 8;

  Shape() = default;
  Shape(std::initializer_list<Index> sizes) {
    for (Index s : sizes) push_back(s);
  }
  explicit Shape(const std::vector<Index>& sizes) {
    for (Index s : sizes) push_back(s);
  }

  void push_back(Index size) {
    need(dims_ < kMaxDims, "tensor: needs at most ", kMaxDims, " axes, got more");
    sizes_[dims_++] = size;
  }
  int dims() const { return dims_; }
  Index operator[](int axis) const { return sizes_[axis]; }
  Index& operator[](int axis) { return sizes_[axis]; }
  const Index* begin() const { return sizes_; }
  const Index* end() const { return sizes_ + dims_; }

  Index size() const { return product(0); }
  Index rows() const { return dims_ == 0 ? 1 : sizes_[0]; }  // axis 0; a scalar is one row
  Index cols() const { return product(1); }                  // numbers in a row
  Index back() const { return dims_ == 0 ? 1 : sizes_[dims_ - 1]; }

  // The product of all sizes from this axis on.
  Index product(int from) const {
    Index p = 1;
    for (int i = from; i < dims_; ++i) p *= sizes_[i];
    return p;
  }

  friend bool operator==(const Shape& a, const Shape& b) {
    if (a.dims_ != b.dims_) return false;
    for (int i = 0; i < a.dims_; ++i)
      if (a.sizes_[i] != b.sizes_[i]) return false;
    return true;
  }
  friend bool operator!=(const Shape& a, const Shape& b) { return !(a == b); }

  friend std::ostream& operator<<(std::ostream& out, const Shape& s) {
    out << '(';
    for (int i = 0; i < s.dims_; ++i) out << (i ? ", " : "") << s.sizes_[i];
    return out << (s.dims_ == 1 ? ",)" : ")");
  }

 private:
  int dims_ = 0;
  Index sizes_[kMaxDims] = {};
};

// Refuses shapes with more numbers than any machine can address (2^48), whose products might not fit an Index. Axes of
// size 0 do not count, since parts of the shape are multiplied without them.
inline void need_countable(const char* op, const Shape& shape) {
  double numbers = 1;
  for (Index size : shape) numbers *= size > 0 ? static_cast<double>(size) : 1;
  need(numbers <= 281474976710656.0, op, ": needs a shape of at most 2^48 numbers, got ", shape);
}

// What the numbers mean. All are stored as `real`, truth values as 1 and 0.
enum class DType { real, integer, boolean };

}  // namespace hello_dl
