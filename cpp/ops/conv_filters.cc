// A convolution's filters in the order in which its inner loop reads them: panels of kBlockCols numbers side by side.
#include <algorithm>

#include "ops/conv_geometry.hh"

namespace hello_dl {
namespace {

// Calls f(place in w, step in w, place in the panels, count) for every line of a panel: the same number of `count`
// neighbouring filters. w is (out, C / groups, kh, kw), panels are (groups, blocks, taps, C / groups, kBlockCols).
// filters: the number of filters in w, the first of which begins a panel.
template <class F>
void filter_lines(const ConvGeometry& s, Index filters, F f) {
  const Index patch = s.patch(), taps = s.taps(), channels = s.group_in();
  Index line = 0;
  for (Index o = 0; o < filters;) {
    const Index left_in_group = s.group_out() - o % s.group_out(), count = std::min<Index>(left_in_group, kBlockCols);
    for (Index t = 0; t < taps; ++t)
      for (Index c = 0; c < channels; ++c) f(o * patch + c * taps + t, patch, line++ * kBlockCols, count);
    o += count;
  }
}

}  // namespace

Tensor filter_panels(const Tensor& weight, const ConvGeometry& s) {
  const Shape shape{s.groups * s.blocks(s.group_out()), s.patch() * kBlockCols};
  const bool even = s.group_out() % kBlockCols == 0;  // then each panel needs kBlockCols filters, its rows of w
  return node(
             "filter_panels", shape, {even ? rows(weight) : whole(weight)},
             [s](Out y, In w) {
               arr(y).setZero();
               filter_lines(s, w.rows, [&](Index from, Index step, Index to, Index count) {
                 for (Index j = 0; j < count; ++j) y.data[to + j] = w.data[from + j * step];
               });
             },
             [s](Grad g, In w) {
               const bool assign = w.grad().fresh();
               real* dw = w.grad().written();
               filter_lines(s, w.rows, [&](Index to, Index step, Index from, Index count) {
                 for (Index j = 0; j < count; ++j) store(assign, dw[to + j * step], g.data[from + j]);
               });
             })
      .reads(kReadsNothing)
      .work(20);
}

// The filters with channels in and out exchanged, for dL/dx: (groups, taps, blocks of C, out, kBlockCols). No gradient.
Tensor turned_panels(const Tensor& weight, const ConvGeometry& s) {
  const Index blocks = s.blocks(s.group_in()), out = s.group_out(), channels = s.group_in(), taps = s.taps();
  return node(
      "turned_panels", Shape{s.groups * taps * blocks, out * kBlockCols}, {whole(weight)},
      [=](Out y, In w) {
        real* to = y.data;
        for (Index g = 0; g < s.groups; ++g)
          for (Index t = 0; t < taps; ++t)
            for (Index first = 0; first < channels; first += kBlockCols)
              for (Index o = 0; o < out; ++o, to += kBlockCols) {
                const real* from = w.data + ((g * out + o) * channels + first) * taps + t;
                const Index count = std::min<Index>(channels - first, kBlockCols);
                for (Index j = 0; j < count; ++j) to[j] = from[j * taps];
                std::fill(to + count, to + kBlockCols, real(0));
              }
      },
      nullptr);
}

}  // namespace hello_dl
