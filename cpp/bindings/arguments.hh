// From Python to the engine: numpy arrays and numbers become tensors, the arguments of an op become Values.
#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>

#include "engine/registry.hh"

namespace hello_dl {

namespace py = pybind11;

// Copies a numpy array of floats, integers or truth values.
Tensor from_array(const py::array& array);

// The tensor's numbers, computed while other Python threads may run.
StoragePtr computed(const Tensor& t);

// Raises IndexError at the first label outside 0 ... classes - 1 that is not `ignore`; returns how many labels are
// `ignore`. The message begins with `who` and calls the classes `of`.
Index check_labels(const std::string& who, const Tensor& labels, Index classes, Index ignore, const char* of);

// An argument as Python's own: a number, a text, a tensor, a list, or None.
py::object to_python(const Value& value);

// Calls an op with Python's arguments; raises TypeError, naming the argument, if one is missing, unknown or of the
// wrong kind.
py::object call_op(const OpInfo& op, const py::args& args, const py::kwargs& kwargs);

// "(x: Tensor | float, dim: int = 0) -> Tensor": in Python's own notation, for docstrings and the type stub.
std::string signature(const OpInfo& op);

}  // namespace hello_dl
