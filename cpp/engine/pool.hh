// The threads. parallel(tasks, work) runs work(task, thread) for every task on all threads and waits for the last.
#pragma once

#include <functional>

namespace hello_dl {

void parallel(int tasks, const std::function<void(int task, int thread)>& work);

int num_threads();
void set_num_threads(int threads);  // 1 or more

}  // namespace hello_dl
