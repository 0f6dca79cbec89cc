// Makes of a network's graph one that is only to be used: constants are computed, layers that follow each other joined.
#pragma once

#include <vector>

#include "engine/graph.hh"

namespace hello_dl {

// The nodes behind these tensors, inputs before those that use them.
std::vector<Node*> nodes_behind(const std::vector<Tensor>& tensors);

// The same results, in new nodes where they depend on the inputs, and in leaves where they do not. No gradient.
std::vector<Tensor> fused(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs);

}  // namespace hello_dl
