// Makes nodes, and frees them without recursion.
#include "engine/graph.hh"

#include "engine/layout.hh"

#ifndef _WIN32
#include <pthread.h>
#endif

namespace hello_dl {
namespace {
thread_local bool recording = true;
std::mutex mutex;

#ifndef _WIN32
// fork() waits until no other thread holds the lock: the child would not have the thread that unlocks it.
// NOLINTNEXTLINE(bugprone-throwing-static-initialization): the handlers run in fork(), not here
[[maybe_unused]] const int fork_handlers =
    pthread_atfork([] { mutex.lock(); }, [] { mutex.unlock(); }, [] { mutex.unlock(); });
#endif
}  // namespace

std::mutex& node_mutex() { return mutex; }

StoragePtr value_of(const Node& n) {
  const NodeLock lock(mutex);
  return n.value;
}

NodePtr gradient_of(const Node& n) {
  const NodeLock lock(mutex);
  return n.grad;
}

void set_gradient(Node& n, NodePtr gradient) {
  const NodeLock lock(mutex);
  std::swap(n.grad, gradient);  // the former one is freed by the caller, after the lock
}

bool is_result(const Node& n) {
  const NodeLock lock(mutex);
  return !n.is_leaf();
}

bool is_whole(const Node& n) {
  const NodeLock lock(mutex);
  return n.is_leaf() && n.value;
}

bool grad_enabled() { return recording; }
void set_grad_enabled(bool enabled) { recording = enabled; }

// If a node's destructor freed its inputs, a chain of 300,000 nodes would overflow the stack. So the inputs move to a
// list before their node is deleted.
void drop_reference(Node* node) {
  if (node->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  std::vector<Node*> dead{node};
  auto drop = [&dead](NodePtr& p) {
    Node* n = p.release();
    if (n && n->references.fetch_sub(1, std::memory_order_acq_rel) == 1) dead.push_back(n);
  };
  while (!dead.empty()) {
    Node* n = dead.back();
    dead.pop_back();
    for (Edge& e : n->inputs) drop(e.node);
    drop(n->grad);
    delete n;
  }
}

Tensor leaf(const Shape& shape, StoragePtr numbers, DType dtype) {
  need_countable("tensor", shape);
  Tensor t{NodePtr(new Node)};
  t.node().shape = shape;
  t.node().dtype = dtype;
  t.node().value = std::move(numbers);
  return t;
}

Tensor leaf(const Shape& shape, DType dtype) {
  need_countable("tensor", shape);
  return leaf(shape, make_storage(shape.size()), dtype);
}

Tensor scalar(double number, DType dtype) {
  Tensor t = leaf(Shape{}, dtype);
  t.node().value->data()[0] = static_cast<real>(number);
  return t;
}

Input rows(const Tensor& x) { return {channels_first(x), Word::rows}; }
Input whole(const Tensor& x) { return {x ? channels_first(x) : x, Word::whole}; }
Input fold(const Tensor& x) { return {channels_first(x), Word::fold}; }

namespace {

// dL/dX = G. Its value is there from the beginning.
Tensor snapshot(const NodePtr& x, StoragePtr numbers) {
  std::vector<Edge> edges;
  {
    const NodeLock lock(mutex);
    edges.push_back({x, Word::rows, x->version()});
  }
  Made y = make_node("snapshot", x->shape, std::move(edges), as_list<Out>([](Out y, In x) { arr(y) = arr(x); }),
                     as_list<Grad>([](Grad g, In x) {
                       if (x) x.grad() += arr(g);
                     }));
  y.reads(kReadsNothing).dtype(x->dtype).channels_last(x->channels_last);
  y.node().value = std::move(numbers);
  return y;
}

StoragePtr copy_of(const StoragePtr& numbers, Index size) {
  StoragePtr copy = make_storage(size);
  std::copy_n(numbers->data(), size, copy->data());
  copy->integers = numbers->integers;
  return copy;
}

}  // namespace

void add_edge(std::vector<Edge>& edges, const Input& input) {
  Edge edge{input.tensor.pointer(), input.word};
  {
    const NodeLock lock(mutex);
    edge.version = edge.node->version();
    edge.reader = Reader(edge.node->value);
  }
  const StoragePtr& numbers = edge.reader.numbers();
  if (numbers && numbers->exports.load(std::memory_order_relaxed) > 0) {
    // Somebody holds a numpy array through which the numbers may change before this expression is computed.
    const Tensor x = snapshot(input.tensor.pointer(), copy_of(numbers, input.tensor.size()));
    edge = {x.pointer(), input.word, x.node().version(), Reader(x.node().value)};
  }
  edges.push_back(std::move(edge));
}

void lead_to_former_numbers(Edge& edge) {
  const StoragePtr& former = edge.reader.numbers();
  if (!former || edge.node->value == former) return;
  const bool was_recording = grad_enabled();
  set_grad_enabled(true);  // the input's gradient, if it has one, does not depend on when this is called
  const Tensor y = snapshot(edge.node, former);
  set_grad_enabled(was_recording);
  y.node().outdated = true;
  y.node().largest = static_cast<double>(edge.node->largest);
  if (!y.requires_grad()) y.node().inputs.clear();
  NodePtr next = y.pointer();
  const NodeLock lock(mutex);
  std::swap(edge.node, next);
}

void own_numbers(Node& n, bool changes) {
  StoragePtr numbers;
  {
    const NodeLock lock(mutex);
    if (!n.value) return;
    const long readers = n.value->readers.load(std::memory_order_relaxed);
    if (readers == 0 || n.value.use_count() != 1 + readers) {
      if (changes) ++n.value->version;
      return;
    }
    numbers = n.value;
  }
  numbers = copy_of(numbers, n.shape.size());  // may take long; an expression made meanwhile reads the former numbers
  const NodeLock lock(mutex);
  numbers->version = n.value->version + (changes ? 1 : 0);
  std::swap(n.value, numbers);
}

Made make_node(const char* op, const Shape& shape, std::vector<Edge> inputs, Forward forward, Backward backward) {
  need_countable(op, shape);
  Made made{NodePtr(new Node)};
  Node& n = made.node();
  n.op = op;
  n.shape = shape;
  if (backward && recording)
    for (const Edge& e : inputs)
      if (e.node->requires_grad) n.requires_grad = true;
  n.inputs = std::move(inputs);
  n.forward = std::move(forward);
  if (n.requires_grad) n.backward = std::move(backward);
  return made;
}

Tensor made_outside(const char* op, const Tensor& result, const std::vector<Tensor>& inputs,
                    std::shared_ptr<Outside> rule) {
  std::vector<Edge> edges;
  for (const Tensor& x : inputs) add_edge(edges, whole(x));
  auto never = [](const Grad&, const In*, int) {};
  Made y = make_node(op, result.shape(), std::move(edges), nullptr, never);
  y.reads(kReadsNothing);
  y.node().value = result.node().value;
  y.node().rule = std::move(rule);
  return std::move(y);
}

Tensor seeded(const std::vector<Tensor>& ys, std::vector<Tensor> seeds) {
  std::vector<Edge> edges;
  for (const Tensor& y : ys) add_edge(edges, whole(y));
  auto backward = [seeds = std::move(seeds)](const Grad& g, const In* y, int count) {
    for (int k = 0; k < count; ++k)
      if (y[k]) y[k].grad() += g.data[0] * ConstArrayMap(seeds[k].node().value->data(), seeds[k].size());
  };
  Made start = make_node("seeded", Shape{}, std::move(edges), nullptr, nullptr);
  start.reads(kReadsNothing);
  Node& n = start.node();
  n.backward = std::move(backward);
  n.requires_grad = true;  // also under no_grad
  n.value = make_storage(1);
  n.value->data()[0] = 0;
  return std::move(start);
}

}  // namespace hello_dl
