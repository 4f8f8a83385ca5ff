// Encoding, compressing and counting of blocks, one chunk at a time.
#include "segment/block_chunk.h"

#include "segment/chunk_data.h"

#include <zstd.h>

#include <algorithm>
#include <limits>

namespace kausal::segment {
namespace {

/// Local offsets are 32 bits; a chunk is closed long before they end.
constexpr size_t kChunkMemoryMax = size_t{1} << 30;
/// Far below what a reader accepts as a frame, whatever the options say.
constexpr size_t kFrameSizeMax = size_t{64} << 20;

struct ContextDeleter {
    void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
};

[[nodiscard]] uint16_t saturated(uint32_t length) noexcept {
    return static_cast<uint16_t>(std::min<uint32_t>(length, std::numeric_limits<uint16_t>::max()));
}

}  // namespace

BlockChunk::BlockChunk() noexcept = default;
BlockChunk::BlockChunk(std::unique_ptr<ChunkData> data) noexcept : data_(std::move(data)) {}
BlockChunk::BlockChunk(BlockChunk&&) noexcept = default;
BlockChunk& BlockChunk::operator=(BlockChunk&&) noexcept = default;
BlockChunk::~BlockChunk() = default;

size_t BlockChunk::block_count() const noexcept {
    return data_ ? data_->rows.size() : 0;
}
size_t BlockChunk::size_bytes() const noexcept {
    return data_ ? data_->memory_bytes() : 0;
}
std::unique_ptr<ChunkData> BlockChunk::release() noexcept {
    return std::move(data_);
}

struct BlockChunkBuilder::State {
    BlockChunkOptions options;
    std::unique_ptr<ZSTD_CCtx, ContextDeleter> context;
    std::unique_ptr<ChunkData> data = std::make_unique<ChunkData>();
    format::TermCounter counter;
    TextRunBuilder text;
    std::string open_frame;          // bodies of the frame being filled
    uint32_t open_frame_number = 0;  // valid when open_frame is not empty
    std::vector<uint64_t> keys;      // scratch
    std::string body;                // scratch

    [[nodiscard]] size_t memory_bytes() const noexcept {
        const ChunkData& chunk = *data;
        return chunk.rows.size() * sizeof(ChunkRow) + chunk.heads.size() +
               chunk.frame_bytes.size() + open_frame.size() + text.memory_bytes() +
               chunk.keys.size() * sizeof(ChunkKey);
    }
    [[nodiscard]] Status check_room() const {
        if (memory_bytes() <= kChunkMemoryMax) return {};
        return {ErrorCode::Invalid, "block chunk exceeds 1 GiB"};
    }
    [[nodiscard]] Status add_body(std::string_view body_bytes, ChunkRow& row);
    [[nodiscard]] Status store_frame(std::string_view raw, uint32_t number);
    [[nodiscard]] Status close_frame();
    void index(const format::BlockRecord& record, uint32_t row_number, bool count_terms);
    void count_terms_of(const format::BlockRecord& record, uint32_t row_number);
};

// A body as large as a frame gets one of its own; others share, in order of arrival.
Status BlockChunkBuilder::State::add_body(std::string_view body_bytes, ChunkRow& row) {
    row.body_size = static_cast<uint32_t>(body_bytes.size());
    if (body_bytes.empty()) return {};
    if (body_bytes.size() >= options.frame_size_bytes) {
        row.frame = static_cast<uint32_t>(data->frames.size());
        data->frames.emplace_back();
        return store_frame(body_bytes, row.frame);
    }
    if (open_frame.size() + body_bytes.size() > options.frame_size_bytes) {
        KAUSAL_TRY(close_frame());
    }
    if (open_frame.empty()) {
        open_frame_number = static_cast<uint32_t>(data->frames.size());
        data->frames.emplace_back();
    }
    row.frame = open_frame_number;
    row.body_offset = static_cast<uint32_t>(open_frame.size());
    open_frame.append(body_bytes);
    return {};
}

Status BlockChunkBuilder::State::store_frame(std::string_view raw, uint32_t number) {
    ChunkFrame& frame = data->frames[number];
    std::string& bytes = data->frame_bytes;
    frame.offset = bytes.size();
    frame.raw_size = static_cast<uint32_t>(raw.size());
    if (options.compression_level != 0) {
        if (!context) context.reset(ZSTD_createCCtx());
        if (!context) return {ErrorCode::NoMemory, "compression context"};
        const size_t bound = ZSTD_compressBound(raw.size());
        bytes.resize(frame.offset + bound);
        const size_t size = ZSTD_compressCCtx(context.get(), bytes.data() + frame.offset, bound,
                                              raw.data(), raw.size(), options.compression_level);
        if (ZSTD_isError(size) == 0 && size < raw.size()) {
            frame.stored_size = static_cast<uint32_t>(size);
            bytes.resize(frame.offset + size);
            return {};
        }
        bytes.resize(frame.offset);
    }
    frame.stored_size = frame.raw_size;
    bytes.append(raw);
    return {};
}

Status BlockChunkBuilder::State::close_frame() {
    if (open_frame.empty()) return {};
    KAUSAL_TRY(store_frame(open_frame, open_frame_number));
    open_frame.clear();
    return {};
}

void BlockChunkBuilder::State::index(const format::BlockRecord& record, uint32_t row_number,
                                     bool count_terms) {
    ChunkRow& row = data->rows[row_number];
    row.kind = static_cast<uint16_t>(record.kind);
    row.name = data->names.intern(record.name);
    row.uri = data->uris.intern(record.uri);
    format::index_keys(record, keys);
    for (const uint64_t key : keys) data->keys.push_back({key, row_number});
    if (count_terms) count_terms_of(record, row_number);
}

void BlockChunkBuilder::State::count_terms_of(const format::BlockRecord& record,
                                              uint32_t row_number) {
    uint32_t lengths[format::kTextFieldCount];
    const std::vector<format::TermCount>& terms = counter.count(record, lengths);
    if (terms.empty()) return;
    ChunkDocument document;
    document.row = row_number;
    for (size_t field = 0; field < format::kTextFieldCount; ++field) {
        document.lengths[field] = saturated(lengths[field]);
    }
    text.add(static_cast<uint32_t>(data->documents.size()), terms);
    data->documents.push_back(document);
}

BlockChunkBuilder::BlockChunkBuilder(const BlockChunkOptions& options)
    : state_(std::make_unique<State>()) {
    state_->options = options;
    state_->options.frame_size_bytes = std::min(options.frame_size_bytes, kFrameSizeMax);
}

BlockChunkBuilder::~BlockChunkBuilder() = default;

Status BlockChunkBuilder::add(const format::BlockRecord& record, uint64_t version) {
    KAUSAL_TRY(format::validate(record));
    KAUSAL_TRY(state_->check_room());
    ChunkData& data = *state_->data;
    ChunkRow row;
    row.id = record.id;
    row.version = version;
    row.head_offset = data.heads.size();
    state_->body.clear();
    format::encode_body(record, state_->body);
    KAUSAL_TRY(state_->add_body(state_->body, row));
    format::encode_head(record, data.heads);
    row.head_size = static_cast<uint32_t>(data.heads.size() - row.head_offset);
    data.rows.push_back(row);
    state_->index(record, static_cast<uint32_t>(data.rows.size() - 1), true);
    return {};
}

Status BlockChunkBuilder::add_encoded(const BlockId& id, std::string_view head,
                                      std::string_view body, uint64_t version) {
    format::BlockRecord record;
    record.id = id;
    KAUSAL_TRY(format::decode_head(head, record));
    KAUSAL_TRY(format::decode_body(body, record));
    KAUSAL_TRY(format::validate(record));
    KAUSAL_TRY(state_->check_room());
    ChunkData& data = *state_->data;
    ChunkRow row{.id = id, .version = version, .head_offset = data.heads.size()};
    row.head_size = static_cast<uint32_t>(head.size());
    KAUSAL_TRY(state_->add_body(body, row));
    data.heads.append(head);
    data.rows.push_back(row);
    state_->index(record, static_cast<uint32_t>(data.rows.size() - 1), true);
    return {};
}

size_t BlockChunkBuilder::block_count() const noexcept {
    return state_->data->rows.size();
}
size_t BlockChunkBuilder::size_bytes() const noexcept {
    return state_->memory_bytes();
}

Result<BlockChunk> BlockChunkBuilder::finish() {
    KAUSAL_TRY(state_->close_frame());
    state_->data->text = state_->text.finish();
    auto fresh = std::make_unique<ChunkData>();
    fresh.swap(state_->data);
    return BlockChunk(std::move(fresh));
}

Status BlockChunkBuilderAccess::add_untokenized(BlockChunkBuilder& builder, const BlockId& id,
                                                std::string_view head, std::string_view body,
                                                uint64_t version) {
    BlockChunkBuilder::State& state = *builder.state_;
    format::BlockRecord record;
    record.id = id;
    KAUSAL_TRY(format::decode_head(head, record));
    KAUSAL_TRY(state.check_room());
    ChunkRow row{.id = id, .version = version, .head_offset = state.data->heads.size()};
    row.head_size = static_cast<uint32_t>(head.size());
    KAUSAL_TRY(state.add_body(body, row));
    state.data->heads.append(head);
    state.data->rows.push_back(row);
    state.index(record, static_cast<uint32_t>(state.data->rows.size() - 1), false);
    return {};
}

Status BlockChunkBuilderAccess::add_placed(BlockChunkBuilder& builder, const BlockId& id,
                                           std::string_view head,
                                           const SegmentWriter::BodyPlace& body, uint64_t version) {
    BlockChunkBuilder::State& state = *builder.state_;
    KAUSAL_TRY(add_untokenized(builder, id, head, {}, version));
    ChunkRow& row = state.data->rows.back();
    row.frame = body.frame;
    row.body_offset = body.offset;
    row.body_size = body.size;
    row.is_placed = true;
    return {};
}

}  // namespace kausal::segment
