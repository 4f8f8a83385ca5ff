// The public entry: names, roots and conflicts; the work itself is in full_index.cpp and
// sync_run.cpp.
#include "ingest/ingest.h"

#include "graph/graph.h"
#include "ingest/full_index.h"
#include "ingest/sync_run.h"

#include <algorithm>
#include <mutex>
#include <set>

namespace kausal::ingest {
namespace {

/// Lets one run at a time work on a graph. The set of graphs in work is the only state of the
/// process that this room has; it is empty when nothing runs.
class RunGuard {
  public:
    explicit RunGuard(const graph::Graph& graph) : graph_(&graph) {
        const MutexLock lock(mutex());
        is_first_ = running().insert(graph_).second;
    }
    RunGuard(const RunGuard&) = delete;
    RunGuard& operator=(const RunGuard&) = delete;
    ~RunGuard() {
        if (!is_first_) return;
        const MutexLock lock(mutex());
        running().erase(graph_);
    }
    [[nodiscard]] Status check() const {
        if (is_first_) return Status::ok();
        return {ErrorCode::Conflict, "another run indexes into this database"};
    }

  private:
    static Mutex& mutex() {
        static Mutex mutex;
        return mutex;
    }
    static std::set<const graph::Graph*>& running() {
        static std::set<const graph::Graph*> running;
        return running;
    }
    const graph::Graph* graph_;
    bool is_first_ = false;
};

std::string_view last_path_component(std::string_view path) {
    while (path.ends_with('/')) path.remove_suffix(1);
    return path.substr(path.rfind('/') + 1);
}

RunContext make_context(graph::Graph& graph, io::Vfs& vfs, io::Executor& executor, io::Clock& clock,
                        const IngestOptions& options, ProgressMeter& progress,
                        const graph::Workspace& workspace) {
    RunContext context{graph, vfs, executor, clock, options, progress};
    context.worker_count = options.worker_count != 0 ? options.worker_count : io::processor_count();
    context.workspace = workspace.name;
    context.root = workspace.root;
    return context;
}

/// Indexes or syncs a workspace that is known or about to be.
Result<IngestReport> run(RunContext& context, const graph::Workspace& workspace) {
    const uint64_t started = context.clock.monotonic_ns();
    KAUSAL_TRY(context.prepare());
    const auto list_seconds = static_cast<double>(context.clock.monotonic_ns() - started) / 1e9;
    const graph::GraphView view = context.graph.view();
    const auto stored = KAUSAL_TRY(load_workspace_state(view.snapshot(), context.workspace));
    if (!stored && context.files.empty())
        return fail(ErrorCode::Invalid, context.root + " holds nothing to index");
    Result<IngestReport> report =
        stored ? SyncRun(context, view, *stored).run() : index_everything(context, workspace);
    if (report) {
        report->seconds_list = list_seconds;
        std::sort(report->notes.begin(), report->notes.end(),
                  [](const FileNote& a, const FileNote& b) { return a.path < b.path; });
    }
    return report;
}

}  // namespace

Result<IngestReport> Ingest::link(std::string_view root, std::string_view name,
                                  const IngestOptions& options) {
    const RunGuard guard(graph_);
    KAUSAL_TRY(guard.check());
    graph::Workspace workspace;
    workspace.root = KAUSAL_TRY(vfs_.canonical(root));
    workspace.name = name.empty() ? last_path_component(workspace.root) : name;
    const io::FileInfo info = KAUSAL_TRY(vfs_.info(workspace.root));
    if (info.kind != io::EntryKind::Directory)
        return fail(ErrorCode::Invalid, workspace.root + " is not a folder");
    const auto known = KAUSAL_TRY(graph_.view().workspace(workspace.name));
    if (known && known->root != workspace.root) {
        return fail(ErrorCode::Conflict,
                    "workspace " + workspace.name + " is linked to another folder: " + known->root);
    }
    std::string metadata;
    const auto record = KAUSAL_TRY(graph::workspace_record(known ? *known : workspace, metadata));
    workspace.id = record.id;
    ProgressMeter progress(options, clock_);
    RunContext context =
        make_context(graph_, vfs_, executor_, clock_, options, progress, workspace);
    return run(context, known ? *known : workspace);
}

Result<IngestReport> Ingest::sync(std::string_view name, const IngestOptions& options) {
    const RunGuard guard(graph_);
    KAUSAL_TRY(guard.check());
    const auto workspace = KAUSAL_TRY(graph_.view().workspace(name));
    if (!workspace) return fail(ErrorCode::NotFound, "no workspace is called " + std::string(name));
    ProgressMeter progress(options, clock_);
    RunContext context =
        make_context(graph_, vfs_, executor_, clock_, options, progress, *workspace);
    return run(context, *workspace);
}

Status Ingest::unlink(std::string_view workspace) {
    const RunGuard guard(graph_);
    KAUSAL_TRY(guard.check());
    (void)KAUSAL_TRY(graph_.remove_workspace(workspace));
    return Status::ok();
}

Result<Ingest::Staleness> Ingest::staleness(std::string_view name) {
    const graph::GraphView view = graph_.view();
    const auto workspace = KAUSAL_TRY(view.workspace(name));
    if (!workspace) return fail(ErrorCode::NotFound, "no workspace is called " + std::string(name));
    const FileStates states = KAUSAL_TRY(load_states(view.snapshot(), name));
    const auto files =
        KAUSAL_TRY(list_files(vfs_, executor_, workspace->root, {io::processor_count(), nullptr}));
    const TreeDifference difference = compare_tree(files, states);
    Staleness staleness;
    staleness.files_added = difference.added.size();
    staleness.files_removed = difference.removed.size();
    SourceReader reader(vfs_, workspace->root, IngestOptions().file_size_bytes_max,
                        has_cpp_sources(files));
    SourceFile source;
    for (const uint32_t i : difference.changed) {
        // Stamps alone do not make a change; what was read before tells.
        const FileState& state = states[static_cast<size_t>(difference.state_of[i])].second;
        reader.read(files[i], source);
        const bool is_same = state.outcome != FileOutcome::Failed &&
                             state.content_hash == source.content_hash &&
                             state.size_bytes == files[i].info.size_bytes &&
                             (source.content_hash != 0 || state.reason == source.reason);
        if (!is_same) ++staleness.files_changed;
    }
    return staleness;
}

}  // namespace kausal::ingest
