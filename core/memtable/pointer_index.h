// A hash index of objects in an arena, for one writer and any number of lock-free readers.
//
// Open addressing over slots of {hash, pointer}; a free slot has no pointer. The hash is written
// before the pointer is published, and a slot never changes after that. The pointer leads straight
// to the object, whose owner lays the rest of what a reader wants beside it: a lookup is then one
// cache miss for the slot and one for the object. When half of the slots are taken the writer
// copies them into an array twice as large and publishes it; the old one stays in the arena, so
// that a reader in the middle of it finishes undisturbed (all arrays together are below twice the
// last one).
#pragma once

#include "memory/arena.h"

#include <atomic>
#include <cstdint>

namespace kausal::memtable {

/// Threads: `insert` confined to the writer, the rest shared. The objects live as long as the
/// arena.
template <typename T>
class PointerIndex {
  public:
    explicit PointerIndex(memory::Arena& arena) : arena_(arena) {
        table_.store(make_table(kSlotBitsMin), std::memory_order_relaxed);
    }

    /// The first object with this hash for which `fits(object)`, or null.
    template <typename Fits>
    [[nodiscard]] T* find(uint64_t hash, Fits&& fits) const {
        const Table* table = table_.load(std::memory_order_acquire);
        for (uint64_t at = table->first_slot(hash);; at = (at + 1) & table->mask) {
            const Slot& slot = table->slots[at];
            T* object = slot.object.load(std::memory_order_acquire);
            if (object == nullptr) return nullptr;
            if (slot.hash == hash && fits(*object)) return object;
        }
    }

    /// Adds an object under a hash. Duplicates are the caller's business.
    void insert(uint64_t hash, T* object) {
        Table* table = table_.load(std::memory_order_relaxed);
        if ((count_ + 1) * 2 > table->mask + 1) table = grow(table);
        place(*table, hash, object);
        ++count_;
    }

  private:
    static constexpr uint32_t kSlotBitsMin = 5;

    struct Slot {
        uint64_t hash = 0;
        std::atomic<T*> object{nullptr};
    };
    struct Table {
        uint64_t mask = 0;
        uint32_t shift = 0;
        Slot* slots = nullptr;
        // The upper bits decide: they are the best mixed ones of every hash in use.
        [[nodiscard]] uint64_t first_slot(uint64_t hash) const noexcept { return hash >> shift; }
    };

    Table* make_table(uint32_t bits) {
        auto* table = arena_.make<Table>();
        table->mask = (uint64_t{1} << bits) - 1;
        table->shift = 64 - bits;
        table->slots = arena_.make_array<Slot>(size_t{1} << bits).data();
        return table;
    }

    Table* grow(const Table* old) {
        Table* table = make_table(64 - old->shift + 1);
        for (uint64_t at = 0; at <= old->mask; ++at) {
            const Slot& slot = old->slots[at];
            T* object = slot.object.load(std::memory_order_relaxed);
            if (object != nullptr) place(*table, slot.hash, object);
        }
        table_.store(table, std::memory_order_release);
        return table;
    }

    static void place(Table& table, uint64_t hash, T* object) {
        uint64_t at = table.first_slot(hash);
        while (table.slots[at].object.load(std::memory_order_relaxed) != nullptr) {
            at = (at + 1) & table.mask;
        }
        table.slots[at].hash = hash;
        table.slots[at].object.store(object, std::memory_order_release);
    }

    memory::Arena& arena_;
    std::atomic<Table*> table_{nullptr};
    uint64_t count_ = 0;
};

}  // namespace kausal::memtable
