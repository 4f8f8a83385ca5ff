// From memtable to segment; see memtable_writer.h.
#include "storage/memtable_writer.h"

#include <utility>

namespace kausal::storage {
namespace {

// Work of one step: small enough that other jobs of the executor get their turn within
// milliseconds.
constexpr size_t kStepBytes = size_t{1} << 20;
constexpr uint32_t kStepEntries = 4096;
constexpr uint64_t kEverything = UINT64_MAX;

}  // namespace

Result<bool> MemtableWriter::step() {
    switch (phase_) {
        case Phase::Blocks:
            KAUSAL_TRY(write_blocks());
            return false;
        case Phase::Edges:
            KAUSAL_TRY(write_edges());
            return false;
        case Phase::Finish:
            KAUSAL_TRY(finish());
            return phase_ == Phase::Done;
        case Phase::Done:
            break;
    }
    return true;
}

// The file is made with the first entry, so that a memtable of nothing leaves nothing behind.
Status MemtableWriter::open_writer() {
    if (writer_ != nullptr) return Status::ok();
    writer_ = KAUSAL_TRY(segment::SegmentWriter::create(*target_.directory, target_.file_id,
                                                        target_.uuid, target_.options));
    has_entries_ = true;
    return Status::ok();
}

Status MemtableWriter::write_blocks() {
    // In order of application: what was written together is compressed and later read together.
    const uint32_t count = memtable_.block_operations();
    size_t bytes = 0;
    for (uint32_t entries = 0; position_ < count && entries < kStepEntries && bytes < kStepBytes;
         ++position_, ++entries) {
        const memtable::BlockVersion& version = memtable_.version_at(position_);
        if (version.node->version_at(kEverything) != &version) continue;
        if (version.is_tombstone) {
            if (target_.options.drop_tombstones) continue;
            KAUSAL_TRY(open_writer());
            KAUSAL_TRY(writer_->add_tombstone(version.node->id, version.sequence));
            continue;
        }
        KAUSAL_TRY(open_writer());
        KAUSAL_TRY(writer_->add_encoded_block(version.node->id, version.head(), version.body(),
                                              version.sequence));
        bytes += version.head_size + version.body_size;
    }
    if (position_ == count) {
        phase_ = Phase::Edges;
        position_ = 0;
    }
    return Status::ok();
}

Status MemtableWriter::write_edges() {
    const uint32_t count = memtable_.node_count();
    for (uint32_t entries = 0; position_ < count && entries < kStepEntries; ++position_) {
        const memtable::NodeEntry& node = memtable_.node_at(position_);
        ++entries;
        if (!node.has_edges(memtable::EdgeSide::Out, kEverything)) continue;
        memtable::Memtable::collect_edges(node, memtable::EdgeSide::Out, kEverything, cells_);
        for (const memtable::EdgeCell* cell : cells_) {
            if (cell->is_tombstone && target_.options.drop_tombstones) continue;
            KAUSAL_TRY(open_writer());
            KAUSAL_TRY(writer_->add_edge(cell->edge, cell->is_tombstone));
            ++entries;
        }
    }
    if (position_ == count) phase_ = has_entries_ ? Phase::Finish : Phase::Done;
    return Status::ok();
}

Status MemtableWriter::finish() {
    if (KAUSAL_TRY(writer_->finish_step(memtable_.last_sequence()))) phase_ = Phase::Done;
    return Status::ok();
}

}  // namespace kausal::storage
