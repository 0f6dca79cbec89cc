// What rules written in Python (autograd/rules.py) read of a node: its inputs, and the arguments of the call that made
// it.
#include <string>
#include <utility>

#include "bindings/arguments.hh"
#include "engine/layout.hh"
#include "engine/recipe.hh"

namespace hello_dl {
namespace {

const OpInfo* op_of(const Node& n) {
  for (const OpInfo& op : registered_ops())
    if (op.name == n.op) return &op;
  return nullptr;
}

// A rule reads what the C++ rule reads. Numbers that changed since would give another derivative in silence. (A copy of
// filters reads nothing backward, but the rule of the convolution reads the filters instead of the copy.)
void check_inputs(const Node& n) {
  const NodeLock lock(node_mutex());
  for (std::size_t k = 0; k < n.inputs.size(); ++k) {
    const Edge& e = n.inputs[k];
    const bool is_read = n.rule || k >= 31 || ((n.reads | n.refill) >> k & 1u) || n.op == std::string("filter_panels");
    need(!is_read || (e.version == e.node->version() && !e.node->outdated), n.op, ": its input of shape ",
         e.node->shape,
         " was changed in place (by an optimizer, perhaps) between two derivatives; compute the derivatives before the "
         "change, or make the expression again after it");
  }
}

// (inputs, arguments by name) of the call that made a tensor. Tensors are not among the arguments, but whether an
// optional one was given is.
py::tuple recipe_of(const Tensor& t) {
  const Node& n = t.node();
  need(!n.graph_freed, "backward: the graph behind '", n.op, "' of shape ", n.shape,
       " was already used by an earlier backward; make the expression again, or pass retain_graph=True the first time");
  py::list inputs;
  py::dict named;
  Tensors tensors;
  std::vector<Value> arguments;  // none if there is no recipe
  {
    const NodeLock lock(node_mutex());
    for (const Edge& e : n.inputs) tensors.emplace_back(e.node);
    if (const std::vector<Value>* kept = arguments_of(n)) arguments = *kept;
  }
  for (Tensor& x : tensors) inputs.append(py::cast(std::move(x)));
  const OpInfo* op = arguments.empty() ? nullptr : op_of(n);
  for (std::size_t i = 0; op && i < arguments.size(); ++i) {
    const Parameter& p = op->parameters[i];
    const Value& v = arguments[i];
    const bool is_input = !p.optional && (p.kind == Kind::tensor || p.kind == Kind::tensors);
    if (!is_input || std::holds_alternative<double>(v)) named[p.name.c_str()] = to_python(v);
  }
  return py::make_tuple(inputs, named);
}

// Has `grad` be an expression: the gradient of a leaf that can be differentiated again.
void set_expression(const Tensor& t, const Tensor& grad) {
  need(grad.shape() == t.shape(), "grad: needs shape ", t.shape(), ", got ", grad.shape());
  const Tensor plain = t.node().channels_last ? channels_last(grad) : channels_first(grad);
  computed(plain);
  set_gradient(t.node(), plain.pointer());
}

}  // namespace

void bind_recipes(py::module_& m) {
  m.def("recipe_of", recipe_of, py::arg("tensor"));
  m.def("check_inputs", [](const Tensor& t) { check_inputs(t.node()); }, py::arg("tensor"));
  m.def("set_gradient", set_expression, py::arg("tensor"), py::arg("grad"));
}

}  // namespace hello_dl
