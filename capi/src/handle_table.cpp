// Slots, chunks and the queue of freed slots.
#include "handle_table.h"

#include "guard.h"

#include <new>
#include <utility>

namespace kausal::capi {
namespace {

// A freed slot serves again only when so many others were freed after it.
constexpr size_t kQuarantineCount = 1024;
constexpr size_t kFaceSize = 8;
constexpr size_t kFaceCount = 16;
constexpr size_t kChunkSize = size_t{1} << 16;

/// A lock of a few instructions' length. Not a Mutex: it must be usable before and after everything
/// else.
class SpinLock {
  public:
    explicit SpinLock(std::atomic_flag& flag) noexcept : flag_(flag) {
        while (flag_.test_and_set(std::memory_order_acquire)) {
            flag_.wait(true, std::memory_order_relaxed);
        }
    }
    ~SpinLock() {
        flag_.clear(std::memory_order_release);
        flag_.notify_one();
    }
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

  private:
    std::atomic_flag& flag_;
};

}  // namespace

struct HandleTable::Slot {
    // Addresses that handles point at; never read or written.
    std::byte faces[kFaceSize * kFaceCount];
    std::atomic_flag lock;  // guards the rest
    HandleType type = HandleType::Free;
    uint32_t generation = 0;
    std::shared_ptr<Object> object;
    Slot* free_next = nullptr;
};

struct HandleTable::Chunk {
    static constexpr size_t kSlotCount = kChunkSize / sizeof(Slot) - 1;
    Slot slots[kSlotCount];
};

HandleTable& HandleTable::instance() {
    // Never destroyed: handles may be ended by static destructors of the host.
    static auto* table = new HandleTable();
    return *table;
}

HandleTable::Slot* HandleTable::slot_of(const void* handle, uint32_t& face) noexcept {
    static_assert(sizeof(Chunk) <= kChunkSize);
    const auto address = reinterpret_cast<uintptr_t>(handle);
    const uintptr_t base = address & ~uintptr_t{kChunkSize - 1};
    const size_t count = chunk_count_.load(std::memory_order_acquire);
    for (size_t i = 0; i < count; ++i) {
        Chunk* chunk = chunks_[i].load(std::memory_order_acquire);
        if (reinterpret_cast<uintptr_t>(chunk) != base) continue;
        const size_t offset = address - base;
        const size_t index = offset / sizeof(Slot);
        const size_t inside = offset % sizeof(Slot);
        if (index >= Chunk::kSlotCount || inside >= kFaceSize * kFaceCount ||
            inside % kFaceSize != 0) {
            return nullptr;
        }
        face = static_cast<uint32_t>(inside / kFaceSize);
        return &chunk->slots[index];
    }
    return nullptr;
}

HandleTable::Slot* HandleTable::take_free_slot() {
    const SpinLock lock(queue_lock_);
    if (free_count_ <= kQuarantineCount) {
        const size_t count = chunk_count_.load(std::memory_order_relaxed);
        if (count == kChunksMax) throw_no_memory();
        void* memory = ::operator new(kChunkSize, std::align_val_t{kChunkSize});
        Chunk* chunk = ::new (memory) Chunk();
        for (Slot& slot : chunk->slots) {
            if (free_last_ != nullptr) free_last_->free_next = &slot;
            if (free_first_ == nullptr) free_first_ = &slot;
            free_last_ = &slot;
            ++free_count_;
        }
        chunks_[count].store(chunk, std::memory_order_release);
        chunk_count_.store(count + 1, std::memory_order_release);
    }
    Slot* slot = free_first_;
    free_first_ = slot->free_next;
    if (free_first_ == nullptr) free_last_ = nullptr;
    slot->free_next = nullptr;
    --free_count_;
    return slot;
}

void* HandleTable::add(HandleType type, std::shared_ptr<Object> object) {
    Slot* slot = take_free_slot();
    const SpinLock lock(slot->lock);
    slot->type = type;
    slot->object = std::move(object);
    ++slot->generation;
    live_.fetch_add(1, std::memory_order_relaxed);
    return slot->faces + kFaceSize * (slot->generation % kFaceCount);
}

std::shared_ptr<Object> HandleTable::find(HandleType type, const void* handle) noexcept {
    uint32_t face = 0;
    Slot* slot = slot_of(handle, face);
    if (slot == nullptr) return nullptr;
    const SpinLock lock(slot->lock);
    if (slot->type != type || slot->generation % kFaceCount != face) return nullptr;
    return slot->object;
}

std::shared_ptr<Object> HandleTable::remove(HandleType type, const void* handle) noexcept {
    uint32_t face = 0;
    Slot* slot = slot_of(handle, face);
    if (slot == nullptr) return nullptr;
    std::shared_ptr<Object> object;
    {
        const SpinLock lock(slot->lock);
        if (slot->type != type || slot->generation % kFaceCount != face) return nullptr;
        object = std::move(slot->object);
        slot->type = HandleType::Free;
    }
    live_.fetch_sub(1, std::memory_order_relaxed);
    const SpinLock lock(queue_lock_);
    if (free_last_ != nullptr) free_last_->free_next = slot;
    if (free_first_ == nullptr) free_first_ = slot;
    free_last_ = slot;
    ++free_count_;
    return object;
}

}  // namespace kausal::capi
