// Fast non-cryptographic hashes (XXH3) for checksums of large sections, term ids and hash tables.
//
// Values are part of the on-disk formats: they must never change for the same input and seed.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <string_view>

namespace kausal {

struct Hash128 {
    uint64_t low = 0;
    uint64_t high = 0;
    friend bool operator==(const Hash128&, const Hash128&) = default;
};

[[nodiscard]] uint64_t hash64(ByteView bytes, uint64_t seed = 0) noexcept;
[[nodiscard]] inline uint64_t hash64(std::string_view text, uint64_t seed = 0) noexcept {
    return hash64(as_bytes(text), seed);
}
[[nodiscard]] Hash128 hash128(ByteView bytes, uint64_t seed = 0) noexcept;

/// Mixes two 64-bit values; good enough to chain hashes, not a checksum.
[[nodiscard]] constexpr uint64_t hash_mix(uint64_t left, uint64_t right) noexcept {
    uint64_t x = left ^ (right + 0x9e3779b97f4a7c15ULL + (left << 6) + (left >> 2));
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    x ^= x >> 32;
    return x;
}

}  // namespace kausal
