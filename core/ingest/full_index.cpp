// The phases of a clean index.
//
// Between the phases a file is its encoded facts and its symbols; its tree lives only while it is
// parsed, its text only while it is parsed or written. Workers write what they have bound into
// chunks of their own and hand these, and batches of edges, to the one bulk load under a mutex.
#include "ingest/full_index.h"

#include "base/hash.h"
#include "graph/identity.h"
#include "ingest/block_maker.h"
#include "ingest/file_binding.h"
#include "segment/block_chunk.h"

#include <algorithm>
#include <unordered_map>

namespace kausal::ingest {
namespace {

// Big enough that the serial part of taking a chunk is small, small enough that a few in flight are
// no burden.
constexpr size_t kChunkBytesMax = size_t{4} << 20;
constexpr size_t kEdgeBatchMax = 8192;

double seconds_between(uint64_t from_ns, uint64_t to_ns) {
    return static_cast<double>(to_ns - from_ns) / 1e9;
}

class FullIndex {
  public:
    FullIndex(RunContext& context, const graph::Workspace& workspace)
        : context_(context), workspace_(workspace) {}
    Result<IngestReport> run();

  private:
    /// What one worker has made and not yet handed over.
    struct Writer {
        std::unique_ptr<segment::BlockChunkBuilder> chunk;
        std::unique_ptr<BlockMaker> maker;
        std::unique_ptr<SourceReader> reader;
        SourceFile source;
        NameRecorder names;
        std::vector<format::EdgeRecord> edges;
        OutsideBlocks outside;
        BindingCounts counts;
        uint64_t blocks = 0;
    };

    Status parse();
    Status link();
    Status bind();
    Status bind_one(Writer& writer, FileWork& work);
    Status write_file(Writer& writer, FileWork& work, const FileFacts& facts);
    Status hand_over(Writer& writer, bool everything);
    Status write_rest();
    Status write_outside_blocks(BlockMaker& maker);
    Status write_states(BlockMaker& maker);
    [[nodiscard]] BlockMaker::Emit emit_to(Writer& writer);
    [[nodiscard]] BlockMaker::Emit emit_to_load();
    void fill_report();

    RunContext& context_;
    const graph::Workspace& workspace_;
    std::vector<FileWork> works_;
    SymbolTable table_;
    std::vector<Writer> writers_;
    Mutex load_mutex_;
    std::unique_ptr<storage::BulkLoad> load_ KAUSAL_GUARDED_BY(load_mutex_);
    uint64_t blocks_written_ = 0;  // by the calling thread
    IngestReport report_;
};

Status FullIndex::parse() {
    context_.progress.start(Phase::Parse, context_.files.size());
    works_.resize(context_.files.size());
    std::vector<std::unique_ptr<ParseWorker>> workers(context_.worker_count);
    return context_.for_each(works_.size(), [&](size_t worker, size_t index) -> Status {
        KAUSAL_TRY(context_.progress.check_cancelled());
        if (!workers[worker]) workers[worker] = std::make_unique<ParseWorker>(context_);
        FileWork& work = works_[index];
        work.listed = &context_.files[index];
        work.path = work.listed->path;
        read_file_work(context_, *workers[worker], work);
        KAUSAL_TRY(parse_file_work(context_, *workers[worker], work));
        work.facts.shrink_to_fit();
        context_.progress.add(1, workers[worker]->source.text.size());
        return Status::ok();
    });
}

Status FullIndex::link() {
    context_.progress.start(Phase::Link, works_.size());
    for (const FileWork& work : works_) table_.add(work.symbols);
    table_.build_names();
    std::vector<NameRecorder> names(context_.worker_count);
    const auto link_one = [&](size_t worker, size_t index) -> Status {
        FileWork& work = works_[index];
        if (work.has_facts()) {
            KAUSAL_TRY(context_.progress.check_cancelled());
            const FileFacts facts = KAUSAL_TRY(FileFacts::decode(work.facts));
            names[worker].clear();
            TableSource source(table_, work.family, names[worker]);
            link_file_work(context_.config, facts, source, names[worker], work);
        }
        context_.progress.add(1, 0);
        return Status::ok();
    };
    KAUSAL_TRY(context_.for_each(works_.size(), link_one));
    for (FileWork& work : works_) {
        apply_links(work.links, work.symbols);
        work.links = {};
    }
    table_.build_members();
    return Status::ok();
}

BlockMaker::Emit FullIndex::emit_to(Writer& writer) {
    return [&writer](const format::BlockRecord& record) {
        ++writer.blocks;
        return writer.chunk->add(record);
    };
}

BlockMaker::Emit FullIndex::emit_to_load() {
    return [this](const format::BlockRecord& record) {
        ++blocks_written_;
        const MutexLock lock(load_mutex_);
        return load_->add_block(record);
    };
}

Status FullIndex::hand_over(Writer& writer, bool everything) {
    if (writer.chunk->size_bytes() >= kChunkBytesMax ||
        (everything && writer.chunk->block_count() != 0)) {
        segment::BlockChunk chunk = KAUSAL_TRY(writer.chunk->finish());
        const MutexLock lock(load_mutex_);
        KAUSAL_TRY(load_->add_blocks(std::move(chunk)));
    }
    if (writer.edges.size() >= kEdgeBatchMax || (everything && !writer.edges.empty())) {
        const MutexLock lock(load_mutex_);
        for (const format::EdgeRecord& edge : writer.edges) KAUSAL_TRY(load_->add_edge(edge));
        writer.edges.clear();
    }
    return Status::ok();
}

Status FullIndex::write_file(Writer& writer, FileWork& work, const FileFacts& facts) {
    writer.reader->read(*work.listed, writer.source);
    if (writer.source.content_hash != work.state.content_hash) {
        // Written since it was parsed: what its facts say has no text any more. The next sync sees
        // other bytes behind the same state and puts it right.
        writer.source.text.clear();
        work.state.is_racy = true;
    }
    return writer.maker->file_blocks(facts, work.symbols, writer.source.text, work.state,
                                     emit_to(writer));
}

Status FullIndex::bind_one(Writer& writer, FileWork& work) {
    if (!work.has_facts()) {
        KAUSAL_TRY(writer.maker->opaque_block(work.path, work.state, emit_to(writer)));
        return hand_over(writer, false);
    }
    const FileFacts facts = KAUSAL_TRY(FileFacts::decode(work.facts));
    writer.names.clear();
    for (const uint64_t key : work.keys) writer.names.add_key(key);
    TableSource source(table_, work.family, writer.names);
    const auto edges =
        bind_file(context_.config, facts, work.symbols, source, writer.outside, writer.counts);
    writer.edges.insert(writer.edges.end(), edges.begin(), edges.end());
    KAUSAL_TRY(write_file(writer, work, facts));
    KAUSAL_TRY(writer.maker->facts_block(work.path, facts.language, work.facts, writer.names.keys(),
                                         emit_to(writer)));
    work.facts = {};
    work.keys = {};
    return hand_over(writer, false);
}

Status FullIndex::bind() {
    context_.progress.start(Phase::Bind, works_.size());
    {
        auto load = KAUSAL_TRY(context_.graph.begin_bulk());
        const MutexLock lock(load_mutex_);
        load_ = std::move(load);
        writers_.resize(context_.worker_count);
        for (Writer& writer : writers_) {
            writer.chunk = load_->make_chunk_builder();
            writer.maker = std::make_unique<BlockMaker>(context_.workspace);
            writer.reader = std::make_unique<SourceReader>(context_.vfs, context_.root,
                                                           context_.options.file_size_bytes_max,
                                                           context_.header_is_cpp);
        }
    }
    const auto one = [&](size_t worker, size_t index) -> Status {
        KAUSAL_TRY(context_.progress.check_cancelled());
        KAUSAL_TRY(bind_one(writers_[worker], works_[index]));
        context_.progress.add(1, 0);
        return Status::ok();
    };
    KAUSAL_TRY(context_.for_each(works_.size(), one));
    for (Writer& writer : writers_) KAUSAL_TRY(hand_over(writer, true));
    return Status::ok();
}

Status FullIndex::write_outside_blocks(BlockMaker& maker) {
    OutsideBlocks all;
    for (Writer& writer : writers_) {
        all.merge(writer.outside);
        writer.outside.clear();
    }
    for (const auto& [id, block] : all) {
        KAUSAL_TRY(maker.outside_block(id, block.kind, block.language, block.name, emit_to_load()));
    }
    // Files come in order of path, so the first to declare a module speaks for it.
    std::unordered_map<BlockId, bool, BlockIdHash> seen;
    for (const FileWork& work : works_) {
        if (!work.symbols.symbols.empty()) {
            for (size_t i = work.symbols.file_index + 1; i < work.symbols.symbols.size(); ++i) {
                const Symbol& module = work.symbols.symbols[i];
                if (!seen.try_emplace(module.id, true).second) continue;
                KAUSAL_TRY(maker.module_block(module, emit_to_load()));
                if (module.parent == workspace_.id) continue;
                const MutexLock lock(load_mutex_);
                KAUSAL_TRY(load_->add_edge(module_edge(module)));
            }
        }
    }
    return Status::ok();
}

Status FullIndex::write_states(BlockMaker& maker) {
    std::vector<StateLines> shards(kStateShardCount);
    for (const FileWork& work : works_)
        shards[state_shard(work.path)].emplace_back(work.path, &work.state);
    for (size_t shard = 0; shard < shards.size(); ++shard) {
        if (shards[shard].empty()) continue;
        const std::string text = encode_states(shards[shard]);
        KAUSAL_TRY(maker.private_block(state_block_id(context_.workspace, shard), "file-state",
                                       text, emit_to_load()));
    }
    return Status::ok();
}

Status FullIndex::write_rest() {
    BlockMaker maker(context_.workspace);
    KAUSAL_TRY(write_outside_blocks(maker));
    KAUSAL_TRY(write_states(maker));
    std::string metadata;
    format::BlockRecord record = KAUSAL_TRY(graph::workspace_record(workspace_, metadata));
    graph::prepare_record(record);
    KAUSAL_TRY(emit_to_load()(record));
    report_.blocks = blocks_written_ + 1;
    for (const Writer& writer : writers_) report_.blocks += writer.blocks;
    WorkspaceState state;
    state.inputs = context_.inputs;
    state.header_is_cpp = context_.header_is_cpp;
    state.block_count = report_.blocks;
    return maker.private_block(workspace_state_id(context_.workspace), "workspace-state",
                               state.encode(), emit_to_load());
}

void FullIndex::fill_report() {
    for (const FileWork& work : works_) {
        count_states(work.state, work.path, report_);
        if (work.state.outcome == FileOutcome::Indexed ||
            work.state.outcome == FileOutcome::Partial) {
            ++report_.files_parsed;
            ++report_.files_bound;
        }
    }
    BindingCounts counts;
    for (const Writer& writer : writers_) counts += writer.counts;
    report_.edges_resolved = counts.resolved;
    report_.edges_external = counts.external;
    report_.edges_candidate = counts.candidate;
}

Result<IngestReport> FullIndex::run() {
    const uint64_t started = context_.clock.monotonic_ns();
    KAUSAL_TRY(parse());
    const uint64_t parsed = context_.clock.monotonic_ns();
    KAUSAL_TRY(link());
    const uint64_t linked = context_.clock.monotonic_ns();
    KAUSAL_TRY(bind());
    KAUSAL_TRY(write_rest());
    const uint64_t bound = context_.clock.monotonic_ns();
    context_.progress.start(Phase::Commit, works_.size());
    fill_report();
    // The commit sorts and writes what is already in the load; symbols are not needed for it.
    table_ = SymbolTable();
    works_.clear();
    works_.shrink_to_fit();
    KAUSAL_TRY(context_.progress.check_cancelled());
    {
        const MutexLock lock(load_mutex_);
        report_.sequence = KAUSAL_TRY(load_->commit());
    }
    report_.seconds_parse = seconds_between(started, parsed);
    report_.seconds_link = seconds_between(parsed, linked);
    report_.seconds_bind = seconds_between(linked, bound);
    report_.seconds_commit = seconds_between(bound, context_.clock.monotonic_ns());
    context_.progress.finish();
    return std::move(report_);
}

}  // namespace

Result<IngestReport> index_everything(RunContext& context, const graph::Workspace& workspace) {
    return FullIndex(context, workspace).run();
}

}  // namespace kausal::ingest
