// Broadcasting by numpy's rules, on tensors that may store their channels last.
#include "ops/broadcast.hh"

#include <algorithm>

#include "engine/layout.hh"

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

StridedLoop make_strided_loop(const Shape& y, std::initializer_list<Shape> operands) {
  StridedLoop loop;
  loop.row_size = y.cols();
  Index size[kMostOperands] = {1, 1, 1};  // numbers of each operand in what is to the right of the axis
  const Shape* x = operands.begin();
  const int count = static_cast<int>(operands.size());
  for (int k = 0; k < count; ++k) {
    loop.row[k] = y.dims() && x[k][0] == 1 && y[0] != 1 ? 0 : x[k].cols();
    loop.full[k] = x[k] == y;
  }
  for (int i = y.dims() - 1; i >= 1; --i) {
    if (y[i] == 1) continue;
    Index step[kMostOperands] = {};
    const int right = loop.axes - 1;  // the axis to its right, filled from the inside out
    bool joins = loop.axes > 0;
    for (int k = 0; k < count; ++k) {
      step[k] = x[k][i] == 1 ? 0 : size[k];
      joins = joins && step[k] == loop.step[k][right] * loop.size[right];
      size[k] *= x[k][i];
    }
    if (joins) {
      loop.size[right] *= y[i];
    } else {
      loop.size[loop.axes] = y[i];
      for (int k = 0; k < count; ++k) loop.step[k][loop.axes] = step[k];
      ++loop.axes;
    }
  }
  std::reverse(loop.size, loop.size + loop.axes);
  for (auto& step : loop.step) std::reverse(step, step + loop.axes);
  return loop;
}

namespace {

// If at most one axis after the rows is longer than 1, both orders in memory are the same.
bool order_is_free(const Shape& padded_shape) {
  int longer = 0;
  for (int i = 1; i < padded_shape.dims(); ++i) longer += padded_shape[i] != 1;
  return longer <= 1;
}

// An image turned to the order wanted; others as they are.
Tensor in_order(const Tensor& x, bool last) {
  if (x.dims() < 4 || x.node().channels_last == last || order_is_free(x.shape())) return x;
  return last ? channels_last(x) : channels_first(x);
}

}  // namespace

BroadcastPlan plan_broadcast(const char* op, std::initializer_list<Tensor> operands) {
  BroadcastPlan plan;
  bool wanted = false;
  for (const Tensor& x : operands) {
    plan.shape = &x == operands.begin() ? x.shape() : broadcast_shape(op, plan.shape, x.shape());
    wanted |= x.node().channels_last;
  }
  const int dims = plan.shape.dims();
  plan.channels_last = wanted && dims == 4;
  for (const Tensor& x : operands)
    plan.channels_last &= x.dims() == 4 || (dims == 4 && order_is_free(padded(x.shape(), 4)));
  Shape stored[kMostOperands];
  int k = 0;
  for (const Tensor& x : operands) {
    plan.operand[k] = in_order(x, plan.channels_last);
    stored[k++] = as_stored(padded(x.shape(), dims), plan.channels_last);
  }
  const Shape y = as_stored(plan.shape, plan.channels_last);
  plan.loop =
      k == 2 ? make_strided_loop(y, {stored[0], stored[1]}) : make_strided_loop(y, {stored[0], stored[1], stored[2]});
  return plan;
}

DType common_dtype(const Tensor& a, const Tensor& b) {
  if (a.dtype() == DType::real || b.dtype() == DType::real) return DType::real;
  return a.dtype() == DType::integer || b.dtype() == DType::integer ? DType::integer : DType::boolean;
}

}  // namespace hello_dl
