// Random numbers from a counter: each depends on the seed, the draw and its place alone, not on the order in which
// numbers are made.
#pragma once

#include <cstdint>

#include "engine/common.hh"

namespace hello_dl {

// The finaliser of splitmix64 (Steele, Lea, Flood 2014): every bit of the input changes half the bits of the output.
inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

// One draw: a dropout mask, a random tensor. Each row has a key of its own, so that any slice can be made alone.
struct Draw {
  std::uint64_t key = 0;

  std::uint64_t row_key(Index row) const { return mix(key ^ mix(static_cast<std::uint64_t>(row))); }
};

// 32 random bits for number i of a row; 32-bit arithmetic only, so that eight are made at once.
inline std::uint32_t bits(std::uint64_t row_key, std::uint32_t i) {
  std::uint32_t x = i * 0x9e3779b9u + static_cast<std::uint32_t>(row_key);
  x = (x ^ x >> 16) * 0x21f0aaadu;
  x ^= static_cast<std::uint32_t>(row_key >> 32);
  x = (x ^ x >> 15) * 0x735a2d97u;
  x = (x ^ x >> 16) * 0x85ebca6bu;
  return x ^ x >> 15;
}

// Uniform: 0 <= u < 1, in steps of 2^-24.
inline real uniform(std::uint32_t random_bits) { return static_cast<real>(random_bits >> 8) * real(1.0 / 16777216); }

}  // namespace hello_dl
