// Reads the one-line signatures of the ops.
#include "engine/registry.hh"

namespace hello_dl {
namespace {

std::string trimmed(const std::string& s) {
  const auto from = s.find_first_not_of(' '), to = s.find_last_not_of(' ');
  return from == std::string::npos ? "" : s.substr(from, to - from + 1);
}

Value default_value(const Parameter& p) {
  const std::string& t = p.default_text;
  if (t == "None") return {};
  switch (p.kind) {
    case Kind::boolean:
      return t == "True";
    case Kind::integer:
      return static_cast<Index>(std::stoll(t));
    case Kind::number:
      return std::stod(t);
    case Kind::string:
      return t.substr(1, t.size() - 2);
    case Kind::integers:
      return Ints{static_cast<Index>(std::stoll(t))};
    default:
      return {};
  }
}

}  // namespace

std::vector<OpInfo>& registered_ops() {
  static auto* ops = new std::vector<OpInfo>;
  return *ops;
}

std::vector<Parameter> parse_parameters(const char* op, const std::string& signature, std::vector<Parameter> kinds) {
  std::size_t i = 0;
  std::istringstream parts(signature);
  for (std::string part; std::getline(parts, part, ','); ++i) {
    if (i >= kinds.size()) throw std::logic_error(text(op, ": more names in its signature than arguments"));
    Parameter& p = kinds[i];
    const auto equals = part.find('=');
    p.name = trimmed(part.substr(0, equals));
    if (equals == std::string::npos) continue;
    p.default_text = trimmed(part.substr(equals + 1));
    p.default_value = default_value(p);
  }
  if (i != kinds.size()) throw std::logic_error(text(op, ": fewer names in its signature than arguments"));
  return kinds;
}

}  // namespace hello_dl
