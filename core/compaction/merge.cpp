// The phases of a merge: ids decide who wins, then blocks, text and edges of the winners are
// copied.
#include "compaction/merge.h"

#include "compaction/merge_state.h"

#include <algorithm>

namespace kausal::compaction {
namespace {

/// Work per step: about a millisecond each.
constexpr size_t kBytesPerStep = size_t{4} << 20;
constexpr size_t kIdsPerStep = 8192;
constexpr size_t kBlocksPerStep = 1024;
constexpr size_t kNodesPerStep = 1024;

}  // namespace

Merge::Merge(MergeRequest request) : state_(std::make_unique<State>()) {
    state_->request = std::move(request);
    state_->request.writer.drop_tombstones = state_->request.includes_oldest;
}

Merge::~Merge() = default;

const segment::SegmentInfo& Merge::info() const noexcept {
    static const segment::SegmentInfo kNothing;
    return state_->phase == State::Phase::Done ? state_->writer->info() : kNothing;
}

Result<bool> Merge::step() {
    if (state_->phase == State::Phase::Done) return true;
    if (state_->phase == State::Phase::Failed) {
        return fail(ErrorCode::Invalid, "merge has failed before");
    }
    Status status = state_->step();
    if (!status.is_ok()) {
        state_->phase = State::Phase::Failed;
        return fail(std::move(status).with_context("merge"));
    }
    return state_->phase == State::Phase::Done;
}

Status Merge::State::step() {
    switch (phase) {
        case Phase::Start:
            return start();
        case Phase::Check:
            return step_check();
        case Phase::Ids:
            return step_ids();
        case Phase::Blocks:
            return step_blocks();
        case Phase::Text:
            return step_text();
        case Phase::Edges:
            return step_edges();
        case Phase::Finish:
            return step_finish();
        case Phase::Done:
        case Phase::Failed:
            break;
    }
    return {};
}

Status Merge::State::start() {
    if (request.inputs.empty() || request.directory == nullptr) {
        return {ErrorCode::Invalid, "no inputs"};
    }
    writer = KAUSAL_TRY(segment::SegmentWriter::create(*request.directory, request.output_file_id,
                                                       request.uuid, request.writer));
    inputs.resize(request.inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
        inputs[i].live_bytes.assign(reader(i).frame_count(), 0);
        inputs[i].copied_frames.assign(reader(i).frame_count(), kNoNumber);
        inputs[i].build_numbers.assign(reader(i).id_count(), kNoNumber);
    }
    phase = Phase::Check;
    return {};
}

// Parts that a merge does not read (filters, incoming edges) may be damaged too; an input like that
// is evidence and must not be consumed.
Status Merge::State::step_check() {
    KAUSAL_TRY(reader(at_input).check_range(at_item, kBytesPerStep));
    at_item += kBytesPerStep;
    if (at_item < reader(at_input).size_bytes()) return {};
    at_item = 0;
    if (++at_input < inputs.size()) return {};
    at_input = 0;
    phase = Phase::Ids;
    return {};
}

uint64_t Merge::State::sequence() const noexcept {
    uint64_t newest = 0;
    for (const auto& input : request.inputs) newest = std::max(newest, input->info().version_max);
    return newest;
}

Result<Merge::State::NextId> Merge::State::smallest_id() const {
    NextId next;
    for (size_t i = 0; i < inputs.size(); ++i) {
        if (inputs[i].next_ordinal == reader(i).id_count()) continue;
        const BlockId id = KAUSAL_TRY(reader(i).id(inputs[i].next_ordinal));
        if (!next.is_any || id < next.id) next = {id, true};
    }
    return next;
}

// The newest input that puts or deletes the id decides; those that only have edges of it say
// nothing.
Status Merge::State::take_id(const BlockId& id) {
    bool is_decided = false;
    for (size_t i = inputs.size(); i-- > 0;) {
        InputState& input = inputs[i];
        if (input.next_ordinal == reader(i).id_count()) continue;
        const BlockId here = KAUSAL_TRY(reader(i).id(input.next_ordinal));
        if (here != id) continue;
        const uint32_t ordinal = input.next_ordinal++;
        if (is_decided) continue;
        const segment::BlockEntry entry = KAUSAL_TRY(reader(i).entry(ordinal));
        if (entry.state == segment::BlockState::None) continue;
        is_decided = true;
        if (entry.state == segment::BlockState::Put) {
            const auto place = KAUSAL_TRY(reader(i).body_location(ordinal));
            input.puts.push_back({place.head_offset, ordinal});
            if (place.size == 0) continue;
            if (place.frame >= input.live_bytes.size()) {
                return {ErrorCode::Corrupt, "body names a frame out of range"};
            }
            input.live_bytes[place.frame] += place.size;
        } else if (!request.includes_oldest) {
            KAUSAL_TRY(writer->add_tombstone(id, entry.version));
        }
    }
    return {};
}

Status Merge::State::step_ids() {
    for (size_t i = 0; i < kIdsPerStep; ++i) {
        const NextId next = KAUSAL_TRY(smallest_id());
        if (!next.is_any) {
            prepare_blocks();
            phase = Phase::Blocks;
            return {};
        }
        KAUSAL_TRY(take_id(next.id));
    }
    return {};
}

// In order of writing, frames are met one after the other.
void Merge::State::prepare_blocks() {
    for (InputState& input : inputs) {
        std::ranges::sort(input.puts, [](const LivePut& left, const LivePut& right) {
            return left.head_offset < right.head_offset;
        });
    }
}

Status Merge::State::step_blocks() {
    for (size_t i = 0; i < kBlocksPerStep; ++i) {
        while (at_input < inputs.size() && at_item == inputs[at_input].puts.size()) {
            ++at_input;
            at_item = 0;
            open_frame = kNoNumber;
        }
        if (at_input == inputs.size()) {
            at_input = 0;
            open_frame_bytes.reset();
            phase = Phase::Text;
            return {};
        }
        InputState& input = inputs[at_input];
        KAUSAL_TRY(copy_block(input, input.puts[at_item++].ordinal));
    }
    return {};
}

// A frame whose bodies all live is copied as it is stored, unless it is much smaller than frames
// should be; the bodies of all others are packed anew.
Status Merge::State::copy_block(InputState& input, uint32_t ordinal) {
    const segment::SegmentReader& from = reader(at_input);
    const BlockId id = KAUSAL_TRY(from.id(ordinal));
    const segment::BlockEntry entry = KAUSAL_TRY(from.entry(ordinal));
    const std::string_view head = KAUSAL_TRY(from.head(ordinal));
    const auto place = KAUSAL_TRY(from.body_location(ordinal));
    uint32_t& build_number = input.build_numbers[ordinal];
    if (place.size == 0) {
        build_number = KAUSAL_TRY(writer->add_untokenized_block(id, head, {}, entry.version));
        return {};
    }
    uint32_t& copied = input.copied_frames[place.frame];
    if (copied == kNoNumber) {
        const auto frame = KAUSAL_TRY(from.stored_frame(place.frame));
        const bool is_whole = input.live_bytes[place.frame] == frame.raw_size;
        if (!is_whole || frame.raw_size < request.writer.chunk.frame_size_bytes / 2) {
            const std::string_view body = KAUSAL_TRY(body_of(place));
            build_number = KAUSAL_TRY(writer->add_untokenized_block(id, head, body, entry.version));
            return {};
        }
        copied =
            KAUSAL_TRY(writer->add_stored_frame(frame.stored, frame.raw_size, frame.compressed));
    }
    build_number = KAUSAL_TRY(
        writer->add_placed_block(id, head, {copied, place.offset, place.size}, entry.version));
    return {};
}

Result<std::string_view> Merge::State::body_of(const segment::SegmentReader::BodyLocation& place) {
    if (open_frame != place.frame) {
        const segment::SegmentReader& from = reader(at_input);
        const auto frame = KAUSAL_TRY(from.stored_frame(place.frame));
        open_frame_view = frame.stored;
        if (frame.compressed) {
            open_frame_bytes = KAUSAL_TRY(
                frames.load(from.file_id(), place.frame, frame.stored, frame.raw_size, false));
            open_frame_view = open_frame_bytes->view();
        }
        open_frame = place.frame;
    }
    if (uint64_t{place.offset} + place.size > open_frame_view.size()) {
        return fail(ErrorCode::Corrupt, "body lies outside of its frame");
    }
    return open_frame_view.substr(place.offset, place.size);
}

Status Merge::State::step_edges() {
    for (size_t i = 0; i < kNodesPerStep; ++i) {
        while (at_input < inputs.size() && at_item == reader(at_input).id_count()) {
            ++at_input;
            at_item = 0;
        }
        if (at_input == inputs.size()) {
            phase = Phase::Finish;
            return {};
        }
        KAUSAL_TRY(copy_edges(static_cast<uint32_t>(at_item++)));
    }
    return {};
}

// Inputs come oldest first, and the writer lets the edge added last win.
Status Merge::State::copy_edges(uint32_t ordinal) {
    const segment::SegmentReader& from = reader(at_input);
    edges.clear();
    KAUSAL_TRY(from.edges(ordinal, segment::Direction::Out, edges));
    if (edges.empty()) return {};
    format::EdgeRecord record;
    record.source = KAUSAL_TRY(from.id(ordinal));
    for (const segment::SegmentEdge& edge : edges) {
        record.target = KAUSAL_TRY(from.id(edge.other));
        record.type = segment::edge_meta_type(edge.meta);
        record.certainty = segment::edge_meta_certainty(edge.meta);
        record.provenance = segment::edge_meta_provenance(edge.meta);
        record.confidence = segment::edge_meta_confidence(edge.meta);
        record.site_offset = edge.site.offset;
        record.site_line = edge.site.line;
        KAUSAL_TRY(writer->add_edge(record, segment::edge_meta_is_tombstone(edge.meta)));
    }
    return {};
}

Status Merge::State::step_finish() {
    const bool is_done = KAUSAL_TRY(writer->finish_step(sequence()));
    if (is_done) phase = Phase::Done;
    return {};
}

CompactionJob::CompactionJob(MergeRequest request, Done done)
    : merge_(std::move(request)), done_(std::move(done)) {}

CompactionJob::~CompactionJob() {
    if (!done_) return;
    const ErrorCode code = is_stepping_ ? ErrorCode::NoMemory : ErrorCode::Cancelled;
    const Done done = std::move(done_);
    done(std::unexpected<Status>(Status(code)));
}

io::StepResult CompactionJob::step() {
    if (!done_) return io::StepResult::Done;
    // Stays set when the step is left by an exception, which is how the destructor knows.
    is_stepping_ = true;
    Result<bool> stepped = merge_.step();
    is_stepping_ = false;
    if (stepped && !*stepped) return io::StepResult::Again;
    const Done done = std::move(done_);
    done_ = nullptr;
    if (stepped) {
        done(merge_.info());
    } else {
        done(std::unexpected<Status>(std::move(stepped).error()));
    }
    return io::StepResult::Done;
}

}  // namespace kausal::compaction
