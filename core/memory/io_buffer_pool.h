// Page-aligned buffers for reading and writing files, kept for reuse.
#pragma once

#include "memory/object_pool.h"

#include <cstddef>
#include <memory>
#include <span>

namespace kausal::memory {

/// One page-aligned piece of memory; frees itself. Threads: confined.
class PageBlock {
  public:
    PageBlock() noexcept = default;
    /// Takes over `bytes`, which came from `backing` with `alignment`.
    PageBlock(BackingAllocator& backing, std::span<std::byte> bytes, size_t alignment) noexcept
        : backing_(&backing), bytes_(bytes), alignment_(alignment) {}
    ~PageBlock();
    PageBlock(PageBlock&& other) noexcept;
    PageBlock& operator=(PageBlock&& other) noexcept;
    PageBlock(const PageBlock&) = delete;
    PageBlock& operator=(const PageBlock&) = delete;

    /// Empty in a block that was moved away.
    [[nodiscard]] std::span<std::byte> bytes() const noexcept { return bytes_; }

  private:
    BackingAllocator* backing_ = nullptr;
    std::span<std::byte> bytes_;
    size_t alignment_ = 0;
};

/// `buffer->bytes()` is a buffer of uninitialised bytes for as long as the IoBuffer lives; it goes
/// back, or is freed when the pool has gone, with the IoBuffer.
using IoBuffer = Lease<PageBlock>;
using IoBufferPool = ObjectPool<PageBlock>;

/// Errors: Invalid (see check), NoMemory. `memory` must outlive the pool and its buffers.
[[nodiscard]] Result<std::unique_ptr<IoBufferPool>> make_io_buffer_pool(
    const IoBufferPoolConfig& config, PoolMemory memory = {});

}  // namespace kausal::memory
