// The list of ops that Python sees. One line below the function of an op registers it; bindings/module.cc makes a
// Python function of each.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "engine/graph.hh"

namespace hello_dl {

// An argument of an op, as the bindings hand it over.
using Ints = std::vector<Index>;
using Tensors = std::vector<Tensor>;
using Value = std::variant<std::monostate, bool, Index, double, std::string, Tensor, Ints, Tensors>;

enum class Kind { boolean, integer, number, string, tensor, integers, tensors };

struct Parameter {
  std::string name;
  Kind kind = Kind::tensor;
  bool optional = false;     // None is allowed
  std::string default_text;  // as in the signature; empty: must be given
  Value default_value;
};

struct OpInfo {
  std::string name, doc;
  std::vector<Parameter> parameters;
  std::function<Tensor(const std::vector<Value>&)> call;
};

std::vector<OpInfo>& registered_ops();

// Reads "x, dim=None, keepdim=False" into names and defaults; the kinds come from the C++ function.
std::vector<Parameter> parse_parameters(const char* op, const std::string& signature, std::vector<Parameter> kinds);

template <class T>
struct Argument;
template <Kind kind, class Stored>
struct ArgumentOf {
  static Parameter parameter() {
    Parameter p;
    p.kind = kind;
    return p;
  }
  static Stored get(const Value& v) { return std::get<Stored>(v); }
};
template <>
struct Argument<bool> : ArgumentOf<Kind::boolean, bool> {};
template <>
struct Argument<Index> : ArgumentOf<Kind::integer, Index> {};
template <>
struct Argument<double> : ArgumentOf<Kind::number, double> {};
template <>
struct Argument<std::string> : ArgumentOf<Kind::string, std::string> {};
template <>
struct Argument<Tensor> : ArgumentOf<Kind::tensor, Tensor> {};
template <>
struct Argument<Ints> : ArgumentOf<Kind::integers, Ints> {};
template <>
struct Argument<Tensors> : ArgumentOf<Kind::tensors, Tensors> {};
template <class T>
struct Argument<std::optional<T>> {
  static Parameter parameter() {
    Parameter p = Argument<T>::parameter();
    p.optional = true;
    return p;
  }
  static std::optional<T> get(const Value& v) {
    if (std::holds_alternative<std::monostate>(v)) return std::nullopt;
    return Argument<T>::get(v);
  }
};

template <class... Args, std::size_t... I>
std::function<Tensor(const std::vector<Value>&)> unpack(Tensor (*f)(Args...), std::index_sequence<I...>) {
  return [f](const std::vector<Value>& v) { return f(Argument<std::decay_t<Args>>::get(v[I])...); };
}

// noexcept: it runs while the module is loaded, where nothing could catch an error; a wrong signature ends the program.
template <class... Args>
bool register_op(const char* name, Tensor (*f)(Args...), const char* signature, const char* doc) noexcept {
  OpInfo op;
  op.name = name;
  op.doc = doc;
  op.parameters = parse_parameters(name, signature, {Argument<std::decay_t<Args>>::parameter()...});
  op.call = unpack(f, std::index_sequence_for<Args...>{});
  registered_ops().push_back(std::move(op));
  return true;
}

// HELLO_DL_OP(function, "x, dim=None", "what it does, with shapes");
#define HELLO_DL_OP(function, signature, doc) \
  [[maybe_unused]] static const bool registered_##function = register_op(#function, function, signature, doc)

}  // namespace hello_dl
