// The parts of words, and the counting of terms per block.
//
// Counting runs for every block that is written, so it keeps one open hash table whose size follows
// the documents, and orders the terms by a bucket pass before the final sort.
#include "format/tokenizer.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <algorithm>
#include <limits>

namespace kausal::format {

size_t detail::split_word(const uint8_t* classes, size_t size,
                          uint8_t (&ends)[kWordSizeMax]) noexcept {
    size_t count = 0;
    for (size_t i = 1; i < size; ++i) {
        const uint8_t before = classes[i - 1];
        const uint8_t here = classes[i];
        bool starts_part = before != here;
        // "Word": the upper-case letter belongs to what follows it.
        if (before == kUpper && here == kLower) starts_part = false;
        // "HTTPServer": the last of several upper-case letters starts the next part.
        if (before == kUpper && here == kUpper && i + 1 < size && classes[i + 1] == kLower) {
            starts_part = true;
        }
        if (starts_part) ends[count++] = static_cast<uint8_t>(i);
    }
    ends[count++] = static_cast<uint8_t>(size);
    return count;
}

namespace {

constexpr size_t kSlotCountMin = 1024;
constexpr size_t kSlotCountKept = 8192;

/// Content is text when it is UTF-8 without a zero byte.
[[nodiscard]] bool is_text(std::string_view content) noexcept {
    uint8_t all_bits = 0;
    bool has_zero = false;
    for (const char character : content) {
        const auto byte = static_cast<uint8_t>(character);
        all_bits |= byte;
        has_zero |= byte == 0;
    }
    if (has_zero) return false;
    return all_bits < 0x80 || is_utf8(content);
}

[[nodiscard]] bool has_terms(BlockKind kind) noexcept {
    return kind != BlockKind::FileFacts && kind != BlockKind::Workspace &&
           kind != BlockKind::UnresolvedName;
}

[[nodiscard]] bool is_before(const TermCount& left, const TermCount& right) noexcept {
    return left.term < right.term;
}

}  // namespace

TermHash term_hash(std::string_view lower_case_term) noexcept {
    return hash64(lower_case_term);
}

std::vector<TermHash> terms_of(std::string_view text) {
    std::vector<TermHash> terms;
    for_each_term(text, [&](std::string_view term) { terms.push_back(term_hash(term)); });
    return terms;
}

const std::vector<TermCount>& TermCounter::count(const BlockRecord& record,
                                                 uint32_t (&field_lengths)[kTextFieldCount]) {
    clear();
    for (uint32_t& length : field_lengths) length = 0;
    if (!has_terms(record.kind)) return terms_;
    const auto add_field = [&](std::string_view text, TextField field) {
        add(text, field, field_lengths[static_cast<size_t>(field)]);
    };
    add_path(record.uri, field_lengths[static_cast<size_t>(TextField::Path)]);
    add_field(record.name, TextField::Name);
    add_field(record.qualified_name, TextField::Name);
    add_field(record.signature, TextField::Signature);
    add_field(record.doc, TextField::Doc);
    if (is_text(record.content)) add_field(record.content, TextField::Body);
    sort();
    return terms_;
}

void TermCounter::add(std::string_view text, TextField field, uint32_t& length) {
    for_each_term(text, [&](std::string_view term) {
        add_term(term_hash(term), static_cast<size_t>(field));
        if (length != std::numeric_limits<uint32_t>::max()) ++length;
    });
}

void TermCounter::add_path(std::string_view path, uint32_t& length) {
    if (path != path_) {
        path_ = path;
        path_terms_ = terms_of(path);
    }
    for (const TermHash term : path_terms_) add_term(term, static_cast<size_t>(TextField::Path));
    length += static_cast<uint32_t>(path_terms_.size());
}

void TermCounter::add_term(TermHash term, size_t field) {
    const size_t mask = slots_.size() - 1;
    size_t at = term & mask;
    while (slots_[at] != 0) {
        TermCount& known = terms_[slots_[at] - 1];
        if (known.term == term) {
            if (known.counts[field] != std::numeric_limits<uint8_t>::max()) ++known.counts[field];
            return;
        }
        at = (at + 1) & mask;
    }
    TermCount& fresh = terms_.emplace_back();
    fresh.term = term;
    fresh.counts[field] = 1;
    slots_[at] = static_cast<uint32_t>(terms_.size());
    if (terms_.size() * 2 > slots_.size()) grow();
}

// A table grown by one large document is given back, because every later one would have to clear
// it.
void TermCounter::clear() {
    terms_.clear();
    if (slots_.empty() || slots_.size() > kSlotCountKept) {
        slots_.assign(kSlotCountMin, 0);
        slots_.shrink_to_fit();
    } else {
        std::ranges::fill(slots_, 0);
    }
}

void TermCounter::grow() {
    slots_.assign(slots_.size() * 2, 0);
    const size_t mask = slots_.size() - 1;
    for (size_t i = 0; i < terms_.size(); ++i) {
        size_t at = terms_[i].term & mask;
        while (slots_[at] != 0) at = (at + 1) & mask;
        slots_[at] = static_cast<uint32_t>(i + 1);
    }
}

// Hashes are uniform, so one pass over their top byte leaves almost sorted runs for the insertion
// sort of a few neighbours; documents too large or too small for that are sorted plainly.
void TermCounter::sort() {
    constexpr size_t bucket_count = 256;
    const size_t count = terms_.size();
    if (count < 32 || count > bucket_count * 16) {
        std::ranges::sort(terms_, is_before);
        return;
    }
    uint32_t starts[bucket_count + 1] = {};
    for (const TermCount& entry : terms_) ++starts[(entry.term >> 56) + 1];
    for (size_t bucket = 0; bucket < bucket_count; ++bucket) starts[bucket + 1] += starts[bucket];
    sorted_.resize(count);
    for (const TermCount& entry : terms_) sorted_[starts[entry.term >> 56]++] = entry;
    for (size_t i = 1; i < count; ++i) {
        const TermCount entry = sorted_[i];
        size_t to = i;
        for (; to > 0 && is_before(entry, sorted_[to - 1]); --to) sorted_[to] = sorted_[to - 1];
        sorted_[to] = entry;
    }
    terms_.swap(sorted_);
}

}  // namespace kausal::format
