// Broadcasting by numpy's rules, on tensors that may store their channels last.
#include "broadcast.hh"

#include <algorithm>

#include "layout.hh"

namespace hello_dl {

Shape broadcast_shape(const char* op, const Shape& a, const Shape& b) {
  const int dims = std::max(a.dims(), b.dims());
  const Shape pa = padded(a, dims), pb = padded(b, dims);
  Shape y = pa;
  for (int i = 0; i < dims; ++i) {
    need(pa[i] == pb[i] || pa[i] == 1 || pb[i] == 1, op, ": needs shapes that are equal or 1 along each axis, got ", a,
         " and ", b);
    y[i] = pa[i] == 1 ? pb[i] : pa[i];
  }
  return y;
}

Shape padded(const Shape& shape, int dims) {
  Shape p;
  for (int i = shape.dims(); i < dims; ++i) p.push_back(1);
  for (Index s : shape) p.push_back(s);
  return p;
}

Shape as_stored(const Shape& s, bool channels_last) { return channels_last ? Shape{s[0], s[2], s[3], s[1]} : s; }

Word operand_word(const Shape& y, const Shape& x) {
  return x.dims() == y.dims() && x.rows() == y.rows() ? Word::rows : Word::whole;
}

Walk make_walk(const Shape& y, const Shape& a, const Shape& b) {
  Walk w;
  w.row_size = y.cols();
  w.a_row = y.dims() && a[0] == 1 && y[0] != 1 ? 0 : a.cols();
  w.b_row = y.dims() && b[0] == 1 && y[0] != 1 ? 0 : b.cols();
  w.a_full = a == y;
  w.b_full = b == y;
  Index a_size = 1, b_size = 1;  // numbers of a, b in what is to the right of the axis
  for (int i = y.dims() - 1; i >= 1; --i) {
    if (y[i] == 1) continue;
    const Index a_step = a[i] == 1 ? 0 : a_size, b_step = b[i] == 1 ? 0 : b_size;
    const int k = w.axes - 1;  // the axis to its right, filled from the inside out
    const bool joins = w.axes > 0 && a_step == w.a_step[k] * w.size[k] && b_step == w.b_step[k] * w.size[k];
    if (joins) {
      w.size[k] *= y[i];
    } else {
      w.size[w.axes] = y[i];
      w.a_step[w.axes] = a_step;
      w.b_step[w.axes] = b_step;
      ++w.axes;
    }
    a_size *= a[i];
    b_size *= b[i];
  }
  std::reverse(w.size, w.size + w.axes);
  std::reverse(w.a_step, w.a_step + w.axes);
  std::reverse(w.b_step, w.b_step + w.axes);
  return w;
}

namespace {

// With at most one axis longer than 1 after the rows, the order of the axes in memory makes no difference.
bool order_is_free(const Shape& padded_shape) {
  int longer = 0;
  for (int i = 1; i < padded_shape.dims(); ++i) longer += padded_shape[i] != 1;
  return longer <= 1;
}

Tensor in_order(const Tensor& x, bool last) {
  if (x.dims() < 4 || x.node().channels_last == last || order_is_free(x.shape())) return x;
  return last ? channels_last(x) : channels_first(x);
}

}  // namespace

Meeting meet(const char* op, const Tensor& a, const Tensor& b) {
  Meeting m;
  m.shape = broadcast_shape(op, a.shape(), b.shape());
  const int dims = m.shape.dims();
  const bool wanted = dims == 4 && (a.node().channels_last || b.node().channels_last);
  auto can_be_last = [](const Tensor& x) { return x.dims() == 4 || order_is_free(padded(x.shape(), 4)); };
  m.channels_last = wanted && can_be_last(a) && can_be_last(b);
  m.a = in_order(a, m.channels_last);
  m.b = in_order(b, m.channels_last);
  m.walk = make_walk(as_stored(m.shape, m.channels_last), as_stored(padded(a.shape(), dims), m.channels_last),
                     as_stored(padded(b.shape(), dims), m.channels_last));
  return m;
}

}  // namespace hello_dl
