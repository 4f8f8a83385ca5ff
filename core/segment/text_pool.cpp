// Interning of texts and their two orders.
#include "segment/text_pool.h"

#include <algorithm>

namespace kausal::segment {
namespace {

[[nodiscard]] uint8_t fold(char character) noexcept {
    const auto byte = static_cast<uint8_t>(character);
    return byte >= 'A' && byte <= 'Z' ? static_cast<uint8_t>(byte | 0x20) : byte;
}

}  // namespace

uint32_t TextPool::intern(std::string_view text) {
    if (text.empty()) return kNone32;
    const uint64_t hash = hash64(text);
    const uint64_t tag = hash & kTagMask;
    const size_t mask = slots_.size() - 1;
    size_t at = static_cast<size_t>(hash) & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask) {
        if ((slots_[at] & kTagMask) != tag) continue;
        const auto number = static_cast<uint32_t>(slots_[at] & ~kTagMask) - 1;
        if (this->text(number) == text) return number;
    }
    bytes_.append(text);
    offsets_.push_back(bytes_.size());
    const auto number = static_cast<uint32_t>(size() - 1);
    slots_[at] = tag | (uint64_t{number} + 1);
    if (size() * 2 > slots_.size()) grow();
    return number;
}

void TextPool::grow() {
    std::vector<uint64_t> larger(slots_.size() * 2, 0);
    const size_t mask = larger.size() - 1;
    for (size_t number = 0; number < size(); ++number) {
        const uint64_t hash = hash64(text(static_cast<uint32_t>(number)));
        size_t at = static_cast<size_t>(hash) & mask;
        while (larger[at] != 0) at = (at + 1) & mask;
        larger[at] = (hash & kTagMask) | (number + 1);
    }
    slots_.swap(larger);
}

int compare_folded(std::string_view left, std::string_view right) noexcept {
    const size_t size = std::min(left.size(), right.size());
    for (size_t i = 0; i < size; ++i) {
        const uint8_t l = fold(left[i]);
        const uint8_t r = fold(right[i]);
        if (l != r) return l < r ? -1 : 1;
    }
    if (left.size() == right.size()) return 0;
    return left.size() < right.size() ? -1 : 1;
}

bool is_before_folded(std::string_view left, std::string_view right) noexcept {
    const int order = compare_folded(left, right);
    return order != 0 ? order < 0 : left < right;
}

}  // namespace kausal::segment
