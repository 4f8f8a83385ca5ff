// The full check of one segment. Private to the room; started by SegmentReader::verify.
//
// Checksums come first; when any fails, the structure is not looked at, because every further
// finding would only repeat the damage. Then ids, rows, edges, lookups and text are compared with
// each other: what an index says must follow from the blocks, and nothing may be missing.
#pragma once

#include "segment/reader_state.h"

#include <cstdint>
#include <string>
#include <vector>

namespace kausal::segment {

/// Threads: confined.
class Verifier {
  public:
    Verifier(const SegmentReader& reader, const SegmentReader::State& state,
             std::vector<SegmentFinding>& findings, SegmentVerifyCounts& counts)
        : reader_(reader), state_(state), findings_(findings), counts_(counts) {}
    /// Errors only when the check itself cannot run.
    [[nodiscard]] Status run(const Hash128* expected_hash);

  private:
    /// Beyond so many findings only the first ones help.
    static constexpr size_t kFindingCountMax = 1000;

    void add(uint64_t offset, std::string message);
    void add(SectionKind kind, std::string message) {
        add(state_.footer.section(kind).offset, std::move(message));
    }
    [[nodiscard]] Status note(Status status);
    void check_bytes(const Hash128* expected_hash);
    // What the following return, `note` turns into a finding.
    [[nodiscard]] Status check_ids();
    [[nodiscard]] Status check_rows();
    [[nodiscard]] Status check_row(uint32_t ordinal);
    [[nodiscard]] Status check_edges();
    [[nodiscard]] Status check_node(uint32_t node, Direction direction, uint32_t& next_edge);
    [[nodiscard]] Status check_incoming(uint32_t node, std::vector<bool>& is_seen);
    [[nodiscard]] Status check_lookup(const TextLookupView& lookup, SectionKind kind,
                                      std::string_view format::BlockRecord::* field,
                                      uint64_t expected_count);
    [[nodiscard]] Status check_keys();
    [[nodiscard]] Status check_documents();
    [[nodiscard]] Status check_unindexed(const std::vector<bool>& has_document,
                                         format::TermCounter& counter);
    [[nodiscard]] Status check_postings();

    const SegmentReader& reader_;
    const SegmentReader::State& state_;
    std::vector<SegmentFinding>& findings_;
    SegmentVerifyCounts& counts_;
    uint64_t named_count_ = 0;    // puts with a name, as seen by check_rows
    uint64_t located_count_ = 0;  // puts with a URI
    uint64_t key_count_ = 0;
    std::vector<uint64_t> text_sums_;  // per document: what its block's terms add up to
};

}  // namespace kausal::segment
