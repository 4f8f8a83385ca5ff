// The state of a segment under construction, shared by the files that implement it. Private to the
// room.
#pragma once

#include "segment/chunk_data.h"
#include "segment/edge_builder.h"
#include "segment/id_table.h"
#include "segment/segment_layout.h"
#include "segment/segment_output.h"
#include "segment/segment_writer.h"
#include "segment/text_pool.h"
#include "segment/text_runs.h"

#include <memory>
#include <string>
#include <vector>

namespace kausal::segment {

struct WriterRow {
    RowEntry entry;
    uint32_t build_number = 0;
    uint32_t name = kNone32;
    uint32_t uri = kNone32;
    uint16_t kind = 0;
};

struct WriterKey {
    uint64_t key = 0;
    uint32_t number = 0;  // build number, then ordinal
};

/// An edge whose ends have not been numbered yet.
struct PendingEdge {
    BlockId source;
    BlockId target;
    EdgeMeta meta = 0;
    EdgeSite site;
};

struct WriterDocument {
    uint32_t number = 0;  // build number, then ordinal
    uint16_t lengths[format::kTextFieldCount] = {};
};

struct SegmentWriter::State {
    State(std::unique_ptr<io::File> file, const format::DatabaseUuid& database, uint64_t number,
          const SegmentWriterOptions& how)
        : options(how),
          uuid(database),
          file_id(number),
          out(std::move(file), database, number),
          builder(how.chunk) {}

    SegmentWriterOptions options;
    format::DatabaseUuid uuid;
    uint64_t file_id;
    SegmentOutput out;
    BlockChunkBuilder builder;  // blocks that were added one by one
    uint64_t heap_offset = 0;
    Footer footer;
    SegmentInfo info;
    Status failure;  // the first one; sticks

    IdTable ids;
    std::vector<WriterRow> rows;
    std::vector<FrameEntry> frames;
    TextPool names;
    TextPool uris;
    std::vector<WriterKey> keys;
    std::vector<WriterDocument> documents;
    uint32_t documents_placed = 0;  // those in finished partitions
    TextPartitionBuilder partition;
    std::unique_ptr<TextPartitionOutput> copied_partition;
    std::vector<PartitionEntry> partitions;
    EdgeBuilder edges;
    std::vector<PendingEdge> pending_edges;
    uint32_t edge_source_number = kNone32;  // of the edge added last: edges come in runs
    BlockId edge_source;

    // Filled by finish.
    int stage = 0;
    std::vector<BlockId> sorted_ids;
    std::vector<uint32_t> ordinal_of;      // by build number
    std::vector<uint32_t> row_of_ordinal;  // kNone32: an endpoint only

    [[nodiscard]] Status check_usable() const {
        if (!failure.is_ok()) return failure;
        return Status(out.status());
    }
    [[nodiscard]] Status settle(Status status) {
        if (failure.is_ok() && !status.is_ok()) failure = status;
        return status;
    }
    // A partition's postings lie in one piece, so nothing else is written while one is open.
    [[nodiscard]] Status check_no_open_partition() const {
        if (!copied_partition) return {};
        return {ErrorCode::Invalid, "a text partition is open"};
    }
    [[nodiscard]] Result<uint32_t> intern(const BlockId& id);
    [[nodiscard]] Status number_pending_edges();
    [[nodiscard]] Status flush_builder(bool always);
    [[nodiscard]] Status append(ChunkData& chunk);
    void append_frames(const ChunkData& chunk);
    void append_text(ChunkData& chunk, const std::vector<uint32_t>& build_numbers);
    [[nodiscard]] Status close_partition();

    // The stages of finish, in this order (writer_finish.cpp).
    [[nodiscard]] Status finish_input();
    [[nodiscard]] Status order_ids();
    [[nodiscard]] Status order_edges();
    [[nodiscard]] Status assign_rows(uint64_t sequence);
    [[nodiscard]] Status write_ids();
    [[nodiscard]] Status write_rows();
    [[nodiscard]] Status write_edges(bool outgoing);
    [[nodiscard]] Status write_names();
    [[nodiscard]] Status write_uris();
    [[nodiscard]] Status write_keys();
    [[nodiscard]] Status write_documents();
    [[nodiscard]] Status write_end();

    void drop_unused_ids(const std::vector<bool>& is_used);
    void begin_section(SectionKind kind);
    void end_section(SectionKind kind);
    struct LookupSections {
        SectionKind offsets;
        SectionKind text;
        SectionKind posting_offsets;
        SectionKind ordinals;
    };
    /// Writes one text lookup; `number_of` is the row's text number. Returns the count of postings.
    [[nodiscard]] uint64_t write_lookup(const TextPool& pool, bool folded,
                                        uint32_t WriterRow::* number_of,
                                        const LookupSections& sections);
};

}  // namespace kausal::segment
