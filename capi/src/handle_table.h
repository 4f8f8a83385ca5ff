// Handles of the C border: real pointers that can be checked.
//
// A handle points into a slot of a chunk that is never given back, so looking at a stale one is
// safe. The place inside the slot carries a part of the slot's generation, and a freed slot waits
// in a queue before it serves again; together they make it practically impossible for a stale
// pointer to meet a new object. A pointer that is in no chunk, at no face of a slot, of another
// type or of another generation is no handle.
#pragma once

#include "base/status.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace kausal::capi {

enum class HandleType : uint8_t {
    Free = 0,
    Options,
    Database,
    Snapshot,
    Batch,
    Block,
    Iterator,
    Cancel,
    Progress,
    Error,
    Loader,
};

/// The object behind a handle; `Database` and so on derive from it.
class Object {
  public:
    virtual ~Object() = default;
};

/// Process-wide. Threads: shared.
class HandleTable {
  public:
    [[nodiscard]] static HandleTable& instance();

    /// A new handle for `object`. Throws bad_alloc.
    [[nodiscard]] void* add(HandleType type, std::shared_ptr<Object> object);
    /// The object of a live handle of that type, or null.
    [[nodiscard]] std::shared_ptr<Object> find(HandleType type, const void* handle) noexcept;
    /// Ends the handle and returns its object (null when it was none), whose last reference the
    /// caller drops.
    [[nodiscard]] std::shared_ptr<Object> remove(HandleType type, const void* handle) noexcept;
    [[nodiscard]] uint64_t live_count() const noexcept { return live_.load(); }

  private:
    struct Slot;
    struct Chunk;
    static constexpr size_t kChunksMax = 4096;

    HandleTable() = default;
    [[nodiscard]] Slot* slot_of(const void* handle, uint32_t& face) noexcept;
    [[nodiscard]] Slot* take_free_slot();

    std::array<std::atomic<Chunk*>, kChunksMax> chunks_{};
    std::atomic<size_t> chunk_count_{0};
    std::atomic<uint64_t> live_{0};
    std::atomic_flag queue_lock_;  // guards the fields below and the making of chunks
    Slot* free_first_ = nullptr;
    Slot* free_last_ = nullptr;
    size_t free_count_ = 0;
};

/// Typed access: `T` is the Object subclass that goes with `type`.
template <typename T>
[[nodiscard]] Result<std::shared_ptr<T>> find_object(HandleType type, const void* handle) {
    std::shared_ptr<Object> object = HandleTable::instance().find(type, handle);
    if (object == nullptr) {
        return fail(ErrorCode::Handle, handle == nullptr
                                           ? "the handle is NULL"
                                           : "the handle is not a live one of its type");
    }
    return std::static_pointer_cast<T>(std::move(object));
}

}  // namespace kausal::capi
