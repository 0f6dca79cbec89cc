// Sums of the columns of a matrix.
#include "ops/sums.hh"

namespace hello_dl {
namespace {

// sums[j] += the sum of column j.
void sum_lines(double* sums, const real* x, Index lines, Index cols, Index step) {
  Index i = 0;
  for (; i + 8 <= lines; i += 8, x += 8 * step)
    for (Index j = 0; j < cols; ++j) sums[j] += sum_of_8([=](Index l) { return x[l * step + j]; });
  for (; i < lines; ++i, x += step)
    for (Index j = 0; j < cols; ++j) sums[j] += x[j];
}

}  // namespace

void add_column_sums(real* to, const real* x, Index lines, Index cols, Index step) {
  if (cols <= 0) return;
  std::vector<double> sums(static_cast<std::size_t>(cols));
  Index first = 0;
  if (cols % kSide != 0 && cols < 16 * kSide && step == cols && lines >= 4 * kSide) {
    // kSide lines are taken as one, whose length vector instructions divide.
    std::vector<double> wide(static_cast<std::size_t>(kSide * cols));
    first = lines / kSide * kSide;
    sum_lines(wide.data(), x, lines / kSide, kSide * cols, kSide * cols);
    for (Index k = 0; k < kSide * cols; ++k) sums[k % cols] += wide[k];
  }
  sum_lines(sums.data(), x + first * step, lines - first, cols, step);
  for (Index j = 0; j < cols; ++j) to[j] += static_cast<real>(sums[j]);
}

}  // namespace hello_dl
