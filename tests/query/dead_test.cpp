// Goal: what is called dead is not reachable, and "certain" is said only when nothing speaks
// against it. Method: naive reachability on random graphs; one graph by hand per doubt.
#include "query/dead.h"

#include "query/random_graph.h"

#include <gtest/gtest.h>

namespace kausal::query {
namespace {

using format::BlockKind;
using format::EdgeType;
using test::GraphBuilder;
using test::id_of;
using test::RandomGraph;

const DeadRow* row_of(const DeadAnswer& answer, std::string_view name) {
    for (const DeadRow& row : answer.rows) {
        if (row.block.qualified_name == name) return &row;
    }
    return nullptr;
}

DeadAnswer dead(const GraphBuilder& graph, const DeadRequest& request = {}) {
    return dead_code(graph.view(), request, {}).value();
}

GraphBuilder with_main() {
    GraphBuilder graph;
    graph.add("main", BlockKind::Function, format::kBlockEntryPoint);
    graph.add("used").add("unused").add("helper of unused");
    graph.edge("main", "used").edge("unused", "helper of unused");
    return graph;
}

TEST(Dead, AgreesWithReachability) {
    size_t rows = 0;
    for (uint32_t seed = 0; seed < 40; ++seed) {
        RandomGraph random(seed, 40, 40, 10);
        format::BlockRecord root = random.builder.block(RandomGraph::name(0));
        root.language = format::Language::Go;
        root.flags = format::kBlockEntryPoint;
        random.builder.add(root);
        const std::vector<int> facts = random.distances({0}, false);
        const std::vector<int> all = random.distances({0}, false, true);
        const DeadAnswer answer = dead(random.builder);
        std::set<BlockId> expected;
        for (uint32_t node = 0; node < random.node_count; ++node) {
            if (facts[node] < 0) expected.insert(RandomGraph::id(node));
        }
        std::set<BlockId> found;
        for (const DeadRow& row : answer.rows) found.insert(row.block.id);
        ASSERT_EQ(found, expected) << seed;
        for (uint32_t node = 0; node < random.node_count; ++node) {
            const DeadRow* row = row_of(answer, RandomGraph::name(node));
            if (row == nullptr) continue;
            ASSERT_EQ(row->certainty == DeadCertainty::Certain, all[node] < 0) << seed << node;
            ASSERT_EQ(row->reasons.empty(), all[node] < 0);
        }
        rows += found.size();
    }
    EXPECT_GT(rows, 200u);
}

TEST(Dead, CertainWhenNothingSpeaksAgainstIt) {
    const DeadAnswer answer = dead(with_main());
    ASSERT_EQ(answer.rows.size(), 2u);
    EXPECT_EQ(answer.roots, 1u);
    for (const DeadRow& row : answer.rows) {
        EXPECT_EQ(row.certainty, DeadCertainty::Certain);
        EXPECT_EQ(row.confidence, 100);
        EXPECT_TRUE(row.reasons.empty());
    }
    EXPECT_TRUE(row_of(answer, "helper of unused")->is_used_by_dead);
    EXPECT_FALSE(row_of(answer, "unused")->is_used_by_dead);
}

TEST(Dead, AnUnresolvedNameForbidsCertaintyForItAndWhatItUses) {
    GraphBuilder graph = with_main();
    graph.guess(id_of("main"), graph.unresolved("unused"), 10);
    const DeadAnswer answer = dead(graph);
    EXPECT_EQ(row_of(answer, "unused")->certainty, DeadCertainty::Possible);
    EXPECT_EQ(row_of(answer, "helper of unused")->certainty, DeadCertainty::Possible);
}

TEST(Dead, AGuessForbidsCertainty) {
    GraphBuilder graph = with_main();
    graph.guess("used", "unused", 30);
    const DeadAnswer answer = dead(graph);
    const DeadRow* row = row_of(answer, "unused");
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->certainty, DeadCertainty::Possible);
    EXPECT_EQ(row->reasons, std::vector<std::string>{"a guess leads to it"});
    DeadRequest request;
    request.confidence_min = 50;
    EXPECT_EQ(row_of(dead(graph, request), "unused"), nullptr);
}

TEST(Dead, ExportedBlocksAreLikelyOrRootsOfALibrary) {
    GraphBuilder graph = with_main();
    graph.add("api", BlockKind::Function, format::kBlockExported).add("behind");
    graph.edge("api", "behind");
    DeadAnswer answer = dead(graph);
    EXPECT_EQ(row_of(answer, "api")->certainty, DeadCertainty::Likely);
    EXPECT_EQ(row_of(answer, "behind")->certainty, DeadCertainty::Likely);
    DeadRequest request;
    request.is_library = true;
    answer = dead(graph, request);
    EXPECT_EQ(row_of(answer, "api"), nullptr);
    EXPECT_EQ(row_of(answer, "behind"), nullptr);
    EXPECT_NE(row_of(answer, "unused"), nullptr);
}

TEST(Dead, FilesThatWereNotUnderstoodForbidCertainty) {
    GraphBuilder graph = with_main();
    graph.add("broken.cc", BlockKind::File, format::kBlockPartial);
    const DeadAnswer answer = dead(graph);
    EXPECT_EQ(row_of(answer, "unused")->certainty, DeadCertainty::Likely);
    EXPECT_EQ(answer.unknown.files_partial, 1u);
}

TEST(Dead, TestsReflectionAndTopLevelCodeAreRoots) {
    GraphBuilder graph;
    graph.add("test", BlockKind::Function, format::kBlockTest).add("tested");
    graph.add("route", BlockKind::Function, format::kBlockReflected).add("routed");
    graph.add("script.py", BlockKind::File).add("scripted").add("nothing");
    graph.edge("test", "tested").edge("route", "routed").edge("script.py", "scripted");
    DeadAnswer answer = dead(graph);
    ASSERT_EQ(answer.rows.size(), 1u);
    EXPECT_EQ(answer.rows[0].block.name, "nothing");
    DeadRequest request;
    request.tests_are_roots = false;
    answer = dead(graph, request);
    EXPECT_NE(row_of(answer, "tested"), nullptr);
    EXPECT_NE(row_of(answer, "test"), nullptr);
}

TEST(Dead, WithoutRootsNothingIsSaid) {
    GraphBuilder graph;
    graph.add("a").add("b").add("a.cc", BlockKind::File);
    graph.edge("a", "b");
    const DeadAnswer answer = dead(graph);
    EXPECT_EQ(answer.roots, 0u);
    EXPECT_TRUE(answer.rows.empty());
}

TEST(Dead, DispatchKeepsOverridesAlive) {
    GraphBuilder graph = with_main();
    graph.add("Base::draw", BlockKind::Method).add("Circle::draw", BlockKind::Method);
    graph.edge("main", "Base::draw", EdgeType::CallsMethod);
    graph.edge("Circle::draw", "Base::draw", EdgeType::Overrides);
    EXPECT_EQ(row_of(dead(graph), "Circle::draw"), nullptr);
}

TEST(Dead, ConstructorsAndOutsideOverridesLiveWithTheirType) {
    GraphBuilder graph = with_main();
    graph.add("C", BlockKind::Class);
    graph.add("C::C", BlockKind::Method, format::kBlockConstructor);
    graph.add("C::~C", BlockKind::Method);
    graph.add("C::toString", BlockKind::Method, format::kBlockOverride);
    graph.add("C::plain", BlockKind::Method);
    for (const char* member : {"C::C", "C::~C", "C::toString", "C::plain"}) {
        graph.edge("C", member, EdgeType::Contains);
    }
    DeadAnswer answer = dead(graph);
    EXPECT_NE(row_of(answer, "C"), nullptr);
    EXPECT_EQ(row_of(answer, "C::toString")->certainty, DeadCertainty::Likely);
    graph.edge("main", "C", EdgeType::References);
    answer = dead(graph);
    EXPECT_EQ(row_of(answer, "C"), nullptr);
    EXPECT_EQ(row_of(answer, "C::C"), nullptr);
    EXPECT_EQ(row_of(answer, "C::~C"), nullptr);
    EXPECT_EQ(row_of(answer, "C::toString"), nullptr);
    EXPECT_NE(row_of(answer, "C::plain"), nullptr);
}

TEST(Dead, OperatorsAreOnlyPossiblyDeadWhileTheirTypeLives) {
    GraphBuilder graph = with_main();
    graph.add("C", BlockKind::Class);
    graph.add("n", BlockKind::Module).add("n::operator+").add("n::operators");
    graph.edge("n", "n::operator+", EdgeType::Contains);
    for (const char* member : {"C::operator==", "C::operator bool", "C::operator_name"}) {
        format::BlockRecord record = graph.block(member, BlockKind::Method);
        record.parent = id_of("C");
        graph.add(record).edge("C", member, EdgeType::Contains);
    }
    graph.add("equal").edge("C::operator==", "equal");
    const auto is_possible = [](const DeadAnswer& answer, std::string_view name) {
        const DeadRow* row = row_of(answer, name);
        EXPECT_NE(row, nullptr) << name;
        return row != nullptr && row->certainty == DeadCertainty::Possible && !row->reasons.empty();
    };
    DeadAnswer answer = dead(graph);
    EXPECT_FALSE(is_possible(answer, "C::operator=="));  // its type is not used either
    graph.edge("main", "C", EdgeType::References);
    answer = dead(graph);
    for (const char* name : {"C::operator==", "C::operator bool", "n::operator+"}) {
        EXPECT_TRUE(is_possible(answer, name)) << name;
        EXPECT_EQ(row_of(answer, name)->confidence, 30);
        EXPECT_EQ(row_of(answer, name)->reasons.front(), "operators are used without being named");
    }
    EXPECT_TRUE(is_possible(answer, "equal"));
    EXPECT_FALSE(is_possible(answer, "C::operator_name"));
    EXPECT_FALSE(is_possible(answer, "n::operators"));
}

TEST(Dead, ACallOfTheDeclarationKeepsTheDefinitionAlive) {
    GraphBuilder graph = with_main();
    graph.add("api::run").add("below");
    format::BlockRecord declaration = graph.block("api::run");
    declaration.id = id_of("declaration");
    declaration.flags = format::kBlockDeclaration;
    declaration.uri = "api.h";
    graph.add(declaration);
    graph.edge("api::run", "below");
    EXPECT_NE(row_of(dead(graph), "api::run"), nullptr);
    graph.edge("main", "declaration");
    const DeadAnswer answer = dead(graph);
    EXPECT_EQ(row_of(answer, "api::run"), nullptr);
    EXPECT_EQ(row_of(answer, "below"), nullptr);
}

TEST(Dead, KindsAndPathsAreFiltered) {
    GraphBuilder graph = with_main();
    graph.add("T", BlockKind::Class).add("field", BlockKind::Field);
    DeadRequest request;
    request.kinds = {BlockKind::Class};
    const DeadAnswer classes = dead(graph, request);
    ASSERT_EQ(classes.rows.size(), 1u);
    EXPECT_EQ(classes.rows[0].block.name, "T");
    EXPECT_EQ(row_of(dead(graph), "field"), nullptr);
    request = {};
    request.path_prefix = "elsewhere";
    EXPECT_TRUE(dead(graph, request).rows.empty());
    request.confidence_min = 101;
    EXPECT_EQ(dead_code(graph.view(), request, {}).error().code(), ErrorCode::Invalid);
}

TEST(Dead, RowsAreCutFromTheSurestDown) {
    GraphBuilder graph = with_main();
    graph.add("api", BlockKind::Function, format::kBlockExported);
    Budget budget;
    budget.rows_max = 2;
    const DeadAnswer answer = dead_code(graph.view(), {}, budget).value();
    ASSERT_EQ(answer.rows.size(), 2u);
    EXPECT_TRUE(answer.truncation.has(Limit::Rows));
    for (const DeadRow& row : answer.rows) EXPECT_EQ(row.confidence, 100);
}

}  // namespace
}  // namespace kausal::query
