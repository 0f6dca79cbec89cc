// Gradients beyond backward(): of tensors asked for by name, through rules written in Python, and seen by hooks.
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "bindings/arguments.hh"
#include "engine/engine.hh"
#include "engine/layout.hh"

namespace hello_dl {
namespace {

using Optional = std::vector<std::optional<Tensor>>;

// A Python function that takes a gradient and returns a tensor, None, or a list of these.
class PythonCode : public Outside {
 public:
  explicit PythonCode(py::object function) : function_(std::move(function)) {}
  PythonCode(const PythonCode&) = delete;
  PythonCode& operator=(const PythonCode&) = delete;
  ~PythonCode() override {      // NOLINT(bugprone-exception-escape): without Python's lock nothing can go on
    if (!Py_IsInitialized()) {  // Python has ended, and its objects with it
      function_.release();
      return;
    }
    const py::gil_scoped_acquire locked;
    function_ = py::object();
  }

  std::vector<Tensor> call(const Tensor& gradient) const override {
    const py::gil_scoped_acquire locked;
    const py::object returned = function_(py::cast(gradient));
    if (!py::isinstance<py::list>(returned)) return {returned.cast<std::optional<Tensor>>().value_or(Tensor{})};
    std::vector<Tensor> gradients;
    for (const auto& g : returned.cast<Optional>()) gradients.push_back(g.value_or(Tensor{}));
    return gradients;
  }

  const py::object& function() const { return function_; }

 private:
  py::object function_;
};

std::vector<Tensor> filled(const Optional& tensors) {
  std::vector<Tensor> list;
  list.reserve(tensors.size());
  for (const auto& t : tensors) list.push_back(t.value_or(Tensor{}));
  return list;
}

// A node keeps the name of its op as a pointer; names of functions written in Python live as long as the program.
const char* kept_name(const std::string& name) {
  static auto* names = new std::set<std::string>;
  return names->insert(name).first->c_str();
}

py::list gradients_by(const Tensors& ys, const Optional& seeds, const Tensors& xs, bool retain_graph) {
  std::vector<Tensor> found;
  {
    const py::gil_scoped_release unlocked;
    found = gradients(ys, filled(seeds), xs, retain_graph);
  }
  py::list list;
  for (const Tensor& g : found) list.append(g ? py::cast(channels_first(g)) : py::none());
  return list;
}

Tensor with_rule(const std::string& name, const Tensor& result, const Tensors& inputs, const py::object& rule) {
  computed(result);
  return made_outside(kept_name(name), channels_first(result), inputs, std::make_shared<PythonCode>(rule));
}

void set_hook(const Tensor& t, const py::object& function) {
  const Tensor x = t;  // NOLINT(performance-unnecessary-copy-initialization): another thread may change the handle
  std::shared_ptr<Outside> hook = function.is_none() ? nullptr : std::make_shared<PythonCode>(function);
  py::gil_scoped_release unlocked;
  run_alone([&] {
    const NodeLock lock(node_mutex());
    std::swap(x.node().hook, hook);  // the former one is let go after the locks
  });
}

py::object function_of(const std::shared_ptr<Outside>& outside) {
  const auto* code = dynamic_cast<const PythonCode*>(outside.get());
  return code ? code->function() : py::none();
}

py::object hook_of(const Tensor& t) {
  const NodeLock lock(node_mutex());
  return function_of(t.node().hook);
}
py::object rule_of(const Tensor& t) {
  const NodeLock lock(node_mutex());
  return function_of(t.node().rule);
}

}  // namespace

void bind_autograd(py::module_& m) {
  m.def("gradients", gradients_by, py::arg("ys"), py::arg("seeds"), py::arg("xs"), py::arg("retain_graph"));
  m.def(
      "backward_all",
      [](const Tensors& ys, const Optional& seeds, bool retain_graph) {
        const py::gil_scoped_release unlocked;
        backward(ys, filled(seeds), retain_graph);
      },
      py::arg("ys"), py::arg("seeds"), py::arg("retain_graph"));
  m.def("with_rule", with_rule, py::arg("name"), py::arg("result"), py::arg("inputs"), py::arg("rule"));
  m.def("set_hook", set_hook, py::arg("tensor"), py::arg("function"));
  m.def("hook_of", hook_of, py::arg("tensor"));
  m.def("rule_of", rule_of, py::arg("tensor"));
}

}  // namespace hello_dl
