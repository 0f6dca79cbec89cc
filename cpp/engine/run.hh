// Runs one pass: all its slices, on all threads.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>

#include "engine/pass.hh"

namespace hello_dl {

// Stops all threads soon after the caller's was interrupted (Ctrl-C).
class Interrupt {
 public:
  // Called before each step of a slice. On the caller's thread it runs the interrupt check ten times a second; on the
  // others it throws Stopped once that check has thrown.
  void poll(int thread);
  struct Stopped : std::exception {};

 private:
  std::atomic<bool> stopped_{false};
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::milliseconds(100);
};

void run(const Pass& pass, Interrupt& interrupt);

}  // namespace hello_dl
