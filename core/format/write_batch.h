// The unit of change: any mix of puts and deletes of blocks and edges, atomic, one sequence number.
//
// A batch is kept in its encoded form (docs/format/batch.md), which is what the log stores and what
// the memtable copies into its arena. Later operations of a batch win over earlier ones on the same
// key.
#pragma once

#include "base/status.h"
#include "format/block_record.h"
#include "format/edge_record.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace kausal::format {

/// Threads: confined.
class WriteBatch {
  public:
    /// Errors: Invalid (see validate()); the batch is unchanged then.
    [[nodiscard]] Status put_block(const BlockRecord& record);
    /// Removes the block and its index entries. Its edges are the graph room's business.
    [[nodiscard]] Status delete_block(const BlockId& id);
    [[nodiscard]] Status put_edge(const EdgeRecord& edge);
    [[nodiscard]] Status delete_edge(const EdgeKey& key);

    void clear() noexcept;
    [[nodiscard]] bool is_empty() const noexcept { return operation_count_ == 0; }
    [[nodiscard]] uint32_t operation_count() const noexcept { return operation_count_; }
    [[nodiscard]] size_t size_bytes() const noexcept { return bytes_.size(); }
    /// Encoded operations, without any header.
    [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
    /// Appends all operations of `other`.
    void append(const WriteBatch& other);

  private:
    std::string bytes_;
    uint32_t operation_count_ = 0;
};

enum class OperationKind : uint8_t { PutBlock = 1, DeleteBlock = 2, PutEdge = 3, DeleteEdge = 4 };

/// One decoded operation; views point into the batch's bytes.
struct Operation {
    OperationKind kind = OperationKind::PutBlock;
    BlockId id;             // PutBlock, DeleteBlock
    std::string_view head;  // PutBlock: encoded head
    std::string_view body;  // PutBlock: encoded body
    EdgeRecord edge;        // PutEdge; for DeleteEdge only the key fields
};

/// Walks the operations of encoded bytes. Threads: confined.
class BatchReader {
  public:
    explicit BatchReader(std::string_view bytes) noexcept : rest_(bytes) {}
    /// False at the end. Errors: Corrupt.
    [[nodiscard]] Result<bool> next(Operation& into);

  private:
    std::string_view rest_;
};

}  // namespace kausal::format
