// Lays out a slice's memory: buffers that were given back are used again.
#pragma once

#include <algorithm>
#include <iterator>
#include <map>

#include "engine/common.hh"

namespace hello_dl {

constexpr Index kAlign = 64 / sizeof(real);  // numbers in 64 bytes, as Storage is aligned

// First fit: the first gap that is large enough. Neighbouring gaps are joined.
class Workspace {
 public:
  Index take(Index size) {
    size = (std::max<Index>(size, 1) + kAlign - 1) / kAlign * kAlign;
    for (auto it = free_.begin(); it != free_.end(); ++it) {
      if (it->second < size) continue;
      const Index at = it->first, rest = it->second - size;
      free_.erase(it);
      if (rest) free_[at + size] = rest;
      sizes_[at] = size;
      return at;
    }
    const Index at = top_;
    top_ += size;
    sizes_[at] = size;
    return at;
  }

  void give_back(Index at) {
    Index size = sizes_[at];
    auto next = free_.lower_bound(at);
    if (next != free_.end() && at + size == next->first) {
      size += next->second;
      next = free_.erase(next);
    }
    if (next != free_.begin()) {
      auto before = std::prev(next);
      if (before->first + before->second == at) {
        before->second += size;
        return;
      }
    }
    free_[at] = size;
  }

  Index size() const { return top_; }

 private:
  Index top_ = 0;
  std::map<Index, Index> free_, sizes_;
};

}  // namespace hello_dl
