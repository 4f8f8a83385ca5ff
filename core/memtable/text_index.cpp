// Counting the terms of what the writer has listed; see text_index.h.
#include "memtable/text_index.h"

#include "base/hash.h"
#include "format/block_record.h"
#include "memtable/memtable.h"

#include <algorithm>
#include <cstring>

namespace kausal::memtable {

TextIndex::TextIndex(const memory::SubsystemArena& memory, size_t lane)
    : memory_(memory), lane_(lane), arena_(memory.lane(lane)), documents_(arena_), terms_(arena_) {}

Status TextIndex::catch_up(const Memtable& memtable, uint64_t visible) {
    const uint64_t wanted = std::min(visible, memtable.last_sequence());
    if (complete_up_to_.load(std::memory_order_acquire) >= wanted) return Status::ok();
    MutexLock lock(mutex_);
    const uint32_t count = memtable.versions_.size();
    while (versions_done_ < count) {
        KAUSAL_TRY(index(*memtable.versions_.at(versions_done_)));
        ++versions_done_;
    }
    memory_.publish(lane_);
    if (complete_up_to_.load(std::memory_order_relaxed) < wanted) {
        complete_up_to_.store(wanted, std::memory_order_release);
    }
    return Status::ok();
}

Status TextIndex::index(const BlockVersion& version) {
    if (version.is_tombstone) return Status::ok();
    format::BlockRecord record;
    record.id = version.node->id;
    KAUSAL_TRY(format::decode_head(version.head(), record));
    KAUSAL_TRY(format::decode_body(version.body(), record));
    TextDocument document;
    document.version = &version;
    document.kind = record.kind;
    const std::vector<format::TermCount>& terms = counter_.count(record, document.lengths);
    if (terms.empty()) return Status::ok();
    const uint32_t number = documents_.size();
    for (size_t field = 0; field < format::kTextFieldCount; ++field) {
        const uint64_t before = number == 0 ? 0 : documents_.at(number - 1).totals[field];
        document.totals[field] = before + document.lengths[field];
    }
    for (const format::TermCount& count : terms) {
        const uint64_t hash = hash_mix(count.term, 0);
        Term* term = terms_.find(hash, [&](const Term& at) { return at.hash == count.term; });
        if (term == nullptr) {
            term = arena_.make<Term>(count.term);
            terms_.insert(hash, term);
        }
        auto* posting = arena_.make<TextPosting>();
        posting->document = number;
        std::memcpy(posting->counts, count.counts, sizeof(posting->counts));
        posting->older = term->newest.load(std::memory_order_relaxed);
        term->newest.store(posting, std::memory_order_release);
    }
    documents_.push(document);
    return Status::ok();
}

uint32_t TextIndex::document_limit(uint64_t visible) const {
    uint32_t low = 0;
    uint32_t high = documents_.size();
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (documents_.at(middle).version->sequence <= visible) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const TextPosting* TextIndex::newest_below(format::TermHash term, uint32_t limit) const {
    const Term* entry =
        terms_.find(hash_mix(term, 0), [&](const Term& at) { return at.hash == term; });
    if (entry == nullptr) return nullptr;
    const TextPosting* posting = entry->newest.load(std::memory_order_acquire);
    while (posting != nullptr && posting->document >= limit) posting = posting->older;
    return posting;
}

uint32_t TextIndex::frequency(format::TermHash term, uint32_t limit) const {
    uint32_t count = 0;
    for (const TextPosting* posting = newest_below(term, limit); posting != nullptr;
         posting = posting->older) {
        ++count;
    }
    return count;
}

void TextIndex::postings(format::TermHash term, uint32_t limit,
                         std::vector<const TextPosting*>& into) const {
    for (const TextPosting* posting = newest_below(term, limit); posting != nullptr;
         posting = posting->older) {
        into.push_back(posting);
    }
}

}  // namespace kausal::memtable
