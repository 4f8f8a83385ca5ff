// A StorageEngine over MemoryState, for tests of the graph room: commits, snapshots and bulk loads,
// no disk.
#pragma once

#include "graph/memory_snapshot.h"
#include "segment/block_chunk.h"
#include "storage/storage_engine.h"

#include <memory>
#include <utility>

namespace kausal::test {

class MemoryEngine final : public storage::StorageEngine {
  public:
    Result<uint64_t> commit(const format::WriteBatch& batch) override {
        MemoryState next = current_->state();
        ++next.sequence;
        format::BatchReader reader(batch.bytes());
        format::Operation operation;
        while (KAUSAL_TRY(reader.next(operation))) {
            switch (operation.kind) {
                case format::OperationKind::PutBlock: {
                    format::BlockRecord record;
                    record.id = operation.id;
                    KAUSAL_TRY(format::decode_head(operation.head, record));
                    KAUSAL_TRY(format::decode_body(operation.body, record));
                    next.put_block(record);
                    break;
                }
                case format::OperationKind::DeleteBlock:
                    next.delete_block(operation.id);
                    break;
                case format::OperationKind::PutEdge:
                    next.put_edge(operation.edge);
                    break;
                case format::OperationKind::DeleteEdge:
                    next.delete_edge(format::key_of(operation.edge));
                    break;
            }
        }
        current_ = std::make_shared<MemorySnapshot>(std::move(next));
        return current_->sequence();
    }
    storage::SnapshotRef snapshot() override { return current_; }
    Result<std::unique_ptr<storage::BulkLoad>> begin_bulk() override {
        return std::make_unique<Load>(*this);
    }
    Status sync() override { return Status::ok(); }
    Status flush() override { return Status::ok(); }
    Status compact() override { return Status::ok(); }
    Result<storage::VerifyReport> verify() override { return storage::VerifyReport{}; }
    storage::StorageStats stats() override { return {}; }
    Status close() override { return Status::ok(); }

    [[nodiscard]] const MemorySnapshot& current() const { return *current_; }

  private:
    class Load final : public storage::BulkLoad {
      public:
        explicit Load(MemoryEngine& engine) : engine_(&engine) {}
        std::unique_ptr<segment::BlockChunkBuilder> make_chunk_builder() override {
            return nullptr;
        }
        Status add_blocks(segment::BlockChunk&&) override {
            return {ErrorCode::Unsupported, "chunks in memory"};
        }
        Status add_block(const format::BlockRecord& record) override {
            return batch_.put_block(record);
        }
        Status delete_block(const BlockId& id) override { return batch_.delete_block(id); }
        Status add_edge(const format::EdgeRecord& edge) override { return batch_.put_edge(edge); }
        Status delete_edge(const format::EdgeKey& key) override { return batch_.delete_edge(key); }
        Result<uint64_t> commit() override { return engine_->commit(batch_); }

      private:
        MemoryEngine* engine_;
        format::WriteBatch batch_;
    };

    std::shared_ptr<MemorySnapshot> current_ = std::make_shared<MemorySnapshot>(MemoryState{});
};

}  // namespace kausal::test
