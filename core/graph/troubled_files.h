// Which files were not, or not wholly, understood: asked for by nearly every answer, so kept per
// state of the graph.
#pragma once

#include "base/block_id.h"
#include "base/mutex.h"
#include "base/status.h"
#include "format/block_record.h"
#include "storage/snapshot.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace kausal::graph {

/// A file that was not, or not wholly, understood.
struct TroubledFile {
    BlockId id = {};
    uint64_t workspace = 0;
    format::Language language = format::Language::None;
    std::string uri = {};
    bool is_opaque = false;   // not indexed at all; otherwise it has syntax errors
    std::string reason = {};  // metadata member "reason"; may be empty
};

using TroubledFiles = std::vector<TroubledFile>;
using TroubledFilesRef = std::shared_ptr<const TroubledFiles>;

/// Files flagged partial or opaque, those of source languages only or all; in order of (uri, id),
/// without their reasons. Errors: Corrupt, Unavailable.
[[nodiscard]] Result<TroubledFiles> read_troubled_files(const storage::Snapshot& snapshot,
                                                        bool sources_only);
/// What a troubled file's block says about it; empty when the file is gone.
[[nodiscard]] Result<std::string> trouble_reason(const storage::Snapshot& snapshot,
                                                 const BlockId& id);

/// The troubled source files of the states that were asked about last, and why those of them that
/// were shown are troubled.
/// Threads: shared.
class TroubledSourceCache {
  public:
    /// Errors: those of read_troubled_files; nothing is kept then.
    [[nodiscard]] Result<TroubledFilesRef> get(const storage::Snapshot& snapshot);
    /// trouble_reason, read once per state and file. Errors: likewise.
    [[nodiscard]] Result<std::string> reason(const storage::Snapshot& snapshot, const BlockId& id);

  private:
    struct Entry {
        uint64_t sequence = 0;
        TroubledFilesRef files;
        std::unordered_map<BlockId, std::string, BlockIdHash> reasons;
    };
    [[nodiscard]] Entry* find(uint64_t sequence) KAUSAL_REQUIRES(mutex_);

    Mutex mutex_;
    std::vector<Entry> entries_ KAUSAL_GUARDED_BY(mutex_);  // the one used last comes last
};

}  // namespace kausal::graph
