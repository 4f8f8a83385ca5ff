// The part of verify that looks at the merged database instead of at files: what the indexes say
// must be what the blocks say, and every edge must be found from both of its ends.
#pragma once

#include "storage/snapshot_view.h"
#include "storage/storage_engine.h"

namespace kausal::storage {

/// Appends what is wrong to `report`. Errors only when reading fails for another reason than
/// damage.
[[nodiscard]] Status cross_check(const SnapshotView& snapshot, VerifyReport& report);

}  // namespace kausal::storage
