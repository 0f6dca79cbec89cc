// Memory for numbers: 64-byte aligned, because Eigen's sums depend on the alignment, and recycled, because asking the
// system for fresh pages at every training step costs more than planning does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
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

  std::vector<std::int64_t> integers;  // the exact numbers, where `real` rounds some of a tensor of integers; else empty

  std::uint32_t version = 0;  // counts changes in place; all tensors on these numbers see them

 private:
  real* data_;
  Index count_;
  std::size_t bytes_;
};

using StoragePtr = std::shared_ptr<Storage>;

inline StoragePtr make_storage(Index count) { return std::make_shared<Storage>(count); }

}  // namespace hello_dl
