// Long short-term memory: a cell with a second state, which is only scaled and added to, never passed through tanh, so
// that gradients reach far back (Hochreiter, Schmidhuber 1997).
#include <algorithm>

#include "ops/recurrent.hh"

namespace hello_dl {
namespace {

// With a = W_ih x + b_ih + W_hh h + b_hh in four blocks (Hochreiter, Schmidhuber 1997; f: Gers et al. 2000):
//     i = s(a_i),  f = s(a_f),  g = tanh(a_g),  o = s(a_o),  c' = f c + i g,  h' = o tanh(c').
// Back, with q = tanh(c') and e = dc' + dh' o (1 - q^2):  dc = e f,  da_i = e g i (1 - i),  da_f = e c f (1 - f),
//     da_g = e i (1 - g^2),  da_o = dh' q o (1 - o),  dh = W_hh' da.
void forward(const CellForward& s) {
  const Index d = s.size;
  ArrayMap a(s.gates, 4 * d);
  a += ConstArrayMap(s.hidden, 4 * d);
  auto i_f = a.head(2 * d), g = a.segment(2 * d, d), o = a.tail(d);
  i_f = (real(1) + (-i_f).exp()).inverse();
  g = g.tanh();
  o = (real(1) + (-o).exp()).inverse();
  ArrayMap c(s.next[1], d);
  c = a.segment(d, d) * ConstArrayMap(s.state[1], d) + a.head(d) * g;
  ArrayMap(s.next[0], d) = o * c.tanh();
}

constexpr Index kChunk = 64;  // numbers at a time

// A few numbers at a time, because tanh(c') is computed again and needs memory. The pointers do not overlap.
void back(real* __restrict i, real* __restrict f, real* __restrict g, real* __restrict o, const real* __restrict c,
          real* __restrict dh, real* __restrict dc, Index m) {
  Eigen::Array<real, kChunk, 1> q;
  q.head(m) = (ConstArrayMap(f, m) * ConstArrayMap(c, m) + ConstArrayMap(i, m) * ConstArrayMap(g, m)).tanh();
  for (Index j = 0; j < m; ++j) {
    const real I = i[j], F = f[j], G = g[j], O = o[j], Q = q[j];
    const real e = dc[j] + dh[j] * O * (1 - Q * Q);
    o[j] = dh[j] * Q * O * (1 - O);
    i[j] = e * G * I * (1 - I);
    f[j] = e * c[j] * F * (1 - F);
    g[j] = e * I * (1 - G * G);
    dc[j] = e * F;
    dh[j] = 0;
  }
}

void backward(const CellBackward& s) {
  const Index d = s.size;
  for (Index k = 0; k < d; k += kChunk) {
    real* i = s.gates + k;
    back(i, i + d, i + 2 * d, i + 3 * d, s.state[1] + k, s.grad[0] + k, s.grad[1] + k, std::min(kChunk, d - k));
  }
}

constexpr Cell kLstm{"lstm", 4, 4, 0, 2, forward, backward};

}  // namespace

Tensor lstm(const Tensor& x, const Tensor& weight_ih, const Tensor& weight_hh, const std::optional<Tensor>& bias_ih,
            const std::optional<Tensor>& bias_hh, const std::optional<Tensor>& h0, const std::optional<Tensor>& c0,
            const std::optional<Tensor>& lengths, bool reverse) {
  return recurrent({x, weight_ih, weight_hh, bias_ih, bias_hh, h0, c0, lengths, reverse}, kLstm);
}
HELLO_DL_OP(
    lstm, "x, weight_ih, weight_hh, bias_ih=None, bias_hh=None, h0=None, c0=None, lengths=None, reverse=False",
    "Long short-term memory over sequences x (n, t, in); weights (4 size, in) and (4 size, size) hold the gates "
    "i, f, g, o. Gives (n, t + 2, size): h after each step, then the last h and the last c. A sequence ends "
    "after lengths (n,) steps; what follows is 0 (Hochreiter, Schmidhuber 1997).");

}  // namespace hello_dl
