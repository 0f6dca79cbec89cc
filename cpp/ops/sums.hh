// Sums of very many numbers. A few are added as `real`, whose rounding error grows with how many they are, and the sums
// of these few as doubles, whose error does not show: so the error of a long sum is that of a short one.
#pragma once

#include <algorithm>
#include <vector>

#include "engine/common.hh"

namespace hello_dl {

constexpr Index kSide = 16;      // sums side by side, which become vector instructions
constexpr Index kFewParts = 16;  // at most so many numbers are added one after the other as `real`

// The sum of eight numbers, as real: f(0) + ... + f(7), the halves summed on their own.
template <class F>
inline real sum_of_8(F f) {
  return ((f(0) + f(1)) + (f(2) + f(3))) + ((f(4) + f(5)) + (f(6) + f(7)));
}

// All of them, the halves added number by number first.
template <class Number>
inline Number sum_of_sides(Number* side) {
  for (Index half = kSide / 2; half > 0; half /= 2)
    for (Index k = 0; k < half; ++k) side[k] += side[k + half];
  return side[0];
}

// f(from) + ... + f(to - 1) as real, for few numbers.
template <class F>
inline real few_sum(Index from, Index to, F f) {
  real rest = 0;
  const Index last = from + (to - from) / kSide * kSide;
  for (Index i = last; i < to; ++i) rest += f(i);
  if (last == from) return rest;
  real side[kSide] = {};
  for (Index i = from; i < last; i += kSide)
    for (Index k = 0; k < kSide; ++k) side[k] += f(i + k);
  return sum_of_sides(side) + rest;
}

// f(from) + ... + f(to - 1). The order of the sums does not depend on any address, so that the result has the same bits
// everywhere.
template <class F>
inline real block_sum(Index from, Index to, F f) {
  if (to - from < 8 * kSide) return few_sum(from, to, f);
  double side[kSide] = {};
  for (; from + 8 * kSide <= to; from += 8 * kSide)
    for (Index k = 0; k < kSide; ++k) side[k] += sum_of_8([=](Index l) { return f(from + l * kSide + k); });
  return static_cast<real>(sum_of_sides(side) + few_sum(from, to, f));
}

inline real block_sum(const real* x, Index n) {
  return block_sum(0, n, [x](Index i) { return x[i]; });
}

// Sums of n numbers each, side by side: to[i] += all that was added to next()[i].
class Sums {
 public:
  explicit Sums(Index n) : n_(n), few_(static_cast<std::size_t>(n)) {}

  // The sums that come now belong to `to`.
  void begin(real* to) {
    write();
    to_ = to;
  }
  // Where the next number of each sum is to be added, or the next few, at most kFewParts.
  real* next(Index parts = 1) {
    if (parts_ + parts > kFewParts) put_aside();
    if (parts_ == 0) std::fill(few_.begin(), few_.end(), real(0));
    parts_ += parts;
    return few_.data();
  }
  // Adds the sums to where they belong.
  void write() {
    if (parts_ == 0) return;
    for (Index i = 0; i < n_; ++i) to_[i] += many_ ? static_cast<real>(sums_[i] + few_[i]) : few_[i];
    many_ = false;
    parts_ = 0;
  }

 private:
  void put_aside() {
    if (parts_ == 0) return;
    if (many_)
      for (Index i = 0; i < n_; ++i) sums_[i] += few_[i];
    else
      sums_.assign(few_.begin(), few_.end());
    many_ = true;
    parts_ = 0;
  }

  Index n_, parts_ = 0;
  bool many_ = false;  // there are sums in sums_ already
  real* to_ = nullptr;
  std::vector<real> few_;
  std::vector<double> sums_;
};

// to[j] += x[0, j] + ... + x[lines - 1, j], where line i begins at x + i * step.
void add_column_sums(real* to, const real* x, Index lines, Index cols, Index step);

}  // namespace hello_dl
