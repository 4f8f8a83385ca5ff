// One incremental run: from the difference between tree and graph to one batch that removes it.
//
// What has to be done again follows from names alone. Symbols that differ between the stored and
// the new version of a changed file make their names dirty; files that once asked for a dirty name
// (their facts block carries its key) are linked and bound again; links that change make more names
// dirty, and the files that asked for those are bound again. Everything else is as a clean index
// would make it, because nothing that it read has changed (symbol.h).
#pragma once

#include "graph/graph_batch.h"
#include "ingest/block_maker.h"
#include "ingest/file_binding.h"
#include "ingest/run_context.h"
#include "ingest/stored_symbols.h"

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace kausal::ingest {

/// How the listed tree differs from the stored states, by index into RunContext::files.
struct TreeDifference {
    std::vector<uint32_t> added;
    std::vector<uint32_t> changed;  // by their stamps
    std::vector<uint32_t> removed;  // index into the states
    std::vector<int64_t> state_of;  // per listed file: its stored state, -1 for none
};
[[nodiscard]] TreeDifference compare_tree(const std::vector<ListedFile>& files,
                                          const FileStates& states);

/// All stored states of a workspace, in order of path. Errors: Corrupt, Unavailable.
[[nodiscard]] Result<FileStates> load_states(const storage::Snapshot& snapshot,
                                             std::string_view workspace);
/// Nothing when the workspace was never indexed.
[[nodiscard]] Result<std::optional<WorkspaceState>> load_workspace_state(
    const storage::Snapshot& snapshot, std::string_view workspace);

/// Threads: confined; its phases use the executor.
class SyncRun {
  public:
    /// `stored`: load_workspace_state. With options.full every file is read and bound again.
    SyncRun(RunContext& context, graph::GraphView view, WorkspaceState stored);
    [[nodiscard]] Result<IngestReport> run();

  private:
    /// A file that takes part: changed (new text), removed, or bound again.
    struct SyncFile {
        FileWork work;
        bool is_changed = false;
        bool is_removed = false;
        std::string text;                                      // of changed files
        std::unordered_map<BlockId, Symbol, BlockIdHash> old;  // stored symbols of the file itself
        std::vector<BlockId> old_modules;
        bool had_block = false;
        bool had_facts = false;
        FileSymbols linked;  // with level 1
        std::vector<format::EdgeRecord> edges;
        OutsideBlocks outside;
        BindingCounts counts;
    };
    /// The file that speaks for a module, or none when no file declares it any more.
    struct ModuleState {
        SyncFile* speaker = nullptr;
        size_t index = 0;  // into its symbols
        std::optional<Symbol> stored;
    };

    // sync_run.cpp: what has changed, and who waits for it.
    Status find_changes();
    Status read_changes();
    Status load_old(SyncFile& file) const;
    void diff_level0(const SyncFile& file);
    void mark_dirty(const Symbol& symbol);
    Status load_waiting();
    Result<SyncFile*> load_rebound(const std::string& path);
    Status resolve_modules();
    Status resolve_module(const BlockId& id);
    Status speak_for_own_modules(SyncFile& file);
    [[nodiscard]] SyncFile* find_file(std::string_view path);
    SyncFile& add_file(const std::string& path);
    void fill_overlay(SymbolOverlay& overlay, bool is_linked);
    Status link();
    Status link_files(size_t first, const SymbolOverlay& overlay);
    void diff_level1(SyncFile& file);
    Status bind();

    // sync_write.cpp: the batch.
    Status write_all(graph::GraphBatch& batch);
    Status write_deletions(graph::GraphBatch& batch);
    Status delete_block(graph::GraphBatch& batch, const BlockId& id);
    Status write_changed_file(graph::GraphBatch& batch, SyncFile& file);
    Status write_rebound_file(graph::GraphBatch& batch, SyncFile& file);
    Status write_facts(graph::GraphBatch& batch, SyncFile& file);
    Status write_modules(graph::GraphBatch& batch);
    Status write_edges(graph::GraphBatch& batch, const SyncFile& file);
    Status write_module_edge(graph::GraphBatch& batch, const ModuleState& module);
    Status write_outside_blocks(graph::GraphBatch& batch);
    Status write_states(graph::GraphBatch& batch);
    Status put_if_new(graph::GraphBatch& batch, const format::BlockRecord& record);
    void lose_edge(const format::EdgeRecord& edge);
    [[nodiscard]] BlockMaker::Emit emit_to(graph::GraphBatch& batch);
    void fill_report();

    RunContext& context_;
    graph::GraphView view_;
    const storage::Snapshot& snapshot_;
    WorkspaceState stored_;
    BlockMaker maker_;

    FileStates states_;
    TreeDifference difference_;
    std::vector<std::pair<uint32_t, FileState>> new_states_;  // by listed file
    std::deque<SyncFile> files_;                              // stay where they are
    std::unordered_map<std::string_view, SyncFile*> by_path_;
    std::unordered_set<uint64_t> dirty_;  // keys to look for
    std::unordered_set<uint64_t> asked_;  // keys looked for already
    std::unordered_map<BlockId, ModuleState, BlockIdHash> modules_;

    std::unordered_set<BlockId, BlockIdHash> deleted_;
    std::unordered_map<BlockId, std::vector<format::EdgeKey>, BlockIdHash>
        lost_edges_;                                   // by target
    std::unordered_set<BlockId, BlockIdHash> gained_;  // targets of new edges
    int64_t block_count_change_ = 0;
    IngestReport report_;
};

}  // namespace kausal::ingest
