// Writes down every call of an op whose result depends on given tensors: hello_dl/shipping makes files of it.
//
// A call is noted as Python made it, so nothing that the engine adds (copies of filters, another order in memory) is
// among them, and all arguments are, also of ops that record no gradient.
#pragma once

#include <vector>

#include "bindings/arguments.hh"

namespace hello_dl {

// Whether this thread is between begin_trace and end_trace.
bool tracing();

// Notes a call, if one of its tensors depends on the inputs of the trace.
void note_call(const OpInfo& op, const std::vector<Value>& arguments, const Tensor& y);

// Notes that y has the numbers of x, perhaps as another dtype.
void note_copy(const Tensor& x, const Tensor& y);

// Whether x depends on the inputs of a trace: Python is told that it is not computed, so that nothing is decided or
// cut short by its numbers.
bool is_traced(const Tensor& x);

// Raises ValueError if x depends on the inputs: whoever reads its numbers may decide by them, and the calls that were
// noted would then be right for these inputs only.
void refuse_reading(const Tensor& x);

}  // namespace hello_dl
