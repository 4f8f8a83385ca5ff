// The first half of a sync: what has changed and what has to be bound again because of it.
#include "ingest/sync_run.h"

#include "graph/identity.h"

#include <algorithm>

namespace kausal::ingest {
namespace {

using format::BlockKind;
using storage::BlockParts;

double seconds_between(uint64_t from_ns, uint64_t to_ns) {
    return static_cast<double>(to_ns - from_ns) / 1e9;
}

/// True when both say the same to level 0 of other files.
bool same_level0(const Symbol& stored, const Symbol& now) {
    Symbol left = stored;
    left.parent = now.parent;
    left.type_id = now.type_id;
    left.base_ids = now.base_ids;
    return left == now;
}

bool is_indexed(const FileState& state) {
    return state.outcome == FileOutcome::Indexed || state.outcome == FileOutcome::Partial;
}

/// True when what is stored of the file is what this look at it found.
bool is_same_content(const FileState& before, const FileState& now) {
    if (now.language != before.language) return false;
    if (is_indexed(before) && now.outcome == FileOutcome::Indexed)
        return before.content_hash == now.content_hash && before.size_bytes == now.size_bytes;
    return before.outcome == now.outcome && before.reason == now.reason &&
           before.size_bytes == now.size_bytes && before.content_hash == now.content_hash;
}

}  // namespace

TreeDifference compare_tree(const std::vector<ListedFile>& files, const FileStates& states) {
    TreeDifference difference;
    difference.state_of.assign(files.size(), -1);
    size_t at = 0;
    for (uint32_t i = 0; i < files.size(); ++i) {
        for (; at < states.size() && states[at].first < files[i].path; ++at)
            difference.removed.push_back(static_cast<uint32_t>(at));
        if (at == states.size() || states[at].first != files[i].path) {
            difference.added.push_back(i);
            continue;
        }
        const FileState& state = states[at].second;
        difference.state_of[i] = static_cast<int64_t>(at);
        if (!state.fits(files[i].info) ||
            (!files[i].reason.empty() && files[i].reason != state.reason))
            difference.changed.push_back(i);
        ++at;
    }
    for (; at < states.size(); ++at) difference.removed.push_back(static_cast<uint32_t>(at));
    return difference;
}

Result<FileStates> load_states(const storage::Snapshot& snapshot, std::string_view workspace) {
    FileStates states;
    for (size_t shard = 0; shard < kStateShardCount; ++shard) {
        const auto pin =
            KAUSAL_TRY(snapshot.get(state_block_id(workspace, shard), BlockParts::HeadAndBody));
        if (pin) KAUSAL_TRY(decode_states(pin->record.metadata, states));
    }
    std::sort(states.begin(), states.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return states;
}

Result<std::optional<WorkspaceState>> load_workspace_state(const storage::Snapshot& snapshot,
                                                           std::string_view workspace) {
    const auto pin =
        KAUSAL_TRY(snapshot.get(workspace_state_id(workspace), BlockParts::HeadAndBody));
    if (!pin) return std::optional<WorkspaceState>();
    return std::optional(KAUSAL_TRY(WorkspaceState::decode(pin->record.metadata)));
}

SyncRun::SyncRun(RunContext& context, graph::GraphView view, WorkspaceState stored)
    : context_(context),
      view_(std::move(view)),
      snapshot_(view_.snapshot()),
      stored_(std::move(stored)),
      maker_(context.workspace) {}

SyncRun::SyncFile* SyncRun::find_file(std::string_view path) {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? nullptr : found->second;
}

SyncRun::SyncFile& SyncRun::add_file(const std::string& path) {
    SyncFile& file = files_.emplace_back();
    file.work.path = path;
    by_path_.emplace(file.work.path, &file);
    return file;
}

Status SyncRun::find_changes() {
    states_ = KAUSAL_TRY(load_states(snapshot_, context_.workspace));
    difference_ = compare_tree(context_.files, states_);
    // A changed configuration changes what the files of its families declare.
    bool is_forced[kLanguageFamilyCount] = {};
    for (size_t i = 0; i < kLanguageFamilyCount; ++i)
        is_forced[i] = context_.options.full || context_.inputs[i] != stored_.inputs[i];
    std::vector<bool> is_listed(context_.files.size());
    for (const uint32_t i : difference_.changed) is_listed[i] = true;
    for (uint32_t i = 0; i < context_.files.size(); ++i) {
        if (difference_.state_of[i] < 0 || is_listed[i]) continue;
        const FileState& state = states_[static_cast<size_t>(difference_.state_of[i])].second;
        const bool is_wanted = state.language == format::Language::None
                                   ? context_.options.full
                                   : is_forced[static_cast<size_t>(family_of(state.language))];
        if (is_wanted) difference_.changed.push_back(i);
    }
    std::sort(difference_.changed.begin(), difference_.changed.end());
    for (const uint32_t i : difference_.removed) {
        SyncFile& file = add_file(states_[i].first);
        file.is_changed = file.is_removed = true;
    }
    return context_.progress.check_cancelled();
}

Status SyncRun::read_changes() {
    std::vector<uint32_t> candidates = difference_.added;
    candidates.insert(candidates.end(), difference_.changed.begin(), difference_.changed.end());
    std::sort(candidates.begin(), candidates.end());
    context_.progress.start(Phase::Parse, candidates.size());
    std::vector<SyncFile> read(candidates.size());
    std::vector<char> is_same(candidates.size());
    std::vector<std::unique_ptr<ParseWorker>> workers(context_.worker_count);
    const auto read_one = [&](size_t worker, size_t index) -> Status {
        KAUSAL_TRY(context_.progress.check_cancelled());
        if (!workers[worker]) workers[worker] = std::make_unique<ParseWorker>(context_);
        FileWork& work = read[index].work;
        work.listed = &context_.files[candidates[index]];
        work.path = work.listed->path;
        read_file_work(context_, *workers[worker], work);
        const int64_t at = difference_.state_of[candidates[index]];
        if (at >= 0) {
            const FileState& before = states_[static_cast<size_t>(at)].second;
            const bool is_forced =
                context_.options.full ||
                (before.language != format::Language::None &&
                 context_.inputs[static_cast<size_t>(family_of(before.language))] !=
                     stored_.inputs[static_cast<size_t>(family_of(before.language))]);
            if (!is_forced && is_same_content(before, work.state)) {
                // Only the stamps are new.
                work.state.outcome = before.outcome;
                work.state.reason = before.reason;
                work.state.line_count = before.line_count;
                is_same[index] = 1;
                context_.progress.add(1, 0);
                return Status::ok();
            }
        }
        KAUSAL_TRY(parse_file_work(context_, *workers[worker], work));
        read[index].text = std::move(workers[worker]->source.text);
        context_.progress.add(1, read[index].text.size());
        return Status::ok();
    };
    KAUSAL_TRY(context_.for_each(candidates.size(), read_one));
    for (size_t i = 0; i < candidates.size(); ++i) {
        new_states_.emplace_back(candidates[i], read[i].work.state);
        if (is_same[i] != 0) continue;
        SyncFile& file = files_.emplace_back(std::move(read[i]));
        file.is_changed = true;
        by_path_.emplace(file.work.path, &file);
        if (file.work.has_facts()) ++report_.files_parsed;
    }
    return Status::ok();
}

/// Reads what the graph holds of a file: its symbols, and the modules that it declares.
Status SyncRun::load_old(SyncFile& file) const {
    std::vector<BlockId> ids;
    KAUSAL_TRY(snapshot_.find_uris(file.work.path, false, [&](std::string_view, const BlockId& id) {
        ids.push_back(id);
        return true;
    }));
    const uint64_t workspace = graph::workspace_number(context_.workspace);
    const BlockId file_id = file_block_id(context_.workspace, file.work.path);
    for (const BlockId& id : ids) {
        const auto pin = KAUSAL_TRY(snapshot_.get(id, BlockParts::Head));
        if (!pin || pin->record.workspace != workspace) continue;
        const format::BlockRecord& record = pin->record;
        if (record.kind == BlockKind::FileFacts) file.had_facts = true;
        if (id == file_id) file.had_block = true;
        if (!is_symbol_kind(record.kind) || record.binding.empty() || is_module_record(record))
            continue;
        Symbol symbol = KAUSAL_TRY(Symbol::from_record(record));
        symbol.file = file_id;
        file.old.emplace(id, std::move(symbol));
    }
    std::vector<format::EdgeRecord> edges;
    KAUSAL_TRY(snapshot_.edges(file_id, storage::Direction::Out, edges));
    for (const format::EdgeRecord& edge : edges) {
        if (edge.type == format::EdgeType::DefinedIn) file.old_modules.push_back(edge.target);
    }
    return Status::ok();
}

void SyncRun::mark_dirty(const Symbol& symbol) {
    dirty_.insert(dependency_key(family_of(symbol.language), symbol.name));
}

void SyncRun::diff_level0(const SyncFile& file) {
    const FileSymbols& now = file.work.symbols;
    std::unordered_set<BlockId, BlockIdHash> kept;
    for (size_t i = 0; i < now.symbols.size() && i <= now.file_index; ++i) {
        const Symbol& symbol = now.symbols[i];
        kept.insert(symbol.id);
        const auto before = file.old.find(symbol.id);
        if (before == file.old.end()) {
            mark_dirty(symbol);
        } else if (!same_level0(before->second, symbol)) {
            mark_dirty(before->second);
            mark_dirty(symbol);
        }
    }
    for (const auto& [id, symbol] : file.old) {
        if (!kept.contains(id)) mark_dirty(symbol);
    }
}

Result<SyncRun::SyncFile*> SyncRun::load_rebound(const std::string& path) {
    if (SyncFile* known = find_file(path)) return known;
    const auto pin = KAUSAL_TRY(
        snapshot_.get(facts_block_id(context_.workspace, path), BlockParts::HeadAndBody));
    if (!pin) return fail(ErrorCode::Corrupt, "facts of " + path + " are missing");
    SyncFile& file = add_file(path);
    file.work.facts = pin->record.content;
    const FileFacts facts = KAUSAL_TRY(FileFacts::decode(file.work.facts));
    file.work.family = family_of(facts.language);
    declare_file(context_.config, facts, file.work.symbols);
    KAUSAL_TRY(load_old(file));
    KAUSAL_TRY(speak_for_own_modules(file));
    return &file;
}

/// Files that wait for names that are dirty and were not looked for yet.
Status SyncRun::load_waiting() {
    const uint64_t workspace = graph::workspace_number(context_.workspace);
    std::vector<std::string> paths;
    std::vector<BlockId> ids;
    for (const uint64_t key : dirty_) {
        if (!asked_.insert(key).second) continue;
        ids.clear();
        KAUSAL_TRY(snapshot_.find_key(key, ids));
        for (const BlockId& id : ids) {
            const auto pin = KAUSAL_TRY(snapshot_.get(id, BlockParts::Head));
            if (!pin || pin->record.workspace != workspace ||
                pin->record.kind != BlockKind::FileFacts)
                continue;
            paths.emplace_back(pin->record.uri);
        }
    }
    std::sort(paths.begin(), paths.end());
    paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
    for (const std::string& path : paths) {
        KAUSAL_TRY(context_.progress.check_cancelled());
        (void)KAUSAL_TRY(load_rebound(path));
    }
    return Status::ok();
}

/// Decides which file speaks for a module that a changed file declares or has declared: the one
/// with the smallest path.
Status SyncRun::resolve_module(const BlockId& id) {
    ModuleState state;
    const auto declares = [&](SyncFile& file) {
        const FileSymbols& symbols = file.work.symbols;
        for (size_t i = symbols.file_index + 1; i < symbols.symbols.size(); ++i) {
            if (symbols.symbols[i].id == id) return i;
        }
        return size_t{0};
    };
    for (SyncFile& file : files_) {
        if (file.is_removed || !file.work.has_facts()) continue;
        if (state.speaker != nullptr && state.speaker->work.path <= file.work.path) continue;
        const size_t index = declares(file);
        if (index != 0) {
            state.speaker = &file;
            state.index = index;
        }
    }
    const auto pin = KAUSAL_TRY(snapshot_.get(id, BlockParts::Head));
    if (pin && !pin->record.binding.empty()) {
        state.stored = KAUSAL_TRY(Symbol::from_record(pin->record));
        state.stored->file = file_block_id(context_.workspace, state.stored->path);
        // Who spoke so far had the smallest path; only when it is silent now need others be asked.
        const bool may_be_other =
            state.speaker == nullptr || state.stored->path != state.speaker->work.path;
        std::vector<format::EdgeRecord> edges;
        if (may_be_other) KAUSAL_TRY(snapshot_.edges(id, storage::Direction::In, edges));
        std::string smallest = state.speaker == nullptr ? "" : state.speaker->work.path;
        bool is_elsewhere = false;
        for (const format::EdgeRecord& edge : edges) {
            if (edge.type != format::EdgeType::DefinedIn) continue;
            const auto file = KAUSAL_TRY(snapshot_.get(edge.source, BlockParts::Head));
            if (!file) continue;
            const std::string path(file->record.uri);
            if (find_file(path) != nullptr) continue;
            if (!smallest.empty() && smallest <= path) continue;
            smallest = path;
            is_elsewhere = true;
        }
        if (is_elsewhere) {
            state.speaker = KAUSAL_TRY(load_rebound(smallest));
            state.index = declares(*state.speaker);
            if (state.index == 0) return {ErrorCode::Corrupt, "module of " + smallest + " is lost"};
        }
    }
    const Symbol* now =
        state.speaker == nullptr ? nullptr : &state.speaker->work.symbols.symbols[state.index];
    if (state.stored && (now == nullptr || !same_level0(*state.stored, *now)))
        mark_dirty(*state.stored);
    if (now != nullptr && (!state.stored || !same_level0(*state.stored, *now))) mark_dirty(*now);
    modules_[id] = std::move(state);
    return Status::ok();
}

Status SyncRun::resolve_modules() {
    std::unordered_set<BlockId, BlockIdHash> ids;
    for (const SyncFile& file : files_) {
        if (!file.is_changed) continue;
        ids.insert(file.old_modules.begin(), file.old_modules.end());
        const FileSymbols& symbols = file.work.symbols;
        for (size_t i = symbols.file_index + 1; i < symbols.symbols.size(); ++i)
            ids.insert(symbols.symbols[i].id);
    }
    for (const BlockId& id : ids) KAUSAL_TRY(resolve_module(id));
    return Status::ok();
}

/// A file that is bound again may speak for modules: then their links may change with it.
Status SyncRun::speak_for_own_modules(SyncFile& file) {
    const FileSymbols& symbols = file.work.symbols;
    for (size_t i = symbols.file_index + 1; i < symbols.symbols.size(); ++i) {
        const BlockId id = symbols.symbols[i].id;
        if (modules_.contains(id)) continue;
        const auto pin = KAUSAL_TRY(snapshot_.get(id, BlockParts::Head));
        if (!pin || pin->record.uri != file.work.path || pin->record.binding.empty()) continue;
        ModuleState state;
        state.speaker = &file;
        state.index = i;
        state.stored = KAUSAL_TRY(Symbol::from_record(pin->record));
        state.stored->file = file_block_id(context_.workspace, state.stored->path);
        modules_.emplace(id, std::move(state));
    }
    return Status::ok();
}

void SyncRun::fill_overlay(SymbolOverlay& overlay, bool is_linked) {
    for (SyncFile& file : files_) {
        overlay.paths.insert(file.work.path);
        if (file.is_removed || !file.work.has_facts()) continue;
        overlay.table.add_file(is_linked ? file.linked : file.work.symbols);
    }
    for (const auto& [id, module] : modules_) {
        overlay.modules.insert(id);
        if (module.speaker == nullptr) continue;
        const FileSymbols& symbols =
            is_linked ? module.speaker->linked : module.speaker->work.symbols;
        overlay.table.add(symbols.symbols[module.index]);
    }
    overlay.table.build_names();
    if (is_linked) overlay.table.build_members();
}

Status SyncRun::link_files(size_t first, const SymbolOverlay& overlay) {
    const size_t count = files_.size() - first;
    std::vector<NameRecorder> names(context_.worker_count);
    std::vector<std::unique_ptr<StoredSource>> sources(context_.worker_count);
    const auto link_one = [&](size_t worker, size_t index) -> Status {
        SyncFile& file = files_[first + index];
        if (file.is_removed || !file.work.has_facts()) return Status::ok();
        KAUSAL_TRY(context_.progress.check_cancelled());
        if (!sources[worker]) {
            sources[worker] =
                std::make_unique<StoredSource>(snapshot_, overlay, context_.workspace, 1);
        }
        const FileFacts facts = KAUSAL_TRY(FileFacts::decode(file.work.facts));
        names[worker].clear();
        sources[worker]->start(file.work.family, names[worker]);
        link_file_work(context_.config, facts, *sources[worker], names[worker], file.work);
        file.linked = file.work.symbols;
        apply_links(file.work.links, file.linked);
        return sources[worker]->status();
    };
    return context_.for_each(count, link_one);
}

void SyncRun::diff_level1(SyncFile& file) {
    const auto differs = [](const Symbol& a, const Symbol& b) {
        return a.parent != b.parent || a.type_id != b.type_id || a.base_ids != b.base_ids;
    };
    for (size_t i = 0; i < file.linked.symbols.size() && i <= file.linked.file_index; ++i) {
        const Symbol& symbol = file.linked.symbols[i];
        const auto before = file.old.find(symbol.id);
        // New symbols are dirty already.
        if (before != file.old.end() && differs(before->second, symbol)) mark_dirty(symbol);
    }
    for (const auto& [id, module] : modules_) {
        if (module.speaker != &file || !module.stored) continue;
        const Symbol& symbol = file.linked.symbols[module.index];
        if (differs(*module.stored, symbol)) mark_dirty(symbol);
    }
}

Status SyncRun::link() {
    context_.progress.start(Phase::Link, files_.size());
    SymbolOverlay overlay;
    fill_overlay(overlay, false);
    KAUSAL_TRY(link_files(0, overlay));
    const size_t linked = files_.size();
    for (size_t i = 0; i < linked; ++i) {
        if (!files_[i].is_removed && files_[i].work.has_facts()) diff_level1(files_[i]);
    }
    KAUSAL_TRY(load_waiting());
    // These read nothing at level 1 that has changed, so they bring no more dirty names; they are
    // linked for their keys and because binding needs their links.
    return link_files(linked, overlay);
}

Status SyncRun::bind() {
    context_.progress.start(Phase::Bind, files_.size());
    SymbolOverlay overlay;
    fill_overlay(overlay, true);
    std::vector<NameRecorder> names(context_.worker_count);
    std::vector<std::unique_ptr<StoredSource>> sources(context_.worker_count);
    const auto bind_one = [&](size_t worker, size_t index) -> Status {
        SyncFile& file = files_[index];
        context_.progress.add(1, 0);
        if (file.is_removed || !file.work.has_facts()) return Status::ok();
        KAUSAL_TRY(context_.progress.check_cancelled());
        if (!sources[worker]) {
            sources[worker] =
                std::make_unique<StoredSource>(snapshot_, overlay, context_.workspace, 2);
        }
        const FileFacts facts = KAUSAL_TRY(FileFacts::decode(file.work.facts));
        names[worker].clear();
        for (const uint64_t key : file.work.keys) names[worker].add_key(key);
        sources[worker]->start(file.work.family, names[worker]);
        file.edges = bind_file(context_.config, facts, file.linked, *sources[worker], file.outside,
                               file.counts);
        file.work.keys = names[worker].keys();
        return sources[worker]->status();
    };
    return context_.for_each(files_.size(), bind_one);
}

Result<IngestReport> SyncRun::run() {
    const uint64_t started = context_.clock.monotonic_ns();
    KAUSAL_TRY(find_changes());
    KAUSAL_TRY(read_changes());
    const uint64_t parsed = context_.clock.monotonic_ns();
    for (SyncFile& file : files_) KAUSAL_TRY(load_old(file));
    for (const SyncFile& file : files_) diff_level0(file);
    KAUSAL_TRY(resolve_modules());
    KAUSAL_TRY(load_waiting());
    KAUSAL_TRY(link());
    const uint64_t linked = context_.clock.monotonic_ns();
    KAUSAL_TRY(bind());
    const uint64_t bound = context_.clock.monotonic_ns();
    context_.progress.start(Phase::Commit, files_.size());
    graph::GraphBatch batch(view_);
    KAUSAL_TRY(write_all(batch));
    KAUSAL_TRY(context_.progress.check_cancelled());
    if (!batch.is_empty()) report_.sequence = KAUSAL_TRY(context_.graph.commit(std::move(batch)));
    fill_report();
    report_.seconds_parse = seconds_between(started, parsed);
    report_.seconds_link = seconds_between(parsed, linked);
    report_.seconds_bind = seconds_between(linked, bound);
    report_.seconds_commit = seconds_between(bound, context_.clock.monotonic_ns());
    context_.progress.finish();
    return std::move(report_);
}

}  // namespace kausal::ingest
