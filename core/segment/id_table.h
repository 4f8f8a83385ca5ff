// Numbers block ids in order of first sight ("build numbers"). Private to the room.
#pragma once

#include "base/block_id.h"
#include "base/hash.h"
#include "segment/segment_layout.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace kausal::segment {

/// Open addressing; a slot keeps half of the hash, so that a probe rarely has to look at an id.
/// Threads: confined.
class IdTable {
  public:
    IdTable() : slots_(kSlotCountMin, 0) {}

    /// The number of `id`, a new one when it was not seen; kNone32 when the table is full.
    [[nodiscard]] uint32_t intern(const BlockId& id) {
        const uint64_t hash = hash_mix(id.high, id.low);
        const uint64_t tag = hash & kTagMask;
        const size_t mask = slots_.size() - 1;
        for (size_t at = static_cast<size_t>(hash) & mask;; at = (at + 1) & mask) {
            const uint64_t slot = slots_[at];
            if (slot == 0) return insert(id, at, tag);
            if ((slot & kTagMask) == tag) {
                const auto number = static_cast<uint32_t>(slot & ~kTagMask) - 1;
                if (ids_[number] == id) return number;
            }
        }
    }
    /// Hints that `intern(id)` follows soon: call the first for a group of ids, then the second for
    /// the same group, then intern them; the cache misses of the group overlap that way.
    void prefetch_slot(const BlockId& id) const noexcept {
        const uint64_t hash = hash_mix(id.high, id.low);
        __builtin_prefetch(&slots_[static_cast<size_t>(hash) & (slots_.size() - 1)]);
    }
    void prefetch_id(const BlockId& id) const noexcept {
        const uint64_t hash = hash_mix(id.high, id.low);
        const uint64_t slot = slots_[static_cast<size_t>(hash) & (slots_.size() - 1)];
        if (slot != 0) __builtin_prefetch(&ids_[static_cast<uint32_t>(slot & ~kTagMask) - 1]);
    }
    [[nodiscard]] const std::vector<BlockId>& ids() const noexcept { return ids_; }
    [[nodiscard]] size_t memory_bytes() const noexcept {
        return slots_.capacity() * sizeof(uint64_t) + ids_.capacity() * sizeof(BlockId);
    }

  private:
    static constexpr size_t kSlotCountMin = 1024;
    static constexpr uint64_t kTagMask = 0xffffffff'00000000ULL;

    [[nodiscard]] uint32_t insert(const BlockId& id, size_t at, uint64_t tag) {
        if (ids_.size() >= kIdCountMax) return kNone32;
        ids_.push_back(id);
        const auto number = static_cast<uint32_t>(ids_.size() - 1);
        slots_[at] = tag | (uint64_t{number} + 1);
        if (ids_.size() * 2 > slots_.size()) grow();
        return number;
    }
    void grow() {
        std::vector<uint64_t> larger(slots_.size() * 2, 0);
        const size_t mask = larger.size() - 1;
        for (size_t number = 0; number < ids_.size(); ++number) {
            const uint64_t hash = hash_mix(ids_[number].high, ids_[number].low);
            size_t at = static_cast<size_t>(hash) & mask;
            while (larger[at] != 0) at = (at + 1) & mask;
            larger[at] = (hash & kTagMask) | (number + 1);
        }
        slots_.swap(larger);
    }

    std::vector<BlockId> ids_;
    std::vector<uint64_t> slots_;  // 0 free; else half of the hash, and number + 1
};

}  // namespace kausal::segment
