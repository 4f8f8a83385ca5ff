// Varints and length-prefixed strings: the out-of-line half of coding.h.
#include "base/coding.h"

#include <limits>

namespace kausal {

void put_varint(std::string& out, uint64_t value) {
    char buffer[10];
    size_t size = 0;
    while (value >= 0x80) {
        buffer[size++] = static_cast<char>(value | 0x80);
        value >>= 7;
    }
    buffer[size++] = static_cast<char>(value);
    out.append(buffer, size);
}

void put_string(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out.append(text);
}

uint64_t Decoder::varint() noexcept {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (at_ == end_) break;
        const auto byte = static_cast<uint64_t>(*at_++);
        // The tenth byte may carry only the last bit of a 64-bit value.
        if (shift == 63 && byte > 1) break;
        value |= (byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    return fail_with<uint64_t>(0);
}

uint32_t Decoder::varint32() noexcept {
    const uint64_t value = varint();
    if (value > std::numeric_limits<uint32_t>::max()) return fail_with<uint32_t>(0);
    return static_cast<uint32_t>(value);
}

std::string_view Decoder::string() noexcept {
    const uint64_t size = varint();
    if (size > remaining()) return fail_with(std::string_view{});
    return raw(static_cast<size_t>(size));
}

std::string_view Decoder::raw(size_t size) noexcept {
    if (size > remaining()) return fail_with(std::string_view{});
    std::string_view text(reinterpret_cast<const char*>(at_), size);
    at_ += size;
    return text;
}

}  // namespace kausal
