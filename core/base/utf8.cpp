// A table-free UTF-8 scanner after the well-formed ranges of the Unicode standard, table 3-7.
#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace kausal {
namespace {

/// Length of the well-formed sequence at `at`, or 0.
size_t sequence_size(std::string_view text, size_t at) noexcept {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[at + i]); };
    const size_t left = text.size() - at;
    const auto tail = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xbf) {
        return i < left && byte(i) >= low && byte(i) <= high;
    };
    const uint8_t first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const uint8_t low = first == 0xe0 ? 0xa0 : 0x80;
        const uint8_t high = first == 0xed ? 0x9f : 0xbf;
        return tail(1, low, high) && tail(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const uint8_t low = first == 0xf0 ? 0x90 : 0x80;
        const uint8_t high = first == 0xf4 ? 0x8f : 0xbf;
        return tail(1, low, high) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
    constexpr uint64_t kHighBits = 0x8080808080808080;
    for (size_t at = 0; at < text.size();) {
        // Most text is ASCII: eight bytes at a time until one is not.
        for (uint64_t word = 0; text.size() - at >= sizeof(word); at += sizeof(word)) {
            std::memcpy(&word, text.data() + at, sizeof(word));
            if ((word & kHighBits) != 0) break;
        }
        if (at == text.size()) break;
        const size_t size = sequence_size(text, at);
        if (size == 0) return false;
        at += size;
    }
    return true;
}

std::string utf8_repaired(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (size_t at = 0; at < text.size();) {
        const size_t size = sequence_size(text, at);
        if (size == 0) {
            out += "\xef\xbf\xbd";
            ++at;
        } else {
            out.append(text.substr(at, size));
            at += size;
        }
    }
    return out;
}

}  // namespace kausal
