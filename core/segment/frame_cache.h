// Decompressed frames of block bodies, shared by all segments of a database.
//
// Bounded in bytes, sharded by key so that readers seldom meet, what is not used goes first. A
// frame handed out stays alive as long as its holder keeps it, evicted or not. Also keeps the
// decompression contexts for reuse. Nothing here is persistent.
#pragma once

#include "base/status.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace kausal::segment {

/// The raw bytes of one frame.
struct Frame {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
    [[nodiscard]] std::string_view view() const noexcept { return {bytes.get(), size}; }
};
/// Owners: the cache and every reader that holds a body of the frame.
using FrameRef = std::shared_ptr<const Frame>;

struct FrameCacheStats {
    uint64_t bytes = 0;
    uint64_t hits = 0;
    uint64_t misses = 0;
};

/// Threads: shared.
class FrameCache {
  public:
    /// `capacity_bytes` 0 keeps nothing.
    explicit FrameCache(size_t capacity_bytes);
    ~FrameCache();
    FrameCache(const FrameCache&) = delete;
    FrameCache& operator=(const FrameCache&) = delete;

    /// The cached frame, or null. Counts a hit or a miss. `offset` is where the caller will read
    /// first.
    [[nodiscard]] FrameRef find(uint64_t file_id, uint32_t frame, size_t offset = 0);
    /// Decompresses `stored` (zstd) into a new frame of exactly `raw_size` bytes and keeps it.
    /// Errors: Corrupt.
    [[nodiscard]] Result<FrameRef> load(uint64_t file_id, uint32_t frame, std::string_view stored,
                                        size_t raw_size, bool keep = true);
    /// Forgets the frames of a file that is gone.
    void erase_file(uint64_t file_id);
    [[nodiscard]] FrameCacheStats stats() const;

  private:
    struct Shard;
    struct Contexts;
    static constexpr size_t kShardCount = 16;
    [[nodiscard]] Shard& shard_of(uint64_t file_id, uint32_t frame) const noexcept;

    std::unique_ptr<Shard[]> shards_;
    std::unique_ptr<Contexts> contexts_;
    size_t shard_capacity_bytes_;
};

}  // namespace kausal::segment
