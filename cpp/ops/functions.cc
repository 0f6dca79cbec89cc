// More functions of one number, and of two: logarithms and powers of 2 and 10, rounding, trigonometry.
#include <cmath>
#include <unsupported/Eigen/SpecialFunctions>

#include "engine/registry.hh"
#include "ops/binary.hh"
#include "ops/unary.hh"

namespace hello_dl {
namespace {

constexpr real kLog2 = real(0.69314718055994530942), kLog10 = real(2.30258509299404568402);
constexpr real kTwoOverSqrtPi = real(1.12837916709551257390);

// A function by the standard library, whose result is real whatever x is; dy/dx is df(x, y).
template <class F, class D>
Tensor by_library(const char* op, const Tensor& x, Reads reads, F f, D df) {
  return number_by_number(op, x, reads, f, [df](real g, real x, real y) { return g * df(x, y); }).dtype(DType::real);
}

// A function with steps: its derivative is 0 wherever there is one. Integers stay integers.
template <class F>
Made steps(const char* op, const Tensor& x, F f) {
  return number_by_number(op, x, kReadsNothing, f, [](real, real, real) { return real(0); });
}

}  // namespace

// d 2^x = 2^x log(2) dx
Tensor exp2(const Tensor& x) {
  return by_library(
      "exp2", x, kReadsResult, [](real x) { return std::exp2(x); }, [](real, real y) { return y * kLog2; });
}
HELLO_DL_OP(exp2, "x", "2 to the power of each number.");

// d log2(x) = dx / (x log(2))
Tensor log2(const Tensor& x) {
  return by_library(
      "log2", x, kReadsFirst, [](real x) { return std::log2(x); }, [](real x, real) { return 1 / (x * kLog2); });
}
HELLO_DL_OP(log2, "x", "Logarithm to base 2 of each number.");

// d log10(x) = dx / (x log(10))
Tensor log10(const Tensor& x) {
  return by_library(
      "log10", x, kReadsFirst, [](real x) { return std::log10(x); }, [](real x, real) { return 1 / (x * kLog10); });
}
HELLO_DL_OP(log10, "x", "Logarithm to base 10 of each number.");

// d sinh(x) = cosh(x) dx
Tensor sinh(const Tensor& x) {
  return by_library(
      "sinh", x, kReadsFirst, [](real x) { return std::sinh(x); }, [](real x, real) { return std::cosh(x); });
}
HELLO_DL_OP(sinh, "x", "Hyperbolic sine of each number.");

// d cosh(x) = sinh(x) dx
Tensor cosh(const Tensor& x) {
  return by_library(
      "cosh", x, kReadsFirst, [](real x) { return std::cosh(x); }, [](real x, real) { return std::sinh(x); });
}
HELLO_DL_OP(cosh, "x", "Hyperbolic cosine of each number.");

// d tan(x) = (1 + tan(x)^2) dx
Tensor tan(const Tensor& x) {
  return by_library("tan", x, kReadsResult, [](real x) { return std::tan(x); }, [](real, real y) { return 1 + y * y; });
}
HELLO_DL_OP(tan, "x", "Tangent of each number, which is an angle in radians.");

// d asin(x) = dx / sqrt(1 - x^2)
Tensor asin(const Tensor& x) {
  return by_library(
      "asin", x, kReadsFirst, [](real x) { return std::asin(x); },
      [](real x, real) { return 1 / std::sqrt(1 - x * x); });
}
HELLO_DL_OP(asin, "x", "Arcsine of each number, in radians.");

// d acos(x) = -dx / sqrt(1 - x^2)
Tensor acos(const Tensor& x) {
  return by_library(
      "acos", x, kReadsFirst, [](real x) { return std::acos(x); },
      [](real x, real) { return -1 / std::sqrt(1 - x * x); });
}
HELLO_DL_OP(acos, "x", "Arccosine of each number, in radians.");

// d atan(x) = dx / (1 + x^2)
Tensor atan(const Tensor& x) {
  return by_library(
      "atan", x, kReadsFirst, [](real x) { return std::atan(x); }, [](real x, real) { return 1 / (1 + x * x); });
}
HELLO_DL_OP(atan, "x", "Arctangent of each number, in radians.");

// d atan2(a, b) = (b da - a db) / (a^2 + b^2), and 0 at the origin, which has no angle
Tensor atan2(const Tensor& a, const Tensor& b) {
  constexpr Reads both = kReadsFirst | kReadsSecond;
  auto part = [](real g, real leg, real a, real b) {
    const real square = a * a + b * b;
    return square == 0 ? real(0) : g * (leg / square);
  };
  return binary(
             "atan2", a, b, both, both, [](real a, real b) { return std::atan2(a, b); },
             [part](real g, real a, real b) { return part(g, b, a, b); },
             [part](real g, real a, real b) { return part(g, -a, a, b); })
      .dtype(DType::real);
}
HELLO_DL_OP(atan2, "x, other", "The angle, in radians, of the point at height x and width other, with broadcasting.");

// d erf(x) = 2 / sqrt(pi) exp(-x^2) dx
Tensor erf(const Tensor& x) {
  return unary(
      "erf", x, kReadsFirst, [](auto x) { return x.erf(); },
      [](auto g, auto x, auto) { return g * (kTwoOverSqrtPi * (-x * x).exp()); });
}
HELLO_DL_OP(erf, "x", "The error function: how much of a normal distribution of variance 1/2 lies between -x and x.");

Tensor sign(const Tensor& x) {
  return steps("sign", x, [](real x) { return static_cast<real>((x > 0) - (x < 0)); }).dtype(x.dtype());
}
HELLO_DL_OP(sign, "x", "1 for each number above 0, -1 for each one below, 0 for 0.");

Tensor floor(const Tensor& x) {
  return steps("floor", x, [](real x) { return std::floor(x); });
}
HELLO_DL_OP(floor, "x", "Each number rounded down to an integer.");

Tensor ceil(const Tensor& x) {
  return steps("ceil", x, [](real x) { return std::ceil(x); });
}
HELLO_DL_OP(ceil, "x", "Each number rounded up to an integer.");

Tensor trunc(const Tensor& x) {
  return steps("trunc", x, [](real x) { return std::trunc(x); });
}
HELLO_DL_OP(trunc, "x", "Each number without its decimals.");

Tensor round(const Tensor& x, Index decimals) {
  if (decimals == 0) return steps("round", x, [](real x) { return std::nearbyint(x); });
  need<TypeError>(x.dtype() == DType::real, "round: needs a float tensor to round to ", decimals,
                  " decimals, got integers");
  const double ten = std::pow(10.0, static_cast<double>(std::abs(decimals)));
  const real up = static_cast<real>(ten);
  return decimals > 0 ? steps("round", x, [up](real x) { return std::nearbyint(x * up) / up; })
                      : steps("round", x, [up](real x) { return std::nearbyint(x / up) * up; });
}
HELLO_DL_OP(round, "x, decimals=0",
            "Each number rounded to so many decimals; of two that are as near, the one whose last digit is even.");

// The remainder has the divisor's sign, as in Python: a - floor(a/b) b, so d = da - floor(a/b) db.
Tensor remainder(const Tensor& a, const Tensor& b) {
  need<TypeError>(common_dtype(a, b) == DType::real, "remainder: needs at least one float tensor, got integers");
  auto other_sign = [](real rest, real b) { return rest != 0 && (rest < 0) != (b < 0); };
  return binary(
      "remainder", a, b, kReadsNothing, kReadsFirst | kReadsSecond,
      [=](real a, real b) {
        const real rest = std::fmod(a, b);
        return other_sign(rest, b) ? rest + b : rest;
      },
      [](real g, real, real) { return g; },
      [=](real g, real a, real b) {
        const real rest = std::fmod(a, b), quotient = std::nearbyint((a - rest) / b);
        return -g * (other_sign(rest, b) ? quotient - 1 : quotient);
      });
}
HELLO_DL_OP(remainder, "x, other",
            "What remains of x when it is divided by other, with broadcasting; it has the sign of other.");

}  // namespace hello_dl
