// Text to search terms: the rule that both the index and the queries follow.
//
// A run of letters, digits and underscores (bytes above 127 count as letters) is a word. A word yields
// itself, and, when it is made of parts (camelCase, snake_case, digits), each part, all lower-cased in
// ASCII. Terms are stored as 64-bit hashes (docs/format/text.md); words longer than 128 bytes and pure
// numbers longer than 8 digits are passed over.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "format/block_record.h"

namespace kausal::format {

using TermHash = uint64_t;

enum class TextField : uint8_t { Path = 0, Name = 1, Signature = 2, Doc = 3, Body = 4 };
inline constexpr size_t kTextFieldCount = 5;

/// How often one term stands in each field of one block; counts saturate at 255.
struct TermCount {
    TermHash term = 0;
    uint8_t counts[kTextFieldCount] = {};
};

/// Calls `emit` for every term of `text`, repeats included, in order of appearance.
template <typename Emit>
void for_each_term(std::string_view text, Emit&& emit);

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
    void grow();

    std::vector<TermCount> terms_;
    std::vector<uint32_t> slots_;  // open addressing into terms_, 0 = free
};

}  // namespace kausal::format
