// A recurrent layer: a cell goes through a sequence step by step, and what it knows goes with it.
//
// Rows are sequences, so a slice is a few sequences through all their time. The input's share of all gates at all steps
// is one matrix product; what remains for each step is the product with the state and the cell's own arithmetic, which
// is in rnn.cc, gru.cc and lstm.cc.
#pragma once

#include <optional>

#include "engine/registry.hh"

namespace hello_dl {

struct RecurrentArguments {
  Tensor x, weight_ih, weight_hh;
  std::optional<Tensor> bias_ih, bias_hh, h0, c0, lengths;
  bool reverse = false;
};

// One step of one sequence, as a cell sees it. Each pointer is to `size` numbers, or to blocks of so many.
struct CellForward {
  Index size;
  real* gates;           // W_ih x + b_ih comes in, the gates' values go out
  const real* hidden;    // W_hh h + b_hh
  real* kept;            // whatever else backward needs
  const real* state[2];  // h, c before
  real* next[2];         // h, c after
};

struct CellBackward {
  Index size;
  real* gates;           // values come in, dL/d(W_ih x + b_ih) goes out
  real* kept;            // goes out: dL/d(W_hh h + b_hh) of the blocks in which it is another than the gates'
  const real* state[2];  // h, c before
  real* grad[2];         // dL/dh, dL/dc after come in; dL/dh, dL/dc before go out, without what W_hh adds to dL/dh
};

// What a cell is: its name, the blocks of its weights, how many of these see W_ih x + W_hh h as one sum, how many more
// blocks it keeps, its states (1: h, 2: h and c), and a step of it.
struct Cell {
  const char* name;
  int gates, shared, kept, states;
  void (*forward)(const CellForward&);
  void (*backward)(const CellBackward&);
};

// x (n, t, in) gives (n, t + states, size): the outputs of all steps, then the last states.
Tensor recurrent(const RecurrentArguments& a, const Cell& cell);

}  // namespace hello_dl
