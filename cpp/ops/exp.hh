// The exponential function of many numbers at once, with the same ends for every instruction set.
#pragma once

#include <Eigen/Core>
#include <cmath>

#include "engine/common.hh"

namespace hello_dl {

// Eigen's vector instructions for exp(-inf) give 0 on some processors and 2.9e-39 on others, and a weight that a mask
// forbids has to be 0. So everything below kLeastExponent gives 0. exp(-88) is 6e-39, below float's normal numbers;
// exp(-709) is 1e-308, and double's normal numbers end at 2e-308.
struct Exp {
  static constexpr real kLeastExponent = sizeof(real) == 4 ? real(-88) : real(-709);

  real operator()(real x) const { return x < kLeastExponent ? real(0) : std::exp(x); }

  template <class Packet>
  Packet packetOp(const Packet& x) const {
    using namespace Eigen::internal;
    return pandnot(pexp(x), pcmp_lt(x, pset1<Packet>(kLeastExponent)));  // NaN is not less: it stays NaN
  }
};

// exp of each number of an Eigen array.
template <class Array>
auto exp_of(const Array& x) {
  return x.unaryExpr(Exp());
}

}  // namespace hello_dl

template <>
struct Eigen::internal::functor_traits<hello_dl::Exp> : functor_traits<scalar_exp_op<hello_dl::real>> {};
