// Text handling of the extractor.
#include "ingest/source_text.h"

#include <algorithm>
#include <cstring>

namespace kausal::ingest {
namespace {

bool is_space(char c) noexcept {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

}  // namespace

std::string_view folded(std::string_view text, std::string& scratch) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    size_t at = 0;
    while (at < text.size() &&
           (!is_space(text[at]) || (text[at] == ' ' && !is_space(text[at + 1]))))
        ++at;
    if (at == text.size()) return text;
    scratch.assign(text.substr(0, at));
    for (; at < text.size(); ++at) {
        if (!is_space(text[at])) {
            scratch.push_back(text[at]);
        } else if (scratch.empty() || scratch.back() != ' ') {
            scratch.push_back(' ');
        }
    }
    return scratch;
}

std::string shortened(std::string_view text, size_t size_max) {
    if (text.size() <= size_max) return std::string(text);
    size_t size = size_max - 3;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
    return std::string(text.substr(0, size)) + "...";
}

bool is_blank(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), is_space);
}

size_t count_newlines(std::string_view text) noexcept {
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

void LineIndex::reset(std::string_view source) {
    starts_.clear();
    starts_.push_back(0);
    size_ = source.size();
    const char* at = source.data();
    const char* const end = at + source.size();
    while (at != end) {
        const auto* newline =
            static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)));
        if (newline == nullptr) break;
        at = newline + 1;
        starts_.push_back(static_cast<uint32_t>(at - source.data()));
    }
}

uint32_t LineIndex::line_of(uint32_t offset) const noexcept {
    const auto after = std::upper_bound(starts_.begin(), starts_.end(), offset);
    return static_cast<uint32_t>(after - starts_.begin());
}

uint32_t LineIndex::line_count() const noexcept {
    const bool ends_with_newline = starts_.back() == size_;
    return static_cast<uint32_t>(starts_.size() - (ends_with_newline ? 1 : 0));
}

}  // namespace kausal::ingest
