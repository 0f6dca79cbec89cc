// The arithmetic of SGD and Adam as in the papers, number by number; the threads share the numbers.
#include "outside_graph/optim.hh"

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/engine.hh"
#include "engine/pool.hh"

namespace hello_dl {
namespace {

constexpr Index kPiece = 16 * 1024;  // numbers of a task: enough to gain from a thread, few enough for a core's cache

real* data(const Tensor& x) { return x.node().value->data(); }

// The gradients of the parameters, absent where there is none. They are taken once: another thread may set one to None.
using Gradients = std::vector<Tensor>;
Gradients gradients_of(const std::vector<Tensor>& parameters) {
  Gradients list;
  list.reserve(parameters.size());
  for (const Tensor& x : parameters) list.emplace_back(gradient_of(x.node()));
  return list;
}

void need_state(const std::vector<Tensor>& parameters, const std::vector<Tensor>& state, const char* what) {
  need(state.size() == parameters.size(), "optim: needs ", parameters.size(), " tensors of ", what, ", got ",
       state.size());
  for (std::size_t k = 0; k < state.size(); ++k)
    need(!state[k] || state[k].shape() == parameters[k].shape(), "optim: ", what, " of parameter ", k, " needs shape ",
         parameters[k].shape(), ", got ", state[k].shape());
}

// Calls change(k, from, to) for pieces that together are all numbers of the parameters that have a gradient.
void change_all(const std::vector<Tensor>& parameters, const Gradients& gradients,
                const std::function<void(std::size_t, Index, Index)>& change) {
  struct Piece {
    std::size_t k;
    Index from, to;
  };
  std::vector<Tensor> changed;
  Index total = 0;
  for (std::size_t k = 0; k < parameters.size(); ++k)
    if (gradients[k]) changed.push_back(parameters[k]), total += parameters[k].size();
  const Index piece = std::max(kPiece, total / 1024);
  std::vector<Piece> pieces;
  for (std::size_t k = 0; k < parameters.size(); ++k)
    for (Index from = 0; gradients[k] && from < parameters[k].size(); from += piece)
      pieces.push_back({k, from, std::min(from + piece, parameters[k].size())});
  change_in_place(changed, [&] {
    auto task = [&](Index i, int) { change(pieces[i].k, pieces[i].from, pieces[i].to); };
    const auto tasks = static_cast<Index>(pieces.size());
    if (total <= kPiece) {  // waking the other threads would take longer
      for (Index i = 0; i < tasks; ++i) task(i, 0);
    } else {
      parallel(tasks, task);
    }
  });
}

}  // namespace

// Sutskever et al. 2013 as PyTorch writes it, the learning rate outside the velocity v:
//   g' = g + decay w      v = mu v + (1 - dampening) g'      w = w - lr v,  or with Nesterov  w = w - lr (g' + mu v)
void sgd_step(const std::vector<Tensor>& parameters, std::vector<Tensor>& buffers, const SgdOptions& options) {
  const bool nesterov = options.nesterov;
  // The constants are copies and the pointers do not overlap (__restrict), so that vector instructions work on many
  // numbers at once.
  auto plain = [](real* __restrict w, const real* __restrict g, Index n, real lr, real decay) {
    for (Index i = 0; i < n; ++i) w[i] -= lr * (g[i] + decay * w[i]);
  };
  auto with_momentum = [nesterov](real* __restrict w, const real* __restrict g, real* __restrict v, Index n, real lr,
                                  real decay, real mu, real add) {
    for (Index i = 0; i < n; ++i) {
      const real G = g[i] + decay * w[i];
      v[i] = mu * v[i] + add * G;
      w[i] -= lr * (nesterov ? G + mu * v[i] : v[i]);
    }
  };

  const real lr = static_cast<real>(options.lr), mu = static_cast<real>(options.momentum);
  const real undampened = static_cast<real>(1 - options.dampening), decay = static_cast<real>(options.weight_decay);
  const Gradients gradients = gradients_of(parameters);
  std::vector<bool> first(parameters.size(), false);
  if (mu != 0) {
    need_state(parameters, buffers, "momentum");
    for (std::size_t k = 0; k < parameters.size(); ++k) {
      if (buffers[k] || !gradients[k]) continue;
      buffers[k] = leaf(parameters[k].shape());
      std::fill_n(data(buffers[k]), parameters[k].size(), real(0));
      first[k] = true;  // the velocity begins as the gradient itself, undampened
    }
  }
  change_all(parameters, gradients, [&](std::size_t k, Index from, Index to) {
    real* w = data(parameters[k]) + from;
    const real* g = data(gradients[k]) + from;
    if (mu == 0) return plain(w, g, to - from, lr, decay);
    with_momentum(w, g, data(buffers[k]) + from, to - from, lr, decay, mu, first[k] ? real(1) : undampened);
  });
}

// Kingma & Ba 2015, algorithm 1, with m and v the running means of g and g^2, and t the number of steps:
//   m = beta1 m + (1 - beta1) g     v = beta2 v + (1 - beta2) g^2
//   w = w - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
// Weight decay: Adam adds decay w to g; AdamW (Loshchilov & Hutter 2019, algorithm 2) subtracts lr decay w from w.
void adam_step(const std::vector<Tensor>& parameters, const std::vector<Tensor>& means,
               const std::vector<Tensor>& squares, const std::vector<Tensor>& steps, const AdamOptions& options) {
  need_state(parameters, means, "means");
  need_state(parameters, squares, "squares");
  need(steps.size() == parameters.size(), "optim: needs ", parameters.size(), " numbers of steps, got ", steps.size());
  struct Constants {
    real beta1, rest1, beta2, rest2, eps, decay, shrink;  // rest = 1 - beta
    real rate, root;                                      // lr / (1 - beta1^t) and 1 / sqrt(1 - beta2^t)
  };
  auto update = [](real* __restrict w, const real* __restrict g, real* __restrict m, real* __restrict v, Index n,
                   const Constants c) {
    for (Index i = 0; i < n; ++i) {
      const real G = g[i] + c.decay * w[i];
      m[i] = c.beta1 * m[i] + c.rest1 * G;
      v[i] = c.beta2 * v[i] + c.rest2 * G * G;
      w[i] = c.shrink * w[i] - c.rate * m[i] / (std::sqrt(v[i]) * c.root + c.eps);
    }
  };

  const AdamOptions& o = options;
  const double decay = o.decoupled ? 0 : o.weight_decay, shrink = o.decoupled ? 1 - o.lr * o.weight_decay : 1;
  const Gradients gradients = gradients_of(parameters);
  std::vector<Constants> constants(parameters.size());
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    need(means[k] && squares[k] && steps[k], "optim: needs running means and steps of parameter ", k, ", got none");
    if (!gradients[k]) continue;
    const double t = data(steps[k])[0] += 1;
    const double rate = o.lr / (1 - std::pow(o.beta1, t)), root = 1 / std::sqrt(1 - std::pow(o.beta2, t));
    constants[k] = {real(o.beta1), real(1 - o.beta1), real(o.beta2), real(1 - o.beta2), real(o.eps),
                    real(decay),   real(shrink),      real(rate),    real(root)};
  }
  change_all(parameters, gradients, [&](std::size_t k, Index from, Index to) {
    update(data(parameters[k]) + from, data(gradients[k]) + from, data(means[k]) + from, data(squares[k]) + from,
           to - from, constants[k]);
  });
}

}  // namespace hello_dl
