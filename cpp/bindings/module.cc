// The table of contents of the extension module: what Python sees, and which file it comes from.
#include "bindings/arguments.hh"
#include "bindings/integers.hh"
#include "engine/engine.hh"
#include "engine/pool.hh"

#ifndef HELLO_DL_MODULE
#error "HELLO_DL_MODULE must name the extension module"
#endif
#ifndef HELLO_DL_ISA
#define HELLO_DL_ISA "generic"
#endif

namespace hello_dl {

py::class_<Tensor> bind_tensor(py::module_& m);  // tensor.cc
void bind_autograd(py::module_& m);              // autograd.cc
void bind_outside_graph(py::module_& m);         // outside_graph.cc
void bind_recipes(py::module_& m);               // recipes.cc
void bind_trace(py::module_& m);                 // trace.cc
void bind_frozen(py::module_& m);                // frozen.cc

namespace {

// Each op becomes a function and, if its first argument is a tensor, a method; `registered_ops` lists (name, signature,
// docstring) for the type stub.
void bind_ops(py::module_& m, py::class_<Tensor>& cls) {
  py::list listed;
  for (const OpInfo& op : registered_ops()) {
    const std::string doc = op.name + signature(op) + "\n\n" + op.doc;
    auto call = [&op](const py::args& args, const py::kwargs& kwargs) { return call_op(op, args, kwargs); };
    py::options plain;
    plain.disable_function_signatures();
    m.attr(op.name.c_str()) = py::cpp_function(call, py::name(op.name.c_str()), py::doc(doc.c_str()), py::scope(m));
    if (!op.parameters.empty() && op.parameters[0].kind == Kind::tensor)
      cls.attr(op.name.c_str()) =
          py::cpp_function(call, py::name(op.name.c_str()), py::doc(doc.c_str()), py::is_method(cls));
    listed.append(py::make_tuple(op.name, signature(op), op.doc));
  }
  m.attr("registered_ops") = py::tuple(listed);
}

void bind_engine(py::module_& m) {
  set_interrupt_check([] {
    const py::gil_scoped_acquire locked;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  });
  m.def("evaluate", evaluate, py::call_guard<py::gil_scoped_release>());
  m.def("is_grad_enabled", grad_enabled);
  m.def("_set_integer_ops", set_integer_ops, py::arg("compute"));
  m.def("set_grad_enabled", set_grad_enabled, py::arg("enabled"));
  m.def("get_num_threads", num_threads);
  m.def("set_num_threads", change_num_threads, py::arg("threads"), py::call_guard<py::gil_scoped_release>());
  m.def("set_slice_units", set_slice_units, py::arg("units"), py::call_guard<py::gil_scoped_release>());
  m.def("last_run", [] {
    RunStatistics r;
    {
      const py::gil_scoped_release unlocked;
      r = last_run();
    }
    py::dict d;
    d["regions"] = r.regions;
    d["fused"] = r.fused;
    d["lanes"] = r.lanes;
    d["slices"] = r.slices;
    d["workspace_bytes"] = r.workspace_bytes;
    return d;
  });
  m.attr("isa") = HELLO_DL_ISA;
  m.attr("eigen_version") = text(EIGEN_WORLD_VERSION, '.', EIGEN_MAJOR_VERSION, '.', EIGEN_MINOR_VERSION);
  m.attr("real") = sizeof(real) == 4 ? "float32" : "float64";
}

// Python forks without the engine at work (engine.hh). While this waits for an evaluation, others have Python's lock.
void bind_fork() {
  const py::object os = py::module_::import("os");
  if (!py::hasattr(os, "register_at_fork")) return;  // Windows has no fork
  auto before = [] {
    const py::gil_scoped_release unlocked;
    before_fork();
  };
  os.attr("register_at_fork")(py::arg("before") = py::cpp_function(before),
                              py::arg("after_in_parent") = py::cpp_function([] { after_fork(false); }),
                              py::arg("after_in_child") = py::cpp_function([] { after_fork(true); }));
}

void translate_errors() {
  py::register_local_exception_translator([](std::exception_ptr p) {
    try {
      if (p) std::rethrow_exception(p);
    } catch (const IndexError& e) {
      PyErr_SetString(PyExc_IndexError, e.what());
    } catch (const TypeError& e) {
      PyErr_SetString(PyExc_TypeError, e.what());
    } catch (const ValueError& e) {
      // A ValueError that is a RuntimeError, too: PyTorch raises that for most refusals, and programs catch it.
      static const py::handle refusal =
          py::object(py::module_::import("hello_dl._core.types").attr("Refusal")).release();
      PyErr_SetString(refusal.ptr(), e.what());
    }
  });
}

}  // namespace
}  // namespace hello_dl

PYBIND11_MODULE(HELLO_DL_MODULE, m) {
  using namespace hello_dl;
  m.doc() = "The engine of hello_dl: tensors, gradients and ops in C++ on Eigen.";
  translate_errors();
  py::class_<Tensor> cls = bind_tensor(m);
  m.def("from_numpy", from_array, py::arg("array"));
  m.def("_check_labels", check_labels, py::arg("who"), py::arg("labels"), py::arg("classes"), py::arg("ignore"),
        py::arg("of") = "classes");
  bind_ops(m, cls);
  bind_engine(m);
  bind_fork();
  bind_autograd(m);
  bind_outside_graph(m);
  bind_recipes(m);
  bind_trace(m);
  bind_frozen(m);
}
