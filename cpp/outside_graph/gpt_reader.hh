// A GPT reads tokens, remembering keys and values of those before: the forward pass of text/gpt.py without a graph.
//
// At batch 1 building and planning a graph costs more than the arithmetic; here is only the arithmetic. It computes
// the same to rounding (a test says so), and has no gradient.
#pragma once

#include <vector>

#include "engine/graph.hh"

namespace hello_dl {

// `parameters` in the order of GPT.parameters(): wte, wpe; for each block ln_1, attn.c_attn, attn.c_proj, ln_2,
// mlp.c_fc, mlp.c_proj, each weight and bias; ln_f. `cache` (blocks, 2, context, width) holds keys and values of the
// `first` tokens before; those of `ids` are added to it. Writes the scores of what follows the last token.
void gpt_read(const std::vector<Tensor>& parameters, const Tensor& cache, Index heads, const std::vector<Index>& ids,
              Index first, real* scores);

}  // namespace hello_dl
