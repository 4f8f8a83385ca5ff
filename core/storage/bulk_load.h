// Writing one atomic batch of any size straight into a segment, bypassing log and memtable.
//
// What is added becomes visible all at once when `commit` returns, after everything committed
// before it, and is gone without a trace when the load is dropped. Workers prepare blocks in
// parallel as chunks (encoding, compression, term counting happen there); the load appends the
// chunks.
#pragma once

#include "base/status.h"
#include "format/block_record.h"
#include "format/edge_record.h"

#include <cstdint>
#include <memory>

namespace kausal::segment {
class BlockChunk;         // blocks prepared for a segment (segment/block_chunk.h)
class BlockChunkBuilder;  // makes them
}  // namespace kausal::segment

namespace kausal::storage {

/// Threads: `make_chunk_builder` shared; builders confined each; all else confined to one thread.
class BulkLoad {
  public:
    /// Dropped without commit: removes the unfinished file.
    virtual ~BulkLoad() = default;
    [[nodiscard]] virtual std::unique_ptr<segment::BlockChunkBuilder> make_chunk_builder() = 0;
    /// Appends prepared blocks. An id may be added once per load (Invalid at commit otherwise).
    [[nodiscard]] virtual Status add_blocks(segment::BlockChunk&& chunk) = 0;
    [[nodiscard]] virtual Status add_block(const format::BlockRecord& record) = 0;
    [[nodiscard]] virtual Status delete_block(const BlockId& id) = 0;
    [[nodiscard]] virtual Status add_edge(const format::EdgeRecord& edge) = 0;
    [[nodiscard]] virtual Status delete_edge(const format::EdgeKey& key) = 0;
    /// Writes, syncs and installs the segment; returns its sequence number.
    [[nodiscard]] virtual Result<uint64_t> commit() = 0;
};

}  // namespace kausal::storage
