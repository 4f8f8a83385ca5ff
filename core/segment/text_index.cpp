// Reading of the text index: documents, dictionaries, posting lists.
#include "segment/text_index.h"

#include "segment/postings.h"
#include "segment/reader_state.h"
#include "segment/uniform_search.h"

#include <algorithm>

namespace kausal::segment {
namespace {

/// The bytes of the posting list of term `index` of a partition.
template <typename ReaderState>
[[nodiscard]] Result<ByteView> list_of(const ReaderState& state, const PartitionEntry& partition,
                                       uint64_t index) {
    const uint32_t* ends = KAUSAL_TRY(state.template heap_elements<uint32_t>(
        partition.offsets_offset + index * sizeof(uint32_t), 2));
    if (ends[0] > ends[1] || ends[1] > partition.postings_size) {
        return fail(state.corrupt("posting list has a bad range"));
    }
    const std::string_view list =
        KAUSAL_TRY(state.heap(partition.postings_offset + ends[0], ends[1] - ends[0]));
    return as_bytes(list);
}

/// The index of `term` in a partition's dictionary, or term_count.
template <typename ReaderState>
[[nodiscard]] Result<uint64_t> find_term(const ReaderState& state, const PartitionEntry& partition,
                                         format::TermHash term) {
    const auto load = [&](uint64_t index) -> const uint64_t* {
        const uint64_t offset = partition.terms_offset + index * sizeof(uint64_t);
        const uint64_t heap_offset = state.footer.section(SectionKind::Heap).offset;
        if (!state.is_sound(heap_offset + offset, sizeof(uint64_t))) return nullptr;
        return reinterpret_cast<const uint64_t*>(state.bytes.data() + heap_offset + offset);
    };
    uint64_t index = 0;
    if (!lower_bound_uniform(partition.term_count, term, load, index)) {
        return fail(state.damage(SectionKind::Heap));
    }
    if (index == partition.term_count) return index;
    const uint64_t* found = load(index);
    if (found == nullptr) return fail(state.damage(SectionKind::Heap));
    return *found == term ? index : partition.term_count;
}

}  // namespace

Result<PartitionEntry> SegmentReader::State::partition(uint32_t number) const {
    if (number >= footer.partition_count) {
        return fail(ErrorCode::Invalid, name + ": text partition out of range");
    }
    const auto* entry = elements<PartitionEntry>(SectionKind::TextPartitions, number);
    if (entry == nullptr) return fail(damage(SectionKind::TextPartitions));
    const uint64_t heap_size = footer.section(SectionKind::Heap).size;
    const auto is_inside = [&](uint64_t offset, uint64_t count, uint64_t entry_size) {
        return offset <= heap_size && count <= (heap_size - offset) / entry_size;
    };
    const bool is_valid = entry->terms_offset % alignof(uint64_t) == 0 &&
                          entry->offsets_offset % alignof(uint32_t) == 0 &&
                          is_inside(entry->terms_offset, entry->term_count, sizeof(uint64_t)) &&
                          is_inside(entry->offsets_offset, entry->term_count, sizeof(uint32_t)) &&
                          is_inside(entry->postings_offset, entry->postings_size, 1) &&
                          entry->document_first <= footer.document_count &&
                          entry->document_count <= footer.document_count - entry->document_first;
    if (!is_valid) return fail(corrupt("text partition has a bad range"));
    return *entry;
}

uint32_t TextIndexView::document_count() const noexcept {
    return static_cast<uint32_t>(reader_->state_->footer.document_count);
}

uint64_t TextIndexView::total_length(format::TextField field) const noexcept {
    return reader_->state_->footer.total_lengths[static_cast<size_t>(field)];
}

uint32_t TextIndexView::length(uint32_t document, format::TextField field) const noexcept {
    if (document >= document_count()) return 0;
    const uint64_t index =
        uint64_t{document} * format::kTextFieldCount + static_cast<uint64_t>(field);
    const auto* length = reader_->state_->elements<uint16_t>(SectionKind::DocumentLengths, index);
    return length == nullptr ? 0 : *length;
}

Result<TextIndexView::Lengths> TextIndexView::lengths(uint32_t document) const {
    const SegmentReader::State& state = *reader_->state_;
    if (document >= document_count()) {
        return fail(ErrorCode::Invalid, state.name + ": document out of range");
    }
    const auto* stored = state.elements<uint16_t>(SectionKind::DocumentLengths,
                                                  uint64_t{document} * format::kTextFieldCount,
                                                  format::kTextFieldCount);
    if (stored == nullptr) return fail(state.damage(SectionKind::DocumentLengths));
    Lengths lengths{};
    std::copy_n(stored, lengths.size(), lengths.begin());
    return lengths;
}

Result<uint32_t> TextIndexView::ordinal(uint32_t document) const {
    const SegmentReader::State& state = *reader_->state_;
    if (document >= document_count()) {
        return fail(ErrorCode::Invalid, state.name + ": document out of range");
    }
    const auto* ordinal = state.elements<uint32_t>(SectionKind::DocumentOrdinals, document);
    if (ordinal == nullptr) return fail(state.damage(SectionKind::DocumentOrdinals));
    if (*ordinal >= state.id_count) {
        return fail(state.corrupt("document belongs to an ordinal out of range"));
    }
    return *ordinal;
}

Result<uint32_t> TextIndexView::document_frequency(format::TermHash term) const {
    const SegmentReader::State& state = *reader_->state_;
    uint64_t frequency = 0;
    for (uint32_t number = 0; number < partition_count(); ++number) {
        const PartitionEntry partition = KAUSAL_TRY(state.partition(number));
        const uint64_t index = KAUSAL_TRY(find_term(state, partition, term));
        if (index == partition.term_count) continue;
        const ByteView list = KAUSAL_TRY(list_of(state, partition, index));
        uint32_t count = 0;
        if (!decode_posting_count(list, count)) {
            return fail(state.corrupt("posting list does not decode"));
        }
        frequency += count;
    }
    // Lists count distinct documents, so a sum beyond them is damage.
    if (frequency > document_count()) return fail(state.corrupt("posting lists are too long"));
    return static_cast<uint32_t>(frequency);
}

Status TextIndexView::postings(format::TermHash term, std::vector<TextPosting>& into) const {
    const SegmentReader::State& state = *reader_->state_;
    const size_t size_before = into.size();
    for (uint32_t number = 0; number < partition_count(); ++number) {
        const PartitionEntry partition = KAUSAL_TRY(state.partition(number));
        const uint64_t index = KAUSAL_TRY(find_term(state, partition, term));
        if (index == partition.term_count) continue;
        Status status = term_postings(number, index, into);
        if (status.is_ok()) continue;
        into.resize(size_before);
        return status;
    }
    return {};
}

uint32_t TextIndexView::partition_count() const noexcept {
    return static_cast<uint32_t>(reader_->state_->footer.partition_count);
}

Result<TextIndexView::Partition> TextIndexView::partition(uint32_t number) const {
    const PartitionEntry entry = KAUSAL_TRY(reader_->state_->partition(number));
    return Partition{entry.document_first, entry.document_count, entry.term_count,
                     entry.postings_size};
}

Result<format::TermHash> TextIndexView::term(uint32_t partition, uint64_t index) const {
    const SegmentReader::State& state = *reader_->state_;
    const PartitionEntry entry = KAUSAL_TRY(state.partition(partition));
    if (index >= entry.term_count) {
        return fail(ErrorCode::Invalid, state.name + ": term out of range");
    }
    const uint64_t* term =
        KAUSAL_TRY(state.heap_elements<uint64_t>(entry.terms_offset + index * sizeof(uint64_t), 1));
    return *term;
}

Status TextIndexView::term_postings(uint32_t partition, uint64_t index,
                                    std::vector<TextPosting>& into) const {
    const SegmentReader::State& state = *reader_->state_;
    const PartitionEntry entry = KAUSAL_TRY(state.partition(partition));
    if (index >= entry.term_count) {
        return {ErrorCode::Invalid, state.name + ": term out of range"};
    }
    const ByteView list = KAUSAL_TRY(list_of(state, entry, index));
    if (!decode_postings(list, entry.document_first, entry.document_count, into)) {
        return state.corrupt("posting list does not decode");
    }
    return {};
}

}  // namespace kausal::segment
