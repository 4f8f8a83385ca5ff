// "Did you mean": words that come near a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kausal::tool {

/// Up to three of `words` within a third of the length of `word` in edits, nearest first.
[[nodiscard]] std::vector<std::string> near_words(std::string_view word,
                                                  const std::vector<std::string>& words);
/// "; did you mean 'a', 'b'?", or nothing for an empty list.
[[nodiscard]] std::string did_you_mean(const std::vector<std::string>& near);
[[nodiscard]] std::vector<std::string> all_kinds();
[[nodiscard]] std::vector<std::string> all_languages();

}  // namespace kausal::tool
