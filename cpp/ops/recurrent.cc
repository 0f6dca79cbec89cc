// A recurrent layer: all steps of a few sequences, forward and backward.
//
// In backward each step replaces the values of its gates by their gradients; then products over all steps at once give
// the gradients of the weights (back-propagation through time, Werbos 1990).
#include "ops/recurrent.hh"

#include <algorithm>

#include "ops/panels.hh"
#include "ops/sums.hh"

namespace hello_dl {
namespace {

void check(const char* op, const RecurrentArguments& a, int gates, int states) {
  const Tensor &x = a.x, &w_ih = a.weight_ih, &w_hh = a.weight_hh;
  need(x.dims() == 3, op, ": needs x (n, t, in), got ", x.shape());
  need(x.size(1) > 0, op, ": needs at least one step, got x of shape ", x.shape());
  need(w_hh.dims() == 2 && w_hh.size(1) > 0 && w_hh.size(0) == gates * w_hh.size(1), op, ": needs weight_hh (", gates,
       " * size, size), got ", w_hh.shape());
  need(w_ih.dims() == 2 && w_ih.size(0) == w_hh.size(0) && w_ih.size(1) == x.size(2), op, ": needs weight_ih (",
       w_hh.size(0), ", ", x.size(2), ") for x ", x.shape(), " and weight_hh ", w_hh.shape(), ", got ", w_ih.shape());
  auto fits = [&](const std::optional<Tensor>& t, const char* what, const Shape& shape) {
    need(!t || t->shape() == shape, op, ": needs ", what, " of shape ", shape, ", got ", t ? t->shape() : Shape{});
  };
  fits(a.bias_ih, "bias_ih", Shape{w_hh.size(0)});
  fits(a.bias_hh, "bias_hh", Shape{w_hh.size(0)});
  fits(a.h0, "h0", Shape{x.rows(), w_hh.size(1)});
  fits(a.c0, "c0", Shape{x.rows(), w_hh.size(1)});
  need(states == 2 || !a.c0, op, ": needs no second state c0, got one");
  fits(a.lengths, "lengths", Shape{x.rows()});
}

class Recurrent {
  static constexpr Reads kReadsTurnedPanels = 1u << 4;
  using Strided = Eigen::Map<Matrix, 0, Eigen::OuterStride<>>;

 public:
  Recurrent(const RecurrentArguments& a, const Cell& cell)
      : cell_(cell),
        gates_(cell.gates),
        shared_(cell.shared),
        kept_(cell.kept),
        states_(cell.states),
        rows_(a.x.rows()),
        steps_(a.x.size(1)),
        in_(a.x.size(2)),
        size_(a.weight_hh.size(1)),
        reverse_(a.reverse) {
    int next = packed() ? 5 : 3;
    // The optional inputs have numbers in the order in which recurrent() lists them.
    auto place = [&next](const std::optional<Tensor>& t) { return t ? next++ : -1; };
    bias_ih_ = place(a.bias_ih), bias_hh_ = place(a.bias_hh);
    first_[0] = place(a.h0), first_[1] = place(a.c0), lengths_ = place(a.lengths);
  }

  Index extra() const { return steps_ * (gates_ + kept_ + states_) * size_; }
  Index scratch() const { return (gates_ + states_) * size_; }

  // Is weight_hh copied to panels? That pays if it is used in several steps, for several sequences at a time.
  bool packed() const { return steps_ >= 4 && rows_ >= 4; }

  void forward(Out y, const In* in) const { run(in, y.rows, y.extra, y.scratch, &y); }

  void backward(Grad g, const In* in) const {
    if (!g.extra_filled) run(in, g.rows, g.extra, g.scratch, nullptr);
    const Memory m(*this, g.rows, g.extra, g.scratch);
    const In &x = in[0], &w_ih = in[1], &w_hh = in[2];
    for (int s = 0; s < states_; ++s)
      for (Index b = 0; b < g.rows; ++b) std::copy_n(y_row(g, b, steps_ + s), size_, m.last[s] + b * size_);
    for (Index k = steps_ - 1; k >= 0; --k) {
      for (Index b = 0; b < g.rows; ++b) step_back(in, g, m, b, step(k));
      add_through_hidden(in, m, step(k));
    }
    const MatrixMap G = m.all_gates();
    if (x) x.grad() += G * mat(w_ih);
    if (w_ih) w_ih.grad() += G.transpose() * mat(x, in_);
    if (bias_ih_ >= 0 && in[bias_ih_])
      add_column_sums(in[bias_ih_].grad().zeroed(), G.data(), G.rows(), G.cols(), G.cols());
    if (w_hh) add_hidden_gradient(m, w_hh.grad());
    if (bias_hh_ >= 0 && in[bias_hh_]) add_hidden_bias_gradient(m, in[bias_hh_].grad());
    for (int s = 0; s < states_; ++s)
      if (first_[s] >= 0 && in[first_[s]]) in[first_[s]].grad() += MatrixMap(m.last[s], g.rows, size_);
  }

  Reads reads(const RecurrentArguments& a) const {
    return (a.x.requires_grad() ? kReadsSecond : kReadsNothing) |
           (a.weight_ih.requires_grad() ? kReadsFirst : kReadsNothing) | (packed() ? kReadsTurnedPanels : kReadsThird) |
           (lengths_ >= 0 ? 1u << lengths_ : kReadsNothing);
  }

 private:
  // The memory of a slice of n sequences: what forward leaves for backward, (n, steps, ...) each, and scratch.
  struct Memory {
    Memory(const Recurrent& r, Index n, real* extra, real* scratch)
        : n(n), steps(r.steps_), size(r.size_), blocks(r.gates_), kept_blocks(r.kept_) {
      gates = extra;
      kept = gates + n * steps * blocks * size;
      hidden = scratch;
      for (int s = 0; s < r.states_; ++s) {
        state[s] = kept + n * steps * (kept_blocks + s) * size;
        last[s] = hidden + n * (blocks + s) * size;
      }
    }
    Index n, steps, size, blocks, kept_blocks;  // blocks of a step, of `size` numbers each
    real *gates, *kept, *state[2] = {};         // state: of each step, the states before it
    real *hidden, *last[2] = {};  // scratch: W_hh h + b_hh of a step; the states after all steps, or dL/d(states)

    Index at(Index b, Index t) const { return (b * steps + t) * size; }
    MatrixMap all_gates() const { return {gates, n * steps, blocks * size}; }
    Strided some_gates(int some) const { return {gates, n * steps, some * size, Eigen::OuterStride<>(blocks * size)}; }
    MatrixMap all_kept() const { return {kept, n * steps, kept_blocks * size}; }
    MatrixMap all_h() const { return {state[0], n * steps, size}; }
    // Of one step: row b belongs to sequence b.
    Strided gates_at(Index t, int some) const {
      return {gates + t * blocks * size, n, some * size, Eigen::OuterStride<>(steps * blocks * size)};
    }
    Strided kept_at(Index t) const {
      return {kept + t * kept_blocks * size, n, kept_blocks * size, Eigen::OuterStride<>(steps * kept_blocks * size)};
    }
    Strided h_at(Index t) const { return {state[0] + t * size, n, size, Eigen::OuterStride<>(steps * size)}; }
  };

  Index step(Index k) const { return reverse_ ? steps_ - 1 - k : k; }
  real* y_row(const View& y, Index b, Index t) const { return y.data + (b * (steps_ + states_) + t) * size_; }
  bool beyond(const In* in, Index b, Index t) const {
    return lengths_ >= 0 && static_cast<real>(t) >= in[lengths_].data[b];
  }

  void run(const In* in, Index n, real* extra, real* scratch, const Out* y) const {
    const Memory m(*this, n, extra, scratch);
    const In &x = in[0], &w_ih = in[1];
    MatrixMap G = m.all_gates(), H(m.hidden, n, gates_ * size_);
    start(G, in, bias_ih_);
    G.noalias() += mat(x, in_) * mat(w_ih).transpose();
    for (int s = 0; s < states_; ++s)
      for (Index b = 0; b < n; ++b) {
        real* to = m.state[s] + m.at(b, step(0));
        if (first_[s] >= 0)
          std::copy_n(in[first_[s]].data + b * size_, size_, to);
        else
          std::fill_n(to, size_, real(0));
      }
    for (Index k = 0; k < steps_; ++k) {
      start(H, in, bias_hh_);
      add_hidden(in, m, step(k));
      for (Index b = 0; b < n; ++b) step_forward(in, m, b, k, y);
    }
    for (int s = 0; y && s < states_; ++s)
      for (Index b = 0; b < n; ++b) std::copy_n(m.last[s] + b * size_, size_, y_row(*y, b, steps_ + s));
  }

  // Every row of M is the bias, or 0.
  void start(MatrixMap& M, const In* in, int bias) const {
    if (bias >= 0)
      M.rowwise() = mat(in[bias], M.cols()).row(0);
    else
      M.setZero();
  }

  // The k-th step writes its states where the next one reads them. A sequence that has ended keeps its states.
  void step_forward(const In* in, const Memory& m, Index b, Index k, const Out* y) const {
    const Index t = step(k), at = m.at(b, t);
    CellForward c{size_, m.gates + at * gates_, m.hidden + b * gates_ * size_, m.kept + at * kept_, {}, {}};
    for (int s = 0; s < states_; ++s) {
      c.state[s] = m.state[s] + at;
      c.next[s] = k + 1 < steps_ ? m.state[s] + m.at(b, step(k + 1)) : m.last[s] + b * size_;
    }
    const bool ended = beyond(in, b, t);
    if (ended)
      for (int s = 0; s < states_; ++s) std::copy_n(c.state[s], size_, c.next[s]);
    else
      cell_.forward(c);
    if (!y) return;
    if (ended)
      std::fill_n(y_row(*y, b, t), size_, real(0));
    else
      std::copy_n(c.next[0], size_, y_row(*y, b, t));
  }

  void step_back(const In* in, const Grad& g, const Memory& m, Index b, Index t) const {
    const Index at = m.at(b, t);
    CellBackward c{size_, m.gates + at * gates_, m.kept + at * kept_, {}, {}};
    for (int s = 0; s < states_; ++s) {
      c.state[s] = m.state[s] + at;
      c.grad[s] = m.last[s] + b * size_;
    }
    if (beyond(in, b, t)) {
      std::fill_n(c.gates, gates_ * size_, real(0));
      std::fill_n(c.kept, kept_ * size_, real(0));
      return;
    }
    ArrayMap(c.grad[0], size_) += ArrayMap(y_row(g, b, t), size_);
    cell_.backward(c);
  }

  // H += h W_hh'
  void add_hidden(const In* in, const Memory& m, Index t) const {
    const auto h = m.h_at(t);
    MatrixMap H(m.hidden, m.n, gates_ * size_);
    if (packed())
      add_product({h.data(), h.outerStride()}, RightSide::panels(in[3].data, size_), m.n, size_, H.cols(), H.data(),
                  H.cols());
    else
      H.noalias() += h * mat(in[2]).transpose();
  }

  // dL/dh += dL/d(W_hh h) W_hh
  void add_through_hidden(const In* in, const Memory& m, Index t) const {
    MatrixMap dH(m.last[0], m.n, size_);
    auto add = [&](const auto& G, Index first) {
      if (packed())
        add_product({G.data(), G.outerStride()}, RightSide::panels(in[4].data, gates_ * size_).from(first), m.n,
                    G.cols(), size_, dH.data(), size_);
      else
        dH.noalias() += G * mat(in[2]).middleRows(first, G.cols());
    };
    add(m.gates_at(t, shared_), 0);
    if (shared_ < gates_) add(m.kept_at(t), shared_ * size_);
  }

  void add_hidden_gradient(const Memory& m, GradSink& sink) const {
    const bool assign = sink.fresh();
    MatrixMap dW(sink.written(), gates_ * size_, size_);
    store(assign, dW.topRows(shared_ * size_).noalias(), m.some_gates(shared_).transpose() * m.all_h());
    if (shared_ < gates_)
      store(assign, dW.bottomRows((gates_ - shared_) * size_).noalias(), m.all_kept().transpose() * m.all_h());
  }

  void add_hidden_bias_gradient(const Memory& m, GradSink& sink) const {
    real* db = sink.zeroed();
    const Index lines = m.n * m.steps, shared = shared_ * size_;
    add_column_sums(db, m.gates, lines, shared, gates_ * size_);
    if (shared_ < gates_) add_column_sums(db + shared, m.kept, lines, gates_ * size_ - shared, kept_ * size_);
  }

  Cell cell_;
  int gates_, shared_, kept_, states_;
  Index rows_, steps_, in_, size_;
  bool reverse_;
  int bias_ih_ = -1, bias_hh_ = -1, first_[2] = {-1, -1}, lengths_ = -1;  // places among the inputs
};

constexpr double kPanelGain = 8;  // reading a panel costs this many times less than writing it

}  // namespace

Tensor recurrent(const RecurrentArguments& a, const Cell& cell) {
  check(cell.name, a, cell.gates, cell.states);
  const Recurrent layer(a, cell);
  auto given = [](const std::optional<Tensor>& t) { return t.value_or(Tensor{}); };
  const double work = static_cast<double>(cell.gates * (a.weight_ih.size(1) + a.weight_hh.size(1)));
  return node(
             cell.name, Shape{a.x.rows(), a.x.size(1) + cell.states, a.weight_hh.size(1)},
             {rows(a.x), whole(a.weight_ih), whole(a.weight_hh),
              whole_as_stored(layer.packed() ? panels(a.weight_hh, true) : Tensor{}),
              whole_as_stored(layer.packed() ? panels(a.weight_hh, false) : Tensor{}), whole(given(a.bias_ih)),
              whole(given(a.bias_hh)), rows_as_stored(given(a.h0)), rows_as_stored(given(a.c0)),
              rows_as_stored(given(a.lengths))},
             [layer](Out y, const In* in, int) { layer.forward(y, in); },
             [layer](Grad g, const In* in, int) { layer.backward(g, in); })
      .reads(layer.reads(a))
      .extra(layer.extra(), kReadsAll & ~kReadsResult)
      .scratch(layer.scratch())
      .work(work)
      .passes(static_cast<double>(a.x.size(1)) / kPanelGain)
      .expensive();
}

}  // namespace hello_dl
