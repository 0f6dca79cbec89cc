// evaluate() computes values, backward() gradients.
#pragma once

#include <functional>
#include <vector>

#include "engine/graph.hh"

namespace hello_dl {

// Computes the values of these tensors, and of all tensors they are made of to which Python has a handle.
void evaluate(const std::vector<Tensor>& tensors);

// Adds dL/dx to the gradient of every leaf x that the tensor depends on. `seed` is dL/dy for a y that is not a scalar.
void backward(const Tensor& y, const Tensor& seed, bool retain_graph);

// The same for several tensors at once; an absent seed stands for 1.
void backward(const std::vector<Tensor>& ys, const std::vector<Tensor>& seeds, bool retain_graph);

// Returns the derivatives of the ys, each times its seed, by each x, which may be a result; nothing is added to leaves.
// Empty where no y depends on x.
std::vector<Tensor> gradients(const std::vector<Tensor>& ys, const std::vector<Tensor>& seeds,
                              const std::vector<Tensor>& xs, bool retain_graph);

// The tensor's numbers, computed now if they were not yet. Images are turned to (N, C, H, W).
StoragePtr numbers(const Tensor& x);

// Overwrites a leaf's numbers. Expressions made of it before that are not computed yet raise an error from now on.
void assign(const Tensor& x, const Tensor& numbers);

// Runs `work`, which changes the numbers of these leaves in place and may use all threads. Expressions made of them
// before that are not computed yet raise an error from now on.
void change_in_place(const std::vector<Tensor>& leaves, const std::function<void()>& work);

// `check` is called about ten times a second during long computations, on the caller's thread. It throws to stop them
// (Ctrl-C).
void set_interrupt_check(std::function<void()> check);

// Runs `work`, which changes what an evaluation reads, when nothing is being computed.
void run_alone(const std::function<void()>& work);

// fork() leaves a child without its parent's other threads: call these before it, and after it in parent and child, so
// that none of them computes meanwhile. The first one waits, without Python's lock, for an evaluation to end.
void before_fork();
void after_fork(bool in_child);

// Waits until nothing is being computed, then calls set_num_threads.
void change_num_threads(int threads);

// For tests: forces slices of this many units (0: the engine chooses).
void set_slice_units(Index units);
Index slice_units();

// What the last evaluate or backward did.
struct RunStatistics {
  int regions = 0;
  int fused = 0;              // the region that ran forward and backward in one pass; -1: none
  int lanes = 0;              // the most of any pass
  Index slices = 0;           // of all passes together
  Index workspace_bytes = 0;  // of a thread, the most of any pass
};
RunStatistics last_run();

}  // namespace hello_dl
