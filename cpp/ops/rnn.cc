// The plain recurrent cell.
#include "ops/recurrent.hh"

namespace hello_dl {
namespace {

// h' = f(W_ih x + b_ih + W_hh h + b_hh), f = tanh or relu (Elman 1990).  Back:  da = dh' f',  dh = W_hh' da.
template <bool relu>
void forward(const CellForward& c) {
  ArrayMap a(c.gates, c.size);
  a += ConstArrayMap(c.hidden, c.size);
  if constexpr (relu)
    a = a.max(real(0));
  else
    a = a.tanh();
  ArrayMap(c.next[0], c.size) = a;
}

template <bool relu>
void backward(const CellBackward& c) {
  ArrayMap a(c.gates, c.size), dh(c.grad[0], c.size);
  if constexpr (relu)
    a = (a > real(0)).select(dh, real(0));
  else
    a = dh * (real(1) - a * a);
  dh.setZero();
}

constexpr Cell kTanh{"rnn", 1, 1, 0, 1, forward<false>, backward<false>};
constexpr Cell kRelu{"rnn", 1, 1, 0, 1, forward<true>, backward<true>};

}  // namespace

Tensor rnn(const Tensor& x, const Tensor& weight_ih, const Tensor& weight_hh, const std::optional<Tensor>& bias_ih,
           const std::optional<Tensor>& bias_hh, const std::optional<Tensor>& h0, const std::optional<Tensor>& lengths,
           bool reverse, const std::string& nonlinearity) {
  need(nonlinearity == "tanh" || nonlinearity == "relu", "rnn: needs nonlinearity 'tanh' or 'relu', got '",
       nonlinearity, "'");
  return recurrent({x, weight_ih, weight_hh, bias_ih, bias_hh, h0, {}, lengths, reverse},
                   nonlinearity == "relu" ? kRelu : kTanh);
}
HELLO_DL_OP(rnn,
            "x, weight_ih, weight_hh, bias_ih=None, bias_hh=None, h0=None, lengths=None, reverse=False, "
            "nonlinearity='tanh'",
            "A plain recurrent cell over sequences x (n, t, in); weights (size, in) and (size, size). Gives "
            "(n, t + 1, size): h after each step, then the last h. A sequence ends after lengths (n,) steps; what "
            "follows is 0 (Elman 1990).");

}  // namespace hello_dl
