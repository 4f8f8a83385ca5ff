// Encoding and decoding of posting lists.
#include "segment/postings.h"

namespace kausal::segment {
namespace {

constexpr auto kBody = static_cast<size_t>(format::TextField::Body);
constexpr uint8_t kFieldMask = (1u << format::kTextFieldCount) - 1;

[[nodiscard]] size_t encode_varint(uint64_t value, uint8_t* to) noexcept {
    size_t size = 0;
    while (value >= 0x80) {
        to[size++] = static_cast<uint8_t>(value | 0x80);
        value >>= 7;
    }
    to[size++] = static_cast<uint8_t>(value);
    return size;
}

/// A cursor over untrusted bytes; `at` becomes null on failure.
struct Cursor {
    const uint8_t* at;
    const uint8_t* end;

    [[nodiscard]] bool varint(uint64_t& value) noexcept {
        if (at != end && *at < 0x80) [[likely]] {
            value = *at++;
            return true;
        }
        value = 0;
        // Deltas have 33 bits with their flag, five bytes.
        for (unsigned shift = 0; shift < 35; shift += 7) {
            if (at == end) return false;
            const uint8_t byte = *at++;
            value |= uint64_t{byte & 0x7fu} << shift;
            if (byte < 0x80) return true;
        }
        return false;
    }
    [[nodiscard]] bool counts(uint8_t* counts) noexcept {
        if (at == end) return false;
        const uint8_t mask = *at++;
        const uint8_t fields = mask & kFieldMask;
        if (fields == 0 || (mask & ~(kFieldMask | kPostingMaskOnce)) != 0) return false;
        for (size_t field = 0; field < format::kTextFieldCount; ++field) {
            if ((fields >> field & 1) == 0) continue;
            counts[field] = 1;
            if ((mask & kPostingMaskOnce) != 0) continue;
            if (at == end || *at == 0) return false;
            counts[field] = *at++;
        }
        return true;
    }
};

[[nodiscard]] Cursor cursor_of(ByteView bytes) noexcept {
    const auto* first = reinterpret_cast<const uint8_t*>(bytes.data());
    return {first, first + bytes.size()};
}

[[nodiscard]] bool take_count(Cursor& cursor, uint32_t& count) noexcept {
    uint64_t value = 0;
    if (!cursor.varint(value)) return false;
    // Every posting takes a byte, so a count beyond the rest is no count.
    if (value == 0 || value > static_cast<uint64_t>(cursor.end - cursor.at)) return false;
    count = static_cast<uint32_t>(value);
    return true;
}

}  // namespace

size_t encode_posting(uint64_t delta, const uint8_t* counts, uint8_t* to) noexcept {
    uint8_t mask = 0;
    bool is_once = true;
    for (size_t field = 0; field < format::kTextFieldCount; ++field) {
        if (counts[field] != 0) mask = static_cast<uint8_t>(mask | (1u << field));
        if (counts[field] > 1) is_once = false;
    }
    const bool has_more = mask != (1u << kBody) || !is_once;
    size_t size = encode_varint(delta << 1 | (has_more ? 1 : 0), to);
    if (!has_more) return size;
    to[size++] = static_cast<uint8_t>(mask | (is_once ? kPostingMaskOnce : 0));
    if (is_once) return size;
    for (size_t field = 0; field < format::kTextFieldCount; ++field) {
        if (counts[field] != 0) to[size++] = counts[field];
    }
    return size;
}

bool decode_posting_count(ByteView list, uint32_t& count) noexcept {
    Cursor cursor = cursor_of(list);
    return take_count(cursor, count);
}

bool decode_postings(ByteView list, uint32_t document_first, uint32_t document_count,
                     std::vector<TextPosting>& into) {
    Cursor cursor = cursor_of(list);
    uint32_t count = 0;
    if (!take_count(cursor, count)) return false;
    const size_t size_before = into.size();
    into.resize(size_before + count);
    TextPosting* to = into.data() + size_before;
    uint64_t document = 0;
    bool is_valid = true;
    for (uint32_t i = 0; i < count && is_valid; ++i, ++to) {
        uint64_t value = 0;
        is_valid = cursor.varint(value) && (i == 0 || value >= 2);
        document += value >> 1;
        is_valid = is_valid && document < document_count;
        if (!is_valid) break;
        to->document = document_first + static_cast<uint32_t>(document);
        if ((value & 1) == 0) {
            to->counts[kBody] = 1;
        } else {
            is_valid = cursor.counts(to->counts);
        }
    }
    if (!is_valid || cursor.at != cursor.end) {
        into.resize(size_before);
        return false;
    }
    return true;
}

}  // namespace kausal::segment
