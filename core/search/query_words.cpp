// Splitting a query; see query_words.h.
#include "search/query_words.h"

#include <algorithm>
#include <unordered_map>

namespace kausal::search {

namespace {

bool is_word_byte(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte > 127;
}

}  // namespace

QueryWords words_of(std::string_view text) {
    QueryWords result;
    std::unordered_map<std::string, uint32_t> numbers;
    const auto number_of = [&](std::string_view term) {
        const auto [at, is_new] =
            numbers.try_emplace(std::string(term), static_cast<uint32_t>(result.terms.size()));
        if (is_new) {
            result.terms.emplace_back(term);
            result.hashes.push_back(format::term_hash(term));
        }
        return at->second;
    };
    size_t at = 0;
    while (at < text.size()) {
        const size_t first = at;
        while (at < text.size() && is_word_byte(text[at])) ++at;
        QueryWord word;
        bool is_first = true;
        format::for_each_term(text.substr(first, at - first), [&](std::string_view term) {
            const uint32_t number = number_of(term);
            if (is_first) {
                word.whole = number;
            } else {
                word.parts.push_back(number);
            }
            is_first = false;
        });
        const bool is_known =
            std::any_of(result.words.begin(), result.words.end(),
                        [&](const QueryWord& other) { return other.whole == word.whole; });
        if (!is_first && !is_known) result.words.push_back(std::move(word));
        ++at;
    }
    return result;
}

}  // namespace kausal::search
