// A GPT reads tokens and keeps their keys and values for the next call: the forward pass of text/gpt.py without a
// graph.
//
// For a single text, building and planning a graph takes longer than the arithmetic; here is only the arithmetic. The
// results agree with those of the graph up to rounding (a test compares them). There is no gradient.
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
