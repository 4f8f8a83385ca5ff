// What one run of indexing carries through all its phases: the doors to the outside, the options,
// the workspace, progress.
#pragma once

#include "base/mutex.h"
#include "graph/graph.h"
#include "ingest/extractor.h"
#include "ingest/file_list.h"
#include "ingest/file_state.h"
#include "ingest/ingest.h"
#include "ingest/resolver.h"
#include "ingest/source_reader.h"
#include "ingest/symbol_table.h"
#include "ingest/workspace_config.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kausal::ingest {

/// Reports progress from any worker, one call at a time and not too often. Threads: shared.
class ProgressMeter {
  public:
    ProgressMeter(const IngestOptions& options, io::Clock& clock)
        : options_(options), clock_(clock) {}
    void start(Phase phase, uint64_t total);
    void add(uint64_t files, uint64_t bytes);
    void finish();
    [[nodiscard]] Status check_cancelled() const;

  private:
    void report(bool always) KAUSAL_REQUIRES(mutex_);

    const IngestOptions& options_;
    io::Clock& clock_;
    Mutex mutex_;
    Progress progress_ KAUSAL_GUARDED_BY(mutex_);
    uint64_t reported_at_ns_ KAUSAL_GUARDED_BY(mutex_) = 0;
};

/// Everything a run needs; made once per run. Threads: the references are shared, the fields fixed
/// once `prepare` of the run has ended.
struct RunContext {
    graph::Graph& graph;
    io::Vfs& vfs;
    io::Executor& executor;
    io::Clock& clock;
    const IngestOptions& options;
    ProgressMeter& progress;
    size_t worker_count = 1;
    std::string workspace = {};
    std::string root = {};
    int64_t read_at_ns = 0;  // wall clock before the tree was listed
    std::vector<ListedFile> files = {};
    bool header_is_cpp = false;
    WorkspaceConfig config = {};
    FamilyInputs inputs = {};

    /// `body(worker, index)` for all indexes; on the calling thread when there is little to do.
    [[nodiscard]] Status for_each(size_t count,
                                  const std::function<Status(size_t, size_t)>& body) const;
    /// Lists the tree and reads its configuration. Errors: those of list_files.
    [[nodiscard]] Status prepare();
};

/// One file on its way through the phases.
struct FileWork {
    const ListedFile* listed = nullptr;  // null for files that are only bound again
    std::string path;
    FileState state;
    std::string facts;  // encoded; empty when there are none
    LanguageFamily family = LanguageFamily::C;
    FileSymbols symbols;
    std::vector<LinkedSymbol> links;
    std::vector<uint64_t> keys;  // asked for by level 1, then by both levels

    [[nodiscard]] bool has_facts() const { return !facts.empty(); }
};

/// What a worker keeps from file to file. Threads: confined.
struct ParseWorker {
    SourceReader reader;
    std::unique_ptr<Extractor> extractor;
    SourceFile source;

    explicit ParseWorker(const RunContext& context)
        : reader(context.vfs, context.root, context.options.file_size_bytes_max,
                 context.header_is_cpp),
          extractor(Extractor::create()) {}
};

/// Reads the file; `state` tells what it is. The text stays in `worker.source`.
void read_file_work(const RunContext& context, ParseWorker& worker, FileWork& work);
/// Parses and declares what read_file_work has read. Errors: Internal.
[[nodiscard]] Status parse_file_work(const RunContext& context, ParseWorker& worker,
                                     FileWork& work);
/// Level 0 from facts at hand: symbols, their flags and bounded names.
void declare_file(const WorkspaceConfig& config, const FileFacts& facts, FileSymbols& symbols);
/// Level 1 of one file; keeps links and keys in `work`.
void link_file_work(const WorkspaceConfig& config, const FileFacts& facts, SymbolSource& source,
                    const NameRecorder& names, FileWork& work);

/// Sums over the states of all files for a report.
void count_states(const FileState& state, std::string_view path, IngestReport& report);

/// The private block that keeps what the last run saw of the workspace as a whole.
struct WorkspaceState {
    FamilyInputs inputs;
    bool header_is_cpp = false;
    uint64_t block_count = 0;

    [[nodiscard]] std::string encode() const;
    [[nodiscard]] static Result<WorkspaceState> decode(std::string_view text);
};
[[nodiscard]] BlockId workspace_state_id(std::string_view workspace);

}  // namespace kausal::ingest
