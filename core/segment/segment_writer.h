// Writes one segment file, sequentially, from blocks, tombstones and edges in any order.
//
// Bodies, heads and text partitions stream to the file while entries are added; what stays in
// memory is about 70 bytes per block (with its names), 20 per edge and 16 per further id. `finish`
// sorts, writes the columns, checksums and footer, and syncs the file; the caller syncs the
// directory and installs the segment. A writer that is dropped before `finish` closes the file and
// leaves it behind, unreadable. Format: docs/format/segment.md.
#pragma once

#include "base/block_id.h"
#include "base/status.h"
#include "format/block_record.h"
#include "format/edge_record.h"
#include "format/tokenizer.h"
#include "io/vfs.h"
#include "segment/block_chunk.h"
#include "segment/segment_format.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace kausal::segment {

struct SegmentWriterOptions {
    BlockChunkOptions chunk;
    double filter_bits_per_key = 10.0;
    /// Memory for postings before they are written as a partition of the text index.
    size_t text_partition_size_bytes = size_t{64} << 20;
    /// Compaction down to the oldest segment: nothing older is left for a tombstone to hide.
    bool drop_tombstones = false;
};

/// One document of a text posting list, numbered per segment.
struct TextPosting {
    uint32_t document = 0;
    uint8_t counts[format::kTextFieldCount] = {};
};

/// Threads: confined.
class SegmentWriter {
  public:
    /// Makes the file `segment_file_name(file_id)`. Errors: Conflict (it exists), NoSpace,
    /// Unavailable.
    [[nodiscard]] static Result<std::unique_ptr<SegmentWriter>> create(
        io::Directory& directory, uint64_t file_id, const format::DatabaseUuid& uuid,
        const SegmentWriterOptions& options);
    ~SegmentWriter();
    SegmentWriter(const SegmentWriter&) = delete;
    SegmentWriter& operator=(const SegmentWriter&) = delete;

    // All of the following fail with Invalid (bad input), NoSpace or Unavailable; after one of the
    // latter two the writer is of no more use and `finish` fails too. `version` 0 means "the
    // sequence given to finish". An id can be put or deleted once per segment (Invalid at finish
    // otherwise).
    [[nodiscard]] Status add_block(const format::BlockRecord& record, uint64_t version = 0);
    [[nodiscard]] Status add_encoded_block(const BlockId& id, std::string_view head,
                                           std::string_view body, uint64_t version);
    [[nodiscard]] Status add_tombstone(const BlockId& id, uint64_t version = 0);
    [[nodiscard]] Status append(BlockChunk&& chunk);
    /// An edge added again, or deleted after it was added, replaces what was said of its key
    /// before.
    [[nodiscard]] Status add_edge(const format::EdgeRecord& edge, bool tombstone = false);
    [[nodiscard]] Status delete_edge(const format::EdgeKey& key);

    /// Writes the rest and syncs. `sequence` is the version of entries added with 0 and the newest
    /// commit that the segment stands for. Errors: Invalid (an id twice), NoSpace, Unavailable.
    [[nodiscard]] Result<SegmentInfo> finish(uint64_t sequence);
    /// The same in steps of bounded work: true when done, and `info()` is set then.
    [[nodiscard]] Result<bool> finish_step(uint64_t sequence);
    [[nodiscard]] const SegmentInfo& info() const noexcept;

    /// Bytes written to the file so far, and memory held, about.
    [[nodiscard]] uint64_t bytes_written() const noexcept;
    [[nodiscard]] size_t memory_bytes() const noexcept;

    // --- For compaction: copies without encoding, compressing or tokenising again. ---

    /// A frame as it is stored in another segment; returns its number here.
    [[nodiscard]] Result<uint32_t> add_stored_frame(std::string_view stored, uint32_t raw_size,
                                                    bool compressed);
    struct BodyPlace {
        uint32_t frame = 0;
        uint32_t offset = 0;
        uint32_t size = 0;
    };
    /// A block whose body lies in a frame added before. Its terms are not counted; returns the
    /// block's build number for `add_document`.
    [[nodiscard]] Result<uint32_t> add_placed_block(const BlockId& id, std::string_view head,
                                                    const BodyPlace& body, uint64_t version);
    /// The same with the body's bytes.
    [[nodiscard]] Result<uint32_t> add_untokenized_block(const BlockId& id, std::string_view head,
                                                         std::string_view body, uint64_t version);
    /// The next document of the text index and its lengths; returns its number.
    [[nodiscard]] Result<uint32_t> add_document(
        uint32_t build_number, std::span<const uint16_t, format::kTextFieldCount> lengths);
    /// One term of the open partition: terms in increasing order, postings of documents added since
    /// the last `end_text_partition`, in increasing order.
    [[nodiscard]] Status add_term(format::TermHash term, std::span<const TextPosting> postings);
    [[nodiscard]] Status end_text_partition();

  private:
    struct State;
    explicit SegmentWriter(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

}  // namespace kausal::segment
