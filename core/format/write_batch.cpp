// Encoding and decoding of write batches, as docs/format/batch.md says.
//
// Block operations are encoded in place: the length goes first, so sizes are computed before
// anything is written and no text is copied twice.
#include "format/write_batch.h"

#include "base/coding.h"

#include <limits>

namespace kausal::format {
namespace {

void put_id(std::string& out, const BlockId& id) {
    std::byte bytes[sizeof(BlockId)];
    id.store(bytes);
    out.append(reinterpret_cast<const char*>(bytes), sizeof(bytes));
}

[[nodiscard]] BlockId take_id(Decoder& decoder) noexcept {
    const std::string_view bytes = decoder.raw(sizeof(BlockId));
    if (bytes.size() != sizeof(BlockId)) return {};
    return BlockId::load(as_bytes(bytes).data());
}

[[nodiscard]] Status corrupt() {
    return {ErrorCode::Corrupt, "write batch does not decode"};
}

// Writes the length of what `encode` appends in front of it. Four bytes are reserved, which hold
// the varint of any size up to 256 MiB; it is padded with continuation bits, and larger sizes move
// the text.
template <typename Encode>
void put_sized(std::string& out, Encode&& encode) {
    constexpr size_t reserved = 4;
    const size_t start = out.size();
    out.append(reserved, '\0');
    encode();
    const uint64_t size = out.size() - start - reserved;
    if (size >> 28 != 0) {
        std::string longer;
        put_varint(longer, size);
        out.replace(start, reserved, longer);
        return;
    }
    for (size_t i = 0; i < reserved; ++i) {
        const auto bits = static_cast<uint8_t>((size >> (7 * i)) & 0x7f);
        out[start + i] = static_cast<char>(bits | (i + 1 < reserved ? 0x80 : 0));
    }
}

}  // namespace

Status WriteBatch::put_block(const BlockRecord& record) {
    KAUSAL_TRY(validate(record));
    if (operation_count_ == std::numeric_limits<uint32_t>::max()) {
        return {ErrorCode::Invalid, "write batch is full"};
    }
    put_fixed(bytes_, static_cast<uint8_t>(OperationKind::PutBlock));
    put_id(bytes_, record.id);
    put_sized(bytes_, [&] { encode_head(record, bytes_); });
    put_sized(bytes_, [&] { encode_body(record, bytes_); });
    ++operation_count_;
    return {};
}

Status WriteBatch::delete_block(const BlockId& id) {
    if (!id.is_valid()) return {ErrorCode::Invalid, "block id is zero"};
    if (operation_count_ == std::numeric_limits<uint32_t>::max()) {
        return {ErrorCode::Invalid, "write batch is full"};
    }
    put_fixed(bytes_, static_cast<uint8_t>(OperationKind::DeleteBlock));
    put_id(bytes_, id);
    ++operation_count_;
    return {};
}

Status WriteBatch::put_edge(const EdgeRecord& edge) {
    KAUSAL_TRY(validate(edge));
    if (operation_count_ == std::numeric_limits<uint32_t>::max()) {
        return {ErrorCode::Invalid, "write batch is full"};
    }
    put_fixed(bytes_, static_cast<uint8_t>(OperationKind::PutEdge));
    put_id(bytes_, edge.source);
    put_id(bytes_, edge.target);
    put_fixed(bytes_, static_cast<uint16_t>(edge.type));
    put_fixed(bytes_, static_cast<uint8_t>(edge.certainty));
    put_fixed(bytes_, static_cast<uint8_t>(edge.provenance));
    put_fixed(bytes_, edge.confidence);
    put_varint(bytes_, edge.site_offset);
    put_varint(bytes_, edge.site_line);
    ++operation_count_;
    return {};
}

Status WriteBatch::delete_edge(const EdgeKey& key) {
    KAUSAL_TRY(validate(key));
    if (operation_count_ == std::numeric_limits<uint32_t>::max()) {
        return {ErrorCode::Invalid, "write batch is full"};
    }
    put_fixed(bytes_, static_cast<uint8_t>(OperationKind::DeleteEdge));
    put_id(bytes_, key.source);
    put_id(bytes_, key.target);
    put_fixed(bytes_, static_cast<uint16_t>(key.type));
    put_varint(bytes_, key.site_offset);
    ++operation_count_;
    return {};
}

void WriteBatch::clear() noexcept {
    bytes_.clear();
    operation_count_ = 0;
}

void WriteBatch::append(const WriteBatch& other) {
    // Taken first: `other` may be this batch.
    const uint32_t count = other.operation_count_;
    bytes_.append(other.bytes_);
    operation_count_ += count;
}

Result<bool> BatchReader::next(Operation& into) {
    if (rest_.empty()) return false;
    Decoder decoder(rest_);
    into.kind = static_cast<OperationKind>(decoder.fixed<uint8_t>());
    into.id = {};
    into.head = into.body = {};
    into.edge = {};
    bool is_valid = true;
    switch (into.kind) {
        case OperationKind::PutBlock:
            into.id = take_id(decoder);
            into.head = decoder.string();
            into.body = decoder.string();
            is_valid = into.id.is_valid();
            break;
        case OperationKind::DeleteBlock:
            into.id = take_id(decoder);
            is_valid = into.id.is_valid();
            break;
        case OperationKind::PutEdge:
            into.edge.source = take_id(decoder);
            into.edge.target = take_id(decoder);
            into.edge.type = static_cast<EdgeType>(decoder.fixed<uint16_t>());
            into.edge.certainty = static_cast<Certainty>(decoder.fixed<uint8_t>());
            into.edge.provenance = static_cast<Provenance>(decoder.fixed<uint8_t>());
            into.edge.confidence = decoder.fixed<uint8_t>();
            into.edge.site_offset = decoder.varint32();
            into.edge.site_line = decoder.varint32();
            is_valid = validate(into.edge).is_ok();
            break;
        case OperationKind::DeleteEdge:
            into.edge.source = take_id(decoder);
            into.edge.target = take_id(decoder);
            into.edge.type = static_cast<EdgeType>(decoder.fixed<uint16_t>());
            into.edge.site_offset = decoder.varint32();
            is_valid = validate(key_of(into.edge)).is_ok();
            break;
        default:
            is_valid = false;
    }
    if (decoder.failed() || !is_valid) return fail(corrupt());
    rest_.remove_prefix(rest_.size() - decoder.remaining());
    return true;
}

}  // namespace kausal::format
