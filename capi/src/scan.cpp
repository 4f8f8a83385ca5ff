// Reading everything: blocks, edges and the text form, a chunk at a time; and loading the text
// form.
#include "graph/dump.h"
#include "query_call.h"

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

namespace {

using format::BlockKind;
using format::EdgeRecord;

/// The id after `id`; all zero after the last one.
BlockId successor(BlockId id) noexcept {
    if (++id.low == 0) ++id.high;
    return id;
}

/// Blocks of a snapshot in order of id, some at a time.
class BlockScan {
  public:
    BlockScan(graph::GraphView view, BlockKind kind, graph::BlockFilter filter)
        : view_(std::move(view)), kind_(kind), filter_(std::move(filter)) {}

    /// Calls `visit` for up to `count` blocks.
    [[nodiscard]] Status next(size_t count,
                              const std::function<void(const storage::BlockPin&)>& visit) {
        size_t seen = 0;
        while (!finished_ && seen < count) {
            bool reached_end = true;
            KAUSAL_TRY(view_.snapshot().scan_blocks(
                kind_, storage::BlockParts::HeadAndBody, next_, [&](const storage::BlockPin& pin) {
                    next_ = successor(pin.record.id);
                    if (accepts(pin.record)) {
                        visit(pin);
                        ++seen;
                    }
                    reached_end = seen < count && next_.is_valid();
                    return reached_end;
                }));
            finished_ = reached_end || !next_.is_valid();
        }
        return {};
    }

  private:
    [[nodiscard]] bool accepts(const format::BlockRecord& record) const {
        if (filter_.workspace != 0 && record.workspace != filter_.workspace) return false;
        if (!filter_.languages.empty() && filter_.languages.front() != record.language)
            return false;
        return record.uri.starts_with(filter_.path_prefix);
    }

    graph::GraphView view_;
    BlockKind kind_;
    graph::BlockFilter filter_;
    BlockId next_;
    bool finished_ = false;
};

/// Edges of a snapshot in key order, some at a time. Holds at most the edges of one source more
/// than asked for.
class EdgeScan {
  public:
    explicit EdgeScan(graph::GraphView view) : view_(std::move(view)) {}

    [[nodiscard]] Status next(size_t count, const std::function<void(const EdgeRecord&)>& visit) {
        if (at_ == buffer_.size() && !finished_) KAUSAL_TRY(refill(count));
        for (size_t i = 0; i < count && at_ < buffer_.size(); ++i) visit(buffer_[at_++]);
        return {};
    }

  private:
    Status refill(size_t count) {
        buffer_.clear();
        at_ = 0;
        bool reached_end = true;
        KAUSAL_TRY(view_.snapshot().scan_edges(next_source_, [&](const EdgeRecord& edge) {
            const bool is_new_source = buffer_.empty() || buffer_.back().source != edge.source;
            if (is_new_source && buffer_.size() >= count) {
                next_source_ = edge.source;
                reached_end = false;
                return false;
            }
            buffer_.push_back(edge);
            return true;
        }));
        finished_ = reached_end;
        return {};
    }

    graph::GraphView view_;
    BlockId next_source_;
    std::vector<EdgeRecord> buffer_;
    size_t at_ = 0;
    bool finished_ = false;
};

bool is_cancelled(const std::shared_ptr<CancelObject>& cancel) {
    return cancel != nullptr && cancel->triggered.load();
}

Status cancelled() {
    return {ErrorCode::Cancelled, "the scan was cancelled"};
}

void append_scanned_block(Table& table, const storage::BlockPin& pin) {
    table.block(graph::row_of(pin))
        .u64(pin.version)
        .u32(pin.record.byte_first)
        .u32(pin.record.byte_end)
        .text(pin.record.doc)
        .text(pin.record.metadata)
        .text(pin.record.content);
}

/// Heading, blocks, edges.
struct DumpState {
    explicit DumpState(const graph::GraphView& view)
        : blocks(view, BlockKind::Invalid, {}), edges(view) {}
    BlockScan blocks;
    EdgeScan edges;
    bool heading_given = false;
    bool blocks_given = false;
};

Status fill_dump(DumpState& state, Table& table, size_t rows_max) {
    if (!state.heading_given) {
        table.text(graph::kDumpHeading);
        state.heading_given = true;
        return {};
    }
    if (!state.blocks_given) {
        KAUSAL_TRY(state.blocks.next(rows_max, [&](const storage::BlockPin& pin) {
            table.text(graph::dump_line(pin.record));
        }));
        if (table.row_count() != 0) return {};
        state.blocks_given = true;
    }
    return state.edges.next(rows_max,
                            [&](const EdgeRecord& edge) { table.text(graph::dump_line(edge)); });
}

class LoaderObject final : public Confined {
  public:
    LoaderObject(std::shared_ptr<DatabaseObject> owner, std::unique_ptr<graph::DumpLoader> started)
        : database(std::move(owner)), loader(std::move(started)) {}
    const std::shared_ptr<DatabaseObject> database;
    std::unique_ptr<graph::DumpLoader> loader;
};

}  // namespace

extern "C" {

kausal_status_t kausal_scan_blocks(kausal_db_t* db, const kausal_query_options_t* options,
                                   kausal_iter_t** out, kausal_error_t** err) {
    return run_query(db, options, out, err, [](QueryCall& call) -> Result<Answer> {
        auto scan = std::make_shared<BlockScan>(
            call.view, static_cast<BlockKind>(call.options.kind), call.filter);
        Answer answer;
        answer.columns = with_block_columns({}, {{"version", KAUSAL_COLUMN_U64},
                                                 {"byte_first", KAUSAL_COLUMN_U32},
                                                 {"byte_end", KAUSAL_COLUMN_U32},
                                                 {"doc", KAUSAL_COLUMN_TEXT},
                                                 {"metadata", KAUSAL_COLUMN_TEXT},
                                                 {"content", KAUSAL_COLUMN_TEXT}});
        answer.fill = [scan, cancel = call.cancel](Table& table, size_t rows_max) -> Status {
            if (is_cancelled(cancel)) return cancelled();
            return scan->next(
                rows_max, [&](const storage::BlockPin& pin) { append_scanned_block(table, pin); });
        };
        return answer;
    });
}

kausal_status_t kausal_scan_edges(kausal_db_t* db, const kausal_query_options_t* options,
                                  kausal_iter_t** out, kausal_error_t** err) {
    return run_query(db, options, out, err, [](QueryCall& call) -> Result<Answer> {
        auto scan = std::make_shared<EdgeScan>(call.view);
        Answer answer;
        answer.columns = raw_edge_columns();
        answer.fill = [scan, cancel = call.cancel](Table& table, size_t rows_max) -> Status {
            if (is_cancelled(cancel)) return cancelled();
            return scan->next(rows_max,
                              [&](const EdgeRecord& edge) { append_raw_edge(table, edge); });
        };
        return answer;
    });
}

kausal_status_t kausal_dump(kausal_db_t* db, const kausal_query_options_t* options,
                            kausal_iter_t** out, kausal_error_t** err) {
    return run_query(db, options, out, err, [](QueryCall& call) -> Result<Answer> {
        auto state = std::make_shared<DumpState>(call.view);
        Answer answer;
        answer.columns = {{"line", KAUSAL_COLUMN_TEXT}};
        answer.fill = [state, cancel = call.cancel](Table& table, size_t rows_max) -> Status {
            return is_cancelled(cancel) ? cancelled() : fill_dump(*state, table, rows_max);
        };
        return answer;
    });
}

kausal_status_t kausal_loader_create(kausal_db_t* db, kausal_loader_t** out, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        auto database = KAUSAL_TRY(object->use());
        auto loader = KAUSAL_TRY(graph::DumpLoader::start(database->graph()));
        *out = static_cast<kausal_loader_t*>(HandleTable::instance().add(
            HandleType::Loader, std::make_shared<LoaderObject>(object, std::move(loader))));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_loader_feed(kausal_loader_t* loader, const char* lines, size_t lines_size,
                                   kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<LoaderObject>(HandleType::Loader, loader));
        const auto use = KAUSAL_TRY(ConfinedUse::of(*object));
        const std::string_view text = KAUSAL_TRY(text_argument(lines, lines_size, "lines"));
        auto database = KAUSAL_TRY(object->database->use());
        KAUSAL_TRY(object->loader->feed(text));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_loader_finish(kausal_loader_t* loader, uint64_t* sequence,
                                     kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<LoaderObject>(HandleType::Loader, loader));
        const auto use = KAUSAL_TRY(ConfinedUse::of(*object));
        auto database = KAUSAL_TRY(object->database->use());
        const uint64_t committed = KAUSAL_TRY(object->loader->finish());
        if (sequence != nullptr) *sequence = committed;
        return KAUSAL_OK;
    });
}

void kausal_loader_destroy(kausal_loader_t* loader) {
    guard_value(0, [&] {
        auto object = HandleTable::instance().remove(HandleType::Loader, loader);
        if (object != nullptr) {
            // An unfinished load removes its file, which needs the database open.
            auto& unfinished = static_cast<LoaderObject&>(*object);
            auto database = unfinished.database->use();
            unfinished.loader.reset();
        }
        return 0;
    });
}

}  // extern "C"
