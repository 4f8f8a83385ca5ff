// A bulk load under way: a segment writer with a reserved file id; see bulk_load.h.
#pragma once

#include "segment/segment_writer.h"
#include "storage/bulk_load.h"

#include <cstdint>
#include <memory>

namespace kausal::storage {

class Engine;

/// Threads: as BulkLoad. Must not outlive the engine.
class BulkSession final : public BulkLoad {
  public:
    BulkSession(Engine& engine, uint64_t file_id, std::unique_ptr<segment::SegmentWriter> writer)
        : engine_(engine), file_id_(file_id), writer_(std::move(writer)) {}
    ~BulkSession() override;
    BulkSession(const BulkSession&) = delete;
    BulkSession& operator=(const BulkSession&) = delete;

    [[nodiscard]] std::unique_ptr<segment::BlockChunkBuilder> make_chunk_builder() override;
    [[nodiscard]] Status add_blocks(segment::BlockChunk&& chunk) override;
    [[nodiscard]] Status add_block(const format::BlockRecord& record) override;
    [[nodiscard]] Status delete_block(const BlockId& id) override;
    [[nodiscard]] Status add_edge(const format::EdgeRecord& edge) override;
    [[nodiscard]] Status delete_edge(const format::EdgeKey& key) override;
    [[nodiscard]] Result<uint64_t> commit() override;

  private:
    [[nodiscard]] Status check_open() const;

    Engine& engine_;
    uint64_t file_id_;
    std::unique_ptr<segment::SegmentWriter> writer_;  // null once committed or failed
    bool has_entries_ = false;
};

}  // namespace kausal::storage
