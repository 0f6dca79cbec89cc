// Goes through the graph once, in the order of computation, and copies it. A convolution or a linear layer whose
// weights are constants takes in what follows it, as long as nothing else reads what lies between.
#include "frozen/fuse.hh"

#include <algorithm>
#include <set>
#include <string>
#include <unordered_map>

#include "engine/engine.hh"
#include "engine/layout.hh"
#include "frozen/fused_conv.hh"
#include "frozen/fused_linear.hh"
#include "ops/linear.hh"

namespace hello_dl {
namespace {

// Functions of single numbers: they give the same whatever part of a tensor they see, also in the memory of their
// input.
bool is_number_by_number(const Node& n) {
  static const std::set<std::string> names = {"exp",   "log",   "log1p", "expm1", "sqrt",    "sin",  "cos",  "neg",
                                              "abs",   "clamp", "relu",  "tanh",  "sigmoid", "gelu", "exp2", "log2",
                                              "log10", "sinh",  "cosh",  "tan",   "asin",    "acos", "atan", "erf",
                                              "sign",  "floor", "ceil",  "trunc", "round"};
  return n.inputs.size() == 1 && n.inputs[0].word == Word::rows && n.dtype == DType::real && !n.extra && !n.scratch &&
         names.count(n.op) > 0;
}

class Fusing {
 public:
  Fusing(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) : order_(nodes_behind(outputs)) {
    for (const Tensor& x : inputs) made_[&x.node()] = x;
    for (const Tensor& y : outputs) ++uses_[&y.node()];
    for (Node* n : order_) {
      for (const Edge& e : n->inputs) ++uses_[e.node.get()];
      if (!made_.count(n) && depends(*n)) made_[n] = {};
    }
    compute_boundary(outputs);
  }

  std::vector<Tensor> make(const std::vector<Tensor>& outputs) {
    for (Node* n : order_) {
      const auto found = made_.find(n);
      if (found == made_.end() || found->second) continue;
      Tensor y = joined(*n);
      found->second = y ? y : copied(*n);
    }
    for (auto& [node, recipe] : convs_) node->forward = PartsForward{std::make_shared<FusedConv>(std::move(recipe))};
    for (auto& [node, recipe] : linears_)
      node->forward = PartsForward{std::make_shared<FusedLinear>(std::move(recipe))};
    std::vector<Tensor> results;
    results.reserve(outputs.size());
    for (const Tensor& y : outputs) results.push_back(channels_first(now(y.node())));
    return results;
  }

 private:
  bool depends(const Node& n) const {
    return !n.value && std::any_of(n.inputs.begin(), n.inputs.end(),
                                   [this](const Edge& e) { return made_.count(e.node.get()) > 0; });
  }
  bool is_constant(const Edge& e) const { return made_.count(e.node.get()) == 0; }

  // What does not depend on an input and is read by something that does.
  void compute_boundary(const std::vector<Tensor>& outputs) const {
    std::vector<Tensor> constants;
    auto add = [&](const NodePtr& x) {
      if (!made_.count(x.get()) && !x->value) constants.emplace_back(x);
    };
    for (const Tensor& y : outputs) add(y.pointer());
    for (Node* n : order_)
      if (made_.count(n))
        for (const Edge& e : n->inputs) add(e.node);
    evaluate(constants);
  }

  Tensor now(Node& n) const {
    const auto found = made_.find(&n);
    return found == made_.end() ? Tensor(NodePtr(&n)) : found->second;
  }

  // The node as it is, on new inputs.
  Tensor copied(const Node& n) const {
    std::vector<Edge> edges;
    for (const Edge& e : n.inputs) add_edge(edges, {now(*e.node), e.word});
    Made y = make_node(n.op, n.shape, std::move(edges), n.forward, nullptr);
    y.extra(n.extra).scratch(n.scratch).scale(n.scale).work(n.work).passes(n.passes).dtype(n.dtype);
    return y.channels_last(n.channels_last);
  }

  Tensor joined(const Node& n) {
    if (const auto* conv = n.forward.target<ConvForward>()) return begin_conv(n, *conv);
    if (const auto* linear = n.forward.target<LinearForward>()) return begin_linear(n, *linear);
    if (n.inputs.empty()) return {};
    Node* before = n.inputs[0].node.get();
    if (uses_[before] != 1 || is_constant(n.inputs[0])) return {};
    const Tensor x = now(*before);
    if (const auto found = convs_.find(&x.node()); found != convs_.end()) {
      FusedConvRecipe recipe = found->second;
      if (!takes(recipe, n)) return {};
      convs_.erase(found);
      return conv_node(n, x.node().inputs[0], std::move(recipe));
    }
    if (const auto found = linears_.find(&x.node()); found != linears_.end() && is_number_by_number(n)) {
      FusedLinearRecipe recipe = found->second;
      recipe.after.push_back(n.forward);
      linears_.erase(found);
      return linear_node(n, x.node().inputs[0], std::move(recipe));
    }
    return {};
  }

  Tensor begin_conv(const Node& n, const ConvForward& conv) {
    if (is_constant(n.inputs[0]) ||
        !std::all_of(n.inputs.begin() + 1, n.inputs.end(), [this](const Edge& e) { return is_constant(e); }))
      return {};
    FusedConvRecipe recipe;
    recipe.s = conv.s;
    recipe.filters = n.inputs[1].node->value;
    recipe.bias = make_storage(recipe.panels() * kBlockCols);
    std::fill_n(recipe.bias->data(), recipe.panels() * kBlockCols, real(0));
    if (conv.has_bias) {
      const real* bias = n.inputs.back().node->value->data();
      for (Index p = 0; p < recipe.panels(); ++p)
        std::copy_n(bias + recipe.first_out(p), recipe.columns(p), recipe.bias->data() + p * kBlockCols);
    }
    return conv_node(n, {now(*n.inputs[0].node).pointer(), n.inputs[0].word}, std::move(recipe));
  }

  Tensor begin_linear(const Node& n, const LinearForward& linear) {
    if (is_constant(n.inputs[0]) || n.inputs[0].word != Word::rows || !is_constant(n.inputs[1]) ||
        (n.inputs.size() > 2 && !is_constant(n.inputs[2])) || linear.in == 0 || linear.out == 0)
      return {};
    FusedLinearRecipe recipe;
    recipe.in = linear.in, recipe.out = linear.out;
    recipe.weight = n.inputs[1].node->value;
    if (n.inputs.size() > 2) recipe.bias = n.inputs[2].node->value;
    return linear_node(n, {now(*n.inputs[0].node).pointer(), Word::rows}, std::move(recipe));
  }

  // Adds what a node does to a convolution, if it can be joined.
  bool takes(FusedConvRecipe& conv, const Node& n) const {
    if (is_number_by_number(n)) return (conv.pool ? conv.after : conv.before).push_back(n.forward), true;
    if (const auto* pool = n.forward.target<MaxPoolForward>()) {
      auto apart = [](const WindowAxis& w) { return w.pad == 0 && w.stride == w.kernel; };
      if (conv.pool || !apart(pool->s.h) || !apart(pool->s.w)) return false;
      conv.pool = pool->s;
      return true;
    }
    const bool affine = n.op == std::string("channel_affine") && is_constant(n.inputs[1]) && is_constant(n.inputs[2]);
    if (!affine || conv.pool || !conv.before.empty()) return false;
    scale_filters(conv, n.inputs[1].node->value->data(), n.inputs[2].node->value->data());
    return true;
  }

  // a (W x + b) + c = (a W) x + (a b + c), for each filter.
  static void scale_filters(FusedConvRecipe& conv, const real* scale, const real* shift) {
    const Index size = conv.s.patch() * kBlockCols;
    const StoragePtr filters = make_storage(conv.panels() * size), bias = make_storage(conv.panels() * kBlockCols);
    for (Index p = 0; p < conv.panels(); ++p)
      for (Index j = 0; j < kBlockCols; ++j) {
        const bool used = j < conv.columns(p);
        const real a = used ? scale[conv.first_out(p) + j] : real(0), c = used ? shift[conv.first_out(p) + j] : real(0);
        for (Index at = p * size + j; at < (p + 1) * size; at += kBlockCols)
          filters->data()[at] = a * conv.filters->data()[at];
        bias->data()[p * kBlockCols + j] = a * conv.bias->data()[p * kBlockCols + j] + c;
      }
    conv.filters = filters;
    conv.bias = bias;
  }

  // Their rules are made at the end, when all is known that they take in.
  Tensor conv_node(const Node& n, const Edge& x, FusedConvRecipe recipe) {
    Made y = make_node("fused_conv2d", n.shape, {x}, nullptr, nullptr);
    const double work =
        static_cast<double>(recipe.s.positions()) * static_cast<double>(recipe.s.out * recipe.s.patch());
    y.work(work / static_cast<double>(std::max<Index>(1, n.shape.cols()))).channels_last();
    convs_[&y.node()] = std::move(recipe);
    return y;
  }
  Tensor linear_node(const Node& n, const Edge& x, FusedLinearRecipe recipe) {
    Made y = make_node("fused_linear", n.shape, {x}, nullptr, nullptr);
    y.work(static_cast<double>(recipe.in));
    linears_[&y.node()] = std::move(recipe);
    return y;
  }

  std::vector<Node*> order_;
  std::unordered_map<Node*, Tensor> made_;  // the new node for each that depends on an input
  std::unordered_map<Node*, int> uses_;
  std::unordered_map<Node*, FusedConvRecipe> convs_;  // of new nodes
  std::unordered_map<Node*, FusedLinearRecipe> linears_;
};

}  // namespace

std::vector<Node*> nodes_behind(const std::vector<Tensor>& tensors) {
  struct Visit {
    Node* node;
    std::size_t next;
  };
  std::vector<Node*> order;
  std::set<Node*> seen;
  std::vector<Visit> stack;
  auto enter = [&](Node* n) {
    if (seen.insert(n).second) stack.push_back({n, 0});
  };
  for (const Tensor& t : tensors) {
    enter(&t.node());
    while (!stack.empty()) {
      Visit& v = stack.back();
      if (v.next < v.node->inputs.size()) {
        enter(v.node->inputs[v.next++].node.get());
      } else {
        order.push_back(v.node);
        stack.pop_back();
      }
    }
  }
  return order;
}

std::vector<Tensor> fused(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs) {
  return Fusing(inputs, outputs).make(outputs);
}

}  // namespace hello_dl
