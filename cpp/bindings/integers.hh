// Integers and truth values are exact, as int64 is, although the engine stores them as `real`.
//
// `real` holds integers exactly up to 2^24 (float) or 2^53 (double). Of each tensor of integers an upper bound of its
// magnitude is known before it is computed. As long as the bound of a result is within what `real` holds, the engine
// computes it, lazily like everything else. Beyond that numpy computes it at once in int64; integers have no gradient,
// so no graph is needed. Exact numbers beyond `real` stand beside the rounded ones, in Storage::integers.
#pragma once

#include "bindings/arguments.hh"

namespace hello_dl {

// The largest magnitude that `real` holds exactly together with all smaller integers.
constexpr double kExactInteger = sizeof(real) == 4 ? 16777216.0 : 9007199254740992.0;

// An upper bound of the magnitudes in a tensor of integers or truth values. Looks at the numbers if they are there.
double largest_magnitude(const Tensor& t);

// The leaf that holds these integers, with the exact numbers beside it if `real` has to round any.
Tensor leaf_of_integers(const Shape& shape, std::vector<std::int64_t> numbers);

// An upper bound of the result's magnitudes, for inputs without real numbers among them; 0 if one is real.
double largest_result(const OpInfo& op, const std::vector<Value>& values);

// The Python function (name, arguments, keywords) -> tensor or NotImplemented that computes an op in int64.
void set_integer_ops(py::function compute);
py::object compute_in_integers(const OpInfo& op, const py::args& args, const py::kwargs& kwargs);

}  // namespace hello_dl
