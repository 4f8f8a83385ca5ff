// The text phase of a merge: partitions of the inputs are merged term by term, in groups of bounded
// size.
//
// Documents keep their order: inputs oldest first, and inside an input as they were. So the
// postings of a term are those of the members one after the other, renumbered, without those of
// dead blocks.
#include "compaction/merge_state.h"

#include <algorithm>
#include <array>

namespace kausal::compaction {
namespace {

constexpr size_t kTermsPerStep = 4096;
/// Members per group; their dictionaries are walked at the same time.
constexpr size_t kMemberCountMax = 256;

}  // namespace

Status Merge::State::step_text() {
    if (members.empty()) {
        const bool is_any = KAUSAL_TRY(open_members());
        if (!is_any) {
            at_input = 0;
            at_item = 0;
            phase = Phase::Edges;
        }
        return {};
    }
    for (size_t i = 0; i < kTermsPerStep && !heads.empty(); ++i) KAUSAL_TRY(merge_next_term());
    if (!heads.empty()) return {};
    members.clear();
    return writer->end_text_partition();
}

/// Takes as many of the next partitions as fit into one; false when none is left.
Result<bool> Merge::State::open_members() {
    uint64_t bytes = 0;
    while (at_input < inputs.size() && members.size() < kMemberCountMax) {
        const segment::TextIndexView text = reader(at_input).text();
        if (at_partition == text.partition_count()) {
            ++at_input;
            at_partition = 0;
            continue;
        }
        const auto partition = KAUSAL_TRY(text.partition(at_partition));
        const uint64_t cost =
            partition.postings_bytes + partition.term_count * sizeof(uint64_t) * 2;
        if (!members.empty() && bytes + cost > request.writer.text_partition_size_bytes) break;
        bytes += cost;
        KAUSAL_TRY(add_member(static_cast<uint32_t>(at_input), at_partition++));
    }
    for (uint32_t member = 0; member < members.size(); ++member) KAUSAL_TRY(push_head(member));
    return !members.empty();
}

Status Merge::State::add_member(uint32_t input, uint32_t number) {
    const segment::TextIndexView text = reader(input).text();
    const auto partition = KAUSAL_TRY(text.partition(number));
    PartitionMember member{.input = input,
                           .number = number,
                           .document_first = partition.document_first,
                           .term_count = partition.term_count,
                           .text = text,
                           .documents = {}};
    member.documents.assign(partition.document_count, kNoNumber);
    for (uint32_t i = 0; i < partition.document_count; ++i) {
        const uint32_t document = partition.document_first + i;
        const uint32_t ordinal = KAUSAL_TRY(text.ordinal(document));
        const uint32_t build_number = inputs[input].build_numbers[ordinal];
        if (build_number == kNoNumber) continue;
        const auto lengths = KAUSAL_TRY(text.lengths(document));
        member.documents[i] = KAUSAL_TRY(writer->add_document(build_number, lengths));
    }
    members.push_back(std::move(member));
    return {};
}

Status Merge::State::push_head(uint32_t number) {
    PartitionMember& member = members[number];
    if (member.next_term == member.term_count) return {};
    const format::TermHash term = KAUSAL_TRY(member.text.term(member.number, member.next_term));
    heads.push_back({term, number});
    std::push_heap(heads.begin(), heads.end());
    return {};
}

Status Merge::State::merge_next_term() {
    const format::TermHash term = heads.front().term;
    postings.clear();
    while (!heads.empty() && heads.front().term == term) {
        const uint32_t number = heads.front().member;
        std::pop_heap(heads.begin(), heads.end());
        heads.pop_back();
        PartitionMember& member = members[number];
        found.clear();
        KAUSAL_TRY(member.text.term_postings(member.number, member.next_term, found));
        for (segment::TextPosting& posting : found) {
            posting.document = member.documents[posting.document - member.document_first];
            if (posting.document != kNoNumber) postings.push_back(posting);
        }
        ++member.next_term;
        KAUSAL_TRY(push_head(number));
    }
    return postings.empty() ? Status() : writer->add_term(term, postings);
}

}  // namespace kausal::compaction
