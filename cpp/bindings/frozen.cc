// Frozen networks as Python sees them: numpy arrays in, numpy arrays out.
#include "frozen/frozen.hh"

#include <algorithm>

#include "bindings/arguments.hh"
#include "bindings/integers.hh"

namespace hello_dl {
namespace {

const char* kind_of(DType type) {
  return type == DType::real ? "floats" : type == DType::integer ? "integers" : "truth values";
}

bool is_kind(const py::array& array, DType type) {
  const char kind = array.dtype().kind();
  return type == DType::real ? kind == 'f' : type == DType::boolean ? kind == 'b' : kind == 'i' || kind == 'u';
}

Shape shape_of(const py::array& array) {
  Shape shape;
  for (py::ssize_t i = 0; i < array.ndim(); ++i) shape.push_back(array.shape(i));
  return shape;
}

using Numbers = py::array_t<real, py::array::c_style | py::array::forcecast>;

// Integers are computed as `real`: larger ones would be rounded in silence.
Numbers numbers_of(const py::array& array, DType type) {
  const Numbers numbers = Numbers::ensure(array);
  if (!numbers) throw py::error_already_set();
  if (type == DType::integer)
    need(std::all_of(numbers.data(), numbers.data() + numbers.size(),
                     [](real x) { return x >= -kExactInteger && x <= kExactInteger; }),
         "frozen: needs integers of at most ", static_cast<Index>(kExactInteger), " in magnitude, got larger ones");
  return numbers;
}

py::object result(DType type, py::array_t<real> numbers) {
  if (type == DType::real) return std::move(numbers);
  return numbers.attr("astype")(type == DType::integer ? "int64" : "bool");
}

// None if parameters have changed since.
py::object run(Frozen& frozen, const py::args& arrays) {
  if (!frozen.is_current()) return py::none();
  const std::size_t count = frozen.input_shapes().size();
  need<TypeError>(arrays.size() == count, "frozen: needs ", count, " array(s), as many as it was frozen for, got ",
                  arrays.size());
  std::vector<Numbers> held;
  std::vector<const real*> inputs;
  for (std::size_t i = 0; i < count; ++i) {
    const auto array = py::reinterpret_borrow<py::array>(arrays[i]);
    const Shape& shape = frozen.input_shapes()[i];
    if (!is_kind(array, frozen.input_types()[i]))  // the message takes longer than a small network
      throw TypeError(text("frozen: needs ", kind_of(frozen.input_types()[i]), " as argument ", i + 1,
                           ", as in the example, got dtype ", py::str(array.dtype()).cast<std::string>()));
    need(shape_of(array) == shape, "frozen: needs an array of shape ", shape, " as argument ", i + 1, ", got ",
         shape_of(array));
    held.push_back(numbers_of(array, frozen.input_types()[i]));
    inputs.push_back(held.back().data());
  }
  std::vector<py::array_t<real>> results;
  std::vector<real*> outputs;
  for (const Shape& shape : frozen.output_shapes()) {
    results.emplace_back(std::vector<py::ssize_t>(shape.begin(), shape.end()));
    outputs.push_back(results.back().mutable_data());
  }
  {
    const py::gil_scoped_release unlocked;
    frozen.run(inputs, outputs);
  }
  py::list list;
  for (std::size_t i = 0; i < results.size(); ++i) list.append(result(frozen.output_types()[i], std::move(results[i])));
  return list;
}

}  // namespace

void bind_frozen(py::module_& m) {
  py::class_<Frozen>(m, "Frozen", py::module_local(), "A network's graph, planned once: arrays in, arrays out.")
      .def(py::init<const Tensors&, const Tensors&>(), py::arg("inputs"), py::arg("outputs"))
      .def("run", run,
           "Computes the outputs for other arrays of the inputs' shapes and kinds; None if parameters have changed.")
      .def("watch", &Frozen::watch,
           "To be called when the graph that was frozen is gone: from now on parameters are watched.")
      .def_property_readonly("steps", &Frozen::steps, "The names of what is computed, in order.");
}

}  // namespace hello_dl
