// Names, URIs and keys of a snapshot, merged over its sources; see snapshot_view.h.
//
// Each source gives its matches in order but only as a visitor. So every source is asked for a
// number of matches, all that lies below the smallest last match of a source that had more is
// merged and given out, and when that was not enough the question is repeated with a larger number.
// Numbers grow by eight, so repeating costs a fraction of the last round.
#include "memtable/lookup_index.h"
#include "storage/snapshot_view.h"

#include <algorithm>
#include <utility>

namespace kausal::storage {
namespace {

constexpr size_t kFirstRoundLimit = 256;
constexpr size_t kRoundGrowth = 8;

bool starts_with_folded(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() &&
           memtable::compare_folded(text.substr(0, prefix.size()), prefix) == 0;
}

bool matches(std::string_view text, std::string_view wanted, NameMatch match) noexcept {
    switch (match) {
        case NameMatch::Exact:
            return text == wanted;
        case NameMatch::FoldedExact:
            return text.size() == wanted.size() && starts_with_folded(text, wanted);
        case NameMatch::Prefix:
            return text.starts_with(wanted);
        case NameMatch::FoldedPrefix:
            return starts_with_folded(text, wanted);
    }
    return false;
}

segment::SegmentReader::Match segment_match(NameMatch match) noexcept {
    switch (match) {
        case NameMatch::Exact:
            return segment::SegmentReader::Match::Exact;
        case NameMatch::FoldedExact:
            return segment::SegmentReader::Match::FoldedExact;
        case NameMatch::Prefix:
            return segment::SegmentReader::Match::Prefix;
        case NameMatch::FoldedPrefix:
            return segment::SegmentReader::Match::FoldedPrefix;
    }
    return segment::SegmentReader::Match::Exact;
}

/// The order in which matches are given out: names by (folded, exact), URIs by their bytes.
int compare_texts(std::string_view left, std::string_view right, bool is_uri) noexcept {
    if (!is_uri) {
        const int folded = memtable::compare_folded(left, right);
        if (folded != 0) return folded;
    }
    return left.compare(right);
}

}  // namespace

// Returns true when the source has more matches than the limit.
Result<bool> SnapshotView::gather_memtable(const TextQuery& query, size_t rank, size_t limit,
                                           std::vector<TextHit>& into) const {
    const memtable::Memtable& memtable = *version_->memtables[rank];
    if (memtable.block_operations() == 0) return false;
    memtable::LookupIndex* lookups = KAUSAL_TRY(memtable.lookups(sequence_));
    std::vector<const memtable::BlockVersion*> versions;
    const auto take = [&](const memtable::TextEntry& entry) {
        versions.clear();
        memtable::LookupIndex::collect(entry, sequence_, versions);
        for (const memtable::BlockVersion* version : versions) {
            into.push_back({entry.text, version->node->id, rank});
        }
    };
    if (query.match == NameMatch::Exact) {
        const memtable::TextEntry* entry =
            query.is_uri ? lookups->find_uri(query.text) : lookups->find_name(query.text);
        if (entry != nullptr) take(*entry);
        return false;
    }
    const auto walk = [&](const auto* node) {
        const size_t stop = into.size() + limit;
        for (; node != nullptr; node = node->successor()) {
            const std::string_view text = node->item->text;
            // Names that fold to the wanted one come first among those that start with it.
            bool is_in_range = text.starts_with(query.text);
            if (!query.is_uri) {
                is_in_range = query.match == NameMatch::FoldedExact
                                  ? matches(text, query.text, query.match)
                                  : starts_with_folded(text, query.text);
            }
            if (!is_in_range) return false;
            if (!query.is_uri && !matches(text, query.text, query.match)) continue;
            if (into.size() >= stop) return true;
            take(*node->item);
        }
        return false;
    };
    return query.is_uri ? walk(lookups->seek_uri(query.text))
                        : walk(lookups->seek_name(query.text));
}

Result<bool> SnapshotView::gather_segment(const TextQuery& query, size_t rank, size_t limit,
                                          std::vector<TextHit>& into) const {
    const segment::SegmentReader& reader =
        version_->segments[rank - version_->memtables.size()]->reader();
    const size_t stop = into.size() + limit;
    bool has_more = false;
    Status inner;
    const auto take = [&](std::string_view text, std::span<const uint32_t> ordinals) {
        if (into.size() >= stop) {
            has_more = true;
            return false;
        }
        for (const uint32_t ordinal : ordinals) {
            Result<BlockId> id = reader.id(ordinal);
            if (!id) {
                inner = std::move(id).error();
                return false;
            }
            into.push_back({text, *id, rank});
        }
        return true;
    };
    const segment::SegmentReader::Match match = segment_match(query.match);
    KAUSAL_TRY(query.is_uri ? reader.find_uris(query.text, match, take)
                            : reader.find_names(query.text, match, take));
    KAUSAL_TRY(std::move(inner));
    return has_more;
}

Status SnapshotView::find_texts(const TextQuery& query, const NameVisitor& visit) const {
    if (query.text.empty() &&
        (query.match == NameMatch::Exact || query.match == NameMatch::FoldedExact)) {
        return Status::ok();  // empty texts are not indexed
    }
    std::vector<TextHit> hits;
    std::string_view given_up_to;  // texts up to this one were given out in earlier rounds
    bool is_first_round = true;
    for (size_t limit = kFirstRoundLimit;; limit *= kRoundGrowth) {
        hits.clear();
        std::optional<std::string_view> complete_up_to;
        for (size_t rank = 0; rank < version_->source_count(); ++rank) {
            const bool has_more = KAUSAL_TRY(rank < version_->memtables.size()
                                                 ? gather_memtable(query, rank, limit, hits)
                                                 : gather_segment(query, rank, limit, hits));
            if (!has_more) continue;
            const std::string_view last = hits.back().text;
            if (!complete_up_to || compare_texts(last, *complete_up_to, query.is_uri) < 0) {
                complete_up_to = last;
            }
        }
        std::sort(hits.begin(), hits.end(), [&](const TextHit& left, const TextHit& right) {
            const int order = compare_texts(left.text, right.text, query.is_uri);
            return order != 0 ? order < 0 : left.id < right.id;
        });
        for (const TextHit& hit : hits) {
            if (!is_first_round && compare_texts(hit.text, given_up_to, query.is_uri) <= 0)
                continue;
            if (complete_up_to && compare_texts(hit.text, *complete_up_to, query.is_uri) > 0) break;
            if (KAUSAL_TRY(is_superseded(hit.id, hit.rank))) continue;
            if (!visit(hit.text, hit.id)) return Status::ok();
        }
        if (!complete_up_to) return Status::ok();
        given_up_to = *complete_up_to;
        is_first_round = false;
    }
}

Status SnapshotView::find_names(std::string_view name, NameMatch match,
                                const NameVisitor& visit) const {
    return core_->noted(find_texts({.text = name, .match = match, .is_uri = false}, visit));
}

Status SnapshotView::find_uris(std::string_view uri, bool prefix, const NameVisitor& visit) const {
    const NameMatch match = prefix ? NameMatch::Prefix : NameMatch::Exact;
    return core_->noted(find_texts({.text = uri, .match = match, .is_uri = true}, visit));
}

Status SnapshotView::scan_names(const std::function<bool(std::string_view name)>& visit) const {
    const auto scan = [&]() -> Status {
        for (const MemtableRef& memtable : version_->memtables) {
            if (memtable->block_operations() == 0) continue;
            const memtable::LookupIndex* lookups = KAUSAL_TRY(memtable->lookups(sequence_));
            for (uint32_t at = 0; at < lookups->name_count(); ++at) {
                if (!visit(lookups->name_at(at))) return Status::ok();
            }
        }
        for (const SegmentFileRef& file : version_->segments) {
            bool wants_more = true;
            KAUSAL_TRY(
                file->reader().scan_names([&](std::string_view name, std::span<const uint32_t>) {
                    wants_more = visit(name);
                    return wants_more;
                }));
            if (!wants_more) return Status::ok();
        }
        return Status::ok();
    };
    return core_->noted(scan());
}

Status SnapshotView::find_key(uint64_t key, std::vector<BlockId>& into) const {
    const auto collect = [&]() -> Status {
        std::vector<BlockId> found;
        std::vector<const memtable::BlockVersion*> versions;
        std::vector<uint32_t> ordinals;
        size_t rank = 0;
        for (const MemtableRef& memtable : version_->memtables) {
            versions.clear();
            if (memtable->block_operations() != 0) {
                KAUSAL_TRY(memtable->lookups(sequence_))->find_key(key, sequence_, versions);
            }
            for (const memtable::BlockVersion* version : versions) {
                if (!KAUSAL_TRY(is_superseded(version->node->id, rank))) {
                    found.push_back(version->node->id);
                }
            }
            ++rank;
        }
        for (const SegmentFileRef& file : version_->segments) {
            ordinals.clear();
            KAUSAL_TRY(file->reader().find_key(key, ordinals));
            for (const uint32_t ordinal : ordinals) {
                const BlockId id = KAUSAL_TRY(file->reader().id(ordinal));
                if (!KAUSAL_TRY(is_superseded(id, rank))) found.push_back(id);
            }
            ++rank;
        }
        std::sort(found.begin(), found.end());
        found.erase(std::unique(found.begin(), found.end()), found.end());
        into.insert(into.end(), found.begin(), found.end());
        return Status::ok();
    };
    return core_->noted(collect());
}

}  // namespace kausal::storage
