// Asking for answers: evaluate computes values, backward computes gradients. Everything parallel happens in here.
#pragma once

#include <functional>
#include <vector>

#include "engine/graph.hh"

namespace hello_dl {

// Computes the values of these tensors, and of every tensor on the way that somebody holds a handle on.
void evaluate(const std::vector<Tensor>& tensors);

// Adds dL/dx to the gradient of every leaf x that the tensor depends on. `seed` is dL/dy for a y that is not a scalar.
void backward(const Tensor& y, const Tensor& seed, bool retain_graph);

// The tensor's numbers, computed now if they were not yet. Images are turned to (N, C, H, W).
StoragePtr numbers(const Tensor& x);

// Overwrites a leaf's numbers. Expressions on it that are not computed yet will refuse to be.
void assign(const Tensor& x, const Tensor& numbers);

// Runs `work`, which changes the numbers of these leaves in place. Expressions on them that are not computed yet will
// refuse to be.
void change_in_place(const std::vector<Tensor>& leaves, const std::function<void()>& work);

// Called now and then, on the caller's thread, during long computations; throws to stop them (Ctrl-C).
void set_interrupt_check(std::function<void()> check);

// set_num_threads, once nothing is being computed any more.
void change_num_threads(int threads);

// For tests: force slices of this many units (0: let the engine choose).
void set_slice_units(Index units);
Index slice_units();

// Numbers of slices, lanes and regions in the last evaluate or backward, for those who look inside.
struct RunStatistics {
  int regions = 0, fused = 0, lanes = 0;
  Index slices = 0, workspace_bytes = 0;
};
RunStatistics last_run();

}  // namespace hello_dl
