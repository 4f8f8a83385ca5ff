// Cuts C and C++ into words and hides parts of it; see c_mask_text.h.
#include "ingest/c_mask_text.h"

namespace kausal::ingest::c_mask {

size_t skip_blanks(std::string_view text, size_t at) noexcept {
    while (at < text.size()) {
        if (is_blank(text[at])) {
            ++at;
        } else if (text.substr(at).starts_with("\\\n")) {
            at += 2;
        } else if (text.substr(at).starts_with("//")) {
            at = std::min(text.find('\n', at), text.size());
        } else if (text.substr(at).starts_with("/*")) {
            const size_t end = text.find("*/", at + 2);
            at = end == kNone ? text.size() : end + 2;
        } else {
            break;
        }
    }
    return at;
}

std::string_view MaskedText::word_at(size_t at) const noexcept {
    size_t end = at;
    while (end < source_.size() && is_word(source_[end])) ++end;
    return source_.substr(at, end - at);
}

void MaskedText::hide(Span span) {
    if (span.first >= span.end) return;
    if (!has_hidden_) masked_.assign(source_);
    has_hidden_ = true;
    for (size_t i = span.first; i < span.end; ++i) {
        if (masked_[i] != '\n') masked_[i] = ' ';
    }
}

}  // namespace kausal::ingest::c_mask
