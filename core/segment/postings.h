// The bytes of a posting list. Private to the room; docs/format/segment.md, "Postings".
//
// A list is the varint count of documents, then per document the varint (delta << 1 | more).
// Without `more` the term stands once in the body and nowhere else, by far the most frequent case;
// with it, a mask byte follows (bits 0..4 the fields that have the term, bit 5: once in each) and,
// unless bit 5 is set, one count byte per field of the mask. The first delta is the document's
// number in its partition.
#pragma once

#include "base/bytes.h"
#include "format/tokenizer.h"
#include "segment/segment_writer.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kausal::segment {

inline constexpr size_t kPostingSizeMax = 10 + 1 + format::kTextFieldCount;
inline constexpr uint8_t kPostingMaskOnce = 1u << 5;
static_assert(format::kTextFieldCount == 5, "the mask byte of a posting has five fields");

/// Writes one posting to `to` (room for kPostingSizeMax); returns its size.
[[nodiscard]] size_t encode_posting(uint64_t delta, const uint8_t* counts, uint8_t* to) noexcept;

/// Reads the document count; false when the list does not start with one that its size can hold.
[[nodiscard]] bool decode_posting_count(ByteView list, uint32_t& count) noexcept;

/// Appends all postings of a list, `document_first` added to every number. False when the bytes are
/// no list of documents below `document_count`, each with a term; `into` is then as before.
[[nodiscard]] bool decode_postings(ByteView list, uint32_t document_first, uint32_t document_count,
                                   std::vector<TextPosting>& into);

}  // namespace kausal::segment
