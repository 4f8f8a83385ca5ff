// A clean index of a whole tree into a workspace that has no blocks yet, in one bulk load.
#pragma once

#include "ingest/ingest.h"
#include "ingest/run_context.h"

namespace kausal::ingest {

/// Parses, links, binds and writes everything; one atomic commit. Nothing remains of a run that
/// fails or is cancelled. `root_record` is the workspace's own block. Errors: those of the rooms
/// below, Cancelled.
[[nodiscard]] Result<IngestReport> index_everything(RunContext& context,
                                                    const graph::Workspace& workspace);

}  // namespace kausal::ingest
