// From a source tree to graph mutations: list, parse, bind, commit; all of it or only what changed.
#pragma once

#include "base/status.h"
#include "io/clock.h"
#include "io/executor.h"
#include "io/vfs.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::graph {
class Graph;
}

namespace kausal::ingest {

enum class Phase : uint8_t { List, Parse, Link, Bind, Commit };

struct Progress {
    Phase phase = Phase::List;
    uint64_t done = 0;   // files
    uint64_t total = 0;  // 0 while unknown
    uint64_t bytes = 0;  // of source read so far
};

struct IngestOptions {
    size_t worker_count = 0;                  // 0 = processor_count()
    bool full = false;                        // bind and write everything again
    uint64_t file_size_bytes_max = 4u << 20;  // larger files are opaque
    const std::atomic<bool>* cancel = nullptr;
    /// Called from one thread at a time, at most about 20 times a second.
    std::function<void(const Progress&)> progress;
};

/// One file that is not understood, or not wholly.
struct FileNote {
    std::string path;
    std::string
        reason;  // "binary", "too large (52428800 bytes)", "symlink", "3 syntax errors", ...
};

struct IngestReport {
    uint64_t files = 0;  // all that were listed
    uint64_t files_indexed = 0;
    uint64_t files_opaque = 0;   // kept as opaque blocks, with a reason each
    uint64_t files_partial = 0;  // indexed, with syntax errors
    uint64_t files_failed = 0;   // vanished or unreadable
    uint64_t files_parsed = 0;   // in this run
    uint64_t files_bound = 0;    // in this run
    uint64_t files_removed = 0;
    uint64_t lines = 0;
    uint64_t bytes = 0;
    uint64_t blocks = 0;          // of the workspace after this run
    uint64_t edges_resolved = 0;  // of the files bound in this run, by kind of target
    uint64_t edges_external = 0;
    uint64_t edges_candidate = 0;
    uint64_t sequence = 0;  // of the commit; 0 when nothing changed
    double seconds_list = 0, seconds_parse = 0, seconds_link = 0, seconds_bind = 0,
           seconds_commit = 0;
    std::vector<FileNote> notes;  // opaque, partial and failed, by path
};

/// Threads: confined; one run at a time per graph (Conflict otherwise).
class Ingest {
  public:
    Ingest(graph::Graph& graph, io::Vfs& vfs, io::Executor& executor, io::Clock& clock)
        : graph_(graph), vfs_(vfs), executor_(executor), clock_(clock) {}

    /// Registers the tree at `root` as workspace `name` (its last path component when empty) and
    /// indexes it. Linking the same root again under the same name syncs it. Errors: NotFound (no
    /// such folder), Invalid (not a folder; nothing in it to index), Conflict (name taken by
    /// another root), Cancelled (nothing was committed).
    [[nodiscard]] Result<IngestReport> link(std::string_view root, std::string_view name,
                                            const IngestOptions& options);
    /// Brings a workspace up to date with its tree in one atomic commit. The canonical dump after
    /// it equals that of a clean link of the same tree.
    [[nodiscard]] Result<IngestReport> sync(std::string_view workspace,
                                            const IngestOptions& options);
    /// Removes the workspace and all that it brought.
    [[nodiscard]] Status unlink(std::string_view workspace);

    /// How the tree differs from what is indexed, without parsing: for `status`.
    struct Staleness {
        uint64_t files_added = 0, files_changed = 0, files_removed = 0;
    };
    [[nodiscard]] Result<Staleness> staleness(std::string_view workspace);

  private:
    graph::Graph& graph_;
    io::Vfs& vfs_;
    io::Executor& executor_;
    io::Clock& clock_;
};

}  // namespace kausal::ingest
