// The same numbers in another shape.
#include "../registry.hh"

#include <algorithm>
#include <numeric>

namespace hello_dl {

// The order of the numbers stays, so row blocks stay row blocks, as long as one row count divides the other.
Tensor reshape(const Tensor& x, const Ints& sizes) {
  Shape shape(sizes);
  Index known = 1;
  int open = -1;
  for (int i = 0; i < shape.dims(); ++i) {
    need(shape[i] >= 0 || (shape[i] == -1 && open < 0), "reshape: needs sizes of 0 or more and at most one -1, got ", shape);
    shape[i] == -1 ? void(open = i) : void(known *= shape[i]);
  }
  if (open >= 0 && known > 0) shape[open] = x.size() / known;
  need(shape.size() == x.size(), "reshape: ", x.shape(), " has ", x.size(), " numbers, which do not fit ", Shape(sizes));
  const Index a = x.rows(), b = shape.rows(), common = std::gcd(a, b);
  const bool by_rows = a == b || (common > 1 && common == std::min(a, b));
  return node(
             "reshape", shape, {by_rows ? rows(x) : whole(x)}, [](Out y, In x) { arr(y) = arr(x); },
             [](Grad g, In x) { x.grad() += arr(g); })
      .reads(kReadsNothing)
      .dtype(x.dtype());
}
HELLO_DL_OP(reshape, "x, shape", "The same numbers in another shape; one size may be -1.");

}  // namespace hello_dl
