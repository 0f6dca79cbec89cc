// One step of an optimizer for all parameters of a group; python/hello_dl/optim chooses the numbers.
#pragma once

#include <vector>

#include "engine/graph.hh"

namespace hello_dl {

struct SgdOptions {
  double lr = 0, momentum = 0, dampening = 0, weight_decay = 0;
  bool nesterov = false;
};

// Changes every parameter that has a gradient. buffers[k] is the momentum of parameters[k]; an absent one is made at
// the first step. Without momentum the buffers are not used.
void sgd_step(const std::vector<Tensor>& parameters, std::vector<Tensor>& buffers, const SgdOptions& options);

struct AdamOptions {
  double lr = 0, beta1 = 0, beta2 = 0, eps = 0, weight_decay = 0;
  bool decoupled = false;  // AdamW: the decay acts on the parameter, not on its gradient
};

// Changes every parameter that has a gradient, with its running means of gradient and squared gradient, and the number
// (a tensor of one) of steps it has seen.
void adam_step(const std::vector<Tensor>& parameters, const std::vector<Tensor>& means,
               const std::vector<Tensor>& squares, const std::vector<Tensor>& steps, const AdamOptions& options);

}  // namespace hello_dl
