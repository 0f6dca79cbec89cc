// The pool of threads on which everything parallel runs.
#pragma once

#include <functional>

#include "engine/common.hh"

namespace hello_dl {

using Work = std::function<void(Index task, int thread)>;

// Calls work(task, thread) once for each task from 0 to tasks - 1, on all threads (thread 0 is the caller's), and
// returns when all calls have returned. The first exception thrown by a call is thrown again here.
void parallel(Index tasks, const Work& work);

int num_threads();
void set_num_threads(int threads);  // 1 or more

}  // namespace hello_dl
