// Blocks prepared for a segment: encoded, compressed and counted, independent of any file.
//
// The expensive part of writing a segment is done here, so that workers can do it in parallel; what
// SegmentWriter::append has left to do is cheap and serial. A flush and a bulk load both go this
// way.
#pragma once

#include "base/block_id.h"
#include "base/status.h"
#include "format/block_record.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace kausal::segment {

struct ChunkData;  // chunk_data.h, private to the room

/// Threads: a value; movable between threads.
class BlockChunk {
  public:
    BlockChunk() noexcept;
    explicit BlockChunk(std::unique_ptr<ChunkData> data) noexcept;
    BlockChunk(BlockChunk&&) noexcept;
    BlockChunk& operator=(BlockChunk&&) noexcept;
    ~BlockChunk();

    [[nodiscard]] size_t block_count() const noexcept;
    [[nodiscard]] bool is_empty() const noexcept { return block_count() == 0; }
    /// Memory held, about.
    [[nodiscard]] size_t size_bytes() const noexcept;
    [[nodiscard]] std::unique_ptr<ChunkData> release() noexcept;

  private:
    std::unique_ptr<ChunkData> data_;
};

struct BlockChunkOptions {
    size_t frame_size_bytes = size_t{16} << 10;  // of bodies, before compression
    int compression_level = 1;                   // of zstd; 0 stores bodies as they are
};

/// Makes chunks one after the other. Threads: confined.
class BlockChunkBuilder {
  public:
    explicit BlockChunkBuilder(const BlockChunkOptions& options);
    ~BlockChunkBuilder();
    BlockChunkBuilder(const BlockChunkBuilder&) = delete;
    BlockChunkBuilder& operator=(const BlockChunkBuilder&) = delete;

    /// Adds one block; `version` 0 means "the sequence given to SegmentWriter::finish". Errors:
    /// Invalid (format::validate; nothing added), NoMemory (compression context).
    [[nodiscard]] Status add(const format::BlockRecord& record, uint64_t version = 0);
    /// The same for a block that is encoded already (from a memtable). Errors: Corrupt (the bytes
    /// do not decode), Invalid.
    [[nodiscard]] Status add_encoded(const BlockId& id, std::string_view head,
                                     std::string_view body, uint64_t version);

    [[nodiscard]] size_t block_count() const noexcept;
    /// Memory held, about; a good moment to `finish` is at a few MiB.
    [[nodiscard]] size_t size_bytes() const noexcept;
    /// What was added since the last call. The builder is empty and usable afterwards.
    [[nodiscard]] Result<BlockChunk> finish();

  private:
    friend class BlockChunkBuilderAccess;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace kausal::segment
