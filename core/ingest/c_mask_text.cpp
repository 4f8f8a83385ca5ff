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

bool is_capitals(std::string_view word) noexcept {
    bool has_letter = false;
    for (const char c : word) {
        if (c >= 'a' && c <= 'z') return false;
        has_letter = has_letter || (c >= 'A' && c <= 'Z');
    }
    return has_letter && word.size() >= 3;
}

bool is_macro_like(std::string_view word) noexcept {
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    return word.size() >= 2 && is_capital(word[0]) && is_capital(word[1]);
}

size_t after_bracket(std::string_view text, size_t at) noexcept {
    constexpr size_t kSpanMax = 4000;
    size_t depth = 0;
    const size_t end = std::min(text.size(), at + kSpanMax);
    for (size_t i = at; i < end; ++i) {
        const char c = text[i];
        if (c == '"' || c == '\'') {
            for (++i; i < end && text[i] != c && text[i] != '\n'; ++i) {
                if (text[i] == '\\') ++i;
            }
        } else if (c == '(' || c == '[' || c == '{') {
            ++depth;
        } else if (c == ')' || c == ']' || c == '}') {
            if (--depth == 0) return i + 1;
        } else if (c == '#' && (i == 0 || text[i - 1] == '\n')) {
            return kNone;
        }
    }
    return kNone;
}

std::string_view MaskedText::word_at(size_t at) const noexcept {
    size_t end = at;
    while (end < source_.size() && is_word(source_[end])) ++end;
    return source_.substr(at, end - at);
}

void MaskedText::write(size_t at, std::string_view text) {
    if (at + text.size() > source_.size()) return;
    if (!has_hidden_) masked_.assign(source_);
    has_hidden_ = true;
    masked_.replace(at, text.size(), text);
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
