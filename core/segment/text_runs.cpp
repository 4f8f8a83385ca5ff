// Collecting, sorting and merging of posting lists.
#include "segment/text_runs.h"

#include "base/coding.h"
#include "segment/bucket_sort.h"
#include "segment/postings.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace kausal::segment {
namespace {

constexpr uint32_t kLinkSize = sizeof(uint32_t);
constexpr uint32_t kBlockSizeMin = 16;
constexpr uint32_t kBlockSizeMax = 512;
constexpr size_t kSlotCountMin = 4096;
constexpr uint32_t kBucketCount = 256;

[[nodiscard]] uint32_t bucket_of(format::TermHash term) noexcept {
    return static_cast<uint32_t>(term >> 56);
}

}  // namespace

TextRunBuilder::TextRunBuilder() : slots_(kSlotCountMin, 0) {}

void TextRunBuilder::add(uint32_t document, const std::vector<format::TermCount>& terms) {
    // The chains of a document's terms are all over memory; two steps ahead they are asked for.
    constexpr size_t slots_ahead = 16;
    constexpr size_t chains_ahead = 8;
    uint8_t buffer[kPostingSizeMax];
    for (size_t i = 0; i < terms.size(); ++i) {
        const format::TermCount& entry = terms[i];
        const size_t mask = slots_.size() - 1;
        if (i + slots_ahead < terms.size()) {
            __builtin_prefetch(&slots_[static_cast<size_t>(terms[i + slots_ahead].term) & mask]);
        }
        if (i + chains_ahead < terms.size()) {
            const uint32_t slot = slots_[static_cast<size_t>(terms[i + chains_ahead].term) & mask];
            if (slot != 0) __builtin_prefetch(&chains_[slot - 1]);
        }
        Chain& chain = chain_of(entry.term);
        const size_t size = encode_posting(document - chain.document_last, entry.counts, buffer);
        append(chain, buffer, size);
        chain.document_last = document;
        ++chain.count;
    }
}

TextRunBuilder::Chain& TextRunBuilder::chain_of(format::TermHash term) {
    size_t mask = slots_.size() - 1;
    size_t at = static_cast<size_t>(term) & mask;
    while (slots_[at] != 0) {
        Chain& chain = chains_[slots_[at] - 1];
        if (chain.term == term) return chain;
        at = (at + 1) & mask;
    }
    Chain& chain = chains_.emplace_back();
    chain.term = term;
    slots_[at] = static_cast<uint32_t>(chains_.size());
    if (chains_.size() * 2 > slots_.size()) grow();
    return chain;
}

void TextRunBuilder::append(Chain& chain, const uint8_t* bytes, size_t size) {
    while (size != 0) {
        if (chain.at == chain.end) {
            const auto fresh = static_cast<uint32_t>(pool_.size());
            chain.block_size = chain.count == 0 && chain.block_size == 0
                                   ? kBlockSizeMin
                                   : std::min(chain.block_size * 2, kBlockSizeMax);
            pool_.resize(pool_.size() + chain.block_size);
            if (chain.end == 0) {
                chain.first = fresh;
            } else {
                std::memcpy(pool_.data() + chain.end, &fresh, kLinkSize);
            }
            chain.at = fresh;
            chain.end = fresh + chain.block_size - kLinkSize;
        }
        const size_t part = std::min<size_t>(size, chain.end - chain.at);
        std::memcpy(pool_.data() + chain.at, bytes, part);
        chain.at += static_cast<uint32_t>(part);
        bytes += part;
        size -= part;
    }
}

void TextRunBuilder::copy_out(const Chain& chain, std::string& out) const {
    uint32_t block = chain.first;
    uint32_t block_size = kBlockSizeMin;
    while (true) {
        const uint32_t end = block + block_size - kLinkSize;
        const uint32_t filled = end == chain.end ? chain.at : end;
        out.append(reinterpret_cast<const char*>(pool_.data()) + block, filled - block);
        if (end == chain.end) return;
        std::memcpy(&block, pool_.data() + end, kLinkSize);
        block_size = std::min(block_size * 2, kBlockSizeMax);
    }
}

void TextRunBuilder::grow() {
    slots_.assign(slots_.size() * 2, 0);
    const size_t mask = slots_.size() - 1;
    for (size_t i = 0; i < chains_.size(); ++i) {
        size_t at = static_cast<size_t>(chains_[i].term) & mask;
        while (slots_[at] != 0) at = (at + 1) & mask;
        slots_[at] = static_cast<uint32_t>(i + 1);
    }
}

TextRun TextRunBuilder::finish() {
    bucket_sort(
        chains_, [](const Chain& chain) { return chain.term; },
        [](const Chain& left, const Chain& right) { return left.term < right.term; });
    TextRun run;
    run.entries.reserve(chains_.size());
    run.bytes.reserve(pool_.size());
    for (const Chain& chain : chains_) {
        run.entries.push_back({chain.term, static_cast<uint32_t>(run.bytes.size()), chain.count,
                               chain.document_last});
        copy_out(chain, run.bytes);
    }
    run.bytes.shrink_to_fit();
    chains_.clear();
    pool_.clear();
    std::ranges::fill(slots_, 0);
    return run;
}

void TextPartitionBuilder::add(TextRun&& run, uint32_t document_count) {
    memory_bytes_ += run.memory_bytes();
    runs_.push_back({std::move(run), document_count_});
    document_count_ += document_count;
}

// Runs are sorted, so one cursor per run walks through the buckets of the terms' highest bits.
void TextPartitionBuilder::gather(uint32_t bucket, std::vector<size_t>& cursors,
                                  std::vector<Source>& into) const {
    into.clear();
    for (size_t number = 0; number < runs_.size(); ++number) {
        const std::vector<TextRun::Entry>& entries = runs_[number].run.entries;
        size_t& at = cursors[number];
        for (; at < entries.size() && bucket_of(entries[at].term) == bucket; ++at) {
            into.push_back(
                {entries[at].term, static_cast<uint32_t>(number), static_cast<uint32_t>(at)});
        }
    }
    std::ranges::sort(into, [](const Source& left, const Source& right) {
        return left.term != right.term ? left.term < right.term : left.run < right.run;
    });
}

// Only the first delta of each run depends on what stands before it; the rest is copied.
void TextPartitionBuilder::merge_term(const Source* first, const Source* last,
                                      std::string& out) const {
    uint64_t count = 0;
    for (const Source* source = first; source != last; ++source) {
        count += runs_[source->run].run.entries[source->entry].count;
    }
    out.clear();
    put_varint(out, count);
    uint64_t document_last = 0;
    for (const Source* source = first; source != last; ++source) {
        const PlacedRun& placed = runs_[source->run];
        const TextRun::Entry& entry = placed.run.entries[source->entry];
        const size_t end = source->entry + 1 < placed.run.entries.size()
                               ? placed.run.entries[source->entry + 1].offset
                               : placed.run.bytes.size();
        Decoder decoder(
            std::string_view(placed.run.bytes).substr(entry.offset, end - entry.offset));
        const uint64_t head = decoder.varint();
        const uint64_t document = placed.document_first + (head >> 1);
        put_varint(out, (document - document_last) << 1 | (head & 1));
        out.append(decoder.raw(decoder.remaining()));
        document_last = uint64_t{placed.document_first} + entry.document_last;
    }
}

Result<PartitionEntry> TextPartitionBuilder::write(SegmentOutput& out, uint64_t heap_offset,
                                                   uint32_t document_first) {
    TextPartitionOutput partition(out, heap_offset);
    std::vector<size_t> cursors(runs_.size(), 0);
    std::vector<Source> sources;
    std::string list;
    for (uint32_t bucket = 0; bucket < kBucketCount; ++bucket) {
        gather(bucket, cursors, sources);
        const Source* end = sources.data() + sources.size();
        for (const Source* first = sources.data(); first != end;) {
            const Source* last = first + 1;
            while (last != end && last->term == first->term) ++last;
            merge_term(first, last, list);
            KAUSAL_TRY(partition.add(first->term, as_bytes(list)));
            first = last;
        }
    }
    const PartitionEntry entry = partition.finish(document_first, document_count_);
    runs_.clear();
    document_count_ = 0;
    memory_bytes_ = 0;
    return entry;
}

TextPartitionOutput::TextPartitionOutput(SegmentOutput& out, uint64_t heap_offset)
    : out_(out), heap_offset_(heap_offset), postings_offset_(out.offset()) {
    offsets_.push_back(0);
}

Status TextPartitionOutput::add(format::TermHash term, ByteView list) {
    if (!terms_.empty() && terms_.back() >= term) {
        return {ErrorCode::Invalid, "terms of a text partition are not increasing"};
    }
    const uint64_t end = out_.offset() + list.size() - postings_offset_;
    if (end > std::numeric_limits<uint32_t>::max()) {
        return {ErrorCode::Invalid, "postings of a text partition exceed 4 GiB"};
    }
    out_.append(list);
    terms_.push_back(term);
    offsets_.push_back(static_cast<uint32_t>(end));
    return {};
}

PartitionEntry TextPartitionOutput::finish(uint32_t document_first, uint32_t document_count) {
    PartitionEntry entry;
    entry.postings_offset = postings_offset_ - heap_offset_;
    entry.postings_size = offsets_.back();
    out_.align(kSectionAlignment);
    entry.terms_offset = out_.offset() - heap_offset_;
    entry.term_count = terms_.size();
    out_.append_values(std::span<const format::TermHash>(terms_));
    out_.align(kSectionAlignment);
    entry.offsets_offset = out_.offset() - heap_offset_;
    out_.append_values(std::span<const uint32_t>(offsets_));
    entry.document_first = document_first;
    entry.document_count = document_count;
    return entry;
}

}  // namespace kausal::segment
