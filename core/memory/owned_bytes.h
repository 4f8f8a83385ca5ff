// Bytes with one owner, and small buffers that live on the stack.
#pragma once

#include "base/bytes.h"
#include "base/status.h"
#include "memory/arena.h"

#include <cstddef>
#include <memory>
#include <utility>

namespace kausal::memory {

/// A block of the heap that one object owns. Giving it away is a move, which leaves nothing behind;
/// there is no copy but `copy_into` and `try_copy`, which say so. Threads: a value; confined.
class OwnedBytes {
  public:
    OwnedBytes() noexcept = default;
    OwnedBytes(OwnedBytes&& other) noexcept
        : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
    OwnedBytes& operator=(OwnedBytes&& other) noexcept {
        data_ = std::move(other.data_);
        size_ = data_ == nullptr ? 0 : other.size_;
        if (this != &other) other.size_ = 0;
        return *this;
    }
    OwnedBytes(const OwnedBytes&) = delete;
    OwnedBytes& operator=(const OwnedBytes&) = delete;
    ~OwnedBytes() = default;

    /// `size` bytes, uninitialised. Errors: NoMemory.
    [[nodiscard]] static Result<OwnedBytes> try_make(size_t size);
    /// Errors: NoMemory.
    [[nodiscard]] static Result<OwnedBytes> try_copy(ByteView bytes);

    [[nodiscard]] ByteView view() const noexcept { return {data_.get(), size_}; }
    [[nodiscard]] MutableBytes bytes() noexcept { return {data_.get(), size_}; }
    [[nodiscard]] size_t size() const noexcept { return size_; }

  private:
    std::unique_ptr<std::byte[]> data_;
    size_t size_ = 0;
};

/// `kSize` bytes on the stack for what is usually small; a larger request goes to the arena of the
/// task. Neither moves nor lives on the heap. Threads: confined.
template <size_t kSize>
class StackBuffer {
  public:
    static_assert(kSize > 0 && kSize <= 4096, "larger ones belong in a task arena");
    explicit StackBuffer(Arena& arena) noexcept : arena_(arena) {}
    StackBuffer(const StackBuffer&) = delete;
    StackBuffer& operator=(const StackBuffer&) = delete;
    static void* operator new(size_t) = delete;
    static void* operator new[](size_t) = delete;

    /// `size` bytes, uninitialised, in place of what an earlier call gave. Errors: NoMemory.
    [[nodiscard]] Result<MutableBytes> take(size_t size) noexcept {
        if (size <= kSize) return MutableBytes(bytes_, size);
        void* data = arena_.try_allocate(size, alignof(std::max_align_t));
        if (data == nullptr) return fail(Status(ErrorCode::NoMemory));
        return MutableBytes(static_cast<std::byte*>(data), size);
    }

  private:
    Arena& arena_;
    alignas(std::max_align_t) std::byte bytes_[kSize];
};

}  // namespace kausal::memory
