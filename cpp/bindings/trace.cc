// The notes of a trace: (op, arguments by name, result) for each call, in order.
#include "bindings/trace.hh"

#include <algorithm>
#include <unordered_set>

namespace hello_dl {
namespace {

struct Trace {
  py::list calls;  // holds on to the tensors, so that no node's address is used twice
  std::unordered_set<const Node*> dependent;
};

// Made and deleted with Python's lock.
thread_local Trace* trace = nullptr;

bool depends(const Tensor& t) { return trace->dependent.count(&t.node()) > 0; }

bool depends(const Value& v) {
  if (const Tensor* t = std::get_if<Tensor>(&v)) return depends(*t);
  if (const Tensors* list = std::get_if<Tensors>(&v))
    return std::any_of(list->begin(), list->end(), [](const Tensor& t) { return depends(t); });
  return false;
}

void note(const char* op, const py::dict& arguments, const Tensor& y) {
  trace->dependent.insert(&y.node());
  trace->calls.append(py::make_tuple(op, arguments, y));
}

void begin_trace(const Tensors& inputs) {
  need(!trace, "trace: another one has begun in this thread");
  trace = new Trace;
  for (const Tensor& x : inputs) {
    trace->dependent.insert(&x.node());
    trace->calls.append(py::make_tuple("input", py::dict(), x));
  }
}

py::list end_trace() {
  need(trace, "trace: none has begun in this thread");
  py::list calls = std::move(trace->calls);
  delete std::exchange(trace, nullptr);
  return calls;
}

}  // namespace

bool tracing() { return trace != nullptr; }

void note_call(const OpInfo& op, const std::vector<Value>& arguments, const Tensor& y) {
  if (!std::any_of(arguments.begin(), arguments.end(), [](const Value& v) { return depends(v); })) return;
  py::dict named;
  for (std::size_t i = 0; i < arguments.size(); ++i) named[op.parameters[i].name.c_str()] = to_python(arguments[i]);
  note(op.name.c_str(), named, y);
}

void note_copy(const Tensor& x, const Tensor& y) {
  if (!is_traced(x)) return;
  py::dict named;
  named["x"] = py::cast(x);
  note("copy", named, y);
}

bool is_traced(const Tensor& x) { return trace && depends(x); }

void refuse_reading(const Tensor& x) {
  need(!is_traced(x), "trace: the numbers of a '", x.node().op, "' of shape ", x.shape(),
       " are read, which depend on the input");
}

void bind_trace(py::module_& m) {
  m.def("begin_trace", begin_trace, py::arg("inputs"));
  m.def("end_trace", end_trace);
}

}  // namespace hello_dl
