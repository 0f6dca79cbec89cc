// Functions of one number, applied to every number of a tensor.
#include <cmath>
#include <limits>
#include <unsupported/Eigen/SpecialFunctions>

#include "engine/registry.hh"
#include "ops/exp.hh"
#include "ops/unary.hh"

namespace hello_dl {
namespace {

constexpr real kSqrtHalf = real(0.70710678118654752440);
constexpr real kInvSqrt2Pi = real(0.39894228040143267794);
constexpr real kSqrt2OverPi = real(0.79788456080286535588);

}  // namespace

// d exp(x) = exp(x) dx
Tensor exp(const Tensor& x) {
  return unary("exp", x, kReadsResult, [](auto x) { return exp_of(x); }, [](auto g, auto, auto y) { return g * y; });
}
HELLO_DL_OP(exp, "x", "e to the power of each number.");

// d log(x) = dx / x
Tensor log(const Tensor& x) {
  return node(
             "log", x.shape(), {rows_as_stored(x)},
             [](Out y, In x) {
               arr(y) = arr(x).log();
               // Numbers below the smallest with all digits ("subnormal") are too small for these vector instructions.
               constexpr real kSmallest = std::numeric_limits<real>::min();
               Index smaller = 0;
               for (Index i = 0, n = y.size(); i < n; ++i) smaller += (x.data[i] > 0) & (x.data[i] < kSmallest);
               for (Index i = 0; smaller > 0; ++i)
                 if (x.data[i] > 0 && x.data[i] < kSmallest) {
                   y.data[i] = std::log(x.data[i]);
                   --smaller;
                 }
             },
             [](Grad g, In x) { x.grad() += arr(g) / arr(x); })
      .reads(kReadsFirst)
      .channels_last(x.node().channels_last);
}
HELLO_DL_OP(log, "x", "Natural logarithm of each number.");

// d log(1 + x) = dx / (1 + x)
Tensor log1p(const Tensor& x) {
  return unary(
      "log1p", x, kReadsFirst, [](auto x) { return x.log1p(); },
      [](auto g, auto x, auto) { return g / (real(1) + x); });
}
HELLO_DL_OP(log1p, "x", "log(1 + x) of each number, exact where x is near 0.");

// d(exp(x) - 1) = exp(x) dx
Tensor expm1(const Tensor& x) {
  return unary(
      "expm1", x, kReadsFirst, [](auto x) { return x.expm1(); }, [](auto g, auto x, auto) { return g * x.exp(); });
}
HELLO_DL_OP(expm1, "x", "exp(x) - 1 of each number, exact where x is near 0.");

// d sqrt(x) = dx / (2 sqrt(x))
Tensor sqrt(const Tensor& x) {
  return number_by_number(
             "sqrt", x, kReadsResult, [](real x) { return std::sqrt(x); },
             [](real g, real, real y) { return g * real(0.5) / y; })
      .dtype(DType::real);
}
HELLO_DL_OP(sqrt, "x", "Square root of each number.");

// d sin(x) = cos(x) dx
Tensor sin(const Tensor& x) {
  return unary("sin", x, kReadsFirst, [](auto x) { return x.sin(); }, [](auto g, auto x, auto) { return g * x.cos(); });
}
HELLO_DL_OP(sin, "x", "Sine of each number.");

// d cos(x) = -sin(x) dx
Tensor cos(const Tensor& x) {
  return unary(
      "cos", x, kReadsFirst, [](auto x) { return x.cos(); }, [](auto g, auto x, auto) { return -g * x.sin(); });
}
HELLO_DL_OP(cos, "x", "Cosine of each number.");

// d(-x) = -dx
Tensor neg(const Tensor& x) {
  need<TypeError>(x.dtype() != DType::boolean, "neg: needs numbers, got truth values (bool); ~x turns a mask round");
  return number_by_number("neg", x, kReadsNothing, [](real x) { return -x; }, [](real g, real, real) { return -g; });
}
HELLO_DL_OP(neg, "x", "Minus each number.");

// d|x| = sign(x) dx, and 0 where x is 0
Tensor abs(const Tensor& x) {
  return number_by_number(
      "abs", x, kReadsFirst, [](real x) { return x < 0 ? -x : x; },
      [](real g, real x, real) { return x < 0   ? -g
                                        : x > 0 ? g
                                                : real(0); });
}
HELLO_DL_OP(abs, "x", "Each number without its sign.");

// d clamp(x) = dx where low <= x <= high. NaN stays NaN.
Tensor clamp(const Tensor& x, const std::optional<double>& min, const std::optional<double>& max) {
  need(min || max, "clamp: needs min, max or both, got neither");
  constexpr real kInfinity = std::numeric_limits<real>::infinity();
  const real low = min ? static_cast<real>(*min) : -kInfinity, high = max ? static_cast<real>(*max) : kInfinity;
  auto whole = [](const std::optional<double>& bound) { return !bound || *bound == std::floor(*bound); };
  return number_by_number(
             "clamp", x, kReadsFirst,
             [=](real x) {
               const real above = x < low ? low : x;
               return above > high ? high : above;
             },
             [=](real g, real x, real) { return x >= low && x <= high ? g : real(0); })
      .dtype(!whole(min) || !whole(max) || x.dtype() == DType::real ? DType::real : DType::integer);
}
HELLO_DL_OP(clamp, "x, min=None, max=None", "Each number, but at least min and at most max.");

// d relu(x) = dx where x > 0. NaN stays NaN.
Tensor relu(const Tensor& x) {
  return number_by_number(
      "relu", x, kReadsResult, [](real x) { return x < 0 ? real(0) : x; },
      [](real g, real, real y) { return y <= 0 ? real(0) : g; });
}
HELLO_DL_OP(relu, "x", "max(x, 0): the rectified linear unit (chapter 4).");

// tanh' = 1 - tanh^2
Tensor tanh(const Tensor& x) {
  return unary(
      "tanh", x, kReadsResult, [](auto x) { return x.tanh(); },
      [](auto g, auto, auto y) { return g * (real(1) - y * y); });
}
HELLO_DL_OP(tanh, "x", "Hyperbolic tangent of each number.");

// s(x) = 1 / (1 + exp(-x)), s' = s (1 - s). (Eigen's own logistic is off by 1e-3 near -8.8.)
Tensor sigmoid(const Tensor& x) {
  return unary(
      "sigmoid", x, kReadsResult, [](auto x) { return (real(1) + (-x).exp()).inverse(); },
      [](auto g, auto, auto y) { return g * y * (real(1) - y); });
}
HELLO_DL_OP(sigmoid, "x", "1 / (1 + exp(-x)) of each number.");

// gelu(x) = x F(x), F the normal distribution: gelu' = F(x) + x f(x). Hendrycks and Gimpel 2016. Their tanh form is
// gelu(x) ~ x/2 (1 + tanh(u/2)) = x s(u), u = 2 sqrt(2/pi) (x + 0.044715 x^3), with s the sigmoid, which keeps its
// digits where 1 + tanh would lose them: gelu' = s + x s (1 - s) u'.
Tensor gelu(const Tensor& x, const std::string& approximate) {
  need(approximate == "none" || approximate == "tanh", "gelu: needs approximate 'none' or 'tanh', got '", approximate,
       "'");
  if (approximate == "none")
    return unary(
        "gelu", x, kReadsFirst, [](auto x) { return real(0.5) * x * (real(1) + (x * kSqrtHalf).erf()); },
        [](auto g, auto x, auto) {
          return g * (real(0.5) * (real(1) + (x * kSqrtHalf).erf()) + x * kInvSqrt2Pi * (x * x * real(-0.5)).exp());
        });
  auto inverse = [](const auto& x) {  // 1 / s(u)
    return real(1) + (real(-2) * kSqrt2OverPi * (x + real(0.044715) * x * x * x)).exp();
  };
  return unary(
      "gelu", x, kReadsFirst, [=](auto x) { return x / inverse(x); },
      [=](auto g, auto all, auto) {
        constexpr real kFlat = 20;  // from here on gelu' is 0 or 1, and further on x^3 might overflow
        auto x = all.template max<Eigen::PropagateNaN>(-kFlat).template min<Eigen::PropagateNaN>(kFlat);
        auto s = inverse(x).inverse();
        return g * s *
               (real(1) + x * (real(1) - s) * (real(2) * kSqrt2OverPi) * (real(1) + real(3 * 0.044715) * x * x));
      });
}
HELLO_DL_OP(gelu, "x, approximate='none'",
            "Gaussian error linear unit, x times the normal distribution function of x (Hendrycks and Gimpel 2016).");

}  // namespace hello_dl
