// What engine.cc and backward.cc share: the lock, one pass over a region, and what is kept and let go after the passes.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/engine.hh"
#include "engine/plan.hh"
#include "engine/run.hh"

namespace hello_dl {

// Holds the engine during an evaluation: one runs at a time, on all threads of the pool. A thread that holds it already
// would wait for itself for ever, so that is an error: a signal handler of Python runs in the middle of an evaluation.
class Lock {
 public:
  Lock() { lock(); }
  explicit Lock(std::try_to_lock_t);  // without waiting: `if (lock)` tells whether it holds the engine
  ~Lock() {
    if (locked_) unlock();
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  void lock();
  void take();  // the same, where this thread is known not to hold it
  void unlock();
  explicit operator bool() const { return locked_; }

 private:
  bool locked_ = false;
};

// Lets others use the engine between two passes, while code outside it runs. Until the last such rest is over, no graph
// is let go: it may belong to a plan that goes on.
class Rest {
 public:
  explicit Rest(Lock& lock);
  ~Rest();
  Rest(const Rest&) = delete;
  Rest& operator=(const Rest&) = delete;

 private:
  Lock& lock_;
};

// What is let go is collected, and freed after the lock: the plan points to nodes, and a rule may belong to Python.
struct Dropped {
  std::vector<Edge> edges;
  std::vector<std::shared_ptr<Outside>> rules;
  std::vector<Forward> forwards;
  std::vector<Backward> backwards;
};
void forget_recipe(Node& n, Dropped& dropped);

void start_statistics(const Plan& plan);
void run_pass(Plan& plan, int region, bool forward, bool backward, Interrupt& interrupt);
void evaluate_nodes(const std::vector<Node*>& wanted, Dropped& dropped);

// Values that were stored for a handle move from the plan to their nodes. A computed node that needs no gradient
// forgets how it was made, so that its inputs can be freed.
void keep_values(Plan& plan, Dropped& dropped);

}  // namespace hello_dl
