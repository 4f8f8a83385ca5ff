// Taking in blocks, edges and text; what finish() does with them is in writer_finish.cpp.
#include "segment/segment_writer.h"

#include "base/coding.h"
#include "segment/postings.h"
#include "segment/writer_state.h"

#include <algorithm>

namespace kausal::segment {
namespace {

/// Blocks added one by one are gathered into chunks of about this size.
constexpr size_t kOwnChunkSize = size_t{4} << 20;
/// Edges are numbered in groups, so that the cache misses of their targets overlap.
constexpr size_t kPendingEdgeCount = 64;

}  // namespace

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::create(io::Directory& directory,
                                                             uint64_t file_id,
                                                             const format::DatabaseUuid& uuid,
                                                             const SegmentWriterOptions& options) {
    std::unique_ptr<io::File> file = KAUSAL_TRY(directory.open(
        segment_file_name(file_id), {.create = true, .exclusive = true, .write = true}));
    auto state = std::make_unique<State>(std::move(file), uuid, file_id, options);
    state->info.file_id = file_id;
    state->out.append(as_bytes(encode_header(uuid, file_id)));
    state->begin_section(SectionKind::Heap);
    state->heap_offset = state->out.offset();
    return std::unique_ptr<SegmentWriter>(new SegmentWriter(std::move(state)));
}

SegmentWriter::SegmentWriter(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
SegmentWriter::~SegmentWriter() = default;

const SegmentInfo& SegmentWriter::info() const noexcept {
    return state_->info;
}
uint64_t SegmentWriter::bytes_written() const noexcept {
    return state_->out.offset();
}

size_t SegmentWriter::memory_bytes() const noexcept {
    const State& state = *state_;
    return state.builder.size_bytes() + state.ids.memory_bytes() +
           state.rows.capacity() * sizeof(WriterRow) +
           state.frames.capacity() * sizeof(FrameEntry) + state.names.memory_bytes() +
           state.uris.memory_bytes() + state.keys.capacity() * sizeof(WriterKey) +
           state.documents.capacity() * sizeof(WriterDocument) + state.partition.memory_bytes() +
           state.edges.memory_bytes();
}

Result<uint32_t> SegmentWriter::State::intern(const BlockId& id) {
    const uint32_t number = ids.intern(id);
    if (number == kNone32) return fail(ErrorCode::Invalid, "segment can take no more ids");
    return number;
}

Status SegmentWriter::add_block(const format::BlockRecord& record, uint64_t version) {
    KAUSAL_TRY(state_->check_usable());
    KAUSAL_TRY(state_->builder.add(record, version));
    return state_->flush_builder(false);
}

Status SegmentWriter::add_encoded_block(const BlockId& id, std::string_view head,
                                        std::string_view body, uint64_t version) {
    KAUSAL_TRY(state_->check_usable());
    KAUSAL_TRY(state_->builder.add_encoded(id, head, body, version));
    return state_->flush_builder(false);
}

Status SegmentWriter::add_tombstone(const BlockId& id, uint64_t version) {
    KAUSAL_TRY(state_->check_usable());
    if (!id.is_valid()) return {ErrorCode::Invalid, "block id is zero"};
    WriterRow row;
    row.build_number = KAUSAL_TRY(state_->intern(id));
    row.entry.version = version;
    row.entry.state_and_head_size = static_cast<uint32_t>(BlockState::Tombstone) << kHeadSizeBits;
    state_->rows.push_back(row);
    return {};
}

Status SegmentWriter::append(BlockChunk&& chunk) {
    KAUSAL_TRY(state_->check_usable());
    const std::unique_ptr<ChunkData> data = chunk.release();
    if (!data) return {};
    return state_->settle(state_->append(*data));
}

Status SegmentWriter::State::flush_builder(bool always) {
    if (builder.block_count() == 0 || (!always && builder.size_bytes() < kOwnChunkSize)) return {};
    Result<BlockChunk> chunk = builder.finish();
    if (!chunk) return settle(std::move(chunk).error());
    return settle(append(*chunk->release()));
}

Status SegmentWriter::State::append(ChunkData& chunk) {
    KAUSAL_TRY(check_no_open_partition());
    const uint64_t heads_offset = out.offset() - heap_offset;
    out.append(as_bytes(chunk.heads));
    if (frames.size() + chunk.frames.size() >= kNone32) {
        return {ErrorCode::Invalid, "segment can take no more frames"};
    }
    const auto frame_base = static_cast<uint32_t>(frames.size());
    append_frames(chunk);
    std::vector<uint32_t> name_numbers(chunk.names.size());
    for (uint32_t i = 0; i < name_numbers.size(); ++i) {
        name_numbers[i] = names.intern(chunk.names.text(i));
    }
    std::vector<uint32_t> uri_numbers(chunk.uris.size());
    for (uint32_t i = 0; i < uri_numbers.size(); ++i) {
        uri_numbers[i] = uris.intern(chunk.uris.text(i));
    }
    std::vector<uint32_t> build_numbers;
    build_numbers.reserve(chunk.rows.size());
    for (const ChunkRow& from : chunk.rows) {
        WriterRow row;
        row.build_number = KAUSAL_TRY(intern(from.id));
        row.entry.version = from.version;
        row.entry.head_offset = heads_offset + from.head_offset;
        row.entry.state_and_head_size =
            static_cast<uint32_t>(BlockState::Put) << kHeadSizeBits | from.head_size;
        row.entry.frame = from.frame + (from.is_placed || from.body_size == 0 ? 0 : frame_base);
        row.entry.body_offset = from.body_offset;
        row.entry.body_size = from.body_size;
        if (from.name != kNone32) row.name = name_numbers[from.name];
        if (from.uri != kNone32) row.uri = uri_numbers[from.uri];
        row.kind = from.kind;
        rows.push_back(row);
        build_numbers.push_back(row.build_number);
    }
    for (const ChunkKey& key : chunk.keys) keys.push_back({key.key, build_numbers[key.row]});
    append_text(chunk, build_numbers);
    if (partition.memory_bytes() >= options.text_partition_size_bytes) {
        KAUSAL_TRY(close_partition());
    }
    return Status(out.status());
}

void SegmentWriter::State::append_frames(const ChunkData& chunk) {
    const uint64_t frames_offset = out.offset() - heap_offset;
    out.append(as_bytes(chunk.frame_bytes));
    for (const ChunkFrame& frame : chunk.frames) {
        frames.push_back({frames_offset + frame.offset, frame.stored_size, frame.raw_size});
    }
}

void SegmentWriter::State::append_text(ChunkData& chunk,
                                       const std::vector<uint32_t>& build_numbers) {
    if (chunk.documents.empty()) return;
    for (const ChunkDocument& from : chunk.documents) {
        WriterDocument& document = documents.emplace_back();
        document.number = build_numbers[from.row];
        std::ranges::copy(from.lengths, document.lengths);
    }
    partition.add(std::move(chunk.text), static_cast<uint32_t>(chunk.documents.size()));
}

Status SegmentWriter::State::close_partition() {
    if (partition.is_empty()) return {};
    out.align(kSectionAlignment);
    const PartitionEntry entry = KAUSAL_TRY(partition.write(out, heap_offset, documents_placed));
    partitions.push_back(entry);
    documents_placed += entry.document_count;
    return {};
}

Status SegmentWriter::add_edge(const format::EdgeRecord& edge, bool tombstone) {
    KAUSAL_TRY(state_->check_usable());
    KAUSAL_TRY(format::validate(edge));
    std::vector<PendingEdge>& pending = state_->pending_edges;
    pending.push_back({edge.source, edge.target, make_edge_meta(edge, tombstone),
                       EdgeSite{edge.site_offset, edge.site_line}});
    if (pending.size() < kPendingEdgeCount) return {};
    return state_->settle(state_->number_pending_edges());
}

Status SegmentWriter::State::number_pending_edges() {
    for (const PendingEdge& edge : pending_edges) ids.prefetch_slot(edge.target);
    for (const PendingEdge& edge : pending_edges) ids.prefetch_id(edge.target);
    for (const PendingEdge& edge : pending_edges) {
        if (edge_source_number == kNone32 || edge_source != edge.source) {
            edge_source_number = KAUSAL_TRY(intern(edge.source));
            edge_source = edge.source;
        }
        const uint32_t target = KAUSAL_TRY(intern(edge.target));
        KAUSAL_TRY(edges.add({edge_source_number, target, edge.meta, edge.site}));
    }
    pending_edges.clear();
    return {};
}

Status SegmentWriter::delete_edge(const format::EdgeKey& key) {
    format::EdgeRecord edge;
    edge.source = key.source;
    edge.target = key.target;
    edge.type = key.type;
    edge.site_offset = key.site_offset;
    return add_edge(edge, true);
}

Result<uint32_t> SegmentWriter::add_stored_frame(std::string_view stored, uint32_t raw_size,
                                                 bool compressed) {
    KAUSAL_TRY(state_->check_usable());
    State& state = *state_;
    if (compressed == (stored.size() == raw_size) || stored.size() >= kNone32) {
        return fail(ErrorCode::Invalid, "stored frame has sizes that contradict its compression");
    }
    KAUSAL_TRY(state.check_no_open_partition());
    state.frames.push_back(
        {state.out.offset() - state.heap_offset, static_cast<uint32_t>(stored.size()), raw_size});
    state.out.append(as_bytes(stored));
    KAUSAL_TRY(Status(state.out.status()));
    return static_cast<uint32_t>(state.frames.size() - 1);
}

Result<uint32_t> SegmentWriter::add_placed_block(const BlockId& id, std::string_view head,
                                                 const BodyPlace& body, uint64_t version) {
    KAUSAL_TRY(state_->check_usable());
    State& state = *state_;
    const bool is_inside =
        body.size == 0 || (body.frame < state.frames.size() &&
                           uint64_t{body.offset} + body.size <= state.frames[body.frame].raw_size);
    if (!is_inside) return fail(ErrorCode::Invalid, "body lies outside of its frame");
    KAUSAL_TRY(BlockChunkBuilderAccess::add_placed(state.builder, id, head, body, version));
    KAUSAL_TRY(state.flush_builder(false));
    return state.intern(id);
}

Result<uint32_t> SegmentWriter::add_untokenized_block(const BlockId& id, std::string_view head,
                                                      std::string_view body, uint64_t version) {
    KAUSAL_TRY(state_->check_usable());
    KAUSAL_TRY(BlockChunkBuilderAccess::add_untokenized(state_->builder, id, head, body, version));
    KAUSAL_TRY(state_->flush_builder(false));
    return state_->intern(id);
}

Result<uint32_t> SegmentWriter::add_document(
    uint32_t build_number, std::span<const uint16_t, format::kTextFieldCount> lengths) {
    KAUSAL_TRY(state_->check_usable());
    State& state = *state_;
    if (!state.copied_partition) {
        KAUSAL_TRY(state.flush_builder(true));
        KAUSAL_TRY(state.settle(state.close_partition()));
        state.out.align(kSectionAlignment);
        state.copied_partition =
            std::make_unique<TextPartitionOutput>(state.out, state.heap_offset);
    }
    if (build_number >= state.ids.ids().size()) {
        return fail(ErrorCode::Invalid, "document of an unknown block");
    }
    WriterDocument& document = state.documents.emplace_back();
    document.number = build_number;
    std::ranges::copy(lengths, document.lengths);
    return static_cast<uint32_t>(state.documents.size() - 1);
}

Status SegmentWriter::add_term(format::TermHash term, std::span<const TextPosting> postings) {
    KAUSAL_TRY(state_->check_usable());
    State& state = *state_;
    if (!state.copied_partition || postings.empty()) {
        return {ErrorCode::Invalid, "text term without documents"};
    }
    std::string list;
    put_varint(list, postings.size());
    uint32_t before = state.documents_placed;
    bool is_first = true;
    for (const TextPosting& posting : postings) {
        if (posting.document >= state.documents.size() || posting.document < before ||
            (!is_first && posting.document == before)) {
            return {ErrorCode::Invalid, "text postings are not increasing"};
        }
        uint8_t buffer[kPostingSizeMax];
        const size_t size = encode_posting(posting.document - before, posting.counts, buffer);
        list.append(reinterpret_cast<const char*>(buffer), size);
        before = posting.document;
        is_first = false;
    }
    return state.settle(state.copied_partition->add(term, as_bytes(list)));
}

Status SegmentWriter::end_text_partition() {
    KAUSAL_TRY(state_->check_usable());
    State& state = *state_;
    if (!state.copied_partition) return {};
    const auto count = static_cast<uint32_t>(state.documents.size()) - state.documents_placed;
    state.partitions.push_back(state.copied_partition->finish(state.documents_placed, count));
    state.documents_placed += count;
    state.copied_partition.reset();
    return Status(state.out.status());
}

Result<SegmentInfo> SegmentWriter::finish(uint64_t sequence) {
    while (true) {
        const bool is_done = KAUSAL_TRY(finish_step(sequence));
        if (is_done) return state_->info;
    }
}

}  // namespace kausal::segment
