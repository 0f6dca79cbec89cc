// What every recurrent layer asks of its arguments.
#include "recurrent.hh"

namespace hello_dl {

void check_recurrent(const char* op, const RecurrentArguments& a, int gates, int states) {
  const Tensor &x = a.x, &w_ih = a.weight_ih, &w_hh = a.weight_hh;
  need(x.dims() == 3, op, ": needs x (n, t, in), got ", x.shape());
  need(x.size(1) > 0, op, ": needs at least one step, got x of shape ", x.shape());
  need(w_hh.dims() == 2 && w_hh.size(1) > 0 && w_hh.size(0) == gates * w_hh.size(1), op, ": needs weight_hh (", gates,
       " * size, size), got ", w_hh.shape());
  need(w_ih.dims() == 2 && w_ih.size(0) == w_hh.size(0) && w_ih.size(1) == x.size(2), op, ": needs weight_ih (",
       w_hh.size(0), ", ", x.size(2), ") for x ", x.shape(), " and weight_hh ", w_hh.shape(), ", got ", w_ih.shape());
  auto check = [&](const std::optional<Tensor>& t, const char* what, const Shape& shape) {
    need(!t || t->shape() == shape, op, ": needs ", what, " of shape ", shape, ", got ", t ? t->shape() : Shape{});
  };
  check(a.bias_ih, "bias_ih", Shape{w_hh.size(0)});
  check(a.bias_hh, "bias_hh", Shape{w_hh.size(0)});
  check(a.h0, "h0", Shape{x.rows(), w_hh.size(1)});
  check(a.c0, "c0", Shape{x.rows(), w_hh.size(1)});
  need(states == 2 || !a.c0, op, ": has no second state c0");
  check(a.lengths, "lengths", Shape{x.rows()});
}

}  // namespace hello_dl
