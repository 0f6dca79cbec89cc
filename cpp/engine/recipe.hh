// What a node remembers of the call that made it: the numbers, names and choices that are not among its inputs. Rules
// written in Python (autograd/rules.py) read them. They are freed together with the backward rule, which holds them.
#pragma once

#include <utility>
#include <vector>

#include "engine/registry.hh"

namespace hello_dl {

// A backward rule together with the arguments of its op, in the order of the op's parameters. A tensor is an input of
// the node, so it is not kept here: `true` says that it was given. The number of x ** 2 is there, since the node's only
// input is x.
struct Recipe {
  Backward rule;
  std::vector<Value> arguments;

  void operator()(const Grad& g, const In* inputs, int count) const { rule(g, inputs, count); }
};

// The arguments of the call that made a node; nullptr if it remembers none.
inline const std::vector<Value>* arguments_of(const Node& n) {
  const auto* recipe = n.backward.target<Recipe>();
  return recipe ? &recipe->arguments : nullptr;
}

// Has a node that records a gradient remember its arguments. The first to call it wins: an op may return its input.
inline void remember(Node& n, std::vector<Value> arguments) {
  // Let go after the lock: freeing takes the lock of memory, and fork() takes these two the other way round.
  std::vector<Value> tensors;
  const NodeLock lock(node_mutex());
  if (!n.requires_grad || !n.backward || n.backward.target<Recipe>()) return;
  std::size_t given = 0;
  for (const Value& v : arguments) given += std::holds_alternative<Tensor>(v) ? 1 : 0;
  for (Value& v : arguments) {
    if (std::holds_alternative<Tensors>(v)) tensors.push_back(std::exchange(v, true));
    const Tensor* t = std::get_if<Tensor>(&v);
    if (!t) continue;
    const Node& x = t->node();
    const bool is_number = n.inputs.size() < given && x.shape.dims() == 0 && x.is_leaf() && x.value && !x.requires_grad;
    tensors.push_back(std::exchange(v, is_number ? Value(static_cast<double>(x.value->data()[0])) : Value(true)));
  }
  n.backward = Recipe{std::move(n.backward), std::move(arguments)};
}

}  // namespace hello_dl
