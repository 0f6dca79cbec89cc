// GPT-2 (Radford et al. 2019) for one text: see gpt_reader.hh; text/gpt.py has the form with a graph.
#include "outside_graph/gpt_reader.hh"

#include <cmath>

#include "engine/engine.hh"
#include "engine/pool.hh"

namespace hello_dl {
namespace {

constexpr Index kTask = 32 * 1024;  // multiply-adds; for a smaller task a thread costs more than it gains
constexpr int kPerBlock = 12;       // parameters of a block

MatrixMap matrix(const Tensor& t) { return {t.node().value->data(), t.dims() == 2 ? t.rows() : 1, t.shape().back()}; }

// Y = X W' + b; a task computes some columns of Y. (W' is the transpose of W. The tasks depend on the sizes only, so
// that the bits do not depend on the number of threads.)
void linear(const Matrix& x, const Tensor& weight, const Tensor& bias, Matrix& y) {
  const MatrixMap w = matrix(weight);
  const Index out = w.rows(), piece = std::max<Index>(16, kTask / std::max<Index>(1, x.rows() * w.cols()));
  y.resize(x.rows(), out);
  auto task = [&](Index i, int) {
    const Index from = i * piece, n = std::min(piece, out - from);
    auto part = y.middleCols(from, n);
    part.noalias() = x * w.middleRows(from, n).transpose();
    if (bias) part.rowwise() += matrix(bias).row(0).middleCols(from, n);
  };
  const Index tasks = (out + piece - 1) / piece;
  tasks == 1 ? task(0, 0) : parallel(tasks, task);
}

// y = (x - mean) / sqrt(variance + eps) w + b, row by row.
void layer_norm(const Matrix& x, const Tensor& weight, const Tensor& bias, Matrix& y) {
  y.resize(x.rows(), x.cols());
  for (Index t = 0; t < x.rows(); ++t) {
    auto row = y.row(t).array();
    row = x.row(t).array() - x.row(t).mean();
    row *= 1 / std::sqrt(row.square().mean() + real(1e-5));
    row = row * matrix(weight).row(0).array() + matrix(bias).row(0).array();
  }
}

// gelu(x) ~ x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
void gelu(Matrix& x) {
  auto a = x.array();
  a = real(0.5) * a * (real(1) + (real(0.79788456080286535588) * (a + real(0.044715) * a.cube())).tanh());
}

// For each new token t and head: softmax(q K' / sqrt(d)) V over the tokens up to t. qkv (T, 3 C), keys, values
// (context, C), whose rows from `first` on are those of the new tokens; y (T, C).
void attend(const Matrix& qkv, const MatrixMap& keys, const MatrixMap& values, Index heads, Index first, Matrix& y) {
  const Index width = keys.cols(), d = width / heads;
  const real scale = 1 / std::sqrt(static_cast<real>(d));
  y.resize(qkv.rows(), width);
  auto task = [&](Index h, int) {
    for (Index t = 0; t < qkv.rows(); ++t) {
      const Index n = first + t + 1;
      Eigen::Matrix<real, Eigen::Dynamic, 1> p = keys.block(0, h * d, n, d) * qkv.row(t).segment(h * d, d).transpose();
      p = ((p.array() - p.maxCoeff()) * scale).exp();
      y.row(t).segment(h * d, d).noalias() = p.transpose() * values.block(0, h * d, n, d);
      y.row(t).segment(h * d, d) *= 1 / p.sum();
    }
  };
  if (qkv.rows() * (first + qkv.rows()) * d >= kTask)
    parallel(heads, task);
  else
    for (Index h = 0; h < heads; ++h) task(h, 0);
}

void check(const std::vector<Tensor>& parameters, const Tensor& cache, Index heads, const std::vector<Index>& ids,
           Index first) {
  const std::size_t blocks = parameters.size() < 4 ? 0 : (parameters.size() - 4) / kPerBlock;
  need(blocks > 0 && parameters.size() == 4 + kPerBlock * blocks, "gpt_read: needs the parameters of a GPT, got ",
       parameters.size(), " tensors");
  for (const Tensor& p : parameters) need(p.node().value != nullptr, "gpt_read: needs parameters, got expressions");
  const Index width = parameters[0].cols();
  need(cache.node().value && cache.dims() == 4 && cache.size(0) == static_cast<Index>(blocks) && cache.size(1) == 2 &&
           cache.size(2) == parameters[1].rows() && cache.size(3) == width,
       "gpt_read: needs a cache (", blocks, ", 2, ", parameters[1].rows(), ", ", width, "), got ", cache.shape());
  need(heads > 0 && width % heads == 0, "gpt_read: needs heads that share a width of ", width, ", got ", heads);
  const auto tokens = static_cast<Index>(ids.size());
  need(tokens > 0 && 0 <= first && first <= cache.size(2) - tokens, "gpt_read: needs 1 to ", cache.size(2),
       " tokens in all (the context), got ", tokens, " after ", first);
  for (const Index id : ids)
    need<IndexError>(id >= 0 && id < parameters[0].rows(), "gpt_read: token ", id, " is out of range for ",
                     parameters[0].rows());
}

}  // namespace

void gpt_read(const std::vector<Tensor>& parameters, const Tensor& cache, Index heads, const std::vector<Index>& ids,
              Index first, real* scores) {
  check(parameters, cache, heads, ids, first);
  const Index width = parameters[0].cols(), context = cache.size(2), T = static_cast<Index>(ids.size());
  const Tensor* p = parameters.data();
  change_in_place({cache}, [&] {
    Matrix x(T, width), normed, wide, y;  // x is the residual stream, to which each block adds
    for (Index t = 0; t < T; ++t) x.row(t) = matrix(p[0]).row(ids[t]) + matrix(p[1]).row(first + t);
    real* memory = cache.node().value->data();
    for (p += 2; p + 2 < parameters.data() + parameters.size(); p += kPerBlock, memory += 2 * context * width) {
      MatrixMap keys(memory, context, width), values(memory + context * width, context, width);
      layer_norm(x, p[0], p[1], normed);
      linear(normed, p[2], p[3], wide);  // (T, 3 C): queries, keys, values
      keys.middleRows(first, T) = wide.middleCols(width, width);
      values.middleRows(first, T) = wide.rightCols(width);
      attend(wide, keys, values, heads, first, normed);
      linear(normed, p[4], p[5], y);
      x += y;
      layer_norm(x, p[6], p[7], normed);
      linear(normed, p[8], p[9], wide);  // (T, 4 C)
      gelu(wide);
      linear(wide, p[10], p[11], y);
      x += y;
    }
    const Matrix last = x.bottomRows(1);
    layer_norm(last, p[0], p[1], normed);
    linear(normed, parameters[0], Tensor(), y);
    std::copy_n(y.data(), y.cols(), scores);
  });
}

}  // namespace hello_dl
