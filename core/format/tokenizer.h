// Text to search terms: the rule that both the index and the queries follow.
//
// A run of letters, digits and underscores (bytes above 127 count as letters) is a word. A word
// yields itself, and, when it is made of parts (camelCase, snake_case, digits), each part, all
// lower-cased in ASCII. Terms are stored as 64-bit hashes (docs/format/text.md); words longer than
// 128 bytes and pure numbers longer than 8 digits are passed over.
#pragma once

#include "format/block_record.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::format {

using TermHash = uint64_t;

enum class TextField : uint8_t { Path = 0, Name = 1, Signature = 2, Doc = 3, Body = 4 };
inline constexpr size_t kTextFieldCount = 5;

/// How often one term stands in each field of one block; counts saturate at 255.
struct TermCount {
    TermHash term = 0;
    uint8_t counts[kTextFieldCount] = {};
};

namespace detail {

/// Classes of bytes; 0 separates words.
inline constexpr uint8_t kLower = 1;  // and every byte above 127
inline constexpr uint8_t kUpper = 2;
inline constexpr uint8_t kDigit = 4;
inline constexpr uint8_t kUnderscore = 8;
struct CharacterClasses {
    uint8_t of[256] = {};
    constexpr CharacterClasses() {
        for (int c = 'a'; c <= 'z'; ++c) of[c] = kLower;
        for (int c = 'A'; c <= 'Z'; ++c) of[c] = kUpper;
        for (int c = '0'; c <= '9'; ++c) of[c] = kDigit;
        for (int c = 128; c < 256; ++c) of[c] = kLower;
        of[static_cast<int>('_')] = kUnderscore;
    }
};
inline constexpr CharacterClasses kCharacterClasses;

inline constexpr size_t kWordSizeMax = 128;
inline constexpr size_t kNumberSizeMax = 8;

/// Ends of the parts of a word of `size` classified characters; returns how many there are. A part
/// runs from the end of the one before; parts of underscores are left in.
[[nodiscard]] size_t split_word(const uint8_t* classes, size_t size,
                                uint8_t (&ends)[kWordSizeMax]) noexcept;

/// Emits a word of 1..kWordSizeMax characters and its parts; `seen` has the classes in it.
template <typename Emit>
void emit_word(std::string_view word, uint8_t seen, Emit& emit) {
    const size_t size = word.size();
    if (size == 0 || seen == kUnderscore || (seen == kDigit && size > kNumberSizeMax)) return;
    char lower[kWordSizeMax];
    uint8_t classes[kWordSizeMax];
    for (size_t i = 0; i < size; ++i) {
        const auto byte = static_cast<uint8_t>(word[i]);
        classes[i] = kCharacterClasses.of[byte];
        // Upper-case ASCII letters lack exactly the bit 0x20.
        lower[i] = static_cast<char>(byte | ((classes[i] & kUpper) << 4));
    }
    emit(std::string_view(lower, size));
    if (seen == kUpper || seen == kDigit) return;
    uint8_t ends[kWordSizeMax];
    const size_t part_count = split_word(classes, size, ends);
    if (part_count < 2) return;
    size_t first = 0;
    for (size_t part = 0; part < part_count; ++part) {
        const size_t part_size = ends[part] - first;
        const bool is_long_number = classes[first] == kDigit && part_size > kNumberSizeMax;
        if (classes[first] != kUnderscore && !is_long_number) {
            emit(std::string_view(lower + first, part_size));
        }
        first = ends[part];
    }
}

}  // namespace detail

/// Calls `emit(std::string_view term)` for every term of `text`, lower-cased, repeats included, in
/// order of appearance: a word first, then its parts. The view is valid during the call only.
template <typename Emit>
void for_each_term(std::string_view text, Emit&& emit) {
    const size_t size = text.size();
    size_t at = 0;
    while (at < size) {
        uint8_t seen = 0;
        const size_t first = at;
        for (; at < size; ++at) {
            const uint8_t character_class =
                detail::kCharacterClasses.of[static_cast<uint8_t>(text[at])];
            if (character_class == 0) break;
            seen |= character_class;
        }
        const size_t length = at - first;
        ++at;
        if (length == 0 || length > detail::kWordSizeMax) continue;
        if (seen == detail::kLower) {
            emit(text.substr(first, length));  // most words are their own and only term
        } else {
            detail::emit_word(text.substr(first, length), seen, emit);
        }
    }
}

/// The terms of a query or a field, repeats included.
[[nodiscard]] std::vector<TermHash> terms_of(std::string_view text);
/// The hash of one already lower-cased term.
[[nodiscard]] TermHash term_hash(std::string_view lower_case_term) noexcept;

/// Counts the terms of all five fields of a block: uri, name + qualified name, signature, doc and
/// content (when it is text). Reusable scratch inside. Threads: confined.
class TermCounter {
  public:
    /// Terms in increasing order of hash; valid until the next call. `field_lengths` receives the
    /// number of terms per field. Blocks of kind FileFacts, Workspace and UnresolvedName have none.
    [[nodiscard]] const std::vector<TermCount>& count(const BlockRecord& record,
                                                      uint32_t (&field_lengths)[kTextFieldCount]);

  private:
    void add(std::string_view text, TextField field, uint32_t& length);
    void add_path(std::string_view path, uint32_t& length);
    void add_term(TermHash term, size_t field);
    void clear();
    void grow();
    void sort();

    std::vector<TermCount> terms_;
    std::vector<TermCount> sorted_;
    // Blocks of one file come one after the other: the path of the last one and its terms.
    std::string path_;
    std::vector<TermHash> path_terms_;
    std::vector<uint32_t> slots_;  // open addressing into terms_: index + 1, 0 = free
};

}  // namespace kausal::format
