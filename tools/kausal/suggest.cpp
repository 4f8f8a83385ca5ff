// Edit distance over short words.
#include "suggest.h"

#include <kausal/kausal.h>

#include <algorithm>
#include <numeric>

namespace kausal::tool {
namespace {

size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= left.size(); ++i) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= right.size(); ++j) {
            const size_t replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
}

std::vector<std::string> names(const char* (*name_of)(uint32_t), uint32_t count) {
    std::vector<std::string> words;
    for (uint32_t number = 1; number < count; ++number) {
        const std::string word = name_of(number);
        if (word != "unknown") words.push_back(word);
    }
    return words;
}

}  // namespace

std::vector<std::string> near_words(std::string_view word, const std::vector<std::string>& words) {
    const size_t bound = std::max<size_t>(1, word.size() / 3);
    std::vector<std::pair<size_t, std::string>> near;
    for (const std::string& candidate : words) {
        const size_t distance = edit_distance(word, candidate);
        if (distance <= bound || (word.size() >= 2 && candidate.starts_with(word))) {
            near.emplace_back(distance, candidate);
        }
    }
    std::sort(near.begin(), near.end());
    std::vector<std::string> best;
    for (size_t i = 0; i < near.size() && i < 3; ++i) best.push_back(near[i].second);
    return best;
}

std::string did_you_mean(const std::vector<std::string>& near) {
    if (near.empty()) return "";
    std::string text = "; did you mean ";
    for (size_t i = 0; i < near.size() && i < 5; ++i) {
        if (i != 0) text += ", ";
        text += "'" + near[i] + "'";
    }
    return text + "?";
}

std::vector<std::string> all_kinds() {
    return names(kausal_kind_name, 64);
}
std::vector<std::string> all_languages() {
    return names(kausal_language_name, 64);
}

}  // namespace kausal::tool
