// What memtables and segments offer to text search, behind the one interface TextSource.
#include "memtable/text_index.h"
#include "storage/snapshot_view.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace kausal::storage {
namespace {

/// Liveness, which both kinds of source decide alike.
class RankedSource : public TextSource {
  public:
    RankedSource(const SnapshotView& snapshot, size_t rank) : snapshot_(snapshot), rank_(rank) {
        const Version& version = snapshot.version();
        for (size_t newer = 0; newer < rank; ++newer) {
            if (newer >= version.memtables.size() ||
                version.memtables[newer]->block_operations() != 0) {
                has_newer_ = true;
            }
        }
    }

  protected:
    /// A block that cannot be told live is not shown; its damage is on record.
    [[nodiscard]] bool is_newest(const BlockId& id) const {
        if (!has_newer_) return true;
        const Result<bool> superseded = snapshot_.core().noted(snapshot_.is_superseded(id, rank_));
        return superseded && !*superseded;
    }
    [[nodiscard]] const SnapshotView& snapshot() const noexcept { return snapshot_; }
    [[nodiscard]] size_t rank() const noexcept { return rank_; }

  private:
    const SnapshotView& snapshot_;
    size_t rank_;
    bool has_newer_ = false;
};

class MemtableTextSource final : public RankedSource {
  public:
    MemtableTextSource(const SnapshotView& snapshot, size_t rank, const memtable::TextIndex& index)
        : RankedSource(snapshot, rank),
          index_(index),
          limit_(index.document_limit(snapshot.sequence())) {}

    [[nodiscard]] uint32_t document_count() const override { return limit_; }
    [[nodiscard]] uint64_t total_length(format::TextField field) const override {
        return limit_ == 0 ? 0 : index_.document(limit_ - 1).totals[static_cast<size_t>(field)];
    }
    [[nodiscard]] uint32_t length(uint32_t document, format::TextField field) const override {
        return document >= limit_ ? 0
                                  : index_.document(document).lengths[static_cast<size_t>(field)];
    }
    [[nodiscard]] BlockId block(uint32_t document) const override {
        return document >= limit_ ? BlockId{} : index_.document(document).version->node->id;
    }
    [[nodiscard]] format::BlockKind kind(uint32_t document) const override {
        return document >= limit_ ? format::BlockKind::Invalid : index_.document(document).kind;
    }
    [[nodiscard]] uint32_t document_frequency(format::TermHash term) const override {
        return index_.frequency(term, limit_);
    }
    [[nodiscard]] Status postings(format::TermHash term,
                                  std::vector<Posting>& into) const override {
        std::vector<const memtable::TextPosting*> found;
        index_.postings(term, limit_, found);
        into.reserve(into.size() + found.size());
        for (size_t i = found.size(); i-- > 0;) {
            Posting posting;
            posting.document = found[i]->document;
            std::memcpy(posting.counts, found[i]->counts, sizeof(posting.counts));
            into.push_back(posting);
        }
        return Status::ok();
    }
    [[nodiscard]] bool is_live(uint32_t document) const override {
        if (document >= limit_) return false;
        const memtable::BlockVersion* version = index_.document(document).version;
        return version->node->version_at(snapshot().sequence()) == version &&
               is_newest(version->node->id);
    }

  private:
    const memtable::TextIndex& index_;
    uint32_t limit_;
};

class SegmentTextSource final : public RankedSource {
  public:
    SegmentTextSource(const SnapshotView& snapshot, size_t rank,
                      const segment::SegmentReader& reader)
        : RankedSource(snapshot, rank), reader_(reader), text_(reader.text()) {}

    [[nodiscard]] uint32_t document_count() const override { return text_.document_count(); }
    [[nodiscard]] uint64_t total_length(format::TextField field) const override {
        return text_.total_length(field);
    }
    [[nodiscard]] uint32_t length(uint32_t document, format::TextField field) const override {
        return text_.length(document, field);
    }
    [[nodiscard]] BlockId block(uint32_t document) const override {
        const auto read = [&]() -> Result<BlockId> {
            const uint32_t ordinal = KAUSAL_TRY(text_.ordinal(document));
            return reader_.id(ordinal);
        };
        return snapshot().core().noted(read()).value_or(BlockId{});
    }
    [[nodiscard]] format::BlockKind kind(uint32_t document) const override {
        const auto read = [&]() -> Result<format::BlockKind> {
            const uint32_t ordinal = KAUSAL_TRY(text_.ordinal(document));
            return KAUSAL_TRY(reader_.entry(ordinal)).kind;
        };
        return snapshot().core().noted(read()).value_or(format::BlockKind::Invalid);
    }
    [[nodiscard]] uint32_t document_frequency(format::TermHash term) const override {
        return snapshot().core().noted(text_.document_frequency(term)).value_or(0);
    }
    [[nodiscard]] Status postings(format::TermHash term,
                                  std::vector<Posting>& into) const override {
        std::vector<segment::TextPosting> found;
        KAUSAL_TRY(snapshot().core().noted(text_.postings(term, found)));
        into.reserve(into.size() + found.size());
        for (const segment::TextPosting& from : found) {
            Posting posting;
            posting.document = from.document;
            std::memcpy(posting.counts, from.counts, sizeof(posting.counts));
            into.push_back(posting);
        }
        return Status::ok();
    }
    [[nodiscard]] bool is_live(uint32_t document) const override {
        const BlockId id = block(document);
        return id.is_valid() && is_newest(id);
    }

  private:
    const segment::SegmentReader& reader_;
    segment::TextIndexView text_;
};

}  // namespace

std::vector<std::unique_ptr<TextSource>> make_text_sources(const SnapshotView& snapshot) {
    std::vector<std::unique_ptr<TextSource>> sources;
    size_t rank = 0;
    for (const MemtableRef& memtable : snapshot.version().memtables) {
        if (memtable->block_operations() != 0) {
            const Result<const memtable::TextIndex*> index =
                snapshot.core().noted(memtable->text(snapshot.sequence()));
            if (index) {
                sources.push_back(std::make_unique<MemtableTextSource>(snapshot, rank, **index));
            }
        }
        ++rank;
    }
    for (const SegmentFileRef& file : snapshot.version().segments) {
        if (file->reader().text().document_count() != 0) {
            sources.push_back(std::make_unique<SegmentTextSource>(snapshot, rank, file->reader()));
        }
        ++rank;
    }
    return sources;
}

}  // namespace kausal::storage
