// A recurrent layer: a cell reads a sequence step by step, and hands its state from each step to the next.
//
// Rows are sequences, so a slice is a few sequences with all their steps. W_ih x for all gates and steps is one matrix
// product; what remains for each step is the product with the state, W_hh h, and the cell's own arithmetic, which is in
// rnn.cc, gru.cc and lstm.cc.
#pragma once

#include <optional>

#include "engine/registry.hh"

namespace hello_dl {

struct RecurrentArguments {
  Tensor x, weight_ih, weight_hh;
  std::optional<Tensor> bias_ih, bias_hh, h0, c0, lengths;
  bool reverse = false;
};

// One step of one sequence. Each pointer is to `size` numbers, or to several blocks of `size` numbers.
struct CellForward {
  Index size;
  real* gates;           // W_ih x + b_ih comes in, the gates' values go out
  const real* hidden;    // W_hh h + b_hh
  real* kept;            // to be filled with what else backward needs
  const real* state[2];  // h, c before
  real* next[2];         // h, c after
};

struct CellBackward {
  Index size;
  real* gates;           // values come in, dL/d(W_ih x + b_ih) goes out
  real* kept;            // goes out: dL/d(W_hh h + b_hh) of the blocks that are not shared
  const real* state[2];  // h, c before
  real* grad[2];         // dL/dh, dL/dc after come in; dL/dh, dL/dc before go out, without what W_hh adds to dL/dh
};

struct Cell {
  const char* name;
  int gates;   // blocks of its weights
  int shared;  // the first so many blocks use W_ih x + W_hh h as one sum; the gradients of both parts are the same
  int kept;    // blocks of CellForward::kept
  int states;  // 1: h, 2: h and c
  void (*forward)(const CellForward&);
  void (*backward)(const CellBackward&);
};

// x (n, t, in) gives (n, t + states, size): the outputs of all steps, then the last states.
Tensor recurrent(const RecurrentArguments& a, const Cell& cell);

}  // namespace hello_dl
