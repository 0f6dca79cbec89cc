// The class Tensor as Python sees it: its numbers, its gradient, its place in the graph.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "bindings/arguments.hh"
#include "bindings/integers.hh"
#include "bindings/trace.hh"
#include "engine/engine.hh"
#include "engine/layout.hh"

namespace hello_dl {
namespace {

// The tensor's own memory as a numpy array. `exported` counts it as one that Python may write to at any time.
py::array array_on(const Tensor& t, bool writable, bool exported) {
  struct Holder {
    StoragePtr numbers;
    bool exported;
  };
  refuse_reading(t);
  auto* holder = new Holder{computed(t), exported};
  if (exported) ++holder->numbers->exports;
  const py::capsule owner(holder, [](void* p) {
    auto* h = static_cast<Holder*>(p);
    if (h->exported) --h->numbers->exports;
    delete h;
  });
  py::array_t<real> array(std::vector<py::ssize_t>(t.shape().begin(), t.shape().end()), holder->numbers->data(), owner);
  if (!writable) py::detail::array_proxy(array.ptr())->flags &= ~py::detail::npy_api::NPY_ARRAY_WRITEABLE_;
  return std::move(array);
}

// For code of this package, which writes only where nothing else reads.
py::array raw_array(const Tensor& t) { return array_on(t, true, false); }

// An array for everybody. It is read-only while an expression may still read the numbers: a change would otherwise
// reach the past. It is also read-only where the tensor's order in memory is another, since a change would be lost.
py::array shared_array(const Tensor& t) {
  const StoragePtr numbers = computed(t);
  const Node& n = t.node();
  const bool alone = n.references.load() == 1 && numbers->readers.load() == 0;
  const bool writable = alone && !n.channels_last;
  return array_on(t, writable, writable);
}

py::object to_array(const Tensor& t) {
  if (t.dtype() == DType::real) return shared_array(t);
  py::array array = raw_array(t);
  if (t.dtype() == DType::integer) {
    const StoragePtr numbers = value_of(t.node());
    std::vector<std::int64_t> exact;
    {
      const NodeLock lock(node_mutex());
      exact = numbers->integers;
    }
    if (exact.empty()) return array.attr("astype")("int64");
    return py::array_t<std::int64_t>(std::vector<py::ssize_t>(t.shape().begin(), t.shape().end()), exact.data());
  }
  return array.attr("astype")("bool");
}

// Computes a tensor without gradient and stores it in the order of its shape: a leaf that can be changed in place.
// (Python's lock is held, except while numbers are computed; meanwhile another thread may change the handle.)
void settle(Tensor& t) {
  const Tensor x = t;
  if (x.requires_grad() || (!x.node().channels_last && is_whole(x.node()))) return;
  StoragePtr plain = computed(x);
  if (x.node().channels_last && t.pointer().get() == &x.node()) t = leaf(x.shape(), std::move(plain), x.dtype());
}

// What a reader of the buffer protocol gets: the memory of the array that numpy() returns, which is the base's for a
// view. Integers and truth values are refused, since they are stored as `real`: numpy then calls __array__ and gets a
// converted copy.
py::buffer_info buffer_of(const Tensor& t) {
  if (t.dtype() != DType::real)
    throw py::buffer_error("only float tensors share their memory; use .numpy() for a copy");
  const py::object same = py::cast(&t, py::return_value_policy::reference);  // Python's own object for t
  return same.attr("numpy")().cast<py::array>().request();
}

const char* dtype_name(const Tensor& t) {
  if (t.dtype() == DType::integer) return "int64";
  if (t.dtype() == DType::boolean) return "bool";
  return sizeof(real) == 4 ? "float32" : "float64";
}

// What shapes and dtypes are in Python: classes of its own, which print as PyTorch's do. Until these are set, a shape
// is a tuple and a dtype its name.
struct Faces {
  PyTypeObject* shape = &PyTuple_Type;
  std::array<PyObject*, 3> dtypes{};  // of real numbers, integers and truth values
};
Faces faces;

void set_faces(const py::type& shape, const std::array<py::object, 3>& dtypes) {
  need(PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(shape.ptr()), &PyTuple_Type), "needs a kind of tuple");
  faces.shape = reinterpret_cast<PyTypeObject*>(py::object(shape).release().ptr());
  for (std::size_t i = 0; i < dtypes.size(); ++i) faces.dtypes[i] = py::object(dtypes[i]).release().ptr();
}

py::object shape_of(const Tensor& t) {
  PyObject* s = faces.shape->tp_alloc(faces.shape, t.dims());
  if (!s) throw py::error_already_set();
  const auto shape = py::reinterpret_steal<py::object>(s);
  for (int i = 0; i < t.dims(); ++i) PyTuple_SET_ITEM(s, i, PyLong_FromSsize_t(t.size(i)));
  return shape;
}

py::object dtype_of(const Tensor& t) {
  const std::size_t kind = t.dtype() == DType::real ? 0 : t.dtype() == DType::integer ? 1 : 2;
  if (faces.dtypes[kind]) return py::reinterpret_borrow<py::object>(faces.dtypes[kind]);
  return py::str(dtype_name(t));
}

// Decimals are cut off. What int64 cannot hold, NaN included, becomes its smallest number, as in PyTorch on this kind
// of processor.
std::int64_t truncated(real x) {
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  const double whole = std::trunc(static_cast<double>(x));
  return whole >= -kEnd && whole < kEnd ? static_cast<std::int64_t>(whole) : std::numeric_limits<std::int64_t>::min();
}

Tensor converted(const Tensor& t, DType dtype) {
  const StoragePtr from = computed(t);
  if (dtype == DType::real) return leaf(t.shape(), from, dtype);
  if (dtype == DType::integer) {
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(t.size()));
    std::transform(from->data(), from->data() + t.size(), numbers.begin(), truncated);
    return leaf_of_integers(t.shape(), std::move(numbers));
  }
  Tensor y = leaf(t.shape(), dtype);
  std::transform(from->data(), from->data() + t.size(), y.node().value->data(), [](real x) { return real(x != 0); });
  return y;
}

Tensor with_dtype(const Tensor& t, DType dtype) {
  Tensor y = converted(t, dtype);
  note_copy(t, y);
  return y;
}

// A new leaf on the same numbers, cut off from the graph.
Tensor detached(const Tensor& t) {
  Tensor y = leaf(t.shape(), computed(t), t.dtype());
  note_copy(t, y);
  return y;
}

}  // namespace

py::class_<Tensor> bind_tensor(py::module_& m) {
  py::class_<Tensor> cls(m, "Tensor", py::module_local(), py::buffer_protocol());
  cls.def(py::init(&detached), py::arg("data"))
      .def_property_readonly("shape", shape_of)
      .def_property_readonly("ndim", &Tensor::dims)
      .def_property_readonly("dtype", dtype_of)
      .def_property_readonly(
          "is_leaf",
          [](const Tensor& t) { return !t.requires_grad() || (!is_result(t.node()) && !t.node().graph_freed); })
      .def_property_readonly("is_computed",
                             [](const Tensor& t) { return !is_traced(t) && value_of(t.node()) != nullptr; })
      .def_property_readonly("op", [](const Tensor& t) { return t.node().op; })
      .def_property_readonly("inputs",
                             [](const Tensor& t) {
                               Tensors list;
                               const NodeLock lock(node_mutex());
                               for (const Edge& e : t.node().inputs) list.emplace_back(e.node);
                               return list;
                             })
      .def_property_readonly("id", [](const Tensor& t) { return reinterpret_cast<std::uintptr_t>(&t.node()); })
      .def_property("requires_grad", &Tensor::requires_grad,
                    [](Tensor& t, bool yes) {
                      settle(t);  // numbers * 0.1 becomes a parameter: from here on only its numbers matter
                      need(!is_result(t.node()) && !t.node().graph_freed,
                           "requires_grad: needs a leaf to be changed, got a tensor that comes from ", t.node().op);
                      need(!yes || t.dtype() == DType::real, "requires_grad: needs a float tensor, got ",
                           dtype_name(t));
                      t.node().requires_grad = yes;
                    })
      .def_property(
          "grad",
          [](const Tensor& t) -> py::object {
            const Tensor grad(gradient_of(t.node()));
            if (!grad) return py::none();
            return py::cast(channels_first(grad));
          },
          [](Tensor& t, const std::optional<Tensor>& grad) {
            need(!grad || grad->shape() == t.shape(), "grad: needs shape ", t.shape(), ", got ",
                 grad ? grad->shape() : Shape{});
            set_gradient(t.node(), grad ? detached(*grad).pointer() : NodePtr());
          })
      .def("retain_grad", [](Tensor& t) { t.node().retains_grad = t.requires_grad() && is_result(t.node()); })
      .def(
          "backward",
          [](const Tensor& t, const std::optional<Tensor>& gradient, bool retain_graph) {
            // Another thread may let the handle stand for another expression meanwhile.
            const Tensor y = t;  // NOLINT(performance-unnecessary-copy-initialization)
            py::gil_scoped_release unlocked;
            backward(y, gradient.value_or(Tensor{}), retain_graph);
          },
          py::arg("gradient") = py::none(), py::arg("retain_graph") = false,
          "Adds the derivatives of this number to the .grad of every leaf it depends on.")
      .def("detach", detached, "The same numbers, cut off from the graph that made them.")
      .def("numpy", to_array, "The numbers as a numpy array; floats share their memory with the tensor.")
      .def("copy_",
           [](py::object self, const Tensor& from) {
             Tensor& t = self.cast<Tensor&>();
             refuse_reading(from);
             settle(t);
             const Tensor to = t, numbers = from;
             py::gil_scoped_release unlocked;
             assign(to, numbers);
             return self;
           })
      .def("_as_dtype",
           [](const Tensor& t, const std::string& name) {
             return with_dtype(t, name == "bool" ? DType::boolean : name == "int64" ? DType::integer : DType::real);
           })
      .def_property_readonly("_references", [](const Tensor& t) { return t.node().references.load() - 1; })
      .def("_settle", settle)
      .def(
          "_own_numbers",
          [](const Tensor& t) {
            const Tensor x = t;  // NOLINT(performance-unnecessary-copy-initialization): as in backward
            py::gil_scoped_release unlocked;
            run_alone([&x] { own_numbers(x.node()); });
          },
          "To be called before the array of _raw is written to: expressions keep the numbers as they are.")
      .def("_raw", raw_array, "The numbers as floats, as they are stored for every dtype; shared.")
      .def(
          "_become",
          [](py::object self, const Tensor& other) {
            self.cast<Tensor&>() = other;
            return self;
          },
          "From now on this handle stands for another expression: how a result is changed 'in place'.")
      .def_buffer(buffer_of);
  m.def("_set_faces", set_faces, py::arg("shape"), py::arg("dtypes"));
  m.def(
      "clear_gradients",
      [](const py::list& tensors) {
        for (const py::handle t : tensors) set_gradient(t.cast<Tensor&>().node(), NodePtr());
      },
      py::arg("tensors"), "Removes the .grad of every tensor.");
  return cls;
}

}  // namespace hello_dl
