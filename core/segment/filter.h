// A blocked Bloom filter over block ids: "surely absent" out of one cache line.
//
// 64-byte blocks; an id picks one block and sets a few of its 512 bits. Ids are hashed before use,
// so ids that are not uniform (tests, users) keep the rate. Format: docs/format/segment.md,
// "Filter".
#pragma once

#include "base/block_id.h"
#include "base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace kausal::segment {

inline constexpr size_t kFilterBlockSize = 64;

/// Size in bytes (a multiple of 64, at least 64) for so many keys.
[[nodiscard]] size_t filter_size_bytes(uint64_t key_count, double bits_per_key) noexcept;
/// How many bits each key sets (1..16).
[[nodiscard]] uint32_t filter_probe_count(double bits_per_key) noexcept;
/// The share of absent ids that the filter lets pass, as computed for blocks of 512 bits.
[[nodiscard]] double filter_false_positive_rate(double bits_per_key) noexcept;

/// Bytes of a filter that holds all of `ids`.
[[nodiscard]] std::vector<std::byte> build_filter(std::span<const BlockId> ids,
                                                  double bits_per_key);
/// Offset of the block that decides about `id` in a filter of `size_bytes`.
[[nodiscard]] size_t filter_block_offset(const BlockId& id, size_t size_bytes) noexcept;
/// False when the id is surely absent. `block` points at the 64 bytes at filter_block_offset().
[[nodiscard]] bool filter_may_contain(const std::byte* block, const BlockId& id,
                                      uint32_t probe_count) noexcept;

}  // namespace kausal::segment
