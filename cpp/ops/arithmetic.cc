// Arithmetic on two tensors, with broadcasting.
#include <cmath>

#include "engine/registry.hh"
#include "ops/binary.hh"
#include "ops/unary.hh"

namespace hello_dl {

Tensor sqrt(const Tensor& x);  // elementwise.cc

Tensor maximum(const Tensor& a, const Tensor& b);

// d(a + b) = da + db; of truth values: whether one is true, as in PyTorch
Tensor add(const Tensor& a, const Tensor& b) {
  if (a.dtype() == DType::boolean && b.dtype() == DType::boolean) return maximum(a, b);
  return binary(
      "add", a, b, kReadsNothing, kReadsNothing, [](real a, real b) { return a + b; },
      [](real g, real, real) { return g; }, [](real g, real, real) { return g; });
}
HELLO_DL_OP(add, "x, other", "Sum of two tensors, with broadcasting; of truth values: whether one is true.");

// d(a - b) = da - db
Tensor sub(const Tensor& a, const Tensor& b) {
  need<TypeError>(a.dtype() != DType::boolean && b.dtype() != DType::boolean,
                  "sub: needs numbers, got truth values (bool); ~x turns a mask round, x ^ y tells where two differ");
  return binary(
      "sub", a, b, kReadsNothing, kReadsNothing, [](real a, real b) { return a - b; },
      [](real g, real, real) { return g; }, [](real g, real, real) { return -g; });
}
HELLO_DL_OP(sub, "x, other", "Difference of two tensors, with broadcasting.");

// d(ab) = b da + a db
Tensor mul(const Tensor& a, const Tensor& b) {
  return binary(
             "mul", a, b, kReadsSecond, kReadsFirst, [](real a, real b) { return a * b; },
             [](real g, real, real b) { return g * b; }, [](real g, real a, real) { return g * a; })
      .dtype(common_dtype(a, b));
}
HELLO_DL_OP(mul, "x, other", "Product of two tensors number by number, with broadcasting; of truth values: both.");

// d(a/b) = da / b - a/b^2 db, where b^2 might overflow
Tensor div(const Tensor& a, const Tensor& b) {
  return binary(
             "div", a, b, kReadsSecond, kReadsFirst | kReadsSecond, [](real a, real b) { return a / b; },
             [](real g, real, real b) { return g / b; }, [](real g, real a, real b) { return -g * (a / b / b); })
      .dtype(DType::real);
}
HELLO_DL_OP(div, "x, other", "Quotient of two tensors, with broadcasting; the result is never an integer.");

namespace {

// x^n for the n that are used most, and d x^n = n x^(n-1) dx.
Made power(const Tensor& x, int n) {
  return n == 2
             ? number_by_number(
                   "pow", x, kReadsFirst, [](real x) { return x * x; }, [](real g, real x, real) { return g * 2 * x; })
             : number_by_number(
                   "pow", x, kReadsFirst, [](real x) { return x * x * x; },
                   [](real g, real x, real) { return g * 3 * x * x; });
}

}  // namespace

// d(a^b) = b a^(b-1) da + a^b log(a) db, where 0^0 = 1 has no slope in its exponent
Tensor pow(const Tensor& a, const Tensor& b) {
  if (b.dims() == 0 && !b.requires_grad() && is_whole(b.node())) {
    const real n = value_of(b.node())->data()[0];
    need(n >= 0 || a.dtype() == DType::real || b.dtype() == DType::real,
         "pow: integers need an exponent of at least 0, got ", n, "; use x.float() ** ", n);
    if (n == 2 || n == 3) return power(a, static_cast<int>(n)).dtype(common_dtype(a, b));
    if (n == real(0.5)) return sqrt(a);
  }
  return binary(
      "pow", a, b, kReadsFirst | kReadsSecond, kReadsFirst | kReadsSecond,
      [](real a, real b) { return std::pow(a, b); },
      [](real g, real a, real b) { return b == 0 ? real(0) : g * b * std::pow(a, b - 1); },
      [](real g, real a, real b) { return a == 0 && b >= 0 ? real(0) : g * std::pow(a, b) * std::log(a); });
}
HELLO_DL_OP(pow, "x, exponent", "x to the power of the exponent, with broadcasting.");

// The gradient goes to the larger one; where both are equal each gets half. A NaN wins.
Tensor maximum(const Tensor& a, const Tensor& b) {
  constexpr Reads both = kReadsFirst | kReadsSecond;
  return binary(
             "maximum", a, b, both, both, [](real a, real b) { return a > b || a != a ? a : b; },
             [](real g, real a, real b) { return a < b    ? real(0)
                                                 : a == b ? g / 2
                                                          : g; },
             [](real g, real a, real b) { return b < a    ? real(0)
                                                 : a == b ? g / 2
                                                          : g; })
      .dtype(common_dtype(a, b));
}
HELLO_DL_OP(maximum, "x, other", "The larger of two numbers, with broadcasting.");

// As maximum, the other way round.
Tensor minimum(const Tensor& a, const Tensor& b) {
  constexpr Reads both = kReadsFirst | kReadsSecond;
  return binary(
             "minimum", a, b, both, both, [](real a, real b) { return a < b || a != a ? a : b; },
             [](real g, real a, real b) { return a > b    ? real(0)
                                                 : a == b ? g / 2
                                                          : g; },
             [](real g, real a, real b) { return b > a    ? real(0)
                                                 : a == b ? g / 2
                                                          : g; })
      .dtype(common_dtype(a, b));
}
HELLO_DL_OP(minimum, "x, other", "The smaller of two numbers, with broadcasting.");

}  // namespace hello_dl
