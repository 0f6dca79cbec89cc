// Checks and converts what Python hands to the engine.
#include "bindings/arguments.hh"

#include <algorithm>
#include <cmath>

#include "bindings/integers.hh"
#include "bindings/trace.hh"
#include "engine/engine.hh"
#include "engine/recipe.hh"

namespace hello_dl {

Tensor from_array(const py::array& array) {
  const char kind = array.dtype().kind();
  need<TypeError>(kind == 'f' || kind == 'i' || kind == 'u' || kind == 'b',
                  "tensor: needs an array of floats, integers or booleans, got dtype ",
                  py::str(array.dtype()).cast<std::string>());
  const DType dtype = kind == 'f' ? DType::real : kind == 'b' ? DType::boolean : DType::integer;
  Shape shape;
  for (py::ssize_t i = 0; i < array.ndim(); ++i) shape.push_back(array.shape(i));
  if (dtype == DType::integer) {
    const auto exact = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>::ensure(array);
    if (!exact) throw py::error_already_set();
    std::vector<std::int64_t> numbers(exact.data(), exact.data() + exact.size());
    need(kind != 'u' || std::none_of(numbers.begin(), numbers.end(), [](std::int64_t x) { return x < 0; }),
         "tensor: integers need to lie within int64, got numbers beyond 2^63 - 1");
    return leaf_of_integers(shape, std::move(numbers));
  }
  const auto plain = py::array_t<real, py::array::c_style | py::array::forcecast>::ensure(array);
  if (!plain) throw py::error_already_set();
  Tensor t = leaf(shape, dtype);
  std::copy_n(plain.data(), t.size(), t.node().value->data());
  return t;
}

StoragePtr computed(const Tensor& t) {
  // Another thread may let the handle stand for another expression meanwhile.
  const Tensor x = t;  // NOLINT(performance-unnecessary-copy-initialization)
  py::gil_scoped_release unlocked;
  return numbers(x);
}

// Labels are checked when the expression is made, so that a wrong one is reported on the user's own line.
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

namespace {

Tensor to_tensor(py::handle h) {
  if (py::isinstance<Tensor>(h)) return h.cast<Tensor>();
  if (PyBool_Check(h.ptr())) return scalar(h.cast<bool>(), DType::boolean);
  if (PyLong_Check(h.ptr())) {
    Tensor t = scalar(h.cast<double>(), DType::integer);
    t.node().largest = std::abs(h.cast<double>());
    return t;
  }
  if (PyFloat_Check(h.ptr())) return scalar(h.cast<double>());
  if (py::isinstance<py::array>(h)) return from_array(h.cast<py::array>());
  if (py::hasattr(h, "__array__")) return from_array(py::array::ensure(h));  // scalars of numpy
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

[[noreturn]] void refuse(const OpInfo& op, const Parameter& p, py::handle h) {
  throw TypeError(text(op.name, ": '", p.name, "' needs ", kind_in_words(p.kind), ", got ",
                       py::str(py::type::handle_of(h).attr("__name__")).cast<std::string>()));
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
      default:
        return to_tensors(h);
    }
  } catch (const py::cast_error&) {
    refuse(op, p, h);
  } catch (const py::error_already_set&) {
    refuse(op, p, h);
  }
}

// The op's own name of an argument: numpy's names mean PyTorch's, and any op's first argument may be called input.
std::string own_name(const OpInfo& op, const std::string& name) {
  auto has = [&op](const std::string& own) {
    return std::any_of(op.parameters.begin(), op.parameters.end(), [&](const Parameter& p) { return p.name == own; });
  };
  if (has(name)) return name;
  for (const auto& [numpy, own] :
       {std::pair("axis", "dim"), {"keepdims", "keepdim"}, {"x2", "other"}, {"mat2", "other"}, {"vec", "other"}})
    if (name == numpy && has(own)) return own;
  for (const char* first : {"input", "self", "x", "x1", "a"})
    if (name == first && !op.parameters.empty()) return op.parameters[0].name;
  return name;
}

py::kwargs with_own_names(const OpInfo& op, const py::kwargs& kwargs) {
  py::kwargs renamed;
  for (auto item : kwargs) {
    const std::string given = item.first.cast<std::string>(), own = own_name(op, given);
    need<TypeError>(!renamed.contains(own.c_str()), op.name, ": got '", own, "' twice, the second time as ", given,
                    "=");
    renamed[own.c_str()] = item.second;
  }
  return renamed;
}

// Not, for example, x ** 0.5, which is made by sqrt.
bool made_by(const OpInfo& op, const Tensor& y) { return y.requires_grad() && op.name == y.node().op; }

// Is there an argument that is no input of the node?
bool has_choices(const OpInfo& op, const Tensor& y) {
  const NodeLock lock(node_mutex());
  if (y.node().inputs.size() != op.parameters.size()) return true;
  return std::any_of(op.parameters.begin(), op.parameters.end(),
                     [](const Parameter& p) { return p.kind != Kind::tensor; });
}

}  // namespace

py::object to_python(const Value& value) {
  return std::visit(
      [](const auto& v) -> py::object {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>)
          return py::none();
        else
          return py::cast(v);
      },
      value);
}

py::object call_op(const OpInfo& op, const py::args& args, const py::kwargs& given_names) {
  const bool has_names = given_names.size() > 0;
  const py::kwargs kwargs = has_names ? with_own_names(op, given_names) : given_names;
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
    } else if (has_names && kwargs.contains(p.name.c_str())) {
      values.push_back(to_value(op, p, kwargs[p.name.c_str()]));
      ++named;
    } else {
      need<TypeError>(!p.default_text.empty(), op.name, ": needs an argument '", p.name, "'");
      values.push_back(p.default_value);
    }
  }
  if (has_names && named != kwargs.size())
    for (auto item : kwargs) {
      const std::string name = item.first.cast<std::string>();
      bool known = false;
      for (std::size_t i = given; i < op.parameters.size(); ++i) known |= op.parameters[i].name == name;
      need<TypeError>(known, op.name, ": does not take the argument '", name, "'");
    }
  const double largest = largest_result(op, values);
  if (largest > kExactInteger) {
    py::object exact = compute_in_integers(op, args, kwargs);
    if (exact.ptr() != Py_NotImplemented) return exact;
  }
  Tensor y = op.call(values);
  if (tracing()) note_call(op, values, y);
  if (made_by(op, y) && has_choices(op, y)) remember(y.node(), std::move(values));
  if (y.dtype() == DType::integer && !value_of(y.node())) y.node().largest = largest;
  return py::cast(std::move(y));
}

namespace {

std::string annotation(const Parameter& p) {
  static const char* const names[] = {
      "bool", "int", "float", "str", "Tensor | float", "int | Sequence[int]", "Sequence[Tensor]"};
  return text(names[static_cast<int>(p.kind)], p.optional ? " | None" : "");
}

}  // namespace

std::string signature(const OpInfo& op) {
  std::string s = "(";
  for (const Parameter& p : op.parameters) {
    if (s.size() > 1) s += ", ";
    s += p.name + ": " + annotation(p);
    if (!p.default_text.empty()) s += " = " + p.default_text;
  }
  return s + ") -> Tensor";
}

}  // namespace hello_dl
