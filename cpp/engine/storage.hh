// Memory for numbers: 64-byte aligned, because Eigen's sums depend on the alignment, and recycled, because asking the
// system for fresh pages at every training step costs more than planning does.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/common.hh"

namespace hello_dl {

class Storage {
 public:
  explicit Storage(Index count);
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  real* data() const { return data_; }
  Index count() const { return count_; }

  std::vector<std::int64_t>
      integers;  // the exact numbers, where `real` rounds some of a tensor of integers; else empty

  std::atomic<int> readers{0};  // inputs of expressions that may read these numbers later
  std::atomic<int> exports{0};  // numpy arrays through which these numbers can be changed

  std::uint32_t version = 0;  // counts changes in place; all tensors on these numbers see them

 private:
  real* data_;
  Index count_;
  std::size_t bytes_;
};

using StoragePtr = std::shared_ptr<Storage>;

// Counts, as long as it exists, one reader of some numbers.
class Reader {
 public:
  Reader() = default;
  explicit Reader(StoragePtr numbers) : numbers_(std::move(numbers)) { count(1); }
  Reader(const Reader& other) : Reader(other.numbers_) {}
  Reader(Reader&& other) noexcept : numbers_(std::move(other.numbers_)) {}
  Reader& operator=(Reader other) noexcept {
    std::swap(numbers_, other.numbers_);
    return *this;
  }
  ~Reader() { count(-1); }
  const StoragePtr& numbers() const { return numbers_; }

 private:
  void count(int by) {
    if (numbers_) numbers_->readers.fetch_add(by, std::memory_order_relaxed);
  }

  StoragePtr numbers_;
};

inline StoragePtr make_storage(Index count) { return std::make_shared<Storage>(count); }

// Memory that is kept from use to use; it grows when more is asked for.
class Arena {
 public:
  real* get(Index count) {
    if (!storage_ || storage_->count() < count) {
      storage_.reset();
      storage_ = std::make_unique<Storage>(count);
    }
    return storage_->data();
  }

 private:
  std::unique_ptr<Storage> storage_;
};

}  // namespace hello_dl
