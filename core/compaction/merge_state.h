// The state of a merge, shared by the files that implement its phases. Private to the room.
#pragma once

#include "compaction/merge.h"
#include "segment/frame_cache.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace kausal::compaction {

inline constexpr uint32_t kNoNumber = 0xffffffffu;

/// A put of one input that is the newest of its id.
struct LivePut {
    uint64_t head_offset = 0;  // the order in which blocks were written
    uint32_t ordinal = 0;
};

/// What the merge knows of one input.
struct InputState {
    uint32_t next_ordinal = 0;            // of the walk over ids
    std::vector<LivePut> puts;            // in order of ids, then of writing
    std::vector<uint64_t> live_bytes;     // per frame: bytes of bodies that live
    std::vector<uint32_t> copied_frames;  // per frame: its number in the output, or kNoNumber
    std::vector<uint32_t> build_numbers;  // per ordinal: that of a live put, or kNoNumber
};

/// One input partition that goes into the output partition under way.
struct PartitionMember {
    uint32_t input = 0;
    uint32_t number = 0;
    uint32_t document_first = 0;
    uint64_t term_count = 0;
    uint64_t next_term = 0;
    segment::TextIndexView text;
    std::vector<uint32_t> documents;  // per document: its number in the output, or kNoNumber
};

/// A member's next term, for the heap: smallest term first, then in order of members.
struct TermHead {
    format::TermHash term = 0;
    uint32_t member = 0;
    friend bool operator<(const TermHead& left, const TermHead& right) noexcept {
        return left.term != right.term ? left.term > right.term : left.member > right.member;
    }
};

struct Merge::State {
    enum class Phase : uint8_t { Start, Check, Ids, Blocks, Text, Edges, Finish, Done, Failed };

    MergeRequest request;
    Phase phase = Phase::Start;
    std::unique_ptr<segment::SegmentWriter> writer;
    std::vector<InputState> inputs;
    /// Frames that are taken apart are decompressed here and not kept: a merge reads each once, and
    /// the readers' cache is for readers.
    segment::FrameCache frames{0};

    size_t at_input = 0;  // of the phases that walk inputs
    size_t at_item = 0;   // put or ordinal in that input
    uint32_t open_frame = kNoNumber;
    segment::FrameRef open_frame_bytes;
    std::string_view open_frame_view;

    uint32_t at_partition = 0;
    std::vector<PartitionMember> members;
    std::vector<TermHead> heads;  // a binary heap
    std::vector<segment::TextPosting> postings;
    std::vector<segment::TextPosting> found;
    std::vector<segment::SegmentEdge> edges;

    [[nodiscard]] const segment::SegmentReader& reader(size_t input) const noexcept {
        return *request.inputs[input];
    }
    [[nodiscard]] uint64_t sequence() const noexcept;

    [[nodiscard]] Status step();
    [[nodiscard]] Status start();
    /// Each of the following does a bounded piece and goes on to the next phase at its end.
    [[nodiscard]] Status step_check();
    [[nodiscard]] Status step_ids();
    [[nodiscard]] Status step_blocks();
    [[nodiscard]] Status step_text();
    [[nodiscard]] Status step_edges();
    [[nodiscard]] Status step_finish();

    struct NextId {
        BlockId id;
        bool is_any = false;
    };
    [[nodiscard]] Result<NextId> smallest_id() const;
    [[nodiscard]] Status take_id(const BlockId& id);
    void prepare_blocks();
    [[nodiscard]] Status copy_block(InputState& input, uint32_t ordinal);
    [[nodiscard]] Result<std::string_view> body_of(
        const segment::SegmentReader::BodyLocation& place);
    [[nodiscard]] Result<bool> open_members();
    [[nodiscard]] Status add_member(uint32_t input, uint32_t number);
    [[nodiscard]] Status merge_next_term();
    [[nodiscard]] Status push_head(uint32_t member);
    [[nodiscard]] Status copy_edges(uint32_t ordinal);
};

}  // namespace kausal::compaction
