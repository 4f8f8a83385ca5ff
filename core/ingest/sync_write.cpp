// The second half of a sync: the batch that turns what is stored into what a clean index would
// store.
//
// Blocks go first, so that the edges of deleted blocks leave with them; then blocks that are new or
// differ; then the difference of edges, file by file; at last outside blocks that gained their
// first or lost their last edge.
#include "graph/identity.h"
#include "ingest/sync_run.h"

#include <algorithm>

namespace kausal::ingest {
namespace {

using format::BlockKind;
using format::EdgeRecord;
using format::EdgeType;
using storage::BlockParts;

bool same_record(const format::BlockRecord& left, const format::BlockRecord& right) {
    std::string a;
    std::string b;
    format::encode_head(left, a);
    format::encode_head(right, b);
    if (a != b) return false;
    return left.doc == right.doc && left.metadata == right.metadata &&
           left.content == right.content;
}

bool is_outside(BlockKind kind) {
    return kind == BlockKind::ExternalSymbol || kind == BlockKind::UnresolvedName;
}

}  // namespace

Status SyncRun::put_if_new(graph::GraphBatch& batch, const format::BlockRecord& record) {
    const auto pin = KAUSAL_TRY(snapshot_.get(record.id, BlockParts::HeadAndBody));
    if (pin && same_record(pin->record, record)) return Status::ok();
    if (!pin) ++block_count_change_;
    return batch.put_block(record);
}

BlockMaker::Emit SyncRun::emit_to(graph::GraphBatch& batch) {
    return [this, &batch](const format::BlockRecord& record) { return put_if_new(batch, record); };
}

void SyncRun::lose_edge(const EdgeRecord& edge) {
    lost_edges_[edge.target].push_back(format::key_of(edge));
}

Status SyncRun::delete_block(graph::GraphBatch& batch, const BlockId& id) {
    if (!deleted_.insert(id).second) return Status::ok();
    std::vector<EdgeRecord> edges;
    KAUSAL_TRY(snapshot_.edges(id, storage::Direction::Out, edges));
    for (const EdgeRecord& edge : edges) lose_edge(edge);
    --block_count_change_;
    return batch.delete_block(id);
}

Status SyncRun::write_deletions(graph::GraphBatch& batch) {
    for (SyncFile& file : files_) {
        if (!file.is_changed) continue;
        std::unordered_set<BlockId, BlockIdHash> kept;
        const FileSymbols& now = file.work.symbols;
        for (size_t i = 0; i < now.symbols.size() && i <= now.file_index; ++i)
            kept.insert(now.symbols[i].id);
        for (const auto& [id, symbol] : file.old) {
            const bool is_file = symbol.kind == BlockKind::File;
            if (!kept.contains(id) && (!is_file || file.is_removed))
                KAUSAL_TRY(delete_block(batch, id));
        }
        if (file.is_removed && file.had_block)
            KAUSAL_TRY(delete_block(batch, file_block_id(context_.workspace, file.work.path)));
        if (file.had_facts && !file.work.has_facts())
            KAUSAL_TRY(delete_block(batch, facts_block_id(context_.workspace, file.work.path)));
    }
    for (const auto& [id, module] : modules_) {
        if (module.speaker == nullptr && module.stored) KAUSAL_TRY(delete_block(batch, id));
    }
    return Status::ok();
}

Status SyncRun::write_facts(graph::GraphBatch& batch, SyncFile& file) {
    return maker_.facts_block(file.work.path, file.linked.symbols[file.linked.file_index].language,
                              file.work.facts, file.work.keys, emit_to(batch));
}

Status SyncRun::write_changed_file(graph::GraphBatch& batch, SyncFile& file) {
    if (!file.work.has_facts())
        return maker_.opaque_block(file.work.path, file.work.state, emit_to(batch));
    const FileFacts facts = KAUSAL_TRY(FileFacts::decode(file.work.facts));
    KAUSAL_TRY(maker_.file_blocks(facts, file.linked, file.text, file.work.state, emit_to(batch)));
    return write_facts(batch, file);
}

/// Only links can differ: parent and binding of a head.
Status SyncRun::write_rebound_file(graph::GraphBatch& batch, SyncFile& file) {
    std::string binding;
    for (size_t i = 0; i <= file.linked.file_index; ++i) {
        const Symbol& symbol = file.linked.symbols[i];
        const auto before = file.old.find(symbol.id);
        if (before == file.old.end())
            return {ErrorCode::Corrupt,
                    "block " + symbol.id.to_hex() + " of " + file.work.path + " is missing"};
        if (before->second == symbol) continue;
        const auto pin = KAUSAL_TRY(snapshot_.get(symbol.id, BlockParts::HeadAndBody));
        if (!pin) return {ErrorCode::Corrupt, "block " + symbol.id.to_hex() + " is missing"};
        format::BlockRecord record = pin->record;
        record.parent = symbol.parent;
        binding.clear();
        symbol.encode_binding(binding);
        record.binding = binding;
        KAUSAL_TRY(put_if_new(batch, record));
    }
    return write_facts(batch, file);
}

Status SyncRun::write_modules(graph::GraphBatch& batch) {
    for (const auto& [id, module] : modules_) {
        if (module.speaker == nullptr) continue;
        KAUSAL_TRY(
            maker_.module_block(module.speaker->linked.symbols[module.index], emit_to(batch)));
    }
    return Status::ok();
}

/// What contains a module may change with the file that speaks for it.
Status SyncRun::write_module_edge(graph::GraphBatch& batch, const ModuleState& module) {
    if (module.speaker == nullptr) return Status::ok();
    const BlockId workspace = graph::workspace_id(context_.workspace);
    const Symbol& now = module.speaker->linked.symbols[module.index];
    if (module.stored && module.stored->parent == now.parent) return Status::ok();
    if (module.stored && module.stored->parent != workspace) {
        const EdgeRecord before = module_edge(*module.stored);
        if (!deleted_.contains(before.source))
            KAUSAL_TRY(batch.delete_edge(format::key_of(before)));
    }
    if (now.parent == workspace) return Status::ok();
    return batch.put_edge(module_edge(now));
}

Status SyncRun::write_edges(graph::GraphBatch& batch, const SyncFile& file) {
    const BlockId workspace = graph::workspace_id(context_.workspace);
    std::vector<EdgeRecord> before;
    std::vector<EdgeRecord> some;
    const auto add_stored = [&](const BlockId& id) -> Status {
        if (deleted_.contains(id)) return Status::ok();
        some.clear();
        KAUSAL_TRY(snapshot_.edges(id, storage::Direction::Out, some));
        for (const EdgeRecord& edge : some) {
            // Containment is written by the file of what is contained.
            if (edge.type != EdgeType::Contains) before.push_back(edge);
        }
        return Status::ok();
    };
    for (const auto& [id, symbol] : file.old) {
        KAUSAL_TRY(add_stored(id));
        if (symbol.parent == workspace || deleted_.contains(id) || deleted_.contains(symbol.parent))
            continue;
        EdgeRecord edge = module_edge(symbol);
        before.push_back(edge);
    }
    const auto by_key = [](const EdgeRecord& a, const EdgeRecord& b) {
        return format::key_of(a) < format::key_of(b);
    };
    std::sort(before.begin(), before.end(), by_key);
    auto old = before.begin();
    for (const EdgeRecord& edge : file.edges) {
        for (; old != before.end() && by_key(*old, edge); ++old) {
            lose_edge(*old);
            KAUSAL_TRY(batch.delete_edge(format::key_of(*old)));
        }
        const bool is_known = old != before.end() && format::key_of(*old) == format::key_of(edge);
        if (is_known && *old == edge) {
            ++old;
            continue;
        }
        if (is_known) ++old;
        gained_.insert(edge.target);
        KAUSAL_TRY(batch.put_edge(edge));
    }
    for (; old != before.end(); ++old) {
        lose_edge(*old);
        KAUSAL_TRY(batch.delete_edge(format::key_of(*old)));
    }
    return Status::ok();
}

Status SyncRun::write_outside_blocks(graph::GraphBatch& batch) {
    OutsideBlocks named;
    for (const SyncFile& file : files_) {
        for (const auto& [id, block] : file.outside) {
            if (gained_.contains(id)) named.try_emplace(id, block);
        }
    }
    for (const auto& [id, block] : named) {
        KAUSAL_TRY(
            maker_.outside_block(id, block.kind, block.language, block.name, emit_to(batch)));
    }
    std::vector<EdgeRecord> left;
    for (auto& [target, lost] : lost_edges_) {
        if (gained_.contains(target) || deleted_.contains(target)) continue;
        const auto pin = KAUSAL_TRY(snapshot_.get(target, BlockParts::Head));
        if (!pin || !is_outside(pin->record.kind)) continue;
        left.clear();
        KAUSAL_TRY(snapshot_.edges(target, storage::Direction::In, left));
        std::sort(lost.begin(), lost.end());
        const bool is_used = std::any_of(left.begin(), left.end(), [&](const EdgeRecord& edge) {
            return !std::binary_search(lost.begin(), lost.end(), format::key_of(edge));
        });
        if (is_used) continue;
        deleted_.insert(target);
        --block_count_change_;
        KAUSAL_TRY(batch.delete_block(target));
    }
    return Status::ok();
}

Status SyncRun::write_states(graph::GraphBatch& batch) {
    std::vector<const FileState*> states(context_.files.size());
    for (size_t i = 0; i < states.size(); ++i) {
        if (difference_.state_of[i] >= 0)
            states[i] = &states_[static_cast<size_t>(difference_.state_of[i])].second;
    }
    std::vector<bool> is_touched(kStateShardCount);
    for (const auto& [index, state] : new_states_) {
        if (states[index] == nullptr || *states[index] != state)
            is_touched[state_shard(context_.files[index].path)] = true;
        states[index] = &state;
    }
    for (const uint32_t i : difference_.removed) is_touched[state_shard(states_[i].first)] = true;
    std::vector<StateLines> shards(kStateShardCount);
    for (size_t i = 0; i < states.size(); ++i) {
        const std::string& path = context_.files[i].path;
        count_states(*states[i], path, report_);
        const size_t shard = state_shard(path);
        if (is_touched[shard]) shards[shard].emplace_back(path, states[i]);
    }
    for (size_t shard = 0; shard < kStateShardCount; ++shard) {
        if (!is_touched[shard]) continue;
        const BlockId id = state_block_id(context_.workspace, shard);
        if (shards[shard].empty()) {
            KAUSAL_TRY(delete_block(batch, id));
            continue;
        }
        KAUSAL_TRY(
            maker_.private_block(id, "file-state", encode_states(shards[shard]), emit_to(batch)));
    }
    return Status::ok();
}

Status SyncRun::write_all(graph::GraphBatch& batch) {
    KAUSAL_TRY(write_deletions(batch));
    for (SyncFile& file : files_) {
        if (file.is_removed) continue;
        KAUSAL_TRY(file.is_changed ? write_changed_file(batch, file)
                                   : write_rebound_file(batch, file));
    }
    KAUSAL_TRY(write_modules(batch));
    for (const SyncFile& file : files_) KAUSAL_TRY(write_edges(batch, file));
    for (const auto& [id, module] : modules_) KAUSAL_TRY(write_module_edge(batch, module));
    KAUSAL_TRY(write_outside_blocks(batch));
    KAUSAL_TRY(write_states(batch));
    WorkspaceState state;
    state.inputs = context_.inputs;
    state.header_is_cpp = context_.header_is_cpp;
    state.block_count =
        static_cast<uint64_t>(static_cast<int64_t>(stored_.block_count) + block_count_change_);
    report_.blocks = state.block_count;
    return maker_.private_block(workspace_state_id(context_.workspace), "workspace-state",
                                state.encode(), emit_to(batch));
}

void SyncRun::fill_report() {
    report_.files_removed = difference_.removed.size();
    for (const SyncFile& file : files_) {
        if (file.is_removed || !file.work.has_facts()) continue;
        ++report_.files_bound;
        report_.edges_resolved += file.counts.resolved;
        report_.edges_external += file.counts.external;
        report_.edges_candidate += file.counts.candidate;
    }
}

}  // namespace kausal::ingest
