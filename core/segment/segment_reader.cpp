// Opening a segment, checking its chunks, and reading ids, rows, heads and bodies.
#include "segment/segment_reader.h"

#include "base/coding.h"
#include "segment/filter.h"
#include "segment/reader_state.h"

#include <algorithm>

namespace kausal::segment {
namespace {

/// Ranges of ids up to this many are compared one after the other, which needs no branches.
constexpr uint32_t kLinearSearchMax = 32;

[[nodiscard]] std::unique_ptr<std::atomic<uint64_t>[]> make_bits(uint64_t count) {
    return std::make_unique<std::atomic<uint64_t>[]>(static_cast<size_t>(count / 64 + 1));
}

[[nodiscard]] BlockState state_of(const RowEntry& row) noexcept {
    return static_cast<BlockState>(row.state_and_head_size >> kHeadSizeBits);
}

}  // namespace

Result<std::shared_ptr<const SegmentReader>> SegmentReader::open(io::Directory& directory,
                                                                 uint64_t file_id,
                                                                 const format::DatabaseUuid& uuid,
                                                                 FrameCache& cache) {
    auto state = std::make_unique<State>();
    state->name = segment_file_name(file_id);
    state->file_id = file_id;
    state->uuid = uuid;
    state->cache = &cache;
    Status loaded = state->load(directory);
    if (loaded.is_ok()) loaded = state->load_footer();
    if (!loaded.is_ok()) return fail(std::move(loaded).with_context(state->name));
    return std::shared_ptr<const SegmentReader>(new SegmentReader(std::move(state)));
}

SegmentReader::SegmentReader(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
SegmentReader::~SegmentReader() = default;

Status SegmentReader::State::load(io::Directory& directory) {
    std::unique_ptr<io::File> file = KAUSAL_TRY(directory.open(name, {}));
    const uint64_t size = KAUSAL_TRY(file->size());
    if (size < kHeaderSize + kTailSize) {
        return {ErrorCode::Corrupt, "segment of " + std::to_string(size) + " bytes is cut off"};
    }
    Result<std::unique_ptr<io::Mapping>> mapped = file->map_readonly(0, size);
    if (mapped) {
        mapping = std::move(*mapped);
        bytes = mapping->bytes();
        if (reinterpret_cast<uintptr_t>(bytes.data()) % alignof(uint64_t) != 0) {
            return {ErrorCode::Unsupported, "mapping is not aligned"};
        }
        if (bytes.size() != size) return {ErrorCode::Unavailable, "mapping is cut off"};
        return {};
    }
    if (mapped.error().code() != ErrorCode::Unsupported) return std::move(mapped).error();
    copy = std::make_unique_for_overwrite<uint64_t[]>(static_cast<size_t>(size / 8 + 1));
    const MutableBytes into(reinterpret_cast<std::byte*>(copy.get()), static_cast<size_t>(size));
    const size_t read = KAUSAL_TRY(file->read_at(0, into));
    if (read != size) return {ErrorCode::Unavailable, "segment is cut off while it is read"};
    bytes = into;
    return {};
}

Status SegmentReader::State::load_footer() {
    KAUSAL_TRY(check_header(bytes.first(kHeaderSize), uuid, file_id));
    const Tail tail = KAUSAL_TRY(decode_tail(bytes.last(kTailSize), bytes.size(), uuid, file_id));
    const ByteView footer_bytes = bytes.subspan(static_cast<size_t>(tail.footer_offset),
                                                static_cast<size_t>(tail.footer_size));
    if (hash64(footer_bytes, checksum_seed(uuid, file_id, tail.footer_offset)) !=
        tail.footer_hash) {
        return {ErrorCode::Corrupt, "segment footer fails its checksum"};
    }
    footer = KAUSAL_TRY(decode_footer(footer_bytes, tail.footer_offset));
    checked_chunks = make_bits(footer.chunk_count());
    checked_checksums = make_bits(footer.checksum_hashes.size());
    id_count = static_cast<uint32_t>(footer.id_count);
    info.file_id = file_id;
    info.size_bytes = bytes.size();
    info.id_count = footer.id_count;
    info.block_count = footer.block_count;
    info.tombstone_count = footer.tombstone_count;
    info.edge_count = footer.edge_count;
    info.edge_tombstone_count = footer.edge_tombstone_count;
    info.document_count = footer.document_count;
    info.lookup_count = footer.name_count + footer.uri_count + footer.key_count;
    info.version_min = footer.version_min;
    info.version_max = footer.version_max;
    info.id_min = footer.id_min;
    info.id_max = footer.id_max;
    return {};
}

bool SegmentReader::State::checksums_match(uint64_t part) const noexcept {
    const uint64_t size = footer.chunk_count() * sizeof(uint64_t);
    const uint64_t at = part * kChunkSize;
    const uint64_t offset = footer.data_size + at;
    const ByteView view =
        bytes.subspan(static_cast<size_t>(offset),
                      static_cast<size_t>(std::min<uint64_t>(kChunkSize, size - at)));
    return hash64(view, checksum_seed(uuid, file_id, offset)) ==
           footer.checksum_hashes[static_cast<size_t>(part)];
}

bool SegmentReader::State::chunk_matches(uint64_t chunk) const noexcept {
    const uint64_t offset = chunk * kChunkSize;
    const uint64_t size = std::min<uint64_t>(kChunkSize, footer.data_size - offset);
    const ByteView view = bytes.subspan(static_cast<size_t>(offset), static_cast<size_t>(size));
    const auto expected =
        load_fixed<uint64_t>(bytes.data() + footer.data_size + chunk * sizeof(uint64_t));
    return hash64(view, checksum_seed(uuid, file_id, offset)) == expected;
}

bool SegmentReader::State::check_checksums(uint64_t part) const noexcept {
    if (is_set(checked_checksums.get(), part)) return true;
    if (!checksums_match(part)) return false;
    checked_checksums[part / 64].fetch_or(uint64_t{1} << (part % 64), std::memory_order_release);
    return true;
}

bool SegmentReader::State::check_chunk(uint64_t chunk) const noexcept {
    if (!check_checksums(chunk * sizeof(uint64_t) / kChunkSize)) return false;
    if (!chunk_matches(chunk)) return false;
    checked_chunks[chunk / 64].fetch_or(uint64_t{1} << (chunk % 64), std::memory_order_release);
    return true;
}

Status SegmentReader::State::corrupt(std::string_view what) const {
    return {ErrorCode::Corrupt, name + ": " + std::string(what)};
}

Status SegmentReader::State::damage(SectionKind kind) const {
    return corrupt("checksum mismatch in section " + std::to_string(static_cast<uint32_t>(kind)) +
                   " at offset " + std::to_string(footer.section(kind).offset));
}

Status SegmentReader::State::check_ordinal(uint32_t ordinal) const {
    if (ordinal < id_count) [[likely]]
        return {};
    return {ErrorCode::Invalid,
            name + ": ordinal " + std::to_string(ordinal) + " of " + std::to_string(id_count)};
}

Result<std::string_view> SegmentReader::State::heap(uint64_t offset, uint64_t size) const {
    const SectionRange& range = footer.section(SectionKind::Heap);
    if (offset > range.size || size > range.size - offset) {
        return fail(corrupt("range outside of the heap"));
    }
    if (!is_sound(range.offset + offset, size)) {
        return fail(corrupt("checksum mismatch between offsets " +
                            std::to_string(range.offset + offset) + " and " +
                            std::to_string(range.offset + offset + size)));
    }
    return std::string_view(reinterpret_cast<const char*>(bytes.data()) + range.offset + offset,
                            static_cast<size_t>(size));
}

Status SegmentReader::check_range(uint64_t offset, uint64_t size) const {
    const uint64_t data_size = state_->footer.data_size;
    if (offset >= data_size || state_->is_sound(offset, std::min(size, data_size - offset))) {
        return {};
    }
    return state_->corrupt("checksum mismatch between offsets " + std::to_string(offset) + " and " +
                           std::to_string(offset + size));
}

uint64_t SegmentReader::file_id() const noexcept {
    return state_->file_id;
}
uint64_t SegmentReader::size_bytes() const noexcept {
    return state_->bytes.size();
}
const SegmentInfo& SegmentReader::info() const noexcept {
    return state_->info;
}
uint32_t SegmentReader::id_count() const noexcept {
    return state_->id_count;
}

Result<SegmentReader::State::IdRange> SegmentReader::State::id_range(const BlockId& id) const {
    const uint64_t bucket = id_bucket(id, footer.id_index_bits);
    const auto* ends = elements<uint32_t>(SectionKind::IdIndex, bucket, 2);
    if (ends == nullptr) return fail(damage(SectionKind::IdIndex));
    const IdRange range{ends[0], ends[1]};
    if (range.low > range.high || range.high > id_count) {
        return fail(corrupt("id index has a bad range"));
    }
    return range;
}

// Whoever finds an id looks at its row next. Ids are uniform inside a bucket too, so the row's
// place can be guessed, and its cache miss overlaps with that of the ids.
void SegmentReader::State::prefetch_row(const BlockId& id, IdRange range) const noexcept {
    const uint64_t into_bucket = id.high << footer.id_index_bits >> 32;
    const uint64_t guess = range.low + (into_bucket * (range.high - range.low) >> 32);
    const std::byte* rows = bytes.data() + footer.section(SectionKind::Rows).offset;
    __builtin_prefetch(rows + guess * sizeof(RowEntry));
    if (guess > range.low) __builtin_prefetch(rows + (guess - 1) * sizeof(RowEntry));
}

Result<uint32_t> SegmentReader::State::search_ids(const BlockId& id, IdRange range) const {
    while (range.high - range.low > kLinearSearchMax) {
        const uint32_t middle = range.low + (range.high - range.low) / 2;
        const auto* at = elements<BlockId>(SectionKind::Ids, middle);
        if (at == nullptr) return fail(damage(SectionKind::Ids));
        if (*at < id) {
            range.low = middle + 1;
        } else {
            range.high = middle;
        }
    }
    const uint32_t count = range.high - range.low;
    const auto* ids = elements<BlockId>(SectionKind::Ids, range.low, count);
    if (ids == nullptr) return fail(damage(SectionKind::Ids));
    uint32_t before = 0;
    for (uint32_t i = 0; i < count; ++i) {
        const bool is_high_less = ids[i].high < id.high;
        const bool is_low_less = ids[i].high == id.high && ids[i].low < id.low;
        before += static_cast<uint32_t>(is_high_less | is_low_less);
    }
    return range.low + before;
}

Result<std::optional<uint32_t>> SegmentReader::find(const BlockId& id) const {
    const State& state = *state_;
    const uint64_t filter_size = state.footer.section(SectionKind::Filter).size;
    const size_t block = filter_block_offset(id, static_cast<size_t>(filter_size));
    const auto* filter = state.elements<std::byte>(SectionKind::Filter, block, kFilterBlockSize);
    if (filter == nullptr) return fail(state.damage(SectionKind::Filter));
    if (!filter_may_contain(filter, id, state.footer.filter_probe_count)) return std::nullopt;
    const State::IdRange range = KAUSAL_TRY(state.id_range(id));
    state.prefetch_row(id, range);
    const uint32_t ordinal = KAUSAL_TRY(state.search_ids(id, range));
    if (ordinal == range.high) return std::nullopt;
    const auto* found = state.elements<BlockId>(SectionKind::Ids, ordinal);
    if (found == nullptr) return fail(state.damage(SectionKind::Ids));
    if (*found != id) return std::nullopt;
    return ordinal;
}

Result<uint32_t> SegmentReader::lower_bound(const BlockId& id) const {
    const State::IdRange range = KAUSAL_TRY(state_->id_range(id));
    return state_->search_ids(id, range);
}

Result<BlockId> SegmentReader::id(uint32_t ordinal) const {
    KAUSAL_TRY(state_->check_ordinal(ordinal));
    const auto* id = state_->elements<BlockId>(SectionKind::Ids, ordinal);
    if (id == nullptr) return fail(state_->damage(SectionKind::Ids));
    return *id;
}

Result<const RowEntry*> SegmentReader::State::row(uint32_t ordinal) const {
    KAUSAL_TRY(check_ordinal(ordinal));
    const auto* entry = elements<RowEntry>(SectionKind::Rows, ordinal);
    if (entry == nullptr) return fail(damage(SectionKind::Rows));
    return entry;
}

Result<RowEntry> SegmentReader::State::put_row(uint32_t ordinal) const {
    const RowEntry* entry = KAUSAL_TRY(row(ordinal));
    if (state_of(*entry) != BlockState::Put) {
        return fail(ErrorCode::NotFound, name + ": ordinal is no block");
    }
    return *entry;
}

Result<BlockEntry> SegmentReader::entry(uint32_t ordinal) const {
    const RowEntry* row = KAUSAL_TRY(state_->row(ordinal));
    const auto* kind = state_->elements<uint16_t>(SectionKind::Kinds, ordinal);
    if (kind == nullptr) return fail(state_->damage(SectionKind::Kinds));
    const BlockState state = state_of(*row);
    if (state > BlockState::Tombstone || (state == BlockState::Put) != (*kind != 0)) {
        return fail(state_->corrupt("row has a bad state"));
    }
    return BlockEntry{state, static_cast<format::BlockKind>(*kind), row->version};
}

Result<std::string_view> SegmentReader::head(uint32_t ordinal) const {
    const RowEntry row = KAUSAL_TRY(state_->put_row(ordinal));
    Result<std::string_view> head =
        state_->heap(row.head_offset, row.state_and_head_size & kHeadSizeMax);
    // Heads are read whole and span a few lines, which are fetched side by side.
    if (head && head->size() > 64) __builtin_prefetch(head->data() + 64);
    if (head && head->size() > 128) __builtin_prefetch(head->data() + 128);
    return head;
}

Result<FrameEntry> SegmentReader::State::frame(uint32_t number) const {
    if (number >= footer.frame_count) return fail(corrupt("frame number out of range"));
    const auto* entry = elements<FrameEntry>(SectionKind::Frames, number);
    if (entry == nullptr) return fail(damage(SectionKind::Frames));
    if (entry->raw_size > kFrameRawSizeMax || entry->stored_size > entry->raw_size) {
        return fail(corrupt("frame has bad sizes"));
    }
    return *entry;
}

Result<PinnedBody> SegmentReader::body(uint32_t ordinal) const {
    const State& state = *state_;
    const RowEntry row = KAUSAL_TRY(state.put_row(ordinal));
    if (row.body_size == 0) return PinnedBody{};
    const FrameEntry frame = KAUSAL_TRY(state.frame(row.frame));
    if (uint64_t{row.body_offset} + row.body_size > frame.raw_size) {
        return fail(state.corrupt("body lies outside of its frame"));
    }
    if (frame.stored_size == frame.raw_size) {
        const std::string_view bytes =
            KAUSAL_TRY(state.heap(frame.offset + row.body_offset, row.body_size));
        return PinnedBody{bytes, nullptr};
    }
    FrameRef loaded = state.cache->find(state.file_id, row.frame, row.body_offset);
    if (!loaded) {
        const std::string_view stored = KAUSAL_TRY(state.heap(frame.offset, frame.stored_size));
        Result<FrameRef> fresh =
            state.cache->load(state.file_id, row.frame, stored, frame.raw_size);
        if (!fresh) return fail(std::move(fresh).error().with_context(state.name));
        loaded = std::move(*fresh);
    }
    // The cache is shared by file id; what it holds is still checked against this file's row.
    if (loaded->size < uint64_t{row.body_offset} + row.body_size) {
        return fail(state.corrupt("body lies outside of its frame"));
    }
    return PinnedBody{loaded->view().substr(row.body_offset, row.body_size), std::move(loaded)};
}

Result<uint32_t> SegmentReader::next_put(uint32_t from, format::BlockKind kind) const {
    constexpr uint32_t stride = kChunkSize / sizeof(uint16_t);
    const auto wanted = static_cast<uint16_t>(kind);
    while (from < state_->id_count) {
        // Up to the end of a stride, so that a scan checks each chunk once.
        const uint32_t count = std::min(stride - from % stride, state_->id_count - from);
        const auto* kinds = state_->elements<uint16_t>(SectionKind::Kinds, from, count);
        if (kinds == nullptr) return fail(state_->damage(SectionKind::Kinds));
        const auto* found = std::find_if(kinds, kinds + count, [&](uint16_t here) {
            return wanted == 0 ? here != 0 : here == wanted;
        });
        if (found != kinds + count) return from + static_cast<uint32_t>(found - kinds);
        from += count;
    }
    return state_->id_count;
}

uint32_t SegmentReader::frame_count() const noexcept {
    return static_cast<uint32_t>(state_->footer.frame_count);
}

Result<SegmentReader::StoredFrame> SegmentReader::stored_frame(uint32_t frame) const {
    if (frame >= frame_count()) {
        return fail(ErrorCode::Invalid, state_->name + ": frame " + std::to_string(frame) + " of " +
                                            std::to_string(frame_count()));
    }
    const FrameEntry entry = KAUSAL_TRY(state_->frame(frame));
    const std::string_view stored = KAUSAL_TRY(state_->heap(entry.offset, entry.stored_size));
    return StoredFrame{stored, entry.raw_size, entry.stored_size != entry.raw_size};
}

Result<SegmentReader::BodyLocation> SegmentReader::body_location(uint32_t ordinal) const {
    const RowEntry row = KAUSAL_TRY(state_->put_row(ordinal));
    return BodyLocation{row.frame, row.body_offset, row.body_size, row.head_offset};
}

}  // namespace kausal::segment
