// A recurrent layer: a cell goes through a sequence step by step, and what it knows goes with it.
//
// Rows are sequences, so a slice is a few sequences through all their time. The input's share of all gates at all steps
// is one matrix product; what remains for each step is the product with the state and the cell's own arithmetic, which
// is in rnn.cc, gru.cc and lstm.cc. Going back, the steps leave the gradients of the gates in the gates' own memory,
// and all weights get theirs from products over all steps at once (back-propagation through time, Werbos 1990).
#pragma once

#include <algorithm>
#include <array>
#include <optional>

#include "../registry.hh"

namespace hello_dl {

struct RecurrentArguments {
  Tensor x, weight_ih, weight_hh;
  std::optional<Tensor> bias_ih, bias_hh, h0, c0, lengths;
  bool reverse = false;
};

// One step of one sequence, as a cell sees it. Each pointer is to `size` numbers, or to blocks of so many.
struct CellForward {
  Index size;
  real* gates;           // W_ih x + b_ih comes in, the gates' values go out
  const real* hidden;    // W_hh h + b_hh
  real* kept;            // whatever else backward needs
  const real* state[2];  // h, c before
  real* next[2];         // h, c after
};

struct CellBackward {
  Index size;
  real* gates;           // values come in, dL/d(W_ih x + b_ih) goes out
  real* kept;            // goes out: dL/d(W_hh h + b_hh) of the blocks in which it is another than the gates'
  const real* state[2];  // h, c before
  real* grad[2];         // dL/dh, dL/dc after come in; dL/dh, dL/dc before go out, without what W_hh adds to dL/dh
};

// Cell has: name; kGates, the blocks of the weights; kShared, how many of them see W_ih x + W_hh h as one sum;
// kKept; kStates (1: h, 2: h and c); forward(CellForward), backward(CellBackward).
template <class Cell>
class Recurrent {
  static constexpr int kGates = Cell::kGates, kShared = Cell::kShared, kKept = Cell::kKept, kStates = Cell::kStates;
  using Strided = Eigen::Map<Matrix, 0, Eigen::OuterStride<>>;

 public:
  Recurrent(const RecurrentArguments& a, const Cell& cell)
      : cell_(cell), steps_(a.x.size(1)), in_(a.x.size(2)), size_(a.weight_hh.size(1)), reverse_(a.reverse) {
    int next = 3;
    auto place = [&next](const std::optional<Tensor>& t) { return t ? next++ : -1; };
    bias_ih_ = place(a.bias_ih), bias_hh_ = place(a.bias_hh);
    first_[0] = place(a.h0), first_[1] = place(a.c0), lengths_ = place(a.lengths);
  }

  Index extra() const { return steps_ * (kGates + kKept + kStates) * size_; }
  Index scratch() const { return (kGates + kStates) * size_; }

  void forward(Out y, const In* in) const { run(in, y.rows, y.extra, y.scratch, &y); }

  void backward(Grad g, const In* in) const {
    if (!g.extra_filled) run(in, g.rows, g.extra, g.scratch, nullptr);
    const Memory m(*this, g.rows, g.extra, g.scratch);
    const In &x = in[0], &w_ih = in[1], &w_hh = in[2];
    for (int s = 0; s < kStates; ++s)
      for (Index b = 0; b < g.rows; ++b) std::copy_n(y_row(g, b, steps_ + s), size_, m.last[s] + b * size_);
    for (Index k = steps_ - 1; k >= 0; --k) {
      for (Index b = 0; b < g.rows; ++b) step_back(in, g, m, b, step(k));
      MatrixMap dH(m.last[0], g.rows, size_);
      dH.noalias() += m.gates_at(step(k), kShared) * mat(w_hh).topRows(kShared * size_);
      if (kShared < kGates) dH.noalias() += m.kept_at(step(k)) * mat(w_hh).bottomRows((kGates - kShared) * size_);
    }
    const MatrixMap G = m.all_gates();
    if (x) x.grad() += G * mat(w_ih);
    if (w_ih) w_ih.grad() += G.transpose() * mat(x, in_);
    if (bias_ih_ >= 0 && in[bias_ih_]) in[bias_ih_].grad() += G.colwise().sum();
    if (w_hh) add_hidden_gradient(m, w_hh.grad());
    if (bias_hh_ >= 0 && in[bias_hh_]) add_hidden_bias_gradient(m, in[bias_hh_].grad());
    for (int s = 0; s < kStates; ++s)
      if (first_[s] >= 0 && in[first_[s]]) in[first_[s]].grad() += MatrixMap(m.last[s], g.rows, size_);
  }

  Reads reads(const RecurrentArguments& a) const {
    return (a.x.requires_grad() ? kReadsSecond : kReadsNothing) |
           (a.weight_ih.requires_grad() ? kReadsFirst : kReadsNothing) | kReadsThird |
           (lengths_ >= 0 ? 1u << lengths_ : kReadsNothing);
  }

 private:
  // What forward leaves for backward, for a slice of n sequences: (n, steps, ...) each, one after the other.
  struct Memory {
    Memory(const Recurrent& r, Index n, real* extra, real* scratch) : n(n), steps(r.steps_), size(r.size_) {
      gates = extra;
      kept = gates + n * steps * kGates * size;
      hidden = scratch;
      for (int s = 0; s < kStates; ++s) {
        state[s] = kept + n * steps * (kKept + s) * size;
        last[s] = hidden + n * (kGates + s) * size;
      }
    }
    Index n, steps, size;
    real *gates, *kept, *state[2] = {};  // the states that each step finds
    real *hidden, *last[2] = {};  // scratch: W_hh h + b_hh of a step; the states after all steps, or dL/d(states)

    Index at(Index b, Index t) const { return (b * steps + t) * size; }
    MatrixMap all_gates() const { return {gates, n * steps, kGates * size}; }
    Strided some_gates(int blocks) const {
      return {gates, n * steps, blocks * size, Eigen::OuterStride<>(kGates * size)};
    }
    MatrixMap all_kept() const { return {kept, n * steps, kKept * size}; }
    MatrixMap all_h() const { return {state[0], n * steps, size}; }
    // Of one step: row b belongs to sequence b.
    Strided gates_at(Index t, int blocks) const {
      return {gates + t * kGates * size, n, blocks * size, Eigen::OuterStride<>(steps * kGates * size)};
    }
    Strided kept_at(Index t) const {
      return {kept + t * kKept * size, n, kKept * size, Eigen::OuterStride<>(steps * kKept * size)};
    }
    Strided h_at(Index t) const { return {state[0] + t * size, n, size, Eigen::OuterStride<>(steps * size)}; }
  };

  Index step(Index k) const { return reverse_ ? steps_ - 1 - k : k; }
  real* y_row(const View& y, Index b, Index t) const { return y.data + (b * (steps_ + kStates) + t) * size_; }
  bool beyond(const In* in, Index b, Index t) const {
    return lengths_ >= 0 && static_cast<real>(t) >= in[lengths_].data[b];
  }

  void run(const In* in, Index n, real* extra, real* scratch, const Out* y) const {
    const Memory m(*this, n, extra, scratch);
    const In &x = in[0], &w_ih = in[1], &w_hh = in[2];
    MatrixMap G = m.all_gates(), H(m.hidden, n, kGates * size_);
    start(G, in, bias_ih_);
    G.noalias() += mat(x, in_) * mat(w_ih).transpose();
    for (int s = 0; s < kStates; ++s)
      for (Index b = 0; b < n; ++b) {
        real* to = m.state[s] + m.at(b, step(0));
        first_[s] >= 0 ? void(std::copy_n(in[first_[s]].data + b * size_, size_, to))
                       : void(std::fill_n(to, size_, real(0)));
      }
    for (Index k = 0; k < steps_; ++k) {
      start(H, in, bias_hh_);
      H.noalias() += m.h_at(step(k)) * mat(w_hh).transpose();
      for (Index b = 0; b < n; ++b) step_forward(in, m, b, k, y);
    }
    for (int s = 0; y && s < kStates; ++s)
      for (Index b = 0; b < n; ++b) std::copy_n(m.last[s] + b * size_, size_, y_row(*y, b, steps_ + s));
  }

  // Every row of M is the bias, or 0.
  void start(MatrixMap& M, const In* in, int bias) const {
    if (bias >= 0)
      M.rowwise() = mat(in[bias], M.cols()).row(0);
    else
      M.setZero();
  }

  // The k-th step leaves its states where the next one looks for them.
  void step_forward(const In* in, const Memory& m, Index b, Index k, const Out* y) const {
    const Index t = step(k), at = m.at(b, t);
    CellForward c{size_, m.gates + at * kGates, m.hidden + b * kGates * size_, m.kept + at * kKept, {}, {}};
    for (int s = 0; s < kStates; ++s) {
      c.state[s] = m.state[s] + at;
      c.next[s] = k + 1 < steps_ ? m.state[s] + m.at(b, step(k + 1)) : m.last[s] + b * size_;
    }
    const bool idle = beyond(in, b, t);
    if (idle)
      for (int s = 0; s < kStates; ++s) std::copy_n(c.state[s], size_, c.next[s]);
    else
      cell_.forward(c);
    if (!y) return;
    idle ? void(std::fill_n(y_row(*y, b, t), size_, real(0))) : void(std::copy_n(c.next[0], size_, y_row(*y, b, t)));
  }

  void step_back(const In* in, const Grad& g, const Memory& m, Index b, Index t) const {
    const Index at = m.at(b, t);
    CellBackward c{size_, m.gates + at * kGates, m.kept + at * kKept, {}, {}};
    for (int s = 0; s < kStates; ++s) {
      c.state[s] = m.state[s] + at;
      c.grad[s] = m.last[s] + b * size_;
    }
    if (beyond(in, b, t)) {
      std::fill_n(c.gates, kGates * size_, real(0));
      std::fill_n(c.kept, kKept * size_, real(0));
      return;
    }
    ArrayMap(c.grad[0], size_) += ArrayMap(y_row(g, b, t), size_);
    cell_.backward(c);
  }

  void add_hidden_gradient(const Memory& m, GradSink& sink) const {
    const bool assign = sink.fresh();
    MatrixMap dW(sink.written(), kGates * size_, size_);
    auto add = [assign](auto to, const auto& product) {
      assign ? void(to.noalias() = product) : void(to.noalias() += product);
    };
    add(dW.topRows(kShared * size_), m.some_gates(kShared).transpose() * m.all_h());
    if (kShared < kGates) add(dW.bottomRows((kGates - kShared) * size_), m.all_kept().transpose() * m.all_h());
  }

  void add_hidden_bias_gradient(const Memory& m, GradSink& sink) const {
    const bool assign = sink.fresh();
    MatrixMap db(sink.written(), 1, kGates * size_);
    if (assign) db.setZero();
    db.leftCols(kShared * size_) += m.some_gates(kShared).colwise().sum();
    if (kShared < kGates) db.rightCols((kGates - kShared) * size_) += m.all_kept().colwise().sum();
  }

  Cell cell_;
  Index steps_, in_, size_;
  bool reverse_;
  int bias_ih_ = -1, bias_hh_ = -1, first_[2] = {-1, -1}, lengths_ = -1;  // places among the inputs
};

// Checks shapes, and makes the node: x (n, t, in) gives (n, t + states, size): the outputs of all steps, then the last
// states.
void check_recurrent(const char* op, const RecurrentArguments& a, int gates, int states);

template <class Cell>
Tensor recurrent(const RecurrentArguments& a, const Cell& cell) {
  check_recurrent(Cell::name, a, Cell::kGates, Cell::kStates);
  const Recurrent<Cell> layer(a, cell);
  auto given = [](const std::optional<Tensor>& t) { return t.value_or(Tensor{}); };
  const double work = static_cast<double>(Cell::kGates * (a.weight_ih.size(1) + a.weight_hh.size(1)));
  return node(
             Cell::name, Shape{a.x.rows(), a.x.size(1) + Cell::kStates, a.weight_hh.size(1)},
             {rows(a.x), whole(a.weight_ih), whole(a.weight_hh), whole(given(a.bias_ih)), whole(given(a.bias_hh)),
              rows_as_stored(given(a.h0)), rows_as_stored(given(a.c0)), rows_as_stored(given(a.lengths))},
             [layer](Out y, const In* in, int) { layer.forward(y, in); },
             [layer](Grad g, const In* in, int) { layer.backward(g, in); })
      .reads(layer.reads(a))
      .extra(layer.extra(), kReadsAll & ~kReadsResult)
      .scratch(layer.scratch())
      .work(work)
      .expensive();
}

}  // namespace hello_dl
