// The loss of a text whose letters have no known places in time: connectionist temporal classification (Graves et al.
// 2006).
//
// A network gives a probability p_t(k) for each class k at each step t; one class, the blank, means "no letter". A path
// names one class a step. It spells a text if that is what remains after joining equal neighbours and then removing
// blanks: --hh-e-ll-l-o spells "hello". The loss is -log of the summed probability of all paths that spell the target.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/registry.hh"
#include "ops/exp.hh"

namespace hello_dl {
namespace {

// A path goes through the states b_0 l_0 b_1 l_1 ... l_(n-1) b_n: the n letters of the target, with blanks around them.
// Each step stays in its state or goes to the next one; from a letter also to the next letter, if that is another one.
// Let lse(x, y) = log(exp(x) + exp(y)). A_t(s) is log of the probability of all beginnings of paths that are in state s
// at step t, B_t(s) that of all their ends after t, given s at t; C_t(s) = log p_t(s) + B_t(s) (equations 6 to 11):
//
//     A_t(b_i) = log p_t(blank) + lse(A_(t-1)(b_i), A_(t-1)(l_(i-1)))
//     A_t(l_i) = log p_t(l_i) + lse(A_(t-1)(l_i), A_(t-1)(b_i) if l_i = l_(i-1), else the lse of the line above)
//     B_t(b_i) = lse(C_(t+1)(b_i), C_(t+1)(l_i))
//     B_t(l_i) = lse(C_(t+1)(l_i), C_(t+1)(b_(i+1)) if l_i = l_(i+1), else B_t(b_(i+1)))
//
// The loss is -lse(A(b_n), A(l_(n-1))) after the last step. At each t the share of all paths that are in s is
// w_t(s) = exp(A_t(s) + B_t(s)) / (its sum over s), and the gradient is (equation 16)
//
//     dL/d(log p_t(k)) = G (p_t(k) - sum of w_t(s) over the states s of class k).
//
// That is the gradient of the scores whose log_softmax log p is. The bare derivative has no first term; but the p_t(k)
// add up to what log_softmax subtracts, so both give the same gradient of the scores. This one is PyTorch's.
//
// The sizes of A and B grow with the number of steps, and floats have few digits. So each step subtracts the largest
// of its numbers from all of them; that cancels out in w.

constexpr real kNever = real(-1e30);   // stands for log(0): unlike minus infinity, it can be subtracted from itself
constexpr double kImpossible = -1e29;  // a logarithm below this one has a kNever in it
constexpr Index kPacket = 16;          // lines are a multiple of this long, so that vector instructions do all of them

// to[i] = lse(a[i], b[i])
void lse(const real* a, const real* b, real* to, Index n) {
  const ConstArrayMap A(a, n), B(b, n);
  ArrayMap(to, n) = A.max(B) + ((-(A - B).abs()).exp() + real(1)).log();
}

// to[i] = same[i] ? if_same[i] : otherwise[i]
void choose(const real* __restrict same, const real* __restrict if_same, const real* __restrict otherwise,
            real* __restrict to, Index n) {
  for (Index i = 0; i < n; ++i) to[i] = same[i] != 0 ? if_same[i] : otherwise[i];
}

real subtract_largest(real* line, Index n) {
  ArrayMap x(line, n);
  const real largest = x.maxCoeff();
  x -= largest;
  return largest;
}

// One sample, and its memory. A line of states has `width` places for blanks and as many for letters behind them; the
// last places of both are states that do not exist, which stay at kNever or below.
struct Sample {
  Index steps, letters, width, classes, blank;
  const real *log_p, *labels;
  real *loss, *alpha;             // kept; alpha: A_t, a line for each step
  real *beta, *gamma;             // scratch: B_t and C_t, a line each
  real *log_p_t, *choice, *same;  // scratch, for each letter: log p_t; what `choose` gives; is it the one before?

  real* alpha_at(Index t) const { return alpha + t * 2 * width; }
  real log_p_at(Index t, Index k) const { return std::max(log_p[t * classes + k], kNever); }
  Index label(Index i) const { return static_cast<Index>(labels[i]); }

  void begin() const {
    std::fill_n(log_p_t, width, kNever);
    for (Index i = 0; i < width; ++i) same[i] = i > 0 && i < letters && labels[i] == labels[i - 1] ? 1 : 0;
  }

  // to(s) = from(s) + log p_t(s)
  void add_log_p(Index t, const real* from, real* to) const {
    for (Index i = 0; i < letters; ++i) log_p_t[i] = log_p_at(t, label(i));
    ArrayMap(to, width) = ConstArrayMap(from, width) + log_p_at(t, blank);
    ArrayMap(to + width, width) = ConstArrayMap(from + width, width) + ConstArrayMap(log_p_t, width);
  }

  void forward() const {
    double subtracted = 0;
    for (Index t = 0; t < steps; ++t) {
      real *blanks = alpha_at(t), *ls = blanks + width;
      if (t == 0) {
        std::fill_n(blanks, 2 * width, kNever);
        blanks[0] = ls[0] = 0;
      } else {
        const real *old_blanks = alpha_at(t - 1), *old_ls = old_blanks + width;
        lse(old_blanks, old_ls - 1, blanks, width);  // before the first letter is the last place for blanks: kNever
        choose(same, old_blanks, blanks, choice, width);
        lse(old_ls, choice, ls, width);
      }
      add_log_p(t, blanks, blanks);
      subtracted += subtract_largest(blanks, 2 * width);
    }
    const double total = subtracted + at_end();
    *loss = total < kImpossible ? std::numeric_limits<real>::infinity() : static_cast<real>(-total);
  }

  // The logarithm of the probability of all paths, without what all steps subtracted.
  real at_end() const {
    if (steps == 0) return letters == 0 ? 0 : kNever;
    const real* blanks = alpha_at(steps - 1);
    real end = blanks[letters];
    if (letters > 0) lse(blanks + letters, blanks + width + letters - 1, &end, 1);
    return end;
  }

  // Subtracts g w_t(s) from the gradient of the class of each state.
  void backward(real g, real* grad) const {
    real *blanks = beta, *ls = beta + width, *next_blanks = gamma, *next_ls = gamma + width;
    for (Index t = steps - 1; t >= 0; --t) {
      if (t == steps - 1) {
        std::fill_n(beta, 2 * width, kNever);
        blanks[letters] = 0;
        if (letters > 0) ls[letters - 1] = 0;
      } else {
        lse(next_blanks, next_ls, blanks, width);
        choose(same + 1, next_blanks + 1, blanks + 1, choice, width - 1);
        choice[width - 1] = kNever;
        lse(next_ls, choice, ls, width);
        subtract_largest(beta, 2 * width);
      }
      add_log_p(t, beta, gamma);
      ArrayMap w(alpha_at(t), 2 * width);
      w += ConstArrayMap(beta, 2 * width);
      w = exp_of(w - w.maxCoeff());
      const real share = g / w.sum();
      real* to = grad + t * classes;
      to[blank] -= share * w.head(letters + 1).sum();
      for (Index i = 0; i < letters; ++i) to[label(i)] -= share * w[width + i];
    }
  }
};

struct Ctc {
  Index steps, classes, most, blank;  // most: letters of a target
  bool zero_infinity;

  static Index width(Index letters) { return (letters + 2 + kPacket - 1) / kPacket * kPacket; }
  Index extra() const { return kPacket + steps * 2 * width(most); }
  Index scratch() const { return 7 * width(most); }

  Sample sample(const In* in, Index row, real* extra, real* scratch) const {
    Sample s;
    s.steps = length("input_lengths", in[2].data[row], steps);
    s.letters = length("target_lengths", in[3].data[row], most);
    s.width = width(s.letters), s.classes = classes, s.blank = blank;
    s.log_p = in[0].data + row * steps * classes;
    s.labels = in[1].data + row * most;
    for (Index i = 0; i < s.letters; ++i)
      need<IndexError>(s.labels[i] >= 0 && s.labels[i] < static_cast<real>(classes), "ctc: label ", s.labels[i],
                       " is out of range for ", classes, " classes");
    s.loss = extra + row * this->extra(), s.alpha = s.loss + kPacket;
    s.beta = scratch, s.gamma = s.beta + 2 * s.width;
    s.log_p_t = s.gamma + 2 * s.width, s.choice = s.log_p_t + s.width, s.same = s.choice + s.width;
    s.begin();
    return s;
  }
  static Index length(const char* what, real n, Index most) {
    need(n >= 0 && n <= static_cast<real>(most), "ctc: needs ", what, " from 0 to ", most, ", got ", n);
    return static_cast<Index>(n);
  }

  void forward(Out y, const In* in) const {
    for (Index r = 0; r < y.rows; ++r) {
      const Sample s = sample(in, r, y.extra, y.scratch);
      s.forward();
      y.data[r] = zero_infinity && *s.loss == std::numeric_limits<real>::infinity() ? real(0) : *s.loss;
    }
  }

  void backward(Grad g, const In* in) const {
    const bool assign = in[0].grad().fresh();
    real* to = in[0].grad().written();
    for (Index r = 0; r < g.rows; ++r, to += steps * classes) {
      const Sample s = sample(in, r, g.extra, g.scratch);
      if (!g.extra_filled) s.forward();
      const Index used = s.steps * classes, all = steps * classes;
      ArrayMap dx(to, used);
      if (assign) std::fill(to + used, to + all, real(0));
      if (std::isfinite(*s.loss)) {
        store(assign, dx, g.data[r] * exp_of(ConstArrayMap(s.log_p, used)));
        s.backward(g.data[r], to);
      } else {  // no path, or no number: the loss has no gradient
        const bool zero = zero_infinity && *s.loss > 0;
        store(assign, dx, ArrayMap::Constant(used, zero ? real(0) : std::numeric_limits<real>::quiet_NaN()));
      }
    }
  }
};

}  // namespace

Tensor ctc(const Tensor& log_probs, const Tensor& targets, const Tensor& input_lengths, const Tensor& target_lengths,
           Index blank, bool zero_infinity) {
  const Tensor& x = log_probs;
  need<TypeError>(x.dtype() == DType::real, "ctc: needs real numbers as log_probs, got integers");
  need(x.dims() == 3 && x.size(1) > 0 && x.size(2) > 0,
       "ctc: needs log_probs (n, t, classes) of at least one step and class, got ", x.shape());
  need(targets.dims() == 2 && targets.rows() == x.rows(), "ctc: needs targets (", x.rows(), ", letters), got ",
       targets.shape());
  const Shape each{x.rows()};
  need(input_lengths.shape() == each && target_lengths.shape() == each, "ctc: needs lengths ", each, ", got ",
       input_lengths.shape(), " and ", target_lengths.shape());
  need(0 <= blank && blank < x.size(2), "ctc: needs a blank from 0 to ", x.size(2) - 1, ", got ", blank);
  for (const Tensor* t : {&targets, &input_lengths, &target_lengths})
    need<TypeError>(t->dtype() == DType::integer, "ctc: needs integers as targets and lengths, got others");
  const Ctc c{x.size(1), x.size(2), targets.size(1), blank, zero_infinity};
  return node(
             "ctc", each, {rows(x), rows(targets), rows(input_lengths), rows(target_lengths)},
             [c](Out y, const In* in, int) { c.forward(y, in); }, [c](Grad g, const In* in, int) { c.backward(g, in); })
      .reads(kReadsFirst | kReadsSecond | kReadsThird | 1u << 3)
      .extra(c.extra())
      .scratch(c.scratch())
      .work(20.0 * static_cast<double>(c.extra()))
      .expensive();
}
HELLO_DL_OP(
    ctc, "log_probs, targets, input_lengths, target_lengths, blank=0, zero_infinity=False",
    "The CTC loss of each sample (n,): log_probs (n, t, classes), targets (n, letters), lengths (n,). The gradient "
    "is that of the scores whose log_softmax log_probs is, as in PyTorch (Graves et al. 2006).");

}  // namespace hello_dl
