// An immutable list of the places where data lives at one moment, newest first.
//
// Together with a sequence number it is a consistent view: every commit up to the number is in one
// of the sources, and what lies above it is only in memtables, whose readers pass it over.
#pragma once

#include "memtable/memtable.h"
#include "storage/segment_file.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace kausal::storage {

using MemtableRef = std::shared_ptr<memtable::Memtable>;

/// Sources are ranked by age: the memtables first, then the segments, 0 is the newest. Threads:
/// shared, immutable. Owners: the VersionSet (the current one) and the snapshots.
struct Version {
    std::vector<MemtableRef> memtables;  // the first one takes the writes
    std::vector<SegmentFileRef> segments;

    [[nodiscard]] size_t source_count() const noexcept {
        return memtables.size() + segments.size();
    }
};
using VersionRef = std::shared_ptr<const Version>;

}  // namespace kausal::storage
