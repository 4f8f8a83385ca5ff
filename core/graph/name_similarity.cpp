// How alike two names are: bounded edit distance and subsequence score; see name_lookup.h.
#include "graph/name_lookup.h"

#include <algorithm>
#include <vector>

namespace kausal::graph {

namespace {

char folded(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_word_start(std::string_view text, size_t at) noexcept {
    if (at == 0) return true;
    const char before = text[at - 1];
    const char here = text[at];
    const bool is_alnum = (before >= '0' && before <= '9') || (before >= 'a' && before <= 'z') ||
                          (before >= 'A' && before <= 'Z');
    if (!is_alnum) return true;
    return here >= 'A' && here <= 'Z' && !(before >= 'A' && before <= 'Z');
}

}  // namespace

uint32_t edit_distance(std::string_view left, std::string_view right, uint32_t bound) {
    if (left.size() > right.size()) std::swap(left, right);
    const uint32_t beyond = bound + 1;
    if (right.size() - left.size() > bound) return beyond;
    const size_t width = left.size() + 1;
    std::vector<uint32_t> rows(width * 3);
    uint32_t* before = rows.data();        // row i - 2
    uint32_t* last = rows.data() + width;  // row i - 1
    uint32_t* now = rows.data() + 2 * width;
    for (size_t j = 0; j < width; ++j) last[j] = static_cast<uint32_t>(j);
    for (size_t i = 1; i <= right.size(); ++i) {
        now[0] = static_cast<uint32_t>(i);
        uint32_t best = now[0];
        for (size_t j = 1; j < width; ++j) {
            const bool is_same = folded(right[i - 1]) == folded(left[j - 1]);
            uint32_t cost =
                std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (is_same ? 0 : 1)});
            if (i > 1 && j > 1 && folded(right[i - 1]) == folded(left[j - 2]) &&
                folded(right[i - 2]) == folded(left[j - 1])) {
                cost = std::min(cost, before[j - 2] + 1);
            }
            now[j] = cost;
            best = std::min(best, cost);
        }
        // A swap looks back two rows, so one row above the bound is not yet the end.
        if (best > bound && *std::min_element(last, last + width) > bound) return beyond;
        uint32_t* const oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return std::min(last[width - 1], beyond);
}

uint32_t subsequence_score(std::string_view needle, std::string_view text) noexcept {
    if (needle.empty() || needle.size() > text.size()) return 0;
    uint32_t score = 1;
    size_t at = 0;
    size_t run_end = text.size() + 1;  // where a contiguous match would go on
    for (const char c : needle) {
        while (at < text.size() && folded(text[at]) != folded(c)) ++at;
        if (at == text.size()) return 0;
        score += 1;
        if (at == run_end) score += 5;
        if (is_word_start(text, at)) score += 3;
        run_end = ++at;
    }
    const auto left_over = static_cast<uint32_t>(std::min<size_t>(text.size() - needle.size(), 64));
    return score * 64 / (64 + left_over);
}

}  // namespace kausal::graph
