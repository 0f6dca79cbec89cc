// What Python sees: the Tensor class, the engine's few functions, and one function for each registered op.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "engine/engine.hh"
#include "engine/layout.hh"
#include "engine/pool.hh"
#include "engine/random.hh"
#include "engine/registry.hh"
#include "outside_graph/augment.hh"
#include "outside_graph/gpt_reader.hh"
#include "outside_graph/optim.hh"
#include "outside_graph/strokes.hh"

#ifndef HELLO_DL_MODULE
#error "HELLO_DL_MODULE must name the extension module"
#endif
#ifndef HELLO_DL_ISA
#define HELLO_DL_ISA "generic"
#endif

namespace py = pybind11;

namespace hello_dl {
namespace {

// ---- numbers in and out ------------------------------------------------------------------------------------------

// Copies any numpy array of floats, integers or truth values.
Tensor from_array(const py::array& array) {
  const char kind = array.dtype().kind();
  need<TypeError>(kind == 'f' || kind == 'i' || kind == 'u' || kind == 'b',
                  "tensor: needs an array of floats, integers or booleans, got dtype ",
                  py::str(array.dtype()).cast<std::string>());
  const DType dtype = kind == 'f' ? DType::real : kind == 'b' ? DType::boolean : DType::integer;
  Shape shape;
  for (py::ssize_t i = 0; i < array.ndim(); ++i) shape.push_back(array.shape(i));
  const auto plain = py::array_t<real, py::array::c_style | py::array::forcecast>::ensure(array);
  if (!plain) throw py::error_already_set();
  Tensor t = leaf(shape, dtype);
  std::copy_n(plain.data(), t.size(), t.node().value->data());
  if (dtype == DType::integer) {
    constexpr real kExact = sizeof(real) == 4 ? real(16777216) : real(9007199254740992.0);
    for (Index i = 0; i < t.size(); ++i)
      need(std::abs(t.node().value->data()[i]) <= kExact, "tensor: integers are held as floats and must lie within +-",
           static_cast<Index>(kExact));
  }
  return t;
}

StoragePtr computed(const Tensor& t) {
  py::gil_scoped_release unlocked;
  return numbers(t);
}

// The tensor's own memory as a numpy array: writing to one writes to the other.
py::array shared_array(const Tensor& t) {
  auto* holder = new StoragePtr(computed(t));
  const py::capsule owner(holder, [](void* p) { delete static_cast<StoragePtr*>(p); });
  return py::array_t<real>(std::vector<py::ssize_t>(t.shape().begin(), t.shape().end()), (*holder)->data(), owner);
}

py::object to_array(const Tensor& t) {
  py::array array = shared_array(t);
  if (t.dtype() == DType::integer) return array.attr("astype")("int64");
  if (t.dtype() == DType::boolean) return array.attr("astype")("bool");
  return std::move(array);
}

// Makes a result whose numbers nobody differentiates a leaf with plain numbers, so that they can be changed in place.
void settle(Tensor& t) {
  if (t.requires_grad()) return;
  evaluate({t});
  if (t.node().channels_last) t = leaf(t.shape(), numbers(t), t.dtype());
}

// What a reader of the buffer protocol gets. Integers and truth values are stored as `real` inside, which is nobody's
// business: numpy, refused here, asks __array__ instead and gets a copy of the right type.
py::buffer_info buffer_of(const Tensor& t) {
  if (t.dtype() != DType::real)
    throw py::buffer_error("only float tensors share their memory; use .numpy() for a copy");
  return shared_array(t).request(true);
}

// Class labels are looked at when the loss is written down, so a wrong one is reported on the user's own line. Returns
// how many of them say "ignore me".
Index check_labels(const std::string& who, const Tensor& labels, Index classes, Index ignore, const char* of) {
  const StoragePtr numbers = computed(labels);
  Index ignored = 0;
  for (Index i = 0; i < labels.size(); ++i) {
    const real label = numbers->data()[i];
    if (label == static_cast<real>(ignore)) {
      ++ignored;
      continue;
    }
    need<IndexError>(label >= 0 && label < static_cast<real>(classes), who, ' ', label, " at position ", i,
                     " is out of range for ", classes, ' ', of, " (0 to ", classes - 1, ")");
  }
  return ignored;
}

using Strict = py::array_t<float, py::array::c_style | py::array::forcecast>;
using Starts = py::array_t<Index, py::array::c_style | py::array::forcecast>;

py::array_t<std::uint8_t> draw(const Strict& segments, const Starts& starts, Index height, Index width) {
  need(segments.ndim() == 2 && segments.shape(1) == numbers_per_segment, "draw_strokes: needs segments (m, ",
       numbers_per_segment, ")");
  need(starts.ndim() == 1 && starts.shape(0) >= 1, "draw_strokes: needs starts (n + 1,)");
  need(height > 0 && width > 0, "draw_strokes: needs pictures of at least 1x1, got ", height, "x", width);
  const Index n = starts.shape(0) - 1, m = segments.shape(0);
  const Index* first = starts.data();
  bool rising = first[0] >= 0 && first[n] <= m;
  for (Index i = 0; i < n; ++i) rising &= first[i] <= first[i + 1];
  need(rising, "draw_strokes: starts must rise and lie within 0 and ", m, ", the number of segments");
  py::array_t<std::uint8_t> pictures({n, height, width});
  std::uint8_t* to = pictures.mutable_data();
  const float* from = segments.data();
  py::gil_scoped_release unlocked;
  draw_strokes(from, first, n, height, width, to);
  return pictures;
}

py::array_t<std::uint8_t> augment_images(const py::array_t<std::uint8_t, py::array::c_style>& images,
                                         std::uint64_t seed, std::uint64_t step, const std::array<double, 12>& how) {
  need(images.ndim() == 3, "augment: needs uint8 images (n, h, w), got ", images.ndim(), " axes");
  const Index n = images.shape(0), height = images.shape(1), width = images.shape(2);
  need(height >= 8 && width >= 8, "augment: needs images of at least 8 x 8 pixels, got ", height, " x ", width);
  py::array_t<std::uint8_t> changed({n, height, width});
  std::uint8_t* to = changed.mutable_data();
  const std::uint8_t* from = images.data();
  const Augmentation settings{how[0], how[1], how[2], how[3], how[4],  how[5],
                              how[6], how[7], how[8], how[9], how[10], how[11]};
  py::gil_scoped_release unlocked;
  touch({}, [&] { augment(settings, seed, step, from, n, height, width, to); });  // the threads are the engine's
  return changed;
}

// ---- arguments of ops --------------------------------------------------------------------------------------------

Tensor to_tensor(py::handle h) {
  if (py::isinstance<Tensor>(h)) return h.cast<Tensor>();
  if (PyBool_Check(h.ptr())) return scalar(h.cast<bool>(), DType::boolean);
  if (PyLong_Check(h.ptr())) return scalar(h.cast<double>(), DType::integer);
  if (PyFloat_Check(h.ptr())) return scalar(h.cast<double>());
  if (py::isinstance<py::array>(h)) return from_array(h.cast<py::array>());
  if (py::hasattr(h, "__array__")) return from_array(py::array::ensure(h));  // numpy's scalars
  throw py::cast_error();
}

Ints to_integers(py::handle h) {
  if (PyLong_Check(h.ptr()) || PyIndex_Check(h.ptr())) return {h.cast<Index>()};
  return h.cast<Ints>();
}

Tensors to_tensors(py::handle h) {
  Tensors list;
  for (py::handle item : h) list.push_back(to_tensor(item));
  return list;
}

const char* kind_in_words(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "True or False";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::string:
      return "a string";
    case Kind::tensor:
      return "a tensor or a number";
    case Kind::integers:
      return "an integer or several";
    default:
      return "a sequence of tensors";
  }
}

Value to_value(const OpInfo& op, const Parameter& p, py::handle h) {
  if (h.is_none() && p.optional) return {};
  try {
    switch (p.kind) {
      case Kind::boolean:
        return h.cast<bool>();
      case Kind::integer:
        return h.cast<Index>();
      case Kind::number:
        return h.cast<double>();
      case Kind::string:
        return h.cast<std::string>();
      case Kind::tensor:
        return to_tensor(h);
      case Kind::integers:
        return to_integers(h);
      case Kind::tensors:
        return to_tensors(h);
    }
  } catch (const py::cast_error&) {
  } catch (const py::error_already_set&) {
  }
  throw TypeError(text(op.name, ": '", p.name, "' needs ", kind_in_words(p.kind), ", got ",
                       py::str(py::type::handle_of(h).attr("__name__")).cast<std::string>()));
}

Tensor call_op(const OpInfo& op, const py::args& args, const py::kwargs& kwargs) {
  const std::size_t given = args.size();
  need<TypeError>(given <= op.parameters.size(), op.name, ": takes at most ", op.parameters.size(), " arguments, got ",
                  given);
  std::vector<Value> values;
  values.reserve(op.parameters.size());
  std::size_t named = 0;
  for (std::size_t i = 0; i < op.parameters.size(); ++i) {
    const Parameter& p = op.parameters[i];
    if (i < given) {
      values.push_back(to_value(op, p, args[i]));
    } else if (kwargs && kwargs.contains(p.name.c_str())) {
      values.push_back(to_value(op, p, kwargs[p.name.c_str()]));
      ++named;
    } else {
      need<TypeError>(!p.default_text.empty(), op.name, ": needs an argument '", p.name, "'");
      values.push_back(p.default_value);
    }
  }
  if (kwargs && named != kwargs.size())
    for (auto item : kwargs) {
      const std::string name = item.first.cast<std::string>();
      bool known = false;
      for (std::size_t i = given; i < op.parameters.size(); ++i) known |= op.parameters[i].name == name;
      need<TypeError>(known, op.name, ": does not take the argument '", name, "'");
    }
  return op.call(values);
}

// ---- what is written about an op: signature, docstring, and the list from which the type stub is made --------------

std::string annotation(const Parameter& p) {
  static const char* const names[] = {
      "bool", "int", "float", "str", "Tensor | float", "int | Sequence[int]", "Sequence[Tensor]"};
  return text(names[static_cast<int>(p.kind)], p.optional ? " | None" : "");
}

std::string signature(const OpInfo& op) {
  std::string s = "(";
  for (const Parameter& p : op.parameters) {
    if (s.size() > 1) s += ", ";
    s += p.name + ": " + annotation(p);
    if (!p.default_text.empty()) s += " = " + p.default_text;
  }
  return s + ") -> Tensor";
}

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

// ---- the class ---------------------------------------------------------------------------------------------------

const char* dtype_name(const Tensor& t) {
  if (t.dtype() == DType::integer) return "int64";
  if (t.dtype() == DType::boolean) return "bool";
  return sizeof(real) == 4 ? "float32" : "float64";
}

py::tuple shape_tuple(const Tensor& t) {
  py::tuple s(t.dims());
  for (int i = 0; i < t.dims(); ++i) s[i] = t.size(i);
  return s;
}

Tensor with_dtype(const Tensor& t, DType dtype) {
  Tensor y = leaf(t.shape(), computed(t), dtype);
  if (dtype == DType::real) return y;
  y.node().value = make_storage(t.size());
  const StoragePtr from = computed(t);
  for (Index i = 0; i < t.size(); ++i) {
    const real x = from->data()[i];
    y.node().value->data()[i] = dtype == DType::boolean ? real(x != 0) : std::trunc(x);
  }
  return y;
}

// A new leaf on the same numbers, cut off from the graph.
Tensor detached(const Tensor& t) { return leaf(t.shape(), computed(t), t.dtype()); }

Tensor gradient_of(const Tensor& t) { return Tensor(t.node().grad); }

void bind_tensor(py::class_<Tensor>& cls) {
  cls.def(py::init([](const Tensor& t) { return leaf(t.shape(), computed(t), t.dtype()); }), py::arg("data"))
      .def_property_readonly("shape", shape_tuple)
      .def_property_readonly("ndim", &Tensor::dims)
      .def_property_readonly("dtype", dtype_name)
      .def_property_readonly(
          "is_leaf", [](const Tensor& t) { return !t.requires_grad() || (t.node().is_leaf() && !t.node().spent); })
      .def_property_readonly("is_computed", [](const Tensor& t) { return t.node().value != nullptr; })
      .def_property_readonly("op", [](const Tensor& t) { return t.node().op; })
      .def_property_readonly("inputs",
                             [](const Tensor& t) {
                               Tensors list;
                               for (const Edge& e : t.node().inputs) list.emplace_back(e.node);
                               return list;
                             })
      .def_property_readonly("id", [](const Tensor& t) { return reinterpret_cast<std::uintptr_t>(&t.node()); })
      .def_property("requires_grad", &Tensor::requires_grad,
                    [](Tensor& t, bool yes) {
                      settle(t);  // numbers * 0.1 becomes a parameter: from here on only its numbers matter
                      need(t.node().is_leaf() && !t.node().spent,
                           "requires_grad: can only be changed on a leaf, this tensor comes from ", t.node().op);
                      need(!yes || t.dtype() == DType::real, "requires_grad: only float tensors can have a gradient");
                      t.node().requires_grad = yes;
                    })
      .def_property(
          "grad",
          [](const Tensor& t) -> py::object {
            if (!t.node().grad) return py::none();
            return py::cast(channels_first(gradient_of(t)));
          },
          [](Tensor& t, const std::optional<Tensor>& grad) {
            need(!grad || grad->shape() == t.shape(), "grad: needs shape ", t.shape());
            t.node().grad = grad ? detached(*grad).pointer() : NodePtr();
          })
      .def("retain_grad", [](Tensor& t) { t.node().retains_grad = t.requires_grad() && !t.node().is_leaf(); })
      .def(
          "backward",
          [](const Tensor& t, const std::optional<Tensor>& gradient, bool retain_graph) {
            py::gil_scoped_release unlocked;
            backward(t, gradient.value_or(Tensor{}), retain_graph);
          },
          py::arg("gradient") = py::none(), py::arg("retain_graph") = false,
          "Adds the derivatives of this number to the .grad of every leaf it depends on.")
      .def("detach", detached, "The same numbers, cut off from the graph that made them.")
      .def("numpy", to_array, "The numbers as a numpy array; floats share their memory with the tensor.")
      .def("copy_",
           [](py::object self, const Tensor& from) {
             Tensor& t = self.cast<Tensor&>();
             py::gil_scoped_release unlocked;
             settle(t);
             assign(t, from);
             return self;
           })
      .def("_as_dtype",
           [](const Tensor& t, const std::string& name) {
             return with_dtype(t, name == "bool" ? DType::boolean : name == "int64" ? DType::integer : DType::real);
           })
      .def_property_readonly("_references", [](const Tensor& t) { return t.node().references.load() - 1; })
      .def("_settle",
           [](Tensor& t) {
             py::gil_scoped_release unlocked;
             settle(t);
           })
      .def("_raw", shared_array, "The numbers as they are stored, whatever the dtype; shared.")
      .def(
          "_become",
          [](py::object self, const Tensor& other) {
            self.cast<Tensor&>() = other;
            return self;
          },
          "From now on this handle stands for another expression: how a result is changed 'in place'.")
      .def_buffer(buffer_of);
}

// ---- optimizers --------------------------------------------------------------------------------------------------

void bind_optim(py::module_& m) {
  m.def("sgd_step", [](const Tensors& parameters, py::list buffers, double lr, double momentum, double dampening,
                       double weight_decay, bool nesterov) {
    Tensors list;  // None where there is no momentum yet
    for (py::handle b : buffers) list.push_back(b.is_none() ? Tensor() : b.cast<Tensor>());
    {
      py::gil_scoped_release unlocked;
      sgd_step(parameters, list, {lr, momentum, dampening, weight_decay, nesterov});
    }
    for (std::size_t k = 0; k < list.size(); ++k)
      if (list[k] && buffers[k].is_none()) buffers[k] = py::cast(list[k]);
  });
  m.def("adam_step", [](const Tensors& parameters, const Tensors& means, const Tensors& squares, const Tensors& steps,
                        double lr, double beta1, double beta2, double eps, double weight_decay, bool decoupled) {
    py::gil_scoped_release unlocked;
    adam_step(parameters, means, squares, steps, {lr, beta1, beta2, eps, weight_decay, decoupled});
  });
}

}  // namespace
}  // namespace hello_dl

PYBIND11_MODULE(HELLO_DL_MODULE, m) {
  using namespace hello_dl;
  m.doc() = "The engine of hello_dl: tensors, gradients and ops in C++ on Eigen.";
  py::register_local_exception_translator([](std::exception_ptr p) {
    try {
      if (p) std::rethrow_exception(p);
    } catch (const IndexError& e) {
      PyErr_SetString(PyExc_IndexError, e.what());
    } catch (const TypeError& e) {
      PyErr_SetString(PyExc_TypeError, e.what());
    } catch (const ValueError& e) {
      PyErr_SetString(PyExc_ValueError, e.what());
    }
  });
  set_interrupt_check([] {
    py::gil_scoped_acquire locked;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  });

  py::class_<Tensor> cls(m, "Tensor", py::module_local(), py::buffer_protocol());
  bind_tensor(cls);
  bind_ops(m, cls);
  bind_optim(m);
  m.def("from_numpy", from_array, py::arg("array"));
  m.def("_check_labels", check_labels, py::arg("who"), py::arg("labels"), py::arg("classes"), py::arg("ignore"),
        py::arg("of") = "classes");
  m.def("draw_strokes", draw, py::arg("segments"), py::arg("starts"), py::arg("height"), py::arg("width"),
        "Pen strokes as pictures: segments (m, 6) and starts (n + 1,) give uint8 (n, height, width); see strokes.hh.");
  m.def(
      "gpt_read",
      [](const Tensors& parameters, const Tensor& cache, Index heads, const Ints& ids, Index first) {
        py::array_t<real> scores(parameters.empty() ? 0 : parameters[0].rows());
        real* to = scores.mutable_data();
        py::gil_scoped_release unlocked;
        gpt_read(parameters, cache, heads, ids, first, to);
        return scores;
      },
      py::arg("parameters"), py::arg("cache"), py::arg("heads"), py::arg("ids"), py::arg("first"),
      "The scores after `ids`, which follow `first` tokens whose keys and values the cache holds; see gpt_reader.hh.");
  m.def("augment", augment_images, py::arg("images"), py::arg("seed"), py::arg("step"), py::arg("how"),
        "Images (n, h, w) changed at random; `how` has the numbers of Augmentation, in augment.hh's order.");
  m.def("evaluate", [](const Tensors& tensors) {
    py::gil_scoped_release unlocked;
    evaluate(tensors);
  });
  m.def("is_grad_enabled", grad_enabled);
  m.def("set_grad_enabled", set_grad_enabled, py::arg("enabled"));
  m.def("get_num_threads", num_threads);
  m.def("set_num_threads", change_num_threads, py::arg("threads"), py::call_guard<py::gil_scoped_release>());
  m.def("set_slice_units", set_slice_units, py::arg("units"));
  m.def("last_run", [] {
    const LastRun r = last_run();
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
