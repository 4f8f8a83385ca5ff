// Verification of lookups and text against the blocks they were made from.
#include "segment/bucket_sort.h"
#include "segment/text_pool.h"
#include "segment/verifier.h"

#include <algorithm>

namespace kausal::segment {
namespace {

struct KeyEntry {
    uint64_t key = 0;
    uint32_t ordinal = 0;
    friend auto operator<=>(const KeyEntry&, const KeyEntry&) = default;
};

/// What one posting adds to its document's sum; the order of postings does not matter.
[[nodiscard]] uint64_t posting_sum(format::TermHash term, const uint8_t* counts) noexcept {
    uint64_t packed = 0;
    for (size_t field = 0; field < format::kTextFieldCount; ++field) {
        packed = packed << 8 | counts[field];
    }
    return hash_mix(term, packed);
}

}  // namespace

Status Verifier::check_lookup(const TextLookupView& lookup, SectionKind kind,
                              std::string_view format::BlockRecord::* field,
                              uint64_t expected_count) {
    const bool is_folded = kind == SectionKind::NameText;
    std::string_view before;
    uint64_t total = 0;
    for (uint64_t index = 0; index < lookup.count(); ++index) {
        const std::string_view text = KAUSAL_TRY(lookup.text(index));
        const std::span<const uint32_t> ordinals = KAUSAL_TRY(lookup.ordinals(index));
        const bool is_ordered = is_folded ? is_before_folded(before, text) : before < text;
        if (!is_ordered || ordinals.empty()) add(kind, "lookup is not in order or has a gap");
        for (size_t i = 0; i < ordinals.size(); ++i) {
            const BlockEntry entry = KAUSAL_TRY(reader_.entry(ordinals[i]));
            if (entry.state != BlockState::Put || (i > 0 && ordinals[i - 1] >= ordinals[i])) {
                add(kind, "lookup names a block that is none");
                continue;
            }
            format::BlockRecord record;
            const std::string_view head = KAUSAL_TRY(reader_.head(ordinals[i]));
            KAUSAL_TRY(format::decode_head(head, record));
            if (record.*field != text) add(kind, "lookup differs from its block");
        }
        total += ordinals.size();
        before = text;
    }
    // Every entry fits its block, so equal counts mean that none is missing.
    if (total != expected_count) add(kind, "lookup misses blocks");
    return {};
}

Status Verifier::check_keys() {
    std::vector<KeyEntry> expected;
    expected.reserve(static_cast<size_t>(key_count_));
    std::vector<uint64_t> keys;
    uint32_t ordinal = KAUSAL_TRY(reader_.next_put(0, format::BlockKind::Invalid));
    while (ordinal < state_.id_count) {
        format::BlockRecord record;
        const std::string_view head = KAUSAL_TRY(reader_.head(ordinal));
        KAUSAL_TRY(format::decode_head(head, record));
        format::index_keys(record, keys);
        for (const uint64_t key : keys) expected.push_back({key, ordinal});
        ordinal = KAUSAL_TRY(reader_.next_put(ordinal + 1, format::BlockKind::Invalid));
    }
    bucket_sort(
        expected, [](const KeyEntry& entry) { return entry.key; },
        [](const KeyEntry& left, const KeyEntry& right) { return left < right; });
    if (expected.size() != state_.footer.key_count) {
        add(SectionKind::Keys, "keys are missing or too many");
        return {};
    }
    for (size_t index = 0; index < expected.size(); ++index) {
        const auto* key = state_.elements<uint64_t>(SectionKind::Keys, index);
        const auto* of = state_.elements<uint32_t>(SectionKind::KeyOrdinals, index);
        if (key == nullptr || of == nullptr) return state_.damage(SectionKind::Keys);
        if (KeyEntry{*key, *of} == expected[index]) continue;
        add(SectionKind::Keys, "keys differ from those of the blocks");
        return {};
    }
    return {};
}

// Documents come in order of arrival, so bodies are met frame by frame.
Status Verifier::check_documents() {
    const TextIndexView text = reader_.text();
    format::TermCounter counter;
    std::vector<bool> is_seen(state_.id_count, false);
    uint64_t totals[format::kTextFieldCount] = {};
    for (uint32_t document = 0; document < text.document_count(); ++document) {
        const uint32_t ordinal = KAUSAL_TRY(text.ordinal(document));
        const BlockEntry entry = KAUSAL_TRY(reader_.entry(ordinal));
        if (entry.state != BlockState::Put || is_seen[ordinal]) {
            add(SectionKind::DocumentOrdinals, "document without a block of its own");
            text_sums_.push_back(0);
            continue;
        }
        is_seen[ordinal] = true;
        format::BlockRecord record;
        const std::string_view head = KAUSAL_TRY(reader_.head(ordinal));
        const PinnedBody body = KAUSAL_TRY(reader_.body(ordinal));
        KAUSAL_TRY(format::decode_head(head, record));
        KAUSAL_TRY(format::decode_body(body.bytes, record));
        uint32_t lengths[format::kTextFieldCount];
        uint64_t sum = 0;
        for (const format::TermCount& term : counter.count(record, lengths)) {
            sum += posting_sum(term.term, term.counts);
        }
        text_sums_.push_back(sum);
        for (size_t field = 0; field < format::kTextFieldCount; ++field) {
            const uint32_t stored = text.length(document, static_cast<format::TextField>(field));
            if (stored != std::min<uint32_t>(lengths[field], 0xffff)) {
                add(SectionKind::DocumentLengths,
                    "document " + std::to_string(document) + " has another length");
            }
            totals[field] += stored;
        }
    }
    if (!std::ranges::equal(totals, state_.footer.total_lengths)) {
        add(SectionKind::DocumentLengths, "footer has other total lengths");
    }
    return check_unindexed(is_seen, counter);
}

Status Verifier::check_unindexed(const std::vector<bool>& has_document,
                                 format::TermCounter& counter) {
    uint32_t ordinal = KAUSAL_TRY(reader_.next_put(0, format::BlockKind::Invalid));
    while (ordinal < state_.id_count) {
        if (!has_document[ordinal]) {
            format::BlockRecord record;
            const std::string_view head = KAUSAL_TRY(reader_.head(ordinal));
            const PinnedBody body = KAUSAL_TRY(reader_.body(ordinal));
            KAUSAL_TRY(format::decode_head(head, record));
            KAUSAL_TRY(format::decode_body(body.bytes, record));
            uint32_t lengths[format::kTextFieldCount];
            if (!counter.count(record, lengths).empty()) {
                add(SectionKind::DocumentOrdinals, "block with terms has no document");
            }
        }
        ordinal = KAUSAL_TRY(reader_.next_put(ordinal + 1, format::BlockKind::Invalid));
    }
    return {};
}

Status Verifier::check_postings() {
    const TextIndexView text = reader_.text();
    std::vector<uint64_t> sums(text.document_count(), 0);
    std::vector<TextPosting> postings;
    uint32_t next_document = 0;
    for (uint32_t number = 0; number < text.partition_count(); ++number) {
        const TextIndexView::Partition partition = KAUSAL_TRY(text.partition(number));
        if (partition.document_first != next_document) {
            add(SectionKind::TextPartitions, "text partitions have a gap");
            return {};
        }
        next_document += partition.document_count;
        format::TermHash before = 0;
        for (uint64_t index = 0; index < partition.term_count; ++index) {
            const format::TermHash term = KAUSAL_TRY(text.term(number, index));
            if (index > 0 && term <= before) {
                add(SectionKind::TextPartitions, "terms are not increasing");
            }
            before = term;
            postings.clear();
            KAUSAL_TRY(text.term_postings(number, index, postings));
            for (const TextPosting& posting : postings) {
                sums[posting.document] += posting_sum(term, posting.counts);
            }
        }
    }
    if (next_document != text.document_count()) {
        add(SectionKind::TextPartitions, "documents are left over behind the last partition");
    }
    for (size_t document = 0; document < sums.size() && document < text_sums_.size(); ++document) {
        if (sums[document] == text_sums_[document]) continue;
        add(SectionKind::TextPartitions,
            "postings of document " + std::to_string(document) + " differ from its block");
    }
    return {};
}

}  // namespace kausal::segment
