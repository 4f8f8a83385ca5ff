// The text part of a segment: documents with field lengths, and posting lists by term.
//
// Documents are numbered from 0 in the order in which blocks came; the index is cut into partitions
// of consecutive documents, each with its own dictionary, so that building needs bounded memory.
// All of this is hidden here: callers see one list per term. Format: docs/format/segment.md,
// "Text".
#pragma once

#include "base/status.h"
#include "format/tokenizer.h"
#include "segment/segment_writer.h"

#include <array>
#include <cstdint>
#include <vector>

namespace kausal::segment {

class SegmentReader;

/// A view of a reader's text sections. Threads: shared. Owner: the reader.
class TextIndexView {
  public:
    explicit TextIndexView(const SegmentReader& reader) noexcept : reader_(&reader) {}

    [[nodiscard]] uint32_t document_count() const noexcept;
    /// The sum of the stored lengths.
    [[nodiscard]] uint64_t total_length(format::TextField field) const noexcept;
    /// In terms, saturated at 65535. 0 when the document does not exist or its bytes are damaged.
    [[nodiscard]] uint32_t length(uint32_t document, format::TextField field) const noexcept;
    /// All lengths of a document. Errors: Corrupt.
    using Lengths = std::array<uint16_t, format::kTextFieldCount>;
    [[nodiscard]] Result<Lengths> lengths(uint32_t document) const;
    /// The ordinal of the document's block. Errors: Corrupt.
    [[nodiscard]] Result<uint32_t> ordinal(uint32_t document) const;
    /// How many documents carry the term. Errors: Corrupt.
    [[nodiscard]] Result<uint32_t> document_frequency(format::TermHash term) const;
    /// Appends the postings in increasing document order. Errors: Corrupt.
    [[nodiscard]] Status postings(format::TermHash term, std::vector<TextPosting>& into) const;

    // For compaction and verify: partition by partition, in order of documents.
    [[nodiscard]] uint32_t partition_count() const noexcept;
    struct Partition {
        uint32_t document_first = 0;
        uint32_t document_count = 0;
        uint64_t term_count = 0;
        uint64_t postings_bytes = 0;
    };
    [[nodiscard]] Result<Partition> partition(uint32_t number) const;
    /// Term `index` (in order of hash) of a partition.
    [[nodiscard]] Result<format::TermHash> term(uint32_t partition, uint64_t index) const;
    /// Appends the postings of term `index` of a partition.
    [[nodiscard]] Status term_postings(uint32_t partition, uint64_t index,
                                       std::vector<TextPosting>& into) const;

  private:
    const SegmentReader* reader_;
};

}  // namespace kausal::segment
