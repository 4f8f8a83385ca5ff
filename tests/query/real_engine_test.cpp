// Goal: every operation answers the same on the storage engine as on plain sorted vectors.
// Method: the same random changes go through the graph room into both; flushes, compactions and
// reopenings happen in between; the answers are compared as text. Text search is compared by the
// blocks found, because segments keep lengths rounded and count superseded versions.
#include "graph/graph.h"
#include "graph/identity.h"
#include "graph/memory_engine.h"
#include "graph/target.h"
#include "query/context.h"
#include "query/cycles.h"
#include "query/dead.h"
#include "query/find.h"
#include "query/impact.h"
#include "query/path.h"
#include "query/relation.h"
#include "query/trace.h"
#include "query/traverse.h"
#include "storage/database_fixture.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>

namespace kausal::query {
namespace {

using format::BlockKind;
using format::EdgeType;
using graph::Graph;
using graph::GraphBatch;

constexpr uint32_t kSymbols = 60;

BlockId symbol(uint32_t number) {
    return BlockId::of("w", 4, "s" + std::to_string(number));
}

std::string text_of(const BlockRow& row) {
    std::ostringstream out;
    out << row.id.to_hex() << ' ' << format::kind_name(row.kind) << ' ' << row.flags << ' '
        << row.qualified_name << ' ' << row.uri << ':' << row.line_first << '-' << row.line_last
        << ' ' << row.signature;
    return out.str();
}

std::string text_of(const std::vector<format::EdgeRecord>& edges) {
    std::ostringstream out;
    for (const format::EdgeRecord& edge : edges) {
        out << " [" << edge.source.to_hex() << ' ' << format::edge_type_name(edge.type) << ' '
            << edge.target.to_hex() << ' ' << edge.site_offset << ' ' << edge.site_line << ' '
            << static_cast<int>(edge.certainty) << ' ' << static_cast<int>(edge.confidence) << ' '
            << format::provenance_name(edge.provenance) << ']';
    }
    return out.str();
}

std::string text_of(const Unknown& unknown) {
    std::ostringstream out;
    out << "unknown " << unknown.unresolved_sites << ' ' << unknown.files_partial << ' '
        << unknown.files_opaque;
    for (const UnresolvedSite& site : unknown.sites) {
        out << ' ' << site.source.to_hex() << ':' << site.line;
    }
    for (const graph::TroubledFile& file : unknown.files) out << ' ' << file.uri << file.reason;
    return out.str();
}

/// Everything that is asked, as one text.
class Interview {
  public:
    explicit Interview(const GraphView& view) : view_(view) {}

    std::string run() {
        for (uint32_t number = 0; number < kSymbols; number += 3) {
            if (!view_.snapshot().contains(symbol(number)).value()) continue;
            relations(symbol(number));
            traces(symbol(number));
            spreads(symbol(number), symbol((number + 7) % kSymbols));
        }
        names();
        whole_graph();
        return out_.str();
    }

  private:
    void relations(const BlockId& id) {
        for (int i = 0; i <= static_cast<int>(Relation::OverriddenBy); ++i) {
            RelationRequest request;
            request.relation = static_cast<Relation>(i);
            request.target = id;
            request.depth = 2;
            const RelationAnswer answer = show_relation(view_, request, {}).value();
            out_ << relation_name(request.relation) << ' ' << text_of(answer.target) << '\n';
            for (const RelationRow& row : answer.rows) {
                out_ << row.depth << row.is_dispatch << row.is_through_twin << text_of(row.block)
                     << text_of(row.edges) << '\n';
            }
            for (const RelationRow& row : answer.candidates) {
                out_ << "? " << text_of(row.block) << row.reason << text_of(row.edges) << '\n';
            }
            out_ << text_of(answer.unknown) << answer.is_certain << '\n';
        }
    }
    void traces(const BlockId& id) {
        for (const TraceDirection direction : {TraceDirection::Callers, TraceDirection::Callees}) {
            TraceRequest request;
            request.direction = direction;
            request.target = id;
            request.with_candidates = true;
            const TraceAnswer answer = trace(view_, request, {}).value();
            for (const TraceRow& row : answer.rows) {
                out_ << row.depth << row.is_repeated << row.is_cycle << row.has_more
                     << row.is_candidate << text_of(row.block) << text_of(row.edges) << '\n';
            }
        }
    }
    void spreads(const BlockId& id, const BlockId& other) {
        HopRequest hops;
        hops.seeds = {id};
        hops.walk = Walk::Both;
        hops.depth = 2;
        hops.filter.candidates = true;
        const SubgraphAnswer around = subgraph(view_, hops, {}).value();
        for (const HopRow& row : around.nodes) {
            out_ << row.depth << text_of(row.block) << text_of({row.edge}) << '\n';
        }
        out_ << text_of(around.edges) << '\n';
        ImpactRequest change;
        change.targets = {id};
        const ImpactAnswer affected = impact(view_, change, {}).value();
        for (const auto* rows : {&affected.rows, &affected.candidates}) {
            for (const ImpactRow& row : *rows) {
                out_ << row.score << ' ' << row.depth << ' ' << row.dependents << text_of(row.block)
                     << '\n';
                for (const ImpactStep& step : row.steps) out_ << text_of({step.edge});
            }
        }
        if (!view_.snapshot().contains(other).value()) return;
        for (const bool all : {false, true}) {
            PathRequest path;
            path.from = id;
            path.to = other;
            path.all = all;
            path.hops_max = all ? 4 : 0;
            const PathAnswer paths = find_paths(view_, path, {}).value();
            for (const PathRow& row : paths.rows) out_ << text_of(row.edges) << '\n';
            out_ << paths.is_certain << paths.truncation.bits() << '\n';
        }
    }
    void names() {
        for (const char* name : {"run", "Run", "ru", "T1.run", "stop", "step", "zzz", "a.cc"}) {
            FindRequest request;
            request.name = name;
            const FindAnswer answer = find(view_, request, {}).value();
            out_ << name << ' ' << graph::matched_by_name(answer.matched_by) << '\n';
            for (const BlockRow& row : answer.rows) out_ << text_of(row) << '\n';
            const auto target = graph::resolve_target(view_, {.text = name}).value();
            out_ << static_cast<int>(target.outcome) << graph::matched_by_name(target.matched_by);
            for (const BlockRow& row : target.matches) out_ << text_of(row) << '\n';
            for (const BlockRow& row : target.suggestions) out_ << text_of(row) << '\n';
        }
        search::TextQuery query;
        query.text = "word3 word8 run";
        query.limit = 1000;
        std::set<BlockId> found;
        const search::TextResult result = search::search_text(view_, query).value();
        for (const search::TextHit& hit : result.hits) found.insert(hit.id);
        for (const BlockId& id : found) out_ << id.to_hex() << '\n';
    }
    void whole_graph() {
        DeadRequest request;
        const DeadAnswer dead = dead_code(view_, request, {}).value();
        out_ << "dead " << dead.roots << ' ' << dead.blocks_live << '\n';
        for (const DeadRow& row : dead.rows) {
            out_ << static_cast<int>(row.confidence) << row.is_used_by_dead << text_of(row.block);
            for (const std::string& reason : row.reasons) out_ << reason;
            out_ << '\n';
        }
        for (const Grain grain : {Grain::Symbol, Grain::File}) {
            OrderRequest order;
            order.grain = grain;
            const CyclesAnswer cycles = find_cycles(view_, order, {}).value();
            for (const CycleRow& row : cycles.rows) {
                out_ << row.blocks.size() << text_of(row.edges) << '\n';
            }
            const OrderAnswer sorted = topological_order(view_, order, {}).value();
            for (const OrderRow& row : sorted.rows) out_ << row.component << text_of(row.block);
            out_ << text_of(sorted.back_edges) << '\n';
        }
        const auto workspaces = view_.workspaces();
        for (const graph::Workspace& workspace : workspaces.value()) {
            out_ << workspace.name << workspace.settings << '\n';
        }
    }

    GraphView view_;
    std::ostringstream out_;
};

/// One random change, the same for both engines when the seed is.
class Mutator {
  public:
    explicit Mutator(uint32_t seed) : random_(seed) {}

    void put_symbol(GraphBatch& batch, uint32_t number) {
        static const char* const names[] = {"run", "stop", "step", "Run"};
        const uint32_t kind = pick(3);
        const std::string name = names[pick(4)];
        const std::string qualified = "T" + std::to_string(pick(4)) + "." + name;
        const std::string uri = std::string(1, static_cast<char>('a' + pick(3))) + ".cc";
        const std::string content =
            "word" + std::to_string(pick(12)) + " word" + std::to_string(pick(12));
        format::BlockRecord record;
        record.id = symbol(number);
        record.kind = kind == 0   ? BlockKind::Function
                      : kind == 1 ? BlockKind::Method
                                  : BlockKind::Class;
        record.language = format::Language::Cpp;
        record.workspace = graph::workspace_number("w");
        record.name = name;
        record.qualified_name = qualified;
        record.uri = uri;
        record.line_first = 1 + pick(100);
        record.line_last = record.line_first + pick(10);
        record.signature = name;
        record.content = content;
        record.flags = pick(5) == 0   ? uint32_t{format::kBlockDeclaration}
                       : pick(6) == 0 ? uint32_t{format::kBlockEntryPoint}
                       : pick(4) == 0 ? uint32_t{format::kBlockExported}
                                      : 0;
        EXPECT_TRUE(batch.put_block(record).is_ok());
        known_.insert(number);
    }
    void put_edge(GraphBatch& batch) {
        static const EdgeType types[] = {EdgeType::Calls,         EdgeType::CallsMethod,
                                         EdgeType::CallsFunction, EdgeType::References,
                                         EdgeType::Contains,      EdgeType::Overrides,
                                         EdgeType::Implements,    EdgeType::CoChanged};
        if (known_.empty()) return;
        format::EdgeRecord edge;
        edge.source = symbol(any_known());
        edge.target = pick(8) == 0 ? name_block(batch) : symbol(any_known());
        edge.type = types[pick(8)];
        edge.site_offset = pick(40);
        edge.site_line = edge.site_offset / 2 + 1;
        edge.provenance = format::Provenance::Package;
        const bool is_name = edge.target == name_block_id();
        if (is_name || pick(4) == 0) {
            edge.certainty = format::Certainty::Candidate;
            edge.provenance = format::Provenance::NameMatch;
            edge.confidence = static_cast<uint8_t>(pick(200));
        }
        EXPECT_TRUE(batch.put_edge(edge).is_ok());
    }
    void change(GraphBatch& batch) {
        for (int i = 0; i < 12; ++i) {
            const uint32_t what = pick(10);
            if (what < 4) {
                put_symbol(batch, pick(kSymbols));
            } else if (what < 9) {
                put_edge(batch);
            } else {
                const uint32_t number = pick(kSymbols);
                EXPECT_TRUE(batch.delete_block(symbol(number)).is_ok());
                known_.erase(number);
            }
        }
    }

  private:
    uint32_t pick(uint32_t below) { return static_cast<uint32_t>(random_() % below); }
    uint32_t any_known() {
        auto at = known_.begin();
        std::advance(at, pick(static_cast<uint32_t>(known_.size())));
        return *at;
    }
    static BlockId name_block_id() {
        return graph::unresolved_name_id("w", format::Language::Cpp, "run");
    }
    static BlockId name_block(GraphBatch& batch) {
        format::BlockRecord record;
        record.id = name_block_id();
        record.kind = BlockKind::UnresolvedName;
        record.language = format::Language::C;
        record.workspace = graph::workspace_number("w");
        record.name = "run";
        record.qualified_name = "run";
        EXPECT_TRUE(batch.put_block(record).is_ok());
        return record.id;
    }
    std::mt19937 random_;
    std::set<uint32_t> known_;
};

class RealEngine : public storage::testing::DatabaseTest {};

TEST_F(RealEngine, AnswersLikePlainVectors) {
    open(storage::testing::small_options());
    test::MemoryEngine plain_engine;
    Graph plain(plain_engine);
    auto real = std::make_unique<Graph>(*engine_);
    Mutator plain_changes(99);
    Mutator real_changes(99);
    for (Graph* each : {&plain, real.get()}) {
        graph::Workspace workspace;
        workspace.name = "w";
        ASSERT_TRUE(each->create_workspace(workspace).has_value());
    }
    size_t compared = 0;
    for (int round = 1; round <= 60; ++round) {
        GraphBatch plain_batch = plain.batch();
        GraphBatch real_batch = real->batch();
        plain_changes.change(plain_batch);
        real_changes.change(real_batch);
        ASSERT_TRUE(plain.commit(std::move(plain_batch)).has_value());
        ASSERT_TRUE(real->commit(std::move(real_batch)).has_value());
        if (round % 7 == 0) {
            ASSERT_TRUE(engine_->flush().is_ok());
        }
        if (round % 25 == 0) {
            ASSERT_TRUE(engine_->compact().is_ok());
        }
        if (round % 20 == 0) {
            real.reset();
            ASSERT_TRUE(engine_->close().is_ok());
            engine_.reset();
            open(storage::testing::small_options());
            real = std::make_unique<Graph>(*engine_);
        }
        if (round % 6 != 0) continue;
        const std::string expected = Interview(plain.view()).run();
        ASSERT_EQ(Interview(real->view()).run(), expected) << "round " << round;
        compared += expected.size();
    }
    EXPECT_GT(compared, size_t{200'000});
    ASSERT_EQ(real->remove_workspace("w").value(), plain.remove_workspace("w").value());
    EXPECT_EQ(Interview(real->view()).run(), Interview(plain.view()).run());
    std::vector<format::EdgeRecord> left;
    ASSERT_TRUE(real->view()
                    .snapshot()
                    .scan_edges([&](const format::EdgeRecord& edge) {
                        left.push_back(edge);
                        return true;
                    })
                    .is_ok());
    EXPECT_TRUE(left.empty());
    EXPECT_TRUE(engine_->verify().value().findings.empty());
}

TEST_F(RealEngine, AnOldViewKeepsAnsweringTheSame) {
    open(storage::testing::small_options());
    Graph real(*engine_);
    Mutator changes(7);
    for (int round = 0; round < 10; ++round) {
        GraphBatch batch = real.batch();
        changes.change(batch);
        ASSERT_TRUE(real.commit(std::move(batch)).has_value());
    }
    const GraphView old = real.view();
    const std::string before = Interview(old).run();
    for (int round = 0; round < 20; ++round) {
        GraphBatch batch = real.batch();
        changes.change(batch);
        ASSERT_TRUE(real.commit(std::move(batch)).has_value());
    }
    ASSERT_TRUE(engine_->compact().is_ok());
    EXPECT_EQ(Interview(old).run(), before);
    EXPECT_NE(Interview(real.view()).run(), before);
}

}  // namespace
}  // namespace kausal::query
