// Attention: each query takes a weighted mean of the values; the weights are the softmax of its products with the keys
// (chapter 10).
//
// The weights of all queries, t x s numbers a head, are never in memory at once: one block of queries at a time is
// multiplied with all the keys it may see. Backward computes the weights again, block by block (as in Dao et al. 2022,
// but with whole lines of weights, so that the softmax is the plain one). Memory therefore grows with t, not with its
// square.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/axes.hh"
#include "ops/dropout.hh"
#include "ops/exp.hh"
#include "ops/panels.hh"
#include "ops/shape.hh"
#include "ops/softmax.hh"
#include "ops/sums.hh"

namespace hello_dl {
namespace {

// How the heads of a tensor lie in memory: one after the other, (n, heads, steps, size), or side by side, (n, steps,
// heads * size), as a linear layer writes them.
struct Heads {
  Index heads = 1, steps = 0, size = 0;
  bool side_by_side = false;

  Index step() const { return side_by_side ? heads * size : size; }  // from one step of the sequence to the next
  real* at(real* data, Index row, Index head, Index first) const {
    return data + row * heads * steps * size + head * (side_by_side ? size : steps * size) + first * step();
  }
};

// A mask that broadcasts to (n, heads, t, s): true where a query may see a key, or a number to add to the score.
struct Mask {
  bool given = false, truth = false;
  Index step[4] = {};  // in memory from one row, head, query or key to the next; 0 along an axis of size 1

  Index line(Index row, Index head, Index query) const { return row * step[0] + head * step[1] + query * step[2]; }
  void apply(const real* line, real* scores, Index keys) const {
    for (Index j = 0; j < keys; ++j) {
      const real m = line[j * step[3]];
      scores[j] = !truth ? scores[j] + m : m != 0 ? scores[j] : -std::numeric_limits<real>::infinity();
    }
  }
};

// Dropout of weights: the choice depends on the key, the row, the head, the query and the key's place alone.
struct AttentionDropout : Dropout {
  using Dropout::Dropout;

  // weights: `count` neighbours of row `row`, the first of them number `place` of that row's weights.
  void leave_out(real* weights, Index count, Index row, Index place) const {
    const Dropout some = *this;  // a copy that no write to the weights can change
    const std::uint64_t key = draw.row_key(row);
    for (Index j = 0; j < count; ++j)
      weights[j] *= some.keeps(key, static_cast<std::uint32_t>(place + j)) ? some.scale : real(0);
  }
};

// A query block of one head of one row.
struct Block {
  Index row, head, first, queries, keys;  // queries first ... first + queries - 1; keys that the last one may see
};

struct Attention {
  Heads q, k, v, y;
  Mask mask;
  AttentionDropout dropout;
  real scale = 1;
  bool causal = false;

  Index block() const { return std::min(q.steps, std::clamp<Index>(64 * 1024 / std::max<Index>(k.steps, 1), 16, 32)); }
  Index keys_size() const { return panels_size(k.size, k.steps); }
  Index scratch() const { return keys_size() + panels_size(v.size, k.steps) + 2 * block() * k.steps; }

  // Calls f(block) for all blocks of queries, after the keys of the block's head were written as panels.
  template <class F>
  void blocks(Index rows, const In* in, real* scratch, F f) const {
    for (Index r = 0; r < rows; ++r)
      for (Index h = 0; h < q.heads; ++h) {
        write_panels(k.at(in[1].data, r, h, 0), 1, k.step(), k.size, k.steps, scale, scratch);
        for (Index i = 0; i < q.steps; i += block()) {
          const Index count = std::min(block(), q.steps - i);
          f(Block{r, h, i, count, causal ? std::min(k.steps, i + count) : k.steps});
        }
      }
  }

  // P = softmax(scale Q K' + mask), line by line. The weights of a query that may see no key are 0.
  void weigh(MatrixMap& P, const Block& b, const In* in, const real* keys) const {
    P.setZero();
    add_product({q.at(in[0].data, b.row, b.head, b.first), q.step()}, RightSide::panels(keys, k.size), b.queries,
                k.size, b.keys, P.data(), b.keys);
    for (Index i = 0; i < b.queries; ++i) {
      const Index seen = causal ? std::min(b.keys, b.first + i + 1) : b.keys;
      real* line = P.data() + i * b.keys;
      if (mask.given) mask.apply(in[3].data + mask.line(b.row, b.head, b.first + i), line, seen);
      const real shift = softmax_shift(ConstArrayMap(line, seen));
      for (Index j = 0; j < seen; ++j) line[j] -= shift;
    }
    P.array() = exp_of(P.array());  // of all lines at once, since a line is short
    for (Index i = 0; i < b.queries; ++i) {
      const Index seen = causal ? std::min(b.keys, b.first + i + 1) : b.keys;
      real* line = P.data() + i * b.keys;
      const real sum = block_sum(line, seen), share = sum == 0 ? real(0) : 1 / sum;
      for (Index j = 0; j < seen; ++j) line[j] *= share;
      std::fill(line + seen, line + b.keys, real(0));
    }
  }

  void leave_out(MatrixMap& P, const Block& b, Index first_row) const {
    if (dropout.limit == 0) return;
    for (Index i = 0; i < b.queries; ++i)
      dropout.leave_out(P.data() + i * b.keys, b.keys, first_row + b.row, (b.head * q.steps + b.first + i) * k.steps);
  }

  // Y = P V
  void forward(Out Y, const In* in) const {
    real *keys = Y.scratch, *weights = keys + keys_size();
    arr(Y).setZero();
    blocks(Y.rows, in, keys, [&](const Block& b) {
      MatrixMap P(weights, b.queries, b.keys);
      weigh(P, b, in, keys);
      leave_out(P, b, Y.first);
      add_product({P.data(), b.keys}, RightSide::plain(v.at(in[2].data, b.row, b.head, 0), v.step()), b.queries, b.keys,
                  v.size, y.at(Y.data, b.row, b.head, b.first), y.step());
    });
  }

  // dV = P' G,  dP = G V',  and through the softmax  dS = P (dP - sum(P dP)),  dQ = scale dS K,  dK = scale dS' Q.
  void backward(Grad g, const In* in) const {
    real* to[4] = {};  // gradients of q, k, v and the mask, set to 0 in this order: some may be the same tensor
    for (int i = 0; i < (mask.given ? 4 : 3); ++i) to[i] = in[i] ? in[i].grad().zeroed() : nullptr;
    real *keys = g.scratch, *values = keys + keys_size(), *weights = values + panels_size(v.size, k.steps);
    blocks(g.rows, in, keys, [&](const Block& b) {
      MatrixMap P(weights, b.queries, b.keys), dP(weights + b.queries * b.keys, b.queries, b.keys);
      const LeftSide G{y.at(g.data, b.row, b.head, b.first), y.step()};
      weigh(P, b, in, keys);
      if (to[2]) {
        dP = P;
        leave_out(dP, b, g.first);
        add_product({dP.data(), 1, b.keys}, RightSide::plain(G.data, G.row), b.keys, b.queries, v.size,
                    v.at(to[2], b.row, b.head, 0), v.step());
      }
      if (!to[0] && !to[1] && !to[3]) return;
      if (b.first == 0) write_panels(v.at(in[2].data, b.row, b.head, 0), 1, v.step(), v.size, k.steps, real(1), values);
      dP.setZero();
      add_product(G, RightSide::panels(values, v.size), b.queries, v.size, b.keys, dP.data(), b.keys);
      leave_out(dP, b, g.first);
      for (Index i = 0; i < b.queries; ++i) {
        const real* p = P.data() + i * b.keys;
        real* line = dP.data() + i * b.keys;
        const real sum = block_sum(0, b.keys, [=](Index j) { return p[j] * line[j]; });
        for (Index j = 0; j < b.keys; ++j) line[j] = p[j] * (line[j] - sum);
      }
      if (to[3]) add_to_mask(dP, b, to[3]);
      dP *= scale;
      if (to[0])
        add_product({dP.data(), b.keys}, RightSide::plain(k.at(in[1].data, b.row, b.head, 0), k.step()), b.queries,
                    b.keys, k.size, q.at(to[0], b.row, b.head, b.first), q.step());
      if (to[1])
        add_product({dP.data(), 1, b.keys}, RightSide::plain(q.at(in[0].data, b.row, b.head, b.first), q.step()),
                    b.keys, b.queries, k.size, k.at(to[1], b.row, b.head, 0), k.step());
    });
  }

  void add_to_mask(const MatrixMap& dS, const Block& b, real* to) const {
    for (Index i = 0; i < b.queries; ++i) {
      real* line = to + mask.line(b.row, b.head, b.first + i);
      for (Index j = 0; j < b.keys; ++j) line[j * mask.step[3]] += dS(i, j);
    }
  }
};

Heads heads_of(const Tensor& x, const std::optional<Index>& heads) {
  const Index size = x.shape().back();
  if (heads) return {*heads, x.size(1), size / *heads, true};
  return {x.dims() == 4 ? x.size(1) : 1, x.size(x.dims() - 2), size, false};
}

// Returns the mask as (n or 1, heads or 1, t or 1, s or 1), and fills in its steps. by_sample: its first axis of three
// is n, not heads.
Tensor prepare(const Tensor& given, const Shape& full, bool by_sample, Mask& mask) {
  Tensor m = channels_first(given);
  if (by_sample && m.dims() == 3) m = reshape(m, {m.size(0), 1, m.size(1), m.size(2)});
  bool fits = m.dims() <= 4;
  Ints sizes(4, 1);
  for (int i = 0; fits && i < m.dims(); ++i) {
    const int axis = 4 - m.dims() + i;
    sizes[axis] = m.size(i);
    fits = m.size(i) == 1 || m.size(i) == full[axis];
  }
  need(fits, "attention: needs a mask that broadcasts to ", full, ", got ", given.shape());
  if (m.dims() < 4) m = reshape(m, sizes);
  mask.given = true;
  mask.truth = m.dtype() == DType::boolean;
  for (int i = 0; i < 4; ++i) mask.step[i] = m.size(i) == 1 ? 0 : m.shape().product(i + 1);
  return m;
}

}  // namespace

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const std::optional<Tensor>& mask, bool causal,
                 const std::optional<double>& scale, const std::optional<Index>& heads, double dropout_p, Index key) {
  const int dims = q.dims();
  need(heads ? dims == 3 : dims == 3 || dims == 4, "attention: needs queries ",
       heads ? "(n, t, heads * d)" : "(n, t, d) or (n, heads, t, d)", ", got ", q.shape());
  need(!heads || (*heads > 0 && q.shape().back() % *heads == 0 && v.shape().back() % *heads == 0),
       "attention: needs sizes that ", heads.value_or(0), " heads divide, got ", q.shape(), " and ", v.shape());
  bool fit = k.dims() == dims && v.dims() == dims && k.shape().back() == q.shape().back() &&
             v.size(dims - 2) == k.size(dims - 2);
  for (int i = 0; fit && i < dims - 2; ++i) fit = k.size(i) == q.size(i) && v.size(i) == q.size(i);
  need(fit,
       "attention: needs keys and values for the same batch and heads, keys as wide as queries, and as many keys as "
       "values; got queries ",
       q.shape(), ", keys ", k.shape(), " and values ", v.shape());
  need(k.size(dims - 2) > 0, "attention: needs at least one key, got keys ", k.shape());
  need(0 <= dropout_p && dropout_p <= 1, "attention: needs a dropout_p from 0 to 1, got ", dropout_p);
  Attention a;
  a.q = heads_of(q, heads), a.k = heads_of(k, heads), a.v = heads_of(v, heads);
  a.y = a.q, a.y.size = a.v.size;
  a.scale = static_cast<real>(scale ? *scale : 1 / std::sqrt(static_cast<double>(a.q.size)));
  a.causal = causal;
  a.dropout = {static_cast<real>(dropout_p), key};
  Shape shape = q.shape();
  shape[dims - 1] = v.shape().back();
  const Index n = q.rows();
  Input m{Tensor{}, Word::whole};
  if (mask) {
    m.tensor = prepare(*mask, Shape{n, a.q.heads, a.q.steps, a.k.steps}, dims == 3 && !heads, a.mask);
    if (m.tensor.rows() == n) m.word = Word::rows;
  }
  return node(
             "attention", shape, {rows(q), rows(k), rows(v), m}, [a](Out y, const In* in, int) { a.forward(y, in); },
             [a](Grad g, const In* in, int) { a.backward(g, in); })
      .reads(kReadsFirst | kReadsSecond | kReadsThird | (mask ? 8u : kReadsNothing))
      .scratch(a.scratch())
      .work(static_cast<double>(2 * a.k.steps))
      .expensive();
}
HELLO_DL_OP(
    attention, "q, k, v, mask=None, causal=False, scale=None, heads=None, dropout_p=0.0, key=0",
    "softmax(scale Q K' + mask) V for each row and head: q (n, heads, t, d), k (n, heads, s, d), v (n, heads, s, "
    "e) give (n, heads, t, e); with heads=h all are (n, t, h * d). The mask broadcasts to (n, heads, t, s): true "
    "where a query may look, or numbers to add; causal: no query sees a later key; scale is 1/sqrt(d) by default "
    "(Vaswani et al. 2017, equation 1).");

}  // namespace hello_dl
