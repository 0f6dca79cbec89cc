// Bounds of integers, and the step aside to numpy where `real` would round.
#include "bindings/integers.hh"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hello_dl {
namespace {

py::function& integer_ops() {
  static auto* f = new py::function;  // never destroyed: Python may be gone by then
  return *f;
}

bool is_one_of(const std::string& name, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* n) { return name == n; });
}

}  // namespace

double largest_magnitude(const Tensor& t) {
  Node& n = t.node();
  if (n.dtype == DType::boolean) return 1;
  if (n.dtype == DType::real) return std::numeric_limits<double>::infinity();
  const double known = n.largest;
  if (known >= 0) return known;
  const StoragePtr value = value_of(n);
  if (!value) return kExactInteger;  // made by the engine alone, which is only asked for what it holds exactly
  double largest = 0;
  for (std::int64_t x : value->integers) largest = std::max(largest, std::abs(static_cast<double>(x)));
  if (value->integers.empty())
    for (Index i = 0; i < t.size(); ++i) largest = std::max(largest, std::abs(static_cast<double>(value->data()[i])));
  n.largest = largest;
  return largest;
}

Tensor leaf_of_integers(const Shape& shape, std::vector<std::int64_t> numbers) {
  Tensor t = leaf(shape, DType::integer);
  double largest = 0;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    t.node().value->data()[i] = static_cast<real>(numbers[i]);
    largest = std::max(largest, std::abs(static_cast<double>(numbers[i])));
  }
  t.node().largest = largest;
  if (largest > kExactInteger) t.node().value->integers = std::move(numbers);
  return t;
}

double largest_result(const OpInfo& op, const std::vector<Value>& values) {
  double largest = 0, sum = 0, product = 1;
  const Tensor *first = nullptr, *second = nullptr;
  bool real_among_them = false;
  auto see = [&](const Tensor& t) {
    if (!t) return;
    if (t.dtype() == DType::real) {
      real_among_them = true;
      return;
    }
    const double m = largest_magnitude(t);
    largest = std::max(largest, m);
    sum += m;
    product *= m;
    (first ? second : first) = &t;
  };
  for (const Value& v : values) {
    if (const auto* one = std::get_if<Tensor>(&v)) see(*one);
    if (const auto* several = std::get_if<Tensors>(&v)) std::for_each(several->begin(), several->end(), see);
    if (real_among_them) return 0;
  }
  if (!first) return 0;
  double result = largest;  // most ops move or choose numbers
  if (is_one_of(op.name, {"add", "sub"})) result = sum;
  if (op.name == "mul") result = product;
  if (op.name == "pow" && second)
    result = std::pow(std::max(largest_magnitude(*first), 1.0), largest_magnitude(*second));
  if (is_one_of(op.name, {"sum", "cumsum"})) result = largest * static_cast<double>(first->size());
  if (op.name == "matmul" && first->dims()) result = product * static_cast<double>(first->size(first->dims() - 1));
  if (is_one_of(op.name, {"argmax", "argmin"})) result = static_cast<double>(first->size());
  return std::max(result, largest);
}

void set_integer_ops(py::function compute) { integer_ops() = std::move(compute); }

py::object compute_in_integers(const OpInfo& op, const py::args& args, const py::kwargs& kwargs) {
  return integer_ops()(op.name, args, kwargs);
}

}  // namespace hello_dl
