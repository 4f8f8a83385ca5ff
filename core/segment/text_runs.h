// Building the text index: terms of many documents, collected in memory and merged. Private to the
// room.
//
// A worker's chunk collects into chains of small blocks, one chain per term, without an allocation
// per term; `finish` turns that into a run sorted by term. The writer gathers runs and merges them
// into one partition of the segment when they have grown large enough.
#pragma once

#include "base/status.h"
#include "format/tokenizer.h"
#include "segment/segment_layout.h"
#include "segment/segment_output.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kausal::segment {

/// The posting bytes of the documents of one chunk, without counts; terms in increasing order.
struct TextRun {
    struct Entry {
        format::TermHash term = 0;
        uint32_t offset = 0;  // in bytes; the end is the next entry's offset
        uint32_t count = 0;   // documents
        uint32_t document_last = 0;
    };
    std::vector<Entry> entries;
    std::string bytes;
    [[nodiscard]] size_t memory_bytes() const noexcept {
        return bytes.capacity() + entries.capacity() * sizeof(Entry);
    }
};

/// Threads: confined.
class TextRunBuilder {
  public:
    TextRunBuilder();
    /// Documents are numbered from 0 in the run and come in increasing order.
    void add(uint32_t document, const std::vector<format::TermCount>& terms);
    [[nodiscard]] size_t memory_bytes() const noexcept {
        return pool_.size() + chains_.size() * sizeof(Chain);
    }
    /// The run of all documents since the last call; the builder is empty afterwards.
    [[nodiscard]] TextRun finish();

  private:
    // A chain of blocks of 16, 32, .. 512 bytes in `pool_`; the last four bytes of each link to the
    // next.
    struct Chain {
        format::TermHash term = 0;
        uint32_t count = 0;
        uint32_t document_last = 0;
        uint32_t first = 0;
        uint32_t at = 0;   // where the next byte goes
        uint32_t end = 0;  // where the current block's link lies
        uint32_t block_size = 0;
    };
    [[nodiscard]] Chain& chain_of(format::TermHash term);
    void append(Chain& chain, const uint8_t* bytes, size_t size);
    void copy_out(const Chain& chain, std::string& out) const;
    void grow();

    std::vector<Chain> chains_;
    std::vector<uint32_t> slots_;  // open addressing into chains_: index + 1, 0 = free
    std::vector<uint8_t> pool_;
};

/// Gathers runs of consecutive documents and writes them as one partition. Threads: confined.
class TextPartitionBuilder {
  public:
    /// `document_count` documents follow those added before.
    void add(TextRun&& run, uint32_t document_count);
    [[nodiscard]] bool is_empty() const noexcept { return runs_.empty(); }
    [[nodiscard]] size_t memory_bytes() const noexcept { return memory_bytes_; }
    /// Writes postings and dictionary to `out`; offsets count from `heap_offset`. Empty afterwards.
    /// Errors: Invalid (postings beyond 4 GiB).
    [[nodiscard]] Result<PartitionEntry> write(SegmentOutput& out, uint64_t heap_offset,
                                               uint32_t document_first);

  private:
    struct PlacedRun {
        TextRun run;
        uint32_t document_first = 0;  // in the partition
    };
    struct Source {
        format::TermHash term = 0;
        uint32_t run = 0;
        uint32_t entry = 0;
    };
    void gather(uint32_t bucket, std::vector<size_t>& cursors, std::vector<Source>& into) const;
    void merge_term(const Source* first, const Source* last, std::string& out) const;

    std::vector<PlacedRun> runs_;
    uint32_t document_count_ = 0;
    size_t memory_bytes_ = 0;
};

/// Writes the dictionary of a partition term by term. Threads: confined.
class TextPartitionOutput {
  public:
    TextPartitionOutput(SegmentOutput& out, uint64_t heap_offset);
    /// A complete posting list. Terms in increasing order. Errors: Invalid (order, size).
    [[nodiscard]] Status add(format::TermHash term, ByteView list);
    [[nodiscard]] PartitionEntry finish(uint32_t document_first, uint32_t document_count);

  private:
    SegmentOutput& out_;
    uint64_t heap_offset_;
    uint64_t postings_offset_;
    std::vector<format::TermHash> terms_;
    std::vector<uint32_t> offsets_;
};

}  // namespace kausal::segment
