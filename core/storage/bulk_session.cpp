// Passing entries on to the segment writer; see bulk_session.h.
#include "storage/bulk_session.h"

#include "storage/engine.h"

#include <utility>

namespace kausal::storage {

BulkSession::~BulkSession() {
    if (writer_ == nullptr) return;
    writer_.reset();
    engine_.end_bulk(file_id_, false);
}

Status BulkSession::check_open() const {
    if (writer_ == nullptr) return {ErrorCode::Closed, "the bulk load has ended"};
    return Status::ok();
}

std::unique_ptr<segment::BlockChunkBuilder> BulkSession::make_chunk_builder() {
    return std::make_unique<segment::BlockChunkBuilder>(engine_.chunk_options());
}

Status BulkSession::add_blocks(segment::BlockChunk&& chunk) {
    KAUSAL_TRY(check_open());
    if (chunk.is_empty()) return Status::ok();
    has_entries_ = true;
    return writer_->append(std::move(chunk));
}

Status BulkSession::add_block(const format::BlockRecord& record) {
    KAUSAL_TRY(check_open());
    KAUSAL_TRY(writer_->add_block(record));
    has_entries_ = true;
    return Status::ok();
}

Status BulkSession::delete_block(const BlockId& id) {
    KAUSAL_TRY(check_open());
    KAUSAL_TRY(writer_->add_tombstone(id));
    has_entries_ = true;
    return Status::ok();
}

Status BulkSession::add_edge(const format::EdgeRecord& edge) {
    KAUSAL_TRY(check_open());
    KAUSAL_TRY(writer_->add_edge(edge));
    has_entries_ = true;
    return Status::ok();
}

Status BulkSession::delete_edge(const format::EdgeKey& key) {
    KAUSAL_TRY(check_open());
    KAUSAL_TRY(writer_->delete_edge(key));
    has_entries_ = true;
    return Status::ok();
}

Result<uint64_t> BulkSession::commit() {
    KAUSAL_TRY(check_open());
    Result<uint64_t> sequence =
        has_entries_ ? engine_.install_bulk(*writer_) : engine_.visible_sequence();
    writer_.reset();
    engine_.end_bulk(file_id_, sequence.has_value() && has_entries_);
    return sequence;
}

}  // namespace kausal::storage
