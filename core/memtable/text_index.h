// Terms of a memtable's blocks, built by the searchers: what storage needs for a TextSource.
//
// Like lookup_index.h: the writer takes no part, the first search of a snapshot indexes the
// versions applied since the last one, searchers that are up to date take no lock. Every put
// becomes a document, numbered in order of application; a snapshot sees the documents below a limit
// that follows from its sequence number, so that all counts are exactly those of the snapshot.
#pragma once

#include "base/mutex.h"
#include "base/status.h"
#include "format/tokenizer.h"
#include "memory/arena_coordinator.h"
#include "memtable/chunked_array.h"
#include "memtable/pointer_index.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace kausal::memtable {

class Memtable;
struct BlockVersion;

struct TextDocument {
    const BlockVersion* version = nullptr;
    format::BlockKind kind = format::BlockKind::Invalid;
    uint32_t lengths[format::kTextFieldCount] = {};  // terms per field
    uint64_t totals[format::kTextFieldCount] = {};   // of this document and all before it
};

struct TextPosting {
    uint32_t document = 0;
    uint8_t counts[format::kTextFieldCount] = {};
    const TextPosting* older = nullptr;  // of a smaller document
};

/// Threads: shared.
class TextIndex {
  public:
    /// Writes to a lane of the memtable's arena, which outlives it.
    TextIndex(const memory::SubsystemArena& memory, size_t lane);
    TextIndex(const TextIndex&) = delete;
    TextIndex& operator=(const TextIndex&) = delete;

    /// Indexes every version up to `visible` at least. Errors: Corrupt.
    [[nodiscard]] Status catch_up(const Memtable& memtable, uint64_t visible);

    /// Number of documents that a reader at `visible` sees.
    [[nodiscard]] uint32_t document_limit(uint64_t visible) const;
    [[nodiscard]] const TextDocument& document(uint32_t document) const noexcept {
        return documents_.at(document);
    }
    /// Documents below `limit` that carry the term.
    [[nodiscard]] uint32_t frequency(format::TermHash term, uint32_t limit) const;
    /// Appends the postings below `limit` in decreasing order of document.
    void postings(format::TermHash term, uint32_t limit,
                  std::vector<const TextPosting*>& into) const;

  private:
    struct Term {
        explicit Term(format::TermHash its_hash) noexcept : hash(its_hash) {}
        const format::TermHash hash;
        std::atomic<const TextPosting*> newest{nullptr};
    };

    [[nodiscard]] Status index(const BlockVersion& version) KAUSAL_REQUIRES(mutex_);
    [[nodiscard]] const TextPosting* newest_below(format::TermHash term, uint32_t limit) const;

    Mutex mutex_;
    const memory::SubsystemArena& memory_;
    const size_t lane_;
    memory::Arena& arena_;  // written under mutex_
    ChunkedArray<TextDocument> documents_;
    PointerIndex<Term> terms_;
    std::atomic<uint64_t> complete_up_to_{0};  // a sequence number
    uint32_t versions_done_ KAUSAL_GUARDED_BY(mutex_) = 0;
    format::TermCounter counter_ KAUSAL_GUARDED_BY(mutex_);
};

}  // namespace kausal::memtable
