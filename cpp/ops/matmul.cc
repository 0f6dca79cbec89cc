// Matrix products.
#include "ops/broadcast.hh"
#include "ops/linear.hh"
#include "ops/shape.hh"
#include "ops/sums.hh"

namespace hello_dl {

Tensor add(const Tensor& a, const Tensor& b);                               // arithmetic.cc
Tensor sum(const Tensor& x, const std::optional<Ints>& dim, bool keepdim);  // reduce.cc
Tensor expand(const Tensor& x, const Ints& sizes);                          // shape.cc

namespace {

// Y = A B, G = dL/dY:  dL/dA = G B',  dL/dB = A' G.
// A may have any number of axes before its last: they are rows like the first.
Made matmul_2d(const Tensor& a, const Tensor& b) {
  const Index k = b.size(0), n = b.size(1);
  Shape shape = a.shape();
  shape[a.dims() - 1] = n;
  return node(
      "matmul", shape, {rows(a), whole(b)}, [=](Out y, In a, In b) { mat(y, n).noalias() = mat(a, k) * mat(b); },
      [=](Grad g, In a, In b) {
        if (a) a.grad() += mat(g, n) * mat(b).transpose();
        if (b) b.grad() += mat(a, k).transpose() * mat(g, n);
      });
}

// The same for stacks of matrices: up to two axes before the last two, each equal in A and B or 1 in one of them.
struct Stacks {
  Shape shape, a, b;  // four axes each: (rows, inner, m, n)
  Index m, k, n;

  // f(i, number of A's matrix, number of B's matrix) for each product i in so many rows of the result.
  template <class F>
  void each(Index rows, F f) const {
    const Index a_row = a[0] == 1 && shape[0] != 1 ? 0 : a[1], b_row = b[0] == 1 && shape[0] != 1 ? 0 : b[1];
    for (Index r = 0; r < rows; ++r)
      for (Index j = 0; j < shape[1]; ++j)
        f(r * shape[1] + j, r * a_row + (a[1] == 1 ? 0 : j), r * b_row + (b[1] == 1 ? 0 : j));
  }
};

// A shape with four axes: (m, n) becomes (1, 1, m, n), and (batch, m, n) in a product of three axes (batch, 1, m, n).
Shape four_axes(const Shape& x, int dims) {
  if (dims == 3) return x.dims() == 3 ? Shape{x[0], 1, x[1], x[2]} : Shape{1, 1, x[0], x[1]};
  return padded(x, 4);
}

Made matmul_stacks(const Tensor& a, const Tensor& b, const Shape& shape) {
  const int dims = shape.dims();
  Stacks s;
  s.shape = four_axes(shape, dims);
  s.a = four_axes(a.shape(), dims);
  s.b = four_axes(b.shape(), dims);
  s.m = s.a[2], s.k = s.a[3], s.n = s.b[3];
  auto matrix = [](const View& v, Index i, Index rows, Index cols) {
    return MatrixMap(v.data + i * rows * cols, rows, cols);
  };
  auto forward = [=](Out y, In a, In b) {
    s.each(y.rows, [&](Index i, Index ia, Index ib) {
      matrix(y, i, s.m, s.n).noalias() = matrix(a, ia, s.m, s.k) * matrix(b, ib, s.k, s.n);
    });
  };
  auto backward = [=](Grad g, In a, In b) {
    const bool assign_a = a && s.a[0] == s.shape[0] && s.a[1] == s.shape[1] && a.grad().fresh();
    const bool assign_b = b && s.b[0] == s.shape[0] && s.b[1] == s.shape[1] && b.grad().fresh();
    real* da = !a ? nullptr : assign_a ? a.grad().written() : a.grad().zeroed();
    real* db = !b ? nullptr : assign_b ? b.grad().written() : b.grad().zeroed();
    s.each(g.rows, [&](Index i, Index ia, Index ib) {
      const MatrixMap G = matrix(g, i, s.m, s.n);
      if (a) {
        MatrixMap A(da + ia * s.m * s.k, s.m, s.k);
        store(assign_a, A.noalias(), G * matrix(b, ib, s.k, s.n).transpose());
      }
      if (b) {
        MatrixMap B(db + ib * s.k * s.n, s.k, s.n);
        store(assign_b, B.noalias(), matrix(a, ia, s.m, s.k).transpose() * G);
      }
    });
  };
  auto input = [&](const Tensor& x) { return operand_word(shape, x.shape()) == Word::rows ? rows(x) : whole(x); };
  return node("matmul", shape, {input(a), input(b)}, forward, backward);
}

// The axes before the last two.
Shape stack(const Shape& shape) {
  Shape first;
  for (int i = 0; i + 2 < shape.dims(); ++i) first.push_back(shape[i]);
  return first;
}

Ints as_ints(const Shape& shape) { return {shape.begin(), shape.end()}; }

// X (..., m, n) as (stack, m, n): its matrices as often as a product of this shape needs them, along one axis.
Tensor one_stack(const Tensor& x, const Shape& product) {
  const Index m = x.size(x.dims() - 2), n = x.size(x.dims() - 1);
  Ints whole_stack = as_ints(stack(product));
  Index count = 1;
  for (const Index size : whole_stack) count *= size;
  whole_stack.push_back(m);
  whole_stack.push_back(n);
  return reshape(expand(x, whole_stack), {count, m, n});
}

Ints without(const Shape& shape, int axis) {
  Ints sizes(shape.begin(), shape.end());
  sizes.erase(sizes.begin() + axis);
  return sizes;
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b) {
  const int da = a.dims(), db = b.dims();
  need(1 <= da && 1 <= db, "matmul: needs one axis or more on both sides, got ", a.shape(), " and ", b.shape());
  need(a.shape().back() == b.size(db == 1 ? 0 : db - 2),
       "matmul: needs as many columns on the left as rows on the right, got ", a.shape(), " and ", b.shape());
  if (da == 1) {  // a row; its axis of size 1 is removed from the result
    const Tensor y = matmul(reshape(a, {1, a.rows()}), db == 1 ? reshape(b, {b.rows(), 1}) : b);
    return reshape(y, db == 1 ? Ints{} : without(y.shape(), y.dims() - 2));
  }
  if (db == 1) {  // a column; likewise
    const Tensor y = matmul(a, reshape(b, {b.rows(), 1}));
    return reshape(y, without(y.shape(), y.dims() - 1));
  }
  Shape shape = a.shape();
  if (db > 2) {
    shape = broadcast_shape("matmul", stack(a.shape()), stack(b.shape()));
    shape.push_back(a.size(da - 2));
    shape.push_back(0);
  }
  shape[shape.dims() - 1] = b.shape().back();
  if (db > 2 && shape.dims() > 4) return reshape(matmul(one_stack(a, shape), one_stack(b, shape)), as_ints(shape));
  if (a.shape().back() == 0)  // sums of nothing: zeros, through which empty gradients flow
    return add(sum(a, Ints{-1}, true), sum(b, Ints{-2}, true));
  return (db == 2 ? matmul_2d(a, b) : matmul_stacks(a, b, shape))
      .reads((a.requires_grad() ? kReadsSecond : kReadsNothing) | (b.requires_grad() ? kReadsFirst : kReadsNothing))
      .work(static_cast<double>(a.shape().back()))
      .expensive()
      .dtype(common_dtype(a, b) == DType::real ? DType::real : DType::integer);
}
HELLO_DL_OP(
    matmul, "x, other",
    "Matrix product: (m, k) times (k, n) gives (m, n); axes before the last two are stacks of matrices, broadcast; a "
    "tensor of one axis is a row on the left and a column on the right.");

void LinearForward::operator()(const Out& y, const In* inputs, int count) const {
  const In &x = inputs[0], &w = inputs[1];
  MatrixMap Y = mat(y, out);
  if (count == 3) {
    Y.rowwise() = mat(inputs[2], out).row(0);
    Y.noalias() += mat(x, in) * mat(w).transpose();
  } else {
    Y.noalias() = mat(x, in) * mat(w).transpose();
  }
}

// Y = X W' + b:  dL/dX = G W,  dL/dW = G' X,  dL/db = the sum of G over its rows.
Tensor linear(const Tensor& x, const Tensor& weight, const std::optional<Tensor>& bias) {
  need(weight.dims() == 2 && x.dims() >= 1 && x.shape().back() == weight.size(1),
       "linear: needs x (..., in) and weight (out, in), got ", x.shape(), " and ", weight.shape());
  const Index in = weight.size(1), out = weight.size(0);
  need(!bias || (bias->dims() == 1 && bias->rows() == out), "linear: needs a bias of shape (", out, ",), got ",
       bias ? bias->shape() : Shape{});
  Shape shape = x.shape();
  shape[x.dims() - 1] = out;
  auto backward = [=](Grad g, const In* in_, int count) {
    const In &x = in_[0], &w = in_[1];
    const MatrixMap G = mat(g, out);
    if (x) x.grad() += G * mat(w);
    if (w) w.grad() += G.transpose() * mat(x, in);
    if (count == 3 && in_[2]) add_column_sums(in_[2].grad().zeroed(), g.data, G.rows(), out, out);
  };
  return node("linear", shape, {x.dims() == 1 ? whole(x) : rows(x), whole(weight), whole(bias.value_or(Tensor{}))},
              LinearForward{in, out}, backward)
      .reads((x.requires_grad() ? kReadsSecond : kReadsNothing) |
             (weight.requires_grad() ? kReadsFirst : kReadsNothing))
      .work(static_cast<double>(in))
      .expensive();
}
HELLO_DL_OP(linear, "x, weight, bias=None",
            "x W' + b: x (..., in), weight (out, in), bias (out,) give (..., out) (chapter 3).");

}  // namespace hello_dl
