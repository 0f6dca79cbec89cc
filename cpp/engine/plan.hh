// The plan: which nodes have to be computed, in which regions, in which order, and what is stored whole.
//
// A region is a part of the graph through which a batch can be sent slice by slice. It is found from the three words
// rows, whole and fold alone (graph.hh). Stages order the regions: what needs a value whole comes a stage after it.
#pragma once

#include <vector>

#include "engine/graph.hh"

namespace hello_dl {

struct PlanNode {
  Node* node = nullptr;
  int first_input = 0;  // its inputs are Plan::inputs[first_input ... first_input + node->inputs.size())
  int uses = 0;         // by nodes of this graph
  int stage = 0, region = -1;
  bool expanded = false;     // its inputs belong to the plan
  bool required = false;     // its value is read
  bool compute = false;      // ... and not there yet
  bool grad = false;         // a gradient arrives at it
  bool passes = false;       // ... and goes on to an input
  bool wanted = false;       // its gradient was asked for by name
  bool kept = false;         // a handle outside the graph refers to it
  bool is_fold = false;      // its rows are a sum over slices
  bool is_solo = false;      // takes all its inputs whole: a region of its own
  bool after_fold = false;   // depends on a sum over a batch
  bool store_value = false;  // stored whole, not just slice by slice
  bool store_grad = false;
  bool grad_started = false;  // something has been written to the stored gradient
  StoragePtr value, gradient;

  bool active() const { return compute || (grad && expanded); }
  bool hooked() const { return grad && expanded && node->hook; }
};

struct Region {
  std::vector<int> nodes;  // in the order of computation
  Index units = 1;         // how many independent parts its rows have
  double work = 0;         // multiply-adds of a forward pass, roughly
  bool has_grad = false;
};

struct Plan {
  std::vector<PlanNode> nodes;  // inputs come before the nodes that use them
  std::vector<int> inputs;
  std::vector<Region> regions;          // in the order of forward computation
  std::vector<int> compute_beforehand;  // gradient-free sums that must be evaluated before this plan can run
  bool calls_outside = false;           // a hook or a rule is code outside the engine
  int fused = -1;                       // the region that runs forward and backward in one pass; regions.size() if none

  const int* inputs_of(int i) const { return inputs.data() + nodes[i].first_input; }
  int input_count(int i) const { return nodes[i].expanded ? static_cast<int>(nodes[i].node->inputs.size()) : 0; }
  // Is this bit of what a backward rule reads set? Inputs beyond the thirtieth share a bit.
  static bool reads_input(Reads reads, int slot) { return reads >> (slot < 31 ? slot : 30) & 1; }
};

// Plans the values of all roots or, for backward, also the gradients of everything that the one root depends on. With
// `wanted`, gradients flow to these nodes alone.
Plan make_plan(const std::vector<Node*>& roots, bool backward, const std::vector<Node*>& wanted = {});

}  // namespace hello_dl
