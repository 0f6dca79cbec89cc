// What the code of an op sees: some rows of its inputs and of its result, as plain Eigen maps.
//
// An op does not know how many slices there are or which thread runs it: it is given some rows, and computes them.
#pragma once

#include <Eigen/Core>
#include <utility>

#include "engine/common.hh"

namespace hello_dl {

using Matrix = Eigen::Matrix<real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixMap = Eigen::Map<Matrix>;
using ConstMatrixMap = Eigen::Map<const Matrix>;
using ArrayMap = Eigen::Map<Eigen::Array<real, Eigen::Dynamic, 1>>;
using ConstArrayMap = Eigen::Map<const Eigen::Array<real, Eigen::Dynamic, 1>>;

// to = value or to += value, for Eigen expressions of one shape. (inline: a call for each line of 64 numbers shows.)
template <class To, class Value>
inline void store(bool assign, To&& to, const Value& value) {
  if (assign)
    to = value;
  else
    to += value;
}

// to[i] = value(i) or to[i] += value(i) for i from 0 to n - 1: two loops, so that neither has a branch inside.
template <class Integer, class F>
inline void store_each(bool assign, real* __restrict to, Integer n, F value) {
  if (assign)
    for (Integer i = 0; i < n; ++i) to[i] = value(i);
  else
    for (Integer i = 0; i < n; ++i) to[i] += value(i);
}

// Where a gradient goes. The first to write assigns, later ones add: the memory need not be set to 0 beforehand.
class GradSink {
 public:
  GradSink() = default;
  GradSink(real* data, Index rows, Index cols, bool fresh) : data_(data), rows_(rows), cols_(cols), fresh_(fresh) {}

  explicit operator bool() const { return data_ != nullptr; }
  Index rows() const { return rows_; }
  Index size() const { return rows_ * cols_; }

  // a.grad() += some Eigen expression: an array expression is flat, a matrix expression is (rows, its own columns).
  template <class E>
  void operator+=(const Eigen::ArrayBase<E>& e) {
    ArrayMap to(data_, size());
    store(std::exchange(fresh_, false), to, e);
  }
  template <class E>
  void operator+=(const Eigen::MatrixBase<E>& e) {
    if (e.size() != size()) {  // a product with a matrix without columns: mat() shows no rows of it, either
      zeroed();
      return;
    }
    MatrixMap to(data_, e.rows(), e.cols());
    store(std::exchange(fresh_, false), to.noalias(), e);
  }

  // For rules that add number by number: the memory, set to 0 if nothing was written there before.
  real* zeroed() {
    if (fresh_) ArrayMap(data_, size()).setZero();
    fresh_ = false;
    return data_;
  }
  // For rules that write every number themselves: fresh(), asked beforehand, tells whether to assign or to add.
  bool fresh() const { return fresh_; }
  real* written() {
    fresh_ = false;
    return data_;
  }

 private:
  real* data_ = nullptr;
  Index rows_ = 0, cols_ = 0;
  bool fresh_ = true;
};

// Some rows of a tensor: rows x cols numbers, the first of them belonging to row `first` of the whole tensor.
struct View {
  real* data = nullptr;
  Index rows = 0, cols = 0, first = 0;

  Index size() const { return rows * cols; }
};

// An input. In a forward rule only its numbers matter; in a backward rule `if (x) x.grad() += ...` gives its gradient.
struct In : View {
  GradSink* sink = nullptr;

  explicit operator bool() const { return sink != nullptr; }
  GradSink& grad() const { return *sink; }
};

// The result of a forward rule. `extra` is kept until backward; `scratch` may be overwritten as soon as the op returns.
struct Out : View {
  real* extra = nullptr;
  real* scratch = nullptr;
  GradSink* total = nullptr;  // for a fold, whose rows are summed over the slices: y.sum() += ...

  GradSink& sum() const { return *total; }
};

// What a backward rule starts from: the gradient of the result (G = dL/dY) and, if the op said it reads it, Y itself.
struct Grad : View {
  const real* value = nullptr;
  real* extra = nullptr;
  bool extra_filled = false;  // false: forward ran in another pass, and the rule has to fill `extra` again
  real* scratch = nullptr;
};

inline ArrayMap arr(const View& v) { return {v.data, v.size()}; }
inline MatrixMap mat(const View& v) { return {v.data, v.rows, v.cols}; }
inline MatrixMap mat(const View& v, Index cols) { return {v.data, cols ? v.size() / cols : 0, cols}; }
inline ConstArrayMap value_arr(const Grad& g) { return {g.value, g.size()}; }
inline ConstMatrixMap value_mat(const Grad& g, Index cols) { return {g.value, cols ? g.size() / cols : 0, cols}; }

}  // namespace hello_dl
