// The graph: a node is one step of a computation, a Tensor is a handle on a node.
//
// Building an expression computes nothing. A node holds the recipe (its op's forward and backward rules, and its
// inputs) and, after an evaluation, the numbers. plan.hh decides what is computed together, engine.hh computes it.
#pragma once

#include <atomic>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/storage.hh"
#include "engine/view.hh"

namespace hello_dl {

struct Node;

// Gives up one reference to a node, and frees the node if it was the last.
void drop_reference(Node* node);

// A counted reference to a node, as std::shared_ptr with the count in the node itself.
class NodePtr {
 public:
  NodePtr() = default;
  explicit NodePtr(Node* node);
  NodePtr(const NodePtr& other);
  NodePtr(NodePtr&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  NodePtr& operator=(NodePtr other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~NodePtr() {
    if (node_) drop_reference(node_);
  }

  Node* get() const { return node_; }
  Node* operator->() const { return node_; }
  Node& operator*() const { return *node_; }  // NOLINT(clang-analyzer-core.uninitialized.UndefReturn)
  explicit operator bool() const { return node_ != nullptr; }
  Node* release() { return std::exchange(node_, nullptr); }

 private:
  Node* node_ = nullptr;
};

// How the rows (axis 0) of a result depend on the rows of an input.
enum class Word {
  rows,   // row i of the result needs only row i of the input
  whole,  // every row of the result may need all of the input
  fold,   // the result is a sum over the rows of the input
};

struct Edge {
  NodePtr node;
  Word word = Word::rows;
  std::uint32_t version = 0;  // of the input's numbers, when the expression was made
  Reader reader = {};         // of the input's numbers, if they were there then: it holds on to them
};

using Forward = std::function<void(const Out& y, const In* inputs, int count)>;
using Backward = std::function<void(const Grad& g, const In* inputs, int count)>;

// Which values a backward rule reads: a set of bits, one for each input and one for the result.
using Reads = std::uint32_t;
constexpr Reads kReadsNothing = 0, kReadsFirst = 1, kReadsSecond = 2, kReadsThird = 4;
constexpr Reads kReadsResult = 1u << 31, kReadsAll = ~0u;

class Tensor;

// Code outside the engine that takes part in backward. The engine rests while it runs, so it may compute tensors.
struct Outside {
  virtual ~Outside() = default;
  // Takes the complete gradient of a node's value. A hook returns one tensor, the gradient to go on with (empty: the
  // same). A rule returns the gradient of each input (empty: none).
  virtual std::vector<Tensor> call(const Tensor& gradient) const = 0;
};

// A value that one thread may set while others ask for it.
template <class Value>
class Shared {
 public:
  explicit Shared(Value value) : value_(value) {}
  Shared& operator=(Value value) { return value_.store(value, std::memory_order_relaxed), *this; }
  operator Value() const { return value_.load(std::memory_order_relaxed); }  // NOLINT(google-explicit-constructor)

 private:
  std::atomic<Value> value_;
};

// Several threads of Python may share tensors. Two locks keep a node whole:
//   - The engine's (evaluation.hh) is held during an evaluation, perhaps for minutes. Whoever holds Python's lock never
//     waits for it, because the evaluation itself asks for Python's lock now and then (Ctrl-C).
//   - This one is held for a moment, and nothing is waited for meanwhile. Whoever changes `value`, `inputs` or the
//     recipe of a node that others know holds both locks; so one of the two is enough for reading. `grad` belongs to
//     this lock alone.
std::mutex& node_mutex();
using NodeLock = std::lock_guard<std::mutex>;

struct Node {
  std::atomic<int> references{0};
  const char* op = "leaf";
  Shape shape;
  DType dtype = DType::real;
  Shared<bool> requires_grad{false};
  Shared<bool> retains_grad{false};
  bool channels_last = false;       // an image (N, C, H, W) stored as (N, H, W, C)
  Shared<bool> graph_freed{false};  // backward went through this node and dropped its recipe
  bool outdated = false;            // holds the numbers that another node had before a change in place
  bool expensive = false;           // its value is stored rather than computed again in a separate backward pass
  Shared<double> largest{-1};       // no integer here is larger in magnitude; -1: not known
  int mark = -1;                    // the planner's number for this node; -1 outside planning

  std::vector<Edge> inputs;
  Forward forward;
  Backward backward;
  Reads reads = kReadsAll;
  Reads refill = kReadsNothing;  // what backward reads in addition if it has to fill `extra` again
  Index extra = 0, scratch = 0;  // numbers per row
  double scale = 1;              // a fold's sum over all rows is multiplied by this
  double work = 1;               // multiply-adds per number of the result, roughly
  double passes = 1;             // how often it reads its whole inputs: a recurrent layer once for each step

  StoragePtr value;  // empty: not computed yet
  NodePtr grad;

  std::shared_ptr<Outside> hook;  // sees the gradient of this node before anything else does
  std::shared_ptr<Outside> rule;  // stands in for `backward`; such a node takes all its inputs whole

  bool is_leaf() const { return inputs.empty(); }
  std::uint32_t version() const { return value ? value->version : 0; }
  Index rows() const { return shape.rows(); }
  Index cols() const { return shape.cols(); }
};

inline NodePtr::NodePtr(Node* node) : node_(node) {
  if (node_) node_->references.fetch_add(1, std::memory_order_relaxed);
}
inline NodePtr::NodePtr(const NodePtr& other) : NodePtr(other.node_) {}

class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(NodePtr node) : node_(std::move(node)) {}

  Node& node() const { return *node_; }
  const NodePtr& pointer() const { return node_; }
  explicit operator bool() const { return static_cast<bool>(node_); }

  const Shape& shape() const { return node_->shape; }
  Index rows() const { return node_->shape.rows(); }
  Index cols() const { return node_->shape.cols(); }
  Index size() const { return node_->shape.size(); }
  int dims() const { return node_->shape.dims(); }
  Index size(int axis) const { return node_->shape[axis]; }
  DType dtype() const { return node_->dtype; }
  bool requires_grad() const { return node_->requires_grad; }

 protected:
  NodePtr node_;
};

// These lock node_mutex(): for callers outside an evaluation.
StoragePtr value_of(const Node& n);
NodePtr gradient_of(const Node& n);
void set_gradient(Node& n, NodePtr gradient);
bool is_result(const Node& n);  // not a leaf: it has inputs
bool is_whole(const Node& n);   // a leaf with numbers

// If the input has got other numbers since the edge was made (own_numbers), the edge leads from now on to a node that
// holds the former ones, and that passes a gradient on to the input.
void lead_to_former_numbers(Edge& edge);

// Before a node's numbers change in place: gives it numbers of its own, a copy, if expressions may still read those it
// has, and nothing but these expressions shares them. `changes`: counts the change that follows. The engine's lock is
// held.
void own_numbers(Node& n, bool changes = false);

// A leaf: a tensor whose numbers are not computed by an op.
Tensor leaf(const Shape& shape, DType dtype = DType::real);
Tensor leaf(const Shape& shape, StoragePtr numbers, DType dtype = DType::real);
Tensor scalar(double number, DType dtype = DType::real);

// While this is false, new nodes need no gradient (no_grad).
bool grad_enabled();
void set_grad_enabled(bool enabled);

// An input together with its word. Images stored channels last are turned to (N, C, H, W), unless the op takes them as
// they are stored.
struct Input {
  Tensor tensor;
  Word word;
};
Input rows(const Tensor& x);
Input whole(const Tensor& x);
Input fold(const Tensor& x);
inline Input rows_as_stored(const Tensor& x) { return {x, Word::rows}; }
inline Input whole_as_stored(const Tensor& x) { return {x, Word::whole}; }
inline Input fold_as_stored(const Tensor& x) { return {x, Word::fold}; }

// The result of node(...): a tensor whose node can be given further properties, see the fields of Node.
class Made : public Tensor {
 public:
  using Tensor::Tensor;
  Made& reads(Reads set) { return node_->reads = set, *this; }
  // Numbers per row that forward leaves for backward. If forward ran in another pass they are lost, and backward fills
  // them again from these values.
  Made& extra(Index numbers_per_row, Reads refilled_from = kReadsNothing) {
    node_->extra = numbers_per_row;
    node_->refill = refilled_from;
    return *this;
  }
  Made& scratch(Index numbers_per_row) { return node_->scratch = numbers_per_row, *this; }
  Made& scale(double factor) { return node_->scale = factor, *this; }
  Made& work(double per_number) { return node_->work = per_number, *this; }
  Made& passes(double times) { return node_->passes = times, *this; }
  Made& expensive() { return node_->expensive = true, *this; }
  Made& dtype(DType type) { return node_->dtype = type, *this; }
  Made& channels_last(bool yes = true) { return node_->channels_last = yes, *this; }
};

Made make_node(const char* op, const Shape& shape, std::vector<Edge> inputs, Forward forward, Backward backward);
void add_edge(std::vector<Edge>& edges, const Input& input);

// A rule may name its inputs, [](Out y, In a, In b), or take them as a list, [](Out y, const In* x, int n).
template <class View, class Rule>
std::function<void(const View&, const In*, int)> as_list(Rule rule) {
  if constexpr (std::is_same_v<Rule, std::nullptr_t>)
    return nullptr;
  else if constexpr (std::is_invocable_v<Rule, View, const In*, int>)
    return rule;
  else if constexpr (std::is_invocable_v<Rule, View, In>)
    return [rule](const View& y, const In* x, int) { rule(y, x[0]); };
  else if constexpr (std::is_invocable_v<Rule, View, In, In>)
    return [rule](const View& y, const In* x, int) { rule(y, x[0], x[1]); };
  else
    return [rule](const View& y, const In* x, int) { rule(y, x[0], x[1], x[2]); };
}

// A result that was computed elsewhere, in numbers of its own; `rule` finds the gradients of its inputs.
Tensor made_outside(const char* op, const Tensor& result, const std::vector<Tensor>& inputs,
                    std::shared_ptr<Outside> rule);

// A number, 0, from which the backward pass of several tensors starts: its gradient 1 gives each y its seed.
Tensor seeded(const std::vector<Tensor>& ys, std::vector<Tensor> seeds);

// A new node: op's name, shape of the result, inputs with their words, forward rule, backward rule (nullptr: none).
template <class F, class B>
Made node(const char* op, const Shape& shape, std::initializer_list<Input> inputs, F forward, B backward) {
  std::vector<Edge> edges;
  edges.reserve(inputs.size());
  for (const Input& i : inputs)
    if (i.tensor) add_edge(edges, i);  // an absent tensor (no bias) is no input
  return make_node(op, shape, std::move(edges), as_list<Out>(std::move(forward)), as_list<Grad>(std::move(backward)));
}

}  // namespace hello_dl
