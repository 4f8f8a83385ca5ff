// Encoding and decoding of blocks, byte by byte as docs/format/block.md says.
//
// A head is a fixed part of 48 bytes, read with plain loads because every lookup passes here, then
// the texts and the keys. A body is its two texts and, to its end, the content.
#include "format/block_record.h"

#include "base/coding.h"
#include "base/utf8.h"

#include <algorithm>

namespace kausal::format {
namespace {

constexpr uint8_t kHeadVersion = 1;
constexpr uint8_t kBodyVersion = 1;
constexpr size_t kHeadFixedSize = 48;

// Offsets inside the fixed part of a head.
constexpr size_t kAtVersion = 0;
constexpr size_t kAtLanguage = 1;
constexpr size_t kAtKind = 2;
constexpr size_t kAtFlags = 4;
constexpr size_t kAtWorkspace = 8;
constexpr size_t kAtParent = 16;
constexpr size_t kAtLineFirst = 32;
constexpr size_t kAtLineLast = 36;
constexpr size_t kAtByteFirst = 40;
constexpr size_t kAtByteEnd = 44;
static_assert(kAtByteEnd + sizeof(uint32_t) == kHeadFixedSize);

[[nodiscard]] Status check_size(std::string_view field, size_t size, size_t size_max) {
    if (size <= size_max) return {};
    return {ErrorCode::Invalid, "block " + std::string(field) + " of " + std::to_string(size) +
                                    " bytes, at most " + std::to_string(size_max)};
}

[[nodiscard]] Status check_text(std::string_view field, std::string_view text, size_t size_max) {
    KAUSAL_TRY(check_size(field, text.size(), size_max));
    if (is_utf8(text)) return {};
    return {ErrorCode::Invalid, "block " + std::string(field) + " is not UTF-8"};
}

[[nodiscard]] bool is_known_kind(BlockKind kind) noexcept {
    return (kind > BlockKind::Invalid && kind <= BlockKind::Record) || kind >= BlockKind::UserFirst;
}

[[nodiscard]] bool is_strictly_increasing(const std::vector<uint64_t>& keys) noexcept {
    for (size_t i = 1; i < keys.size(); ++i) {
        if (keys[i - 1] >= keys[i]) return false;
    }
    return true;
}

}  // namespace

void encode_head(const BlockRecord& record, std::string& out) {
    std::byte fixed[kHeadFixedSize];
    store_fixed(fixed + kAtVersion, kHeadVersion);
    store_fixed(fixed + kAtLanguage, static_cast<uint8_t>(record.language));
    store_fixed(fixed + kAtKind, static_cast<uint16_t>(record.kind));
    store_fixed(fixed + kAtFlags, record.flags);
    store_fixed(fixed + kAtWorkspace, record.workspace);
    record.parent.store(fixed + kAtParent);
    store_fixed(fixed + kAtLineFirst, record.line_first);
    store_fixed(fixed + kAtLineLast, record.line_last);
    store_fixed(fixed + kAtByteFirst, record.byte_first);
    store_fixed(fixed + kAtByteEnd, record.byte_end);
    out.append(reinterpret_cast<const char*>(fixed), kHeadFixedSize);
    put_string(out, record.name);
    put_string(out, record.qualified_name);
    put_string(out, record.uri);
    put_string(out, record.signature);
    put_string(out, record.binding);
    put_varint(out, record.keys.size());
    for (const uint64_t key : record.keys) put_fixed(out, key);
}

void encode_body(const BlockRecord& record, std::string& out) {
    if (record.doc.empty() && record.metadata.empty() && record.content.empty()) return;
    put_fixed(out, kBodyVersion);
    put_string(out, record.doc);
    put_string(out, record.metadata);
    out.append(record.content);
}

Status decode_head(std::string_view bytes, BlockRecord& into) {
    if (bytes.size() < kHeadFixedSize) {
        return {ErrorCode::Corrupt,
                "block head of " + std::to_string(bytes.size()) + " bytes is too short"};
    }
    const std::byte* fixed = as_bytes(bytes).data();
    if (load_fixed<uint8_t>(fixed + kAtVersion) != kHeadVersion) {
        return {ErrorCode::Corrupt, "block head version " +
                                        std::to_string(load_fixed<uint8_t>(fixed + kAtVersion)) +
                                        " is not known"};
    }
    into.language = static_cast<Language>(load_fixed<uint8_t>(fixed + kAtLanguage));
    into.kind = static_cast<BlockKind>(load_fixed<uint16_t>(fixed + kAtKind));
    into.flags = load_fixed<uint32_t>(fixed + kAtFlags);
    into.workspace = load_fixed<uint64_t>(fixed + kAtWorkspace);
    into.parent = BlockId::load(fixed + kAtParent);
    into.line_first = load_fixed<uint32_t>(fixed + kAtLineFirst);
    into.line_last = load_fixed<uint32_t>(fixed + kAtLineLast);
    into.byte_first = load_fixed<uint32_t>(fixed + kAtByteFirst);
    into.byte_end = load_fixed<uint32_t>(fixed + kAtByteEnd);
    Decoder rest(bytes.substr(kHeadFixedSize));
    into.name = rest.string();
    into.qualified_name = rest.string();
    into.uri = rest.string();
    into.signature = rest.string();
    into.binding = rest.string();
    const uint64_t key_count = rest.varint();
    // Keys end the head, so that their count is checked before anything is allocated.
    if (rest.failed() || rest.remaining() % sizeof(uint64_t) != 0 ||
        key_count != rest.remaining() / sizeof(uint64_t) || into.kind == BlockKind::Invalid) {
        return {ErrorCode::Corrupt, "block head does not decode"};
    }
    into.keys.resize(static_cast<size_t>(key_count));
    if (key_count != 0) std::memcpy(into.keys.data(), rest.position(), rest.remaining());
    return {};
}

Status decode_body(std::string_view bytes, BlockRecord& into) {
    if (bytes.empty()) {
        into.doc = into.metadata = into.content = {};
        return {};
    }
    Decoder decoder(bytes);
    const auto version = decoder.fixed<uint8_t>();
    into.doc = decoder.string();
    into.metadata = decoder.string();
    if (decoder.failed() || version != kBodyVersion) {
        return {ErrorCode::Corrupt, "block body does not decode"};
    }
    into.content = decoder.raw(decoder.remaining());
    return {};
}

Status validate(const BlockRecord& record) {
    if (!record.id.is_valid()) return {ErrorCode::Invalid, "block id is zero"};
    if (!is_known_kind(record.kind)) {
        return {
            ErrorCode::Invalid,
            "block kind " + std::to_string(static_cast<uint16_t>(record.kind)) + " is not known"};
    }
    KAUSAL_TRY(check_text("name", record.name, kNameSizeMax));
    KAUSAL_TRY(check_text("qualified name", record.qualified_name, kNameSizeMax));
    KAUSAL_TRY(check_text("uri", record.uri, kUriSizeMax));
    KAUSAL_TRY(check_text("signature", record.signature, kTextSizeMax));
    KAUSAL_TRY(check_size("binding", record.binding.size(), kTextSizeMax));
    KAUSAL_TRY(check_text("doc", record.doc, kTextSizeMax));
    KAUSAL_TRY(check_text("metadata", record.metadata, kTextSizeMax));
    KAUSAL_TRY(check_size("content", record.content.size(), kContentSizeMax));
    if (record.keys.size() > kKeyCountMax) {
        return {ErrorCode::Invalid, "block has " + std::to_string(record.keys.size()) +
                                        " keys, at most " + std::to_string(kKeyCountMax)};
    }
    if (!is_strictly_increasing(record.keys)) {
        return {ErrorCode::Invalid, "block keys are not sorted and unique"};
    }
    return {};
}

uint64_t hash_key(uint16_t space, std::string_view text) noexcept {
    return hash64(text, space);
}

void index_keys(const BlockRecord& record, std::vector<uint64_t>& into) {
    into.assign(record.keys.begin(), record.keys.end());
    if (record.qualified_name.empty()) return;
    const uint64_t key = hash_key(kKeySpaceQualifiedName, record.qualified_name);
    const auto at = std::ranges::lower_bound(into, key);
    if (at == into.end() || *at != key) into.insert(at, key);
}

}  // namespace kausal::format
