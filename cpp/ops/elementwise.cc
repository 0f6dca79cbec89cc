// Functions of one number, applied to every number of a tensor.
#include <unsupported/Eigen/SpecialFunctions>

#include "../registry.hh"

namespace hello_dl {
namespace {

// y = f(x), and dL/dx = df(G, x, y), as expressions on whole arrays. `reads` says which of x, y the derivative looks at.
template <class F, class D>
Tensor unary(const char* op, const Tensor& x, Reads reads, F f, D df) {
  return node(
             op, x.shape(), {rows_as_stored(x)}, [f](Out y, In x) { arr(y) = f(arr(x)); },
             [df](Grad g, In x) { x.grad() += df(arr(g), arr(x), value_arr(g)); })
      .reads(reads)
      .channels_last(x.node().channels_last);
}

constexpr real kSqrtHalf = real(0.70710678118654752440);
constexpr real kInvSqrt2Pi = real(0.39894228040143267794);
constexpr real kSqrt2OverPi = real(0.79788456080286535588);

}  // namespace

// d exp(x) = exp(x) dx
Tensor exp(const Tensor& x) {
  return unary("exp", x, kReadsResult, [](auto x) { return x.exp(); }, [](auto g, auto, auto y) { return g * y; });
}
HELLO_DL_OP(exp, "x", "e to the power of each number.");

// d log(x) = dx / x
Tensor log(const Tensor& x) {
  return unary("log", x, kReadsFirst, [](auto x) { return x.log(); }, [](auto g, auto x, auto) { return g / x; });
}
HELLO_DL_OP(log, "x", "Natural logarithm of each number.");

// d sqrt(x) = dx / (2 sqrt(x))
Tensor sqrt(const Tensor& x) {
  return unary("sqrt", x, kReadsResult, [](auto x) { return x.sqrt(); },
               [](auto g, auto, auto y) { return g * real(0.5) / y; });
}
HELLO_DL_OP(sqrt, "x", "Square root of each number.");

// d relu(x) = dx where x > 0
Tensor relu(const Tensor& x) {
  return unary("relu", x, kReadsResult, [](auto x) { return x.max(real(0)); },
               [](auto g, auto, auto y) { return (y > real(0)).select(g, real(0)); });
}
HELLO_DL_OP(relu, "x", "max(x, 0): the rectified linear unit (chapter 4).");

// tanh' = 1 - tanh^2
Tensor tanh(const Tensor& x) {
  return unary("tanh", x, kReadsResult, [](auto x) { return x.tanh(); },
               [](auto g, auto, auto y) { return g * (real(1) - y * y); });
}
HELLO_DL_OP(tanh, "x", "Hyperbolic tangent of each number.");

// s(x) = 1 / (1 + exp(-x)), s' = s (1 - s). (Eigen's own logistic is off by 1e-3 near -8.8.)
Tensor sigmoid(const Tensor& x) {
  return unary("sigmoid", x, kReadsResult, [](auto x) { return (real(1) + (-x).exp()).inverse(); },
               [](auto g, auto, auto y) { return g * y * (real(1) - y); });
}
HELLO_DL_OP(sigmoid, "x", "1 / (1 + exp(-x)) of each number.");

// gelu(x) = x F(x), F the normal distribution: gelu' = F(x) + x f(x). Hendrycks and Gimpel 2016; the tanh form is theirs:
// gelu(x) ~ x/2 (1 + tanh u), u = sqrt(2/pi) (x + 0.044715 x^3), whose derivative follows by the product rule.
Tensor gelu(const Tensor& x, const std::string& approximate) {
  need(approximate == "none" || approximate == "tanh", "gelu: approximate needs 'none' or 'tanh', got '", approximate, "'");
  if (approximate == "none")
    return unary(
        "gelu", x, kReadsFirst, [](auto x) { return real(0.5) * x * (real(1) + (x * kSqrtHalf).erf()); },
        [](auto g, auto x, auto) {
          return g * (real(0.5) * (real(1) + (x * kSqrtHalf).erf()) + x * kInvSqrt2Pi * (x * x * real(-0.5)).exp());
        });
  auto inner = [](auto x) { return kSqrt2OverPi * (x + real(0.044715) * x * x * x); };
  return unary(
      "gelu", x, kReadsFirst, [=](auto x) { return real(0.5) * x * (real(1) + inner(x).tanh()); },
      [=](auto g, auto x, auto) {
        auto t = inner(x).tanh();
        return g * real(0.5) *
               (real(1) + t + x * (real(1) - t * t) * kSqrt2OverPi * (real(1) + real(3 * 0.044715) * x * x));
      });
}
HELLO_DL_OP(gelu, "x, approximate='none'",
            "Gaussian error linear unit, x times the normal distribution function of x (Hendrycks and Gimpel 2016).");

}  // namespace hello_dl
