// A hash index from a key to a 32-bit position, for one writer and any number of lock-free readers.
//
// Open addressing over 64-bit slots: the upper half is a part of the hash, the lower half the
// position plus one, 0 is free. A slot is written once and never changes. When half of the slots
// are taken the writer copies them into an array twice as large and publishes it; the old one stays
// in the arena, so that a reader in the middle of it finishes undisturbed (all arrays together are
// below twice the last one).
#pragma once

#include "memory/arena.h"

#include <atomic>
#include <cstdint>

namespace kausal::memtable {

/// Threads: `insert` confined to the writer, the rest shared.
class PositionIndex {
  public:
    static constexpr uint32_t kNone = UINT32_MAX;

    explicit PositionIndex(memory::Arena& arena) : arena_(arena) {
        table_.store(make_table(kSlotBitsMin), std::memory_order_relaxed);
    }

    /// The position whose key fits: the first one with this hash for which `equals(position)`.
    template <typename Equals>
    [[nodiscard]] uint32_t find(uint64_t hash, Equals&& equals) const {
        const uint32_t tag = tag_of(hash);
        const Table* table = table_.load(std::memory_order_acquire);
        for (uint32_t slot = table->first_slot(tag);; slot = (slot + 1) & table->mask) {
            const uint64_t value = table->slots[slot].load(std::memory_order_acquire);
            if (value == 0) return kNone;
            if (static_cast<uint32_t>(value >> 32) != tag) continue;
            const uint32_t position = static_cast<uint32_t>(value) - 1;
            if (equals(position)) return position;
        }
    }

    /// Adds a position under a hash. Duplicates are the caller's business.
    void insert(uint64_t hash, uint32_t position) {
        Table* table = table_.load(std::memory_order_relaxed);
        if ((count_ + 1) * 2 > uint64_t{table->mask} + 1) table = grow(table);
        place(*table, (uint64_t{tag_of(hash)} << 32) | (uint64_t{position} + 1));
        ++count_;
    }

  private:
    static constexpr uint32_t kSlotBitsMin = 6;

    struct Table {
        uint32_t mask = 0;
        uint32_t shift = 0;
        std::atomic<uint64_t>* slots = nullptr;
        [[nodiscard]] uint32_t first_slot(uint32_t tag) const noexcept { return tag >> shift; }
    };

    [[nodiscard]] static uint32_t tag_of(uint64_t hash) noexcept {
        return static_cast<uint32_t>(hash >> 32);
    }

    Table* make_table(uint32_t bits) {
        auto* table = arena_.make<Table>();
        table->mask = static_cast<uint32_t>((uint64_t{1} << bits) - 1);
        table->shift = 32 - bits;
        table->slots = arena_.make_array<std::atomic<uint64_t>>(size_t{1} << bits).data();
        return table;
    }

    Table* grow(const Table* old) {
        Table* table = make_table(32 - old->shift + 1);
        for (uint64_t slot = 0; slot <= old->mask; ++slot) {
            const uint64_t value = old->slots[slot].load(std::memory_order_relaxed);
            if (value != 0) place(*table, value);
        }
        table_.store(table, std::memory_order_release);
        return table;
    }

    static void place(Table& table, uint64_t value) {
        uint32_t slot = table.first_slot(static_cast<uint32_t>(value >> 32));
        while (table.slots[slot].load(std::memory_order_relaxed) != 0) {
            slot = (slot + 1) & table.mask;
        }
        table.slots[slot].store(value, std::memory_order_release);
    }

    memory::Arena& arena_;
    std::atomic<Table*> table_{nullptr};
    uint64_t count_ = 0;
};

}  // namespace kausal::memtable
