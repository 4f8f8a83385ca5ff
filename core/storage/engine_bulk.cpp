// Commits that go past log and memtable into a segment of their own: bulk loads and oversized
// batches.
//
// The segment is built while other commits go on. To install it in its place in the order of
// commits, everything committed before must be in segments already; so the memtables are flushed,
// the role of the writer is held from the last flush to the manifest edit, and the edit is the
// commit point.
#include "storage/bulk_session.h"
#include "storage/engine.h"

#include <unordered_map>
#include <utility>

namespace kausal::storage {
namespace {

/// Adds the operations of a batch to a segment, which takes every block once: of several operations
/// on one block only the last counts. (Edges may repeat, the writer keeps the last.)
Status add_batch(std::string_view bytes, segment::SegmentWriter& writer) {
    std::unordered_map<BlockId, size_t, BlockIdHash> last_operation;
    format::Operation operation;
    const auto is_block = [&] {
        return operation.kind == format::OperationKind::PutBlock ||
               operation.kind == format::OperationKind::DeleteBlock;
    };
    size_t position = 0;
    for (format::BatchReader reader(bytes); KAUSAL_TRY(reader.next(operation)); ++position) {
        if (is_block()) last_operation[operation.id] = position;
    }
    position = 0;
    for (format::BatchReader reader(bytes); KAUSAL_TRY(reader.next(operation)); ++position) {
        if (is_block() && last_operation[operation.id] != position) continue;
        switch (operation.kind) {
            case format::OperationKind::PutBlock:
                KAUSAL_TRY(
                    writer.add_encoded_block(operation.id, operation.head, operation.body, 0));
                break;
            case format::OperationKind::DeleteBlock:
                KAUSAL_TRY(writer.add_tombstone(operation.id));
                break;
            case format::OperationKind::PutEdge:
                KAUSAL_TRY(writer.add_edge(operation.edge));
                break;
            case format::OperationKind::DeleteEdge:
                KAUSAL_TRY(writer.delete_edge(format::key_of(operation.edge)));
                break;
        }
    }
    return Status::ok();
}

}  // namespace

segment::BlockChunkOptions Engine::chunk_options() const {
    return maintenance_.writer_options().chunk;
}

Result<std::unique_ptr<segment::SegmentWriter>> Engine::create_writer(uint64_t file_id) {
    return segment::SegmentWriter::create(*core_->directory, file_id, versions_.superblock().uuid,
                                          maintenance_.writer_options());
}

Result<std::unique_ptr<BulkLoad>> Engine::begin_bulk() {
    KAUSAL_TRY(check_writable());
    if (bulk_active_.exchange(true)) {
        return fail(ErrorCode::Conflict, "another bulk load is under way");
    }
    Result<uint64_t> file_id = versions_.allocate_file_id();
    if (!file_id) {
        bulk_active_ = false;
        return fail(std::move(file_id).error());
    }
    Result<std::unique_ptr<segment::SegmentWriter>> writer = create_writer(*file_id);
    if (!writer) {
        end_bulk(*file_id, false);
        return fail(std::move(writer).error());
    }
    return std::make_unique<BulkSession>(*this, *file_id, std::move(*writer));
}

void Engine::end_bulk(uint64_t file_id, bool is_installed) {
    // After a poisoning the manifest on disk may name the file; the next open decides.
    if (!is_installed && !core_->is_poisoned()) versions_.discard_file(file_id);
    bulk_active_ = false;
}

Result<uint64_t> Engine::install_bulk(segment::SegmentWriter& writer) {
    KAUSAL_TRY(check_writable());
    KAUSAL_TRY(flush_all());  // most of the waiting, while commits go on
    uint64_t sequence = 0;
    {
        const WriterScope role(queue_);
        KAUSAL_TRY(core_->tracker.check_writable());
        KAUSAL_TRY(freeze_active());
        KAUSAL_TRY(maintenance_.wait_until_flushed());
        sequence = last_sequence_ + 1;
        const segment::SegmentInfo info = KAUSAL_TRY(writer.finish(sequence));
        KAUSAL_TRY(core_->sync_directory());
        KAUSAL_TRY(versions_.install_bulk(info, sequence));
        last_sequence_ = sequence;
    }
    commits_.fetch_add(1, std::memory_order_relaxed);
    maintenance_.schedule_merge();
    return sequence;
}

Result<uint64_t> Engine::commit_oversized(const format::WriteBatch& batch) {
    const uint64_t file_id = KAUSAL_TRY(versions_.allocate_file_id());
    const auto write = [&]() -> Result<uint64_t> {
        const std::unique_ptr<segment::SegmentWriter> writer = KAUSAL_TRY(create_writer(file_id));
        KAUSAL_TRY(add_batch(batch.bytes(), *writer));
        return install_bulk(*writer);
    };
    Result<uint64_t> sequence = write();
    if (!sequence && !core_->is_poisoned()) versions_.discard_file(file_id);
    return sequence;
}

}  // namespace kausal::storage
