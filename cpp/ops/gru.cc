// The gated recurrent unit, the cell of chapter 9.
#include "ops/recurrent.hh"

namespace hello_dl {
namespace {

// With a = W_ih x + b_ih and u = W_hh h + b_hh, each of three blocks (Cho et al. 2014, in the form of PyTorch):
//     r = s(a_r + u_r),  z = s(a_z + u_z),  n = tanh(a_n + r u_n),  h' = (1 - z) n + z h,  s(x) = 1 / (1 + exp(-x)).
// Back:  dz = dh' (h - n),  dn = dh' (1 - z),  dh = dh' z + W_hh' du,
//     da_n = dn (1 - n^2),  du_n = da_n r,  da_r = du_r = da_n u_n r (1 - r),  da_z = du_z = dz z (1 - z).
void forward(const CellForward& c) {
  const Index d = c.size;
  ArrayMap rz(c.gates, 2 * d), n(c.gates + 2 * d, d), kept(c.kept, d);
  rz = (real(1) + (-(rz + ConstArrayMap(c.hidden, 2 * d))).exp()).inverse();
  kept = ConstArrayMap(c.hidden + 2 * d, d);
  n = (n + rz.head(d) * kept).tanh();
  const ConstArrayMap h(c.state[0], d);
  ArrayMap(c.next[0], d) = n + rz.tail(d) * (h - n);
}

// The pointers do not overlap (__restrict), so that vector instructions work on many numbers at once.
void back(real* __restrict r, real* __restrict z, real* __restrict n, real* __restrict kept, real* __restrict dh,
          const real* __restrict h, Index d) {
  for (Index i = 0; i < d; ++i) {
    const real R = r[i], Z = z[i], N = n[i], G = dh[i], dn = G * (1 - Z) * (1 - N * N);
    z[i] = G * (h[i] - N) * Z * (1 - Z);
    r[i] = dn * kept[i] * R * (1 - R);
    n[i] = dn;
    kept[i] = dn * R;
    dh[i] = G * Z;
  }
}

void backward(const CellBackward& c) {
  const Index d = c.size;
  back(c.gates, c.gates + d, c.gates + 2 * d, c.kept, c.grad[0], c.state[0], d);
}

constexpr Cell kGru{"gru", 3, 2, 1, 1, forward, backward};  // kept: u_n

}  // namespace

Tensor gru(const Tensor& x, const Tensor& weight_ih, const Tensor& weight_hh, const std::optional<Tensor>& bias_ih,
           const std::optional<Tensor>& bias_hh, const std::optional<Tensor>& h0, const std::optional<Tensor>& lengths,
           bool reverse) {
  return recurrent({x, weight_ih, weight_hh, bias_ih, bias_hh, h0, {}, lengths, reverse}, kGru);
}
HELLO_DL_OP(
    gru, "x, weight_ih, weight_hh, bias_ih=None, bias_hh=None, h0=None, lengths=None, reverse=False",
    "A gated recurrent unit over sequences x (n, t, in); weights (3 size, in) and (3 size, size) hold the gates "
    "r, z, n. Gives (n, t + 1, size): h after each step, then the last h. A sequence ends after lengths (n,) "
    "steps; what follows is 0 (Cho et al. 2014).");

}  // namespace hello_dl
