// The words of a query and the terms they stand for, by the rule of format/tokenizer.h.
#pragma once

#include "format/tokenizer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::search {

/// One word: the term of the whole, and those of its parts (none for a simple word).
struct QueryWord {
    uint32_t whole = 0;
    std::vector<uint32_t> parts;
};

/// Threads: a value.
struct QueryWords {
    std::vector<std::string> terms;        // lower case, without repeats, in order of appearance
    std::vector<format::TermHash> hashes;  // of `terms`
    std::vector<QueryWord> words;          // without repeats
};

[[nodiscard]] QueryWords words_of(std::string_view text);

}  // namespace kausal::search
