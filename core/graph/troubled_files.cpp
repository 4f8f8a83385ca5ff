// Reading troubled files by their index keys; see troubled_files.h.
#include "graph/troubled_files.h"

#include "graph/identity.h"
#include "graph/workspace.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace kausal::graph {
namespace {

// Readers look at the newest state, or at one of the few snapshots that somebody holds.
constexpr size_t kStatesMax = 4;

}  // namespace

Result<TroubledFiles> read_troubled_files(const storage::Snapshot& snapshot, bool sources_only) {
    // A tree may hold thousands of pictures, archives and texts, but few sources that could not be
    // indexed: these have a key of their own, so that an answer need not look at the others.
    const std::string_view opaque = sources_only ? kOpaqueSourceState : kOpaqueState;
    std::vector<BlockId> ids;
    KAUSAL_TRY(snapshot.find_key(format::hash_key(kKeySpaceFileState, kPartialState), ids));
    KAUSAL_TRY(snapshot.find_key(format::hash_key(kKeySpaceFileState, opaque), ids));
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    TroubledFiles files;
    for (const BlockId& id : ids) {
        const std::optional<storage::BlockPin> pin =
            KAUSAL_TRY(snapshot.get(id, storage::BlockParts::Head));
        if (!pin) continue;
        const format::BlockRecord& record = pin->record;
        if ((record.flags & (format::kBlockOpaque | format::kBlockPartial)) == 0) continue;
        if (sources_only && record.language == format::Language::None) continue;
        files.push_back({.id = id,
                         .workspace = record.workspace,
                         .language = record.language,
                         .uri = std::string(record.uri),
                         .is_opaque = (record.flags & format::kBlockOpaque) != 0});
    }
    std::sort(files.begin(), files.end(), [](const TroubledFile& left, const TroubledFile& right) {
        return std::tie(left.uri, left.id) < std::tie(right.uri, right.id);
    });
    return files;
}

Result<std::string> trouble_reason(const storage::Snapshot& snapshot, const BlockId& id) {
    const std::optional<storage::BlockPin> pin =
        KAUSAL_TRY(snapshot.get(id, storage::BlockParts::HeadAndBody));
    return pin ? metadata_text(pin->record.metadata, "reason") : std::string();
}

TroubledSourceCache::Entry* TroubledSourceCache::find(uint64_t sequence) {
    const auto known = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.sequence == sequence; });
    if (known == entries_.end()) return nullptr;
    std::rotate(known, known + 1, entries_.end());
    return &entries_.back();
}

Result<TroubledFilesRef> TroubledSourceCache::get(const storage::Snapshot& snapshot) {
    const uint64_t sequence = snapshot.sequence();
    {
        const MutexLock lock(mutex_);
        if (const Entry* entry = find(sequence)) return entry->files;
    }
    // Read without the mutex: a reader waits for no other one, at worst two do the same work.
    auto files =
        std::make_shared<const TroubledFiles>(KAUSAL_TRY(read_troubled_files(snapshot, true)));
    const MutexLock lock(mutex_);
    if (find(sequence) == nullptr) {
        if (entries_.size() == kStatesMax) entries_.erase(entries_.begin());
        entries_.push_back({.sequence = sequence, .files = files, .reasons = {}});
    }
    return files;
}

Result<std::string> TroubledSourceCache::reason(const storage::Snapshot& snapshot,
                                                const BlockId& id) {
    {
        const MutexLock lock(mutex_);
        if (const Entry* entry = find(snapshot.sequence())) {
            const auto known = entry->reasons.find(id);
            if (known != entry->reasons.end()) return known->second;
        }
    }
    std::string text = KAUSAL_TRY(trouble_reason(snapshot, id));
    const MutexLock lock(mutex_);
    if (Entry* entry = find(snapshot.sequence())) entry->reasons.emplace(id, text);
    return text;
}

}  // namespace kausal::graph
