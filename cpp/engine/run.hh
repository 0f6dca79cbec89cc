// Running one pass: all its slices, on all threads.
#pragma once

#include <atomic>
#include <chrono>

#include "engine/pass.hh"

namespace hello_dl {

// Stops all threads soon after the caller's was interrupted (Ctrl-C).
class Interrupt {
 public:
  // Called between the steps of a slice: now and then, on the caller's thread, asks whether to go on.
  void poll(int thread);
  struct Stopped {};  // thrown on the other threads

 private:
  std::atomic<bool> stopped_{false};
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
};

void run(const Pass& pass, Interrupt& interrupt);

}  // namespace hello_dl
