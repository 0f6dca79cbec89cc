// A network's graph, planned once and run often: numbers in, numbers out.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/graph.hh"
#include "engine/pass.hh"

namespace hello_dl {

class Frozen {
 public:
  // outputs have been computed from inputs (leaves) by expressions; nothing else of the inputs' numbers may be in them.
  Frozen(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs);
  ~Frozen();
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

  // Copies numbers in, computes, copies numbers out. Any number of threads may run it at once: the first works on all
  // threads of the engine, if nothing else is computed there, the others each on their own. The bits are the same.
  void run(const std::vector<const real*>& inputs, const std::vector<real*>& outputs);

  // Are the parameters as they were when it was made, and does somebody else still hold each that was held when watch()
  // was called?
  void watch();
  bool is_current() const;

  const std::vector<Shape>& input_shapes() const { return input_shapes_; }
  const std::vector<Shape>& output_shapes() const { return output_shapes_; }
  const std::vector<DType>& input_types() const { return input_types_; }
  const std::vector<DType>& output_types() const { return output_types_; }
  std::vector<std::string> steps() const;  // the names of what is computed, in order

 private:
  struct Parameter {
    NodePtr node;
    StoragePtr value;
    std::uint32_t version;
    int own_references;
    bool is_shared;  // somebody else held it in the beginning
  };
  struct Step;
  struct Stage;
  struct Seat;

  void make_stages(const std::vector<Tensor>& inputs);
  void run_stages(Seat& seat, bool alone) const;
  void run_slice(const Stage& stage, Seat& seat, Index slice, int thread) const;
  void run_in_parts(const Stage& stage, Seat& seat, bool alone) const;

  std::vector<Shape> input_shapes_, output_shapes_;
  std::vector<DType> input_types_, output_types_;
  std::vector<Tensor> results_;  // they hold the graph that is computed
  std::vector<Parameter> parameters_;
  std::vector<Stage> stages_;
  std::vector<Index> input_places_, output_places_;  // in a seat's memory; a constant result: -1
  Index memory_ = 0;                                 // numbers that stages hand over to each other
  std::mutex mutex_;
  std::vector<std::unique_ptr<Seat>> free_seats_;
};

}  // namespace hello_dl
