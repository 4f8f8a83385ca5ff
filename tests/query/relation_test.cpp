// Goal: relations keep facts and guesses apart, count declarations and dispatch, and never say a
// false "none". Method: graphs by hand for each rule; breadth-first depths against a naive BFS.
#include "query/relation.h"

#include "query/random_graph.h"

#include <gtest/gtest.h>

namespace kausal::query {
namespace {

using format::BlockKind;
using format::EdgeType;
using test::GraphBuilder;
using test::id_of;
using test::RandomGraph;

RelationAnswer show(const GraphBuilder& graph, Relation relation, std::string_view target,
                    uint32_t depth = 1) {
    RelationRequest request;
    request.relation = relation;
    request.target = id_of(target);
    request.depth = depth;
    return show_relation(graph.view(), request, {}).value();
}

std::vector<std::string> names(const std::vector<RelationRow>& rows) {
    std::vector<std::string> found;
    for (const RelationRow& row : rows) found.push_back(row.block.qualified_name);
    std::sort(found.begin(), found.end());
    return found;
}
using Names = std::vector<std::string>;

TEST(Callers, ComeWithAllTheirSites) {
    GraphBuilder graph;
    graph.add("target").add("one").add("two").add("other");
    graph.edge("one", "target", EdgeType::CallsFunction, 3);
    graph.edge("one", "target", EdgeType::CallsFunction, 9);
    graph.edge("two", "target", EdgeType::CallsMethod, 5);
    graph.edge("other", "target", EdgeType::References, 5);
    graph.edge("target", "other", EdgeType::CallsFunction, 7);
    const RelationAnswer answer = show(graph, Relation::Callers, "target");
    EXPECT_EQ(names(answer.rows), (Names{"one", "two"}));
    for (const RelationRow& row : answer.rows) {
        EXPECT_EQ(row.via, id_of("target"));
        EXPECT_EQ(row.edges.size(), row.block.name == "one" ? 2u : 1u);
    }
    EXPECT_TRUE(answer.candidates.empty());
    EXPECT_TRUE(answer.is_certain);
}

TEST(Callers, NoneIsCertainOnlyWhenNothingUnresolvedCarriesTheName) {
    GraphBuilder graph;
    graph.add("lonely").add("somebody");
    RelationAnswer answer = show(graph, Relation::Callers, "lonely");
    EXPECT_TRUE(answer.rows.empty());
    EXPECT_TRUE(answer.unknown.is_nothing());
    EXPECT_TRUE(answer.is_certain);

    const BlockId name = graph.unresolved("lonely");
    graph.guess(id_of("somebody"), name, 10, 42);
    answer = show(graph, Relation::Callers, "lonely");
    EXPECT_TRUE(answer.rows.empty());
    EXPECT_FALSE(answer.is_certain);
    EXPECT_EQ(answer.unknown.unresolved_sites, 1u);
    ASSERT_EQ(answer.unknown.sites.size(), 1u);
    EXPECT_EQ(answer.unknown.sites[0].line, 42u);
    EXPECT_EQ(answer.unknown.sites[0].source, id_of("somebody"));
    EXPECT_EQ(answer.unknown.sites[0].uri, "main.cc");
}

TEST(Callers, UnresolvedNamesOfOtherLanguagesDoNotCount) {
    GraphBuilder graph;
    graph.add("lonely").add("somebody");
    graph.guess(id_of("somebody"), graph.unresolved("lonely", format::Language::Python), 10);
    EXPECT_TRUE(show(graph, Relation::Callers, "lonely").is_certain);
    graph.guess(id_of("somebody"), graph.unresolved("lonely", format::Language::C), 10);
    EXPECT_FALSE(show(graph, Relation::Callers, "lonely").is_certain);
}

TEST(Callers, ReadNothingOfOthersThatAreCalledAlike) {
    GraphBuilder graph;
    graph.add("somebody");
    for (int i = 0; i < 1000; ++i) {
        graph.add("Type" + std::to_string(i) + ".get", BlockKind::Method);
    }
    graph.guess(id_of("somebody"), graph.unresolved("get"), 10, 42);
    const GraphView view = graph.view();
    const auto& snapshot = static_cast<const test::MemorySnapshot&>(view.snapshot());
    RelationRequest request;
    request.target = id_of("Type7.get");
    EXPECT_EQ(show_relation(view, request, {}).value().unknown.unresolved_sites, 1u);
    EXPECT_GT(snapshot.get_count(), 0u);
    EXPECT_LT(snapshot.get_count(), 20u);
}

TEST(Callers, FilesThatWereNotUnderstoodMakeNoneUncertain) {
    GraphBuilder graph;
    graph.add("lonely");
    format::BlockRecord picture = graph.block("logo.png", BlockKind::File);
    picture.language = format::Language::None;
    picture.flags = format::kBlockOpaque;
    graph.add(picture);
    EXPECT_TRUE(show(graph, Relation::Callers, "lonely").is_certain);
    graph.add("broken.cc", BlockKind::File, format::kBlockPartial);
    const RelationAnswer answer = show(graph, Relation::Callers, "lonely");
    EXPECT_FALSE(answer.is_certain);
    EXPECT_EQ(answer.unknown.files_partial, 1u);
    EXPECT_EQ(answer.unknown.files_opaque, 0u);
    ASSERT_EQ(answer.unknown.files.size(), 1u);
    EXPECT_EQ(answer.unknown.files[0].uri, "broken.cc");
}

TEST(Callers, GuessesAreListedApartWithTheirReason) {
    GraphBuilder graph;
    graph.add("target").add("sure").add("weak").add("strong");
    graph.edge("sure", "target");
    graph.guess("weak", "target", 51);
    graph.guess("strong", "target", 204);
    RelationAnswer answer = show(graph, Relation::Callers, "target");
    EXPECT_EQ(names(answer.rows), Names{"sure"});
    ASSERT_EQ(answer.candidates.size(), 2u);
    EXPECT_EQ(answer.candidates[0].block.name, "strong");
    EXPECT_EQ(answer.candidates[0].reason, "name_match 80%");
    EXPECT_EQ(answer.candidates[1].reason, "name_match 20%");
    EXPECT_FALSE(answer.is_certain);
    RelationRequest request;
    request.target = id_of("target");
    request.confidence_min = 100;
    answer = show_relation(graph.view(), request, {}).value();
    EXPECT_EQ(names(answer.candidates), Names{"strong"});
}

/// A declaration of `symbol` in a header.
void declare(GraphBuilder& graph, std::string_view symbol, std::string_view id,
             BlockKind kind = BlockKind::Function) {
    format::BlockRecord record = graph.block(symbol, kind);
    record.id = id_of(id);
    record.flags = format::kBlockDeclaration;
    record.uri = "api.h";
    graph.add(record);
}

TEST(Callers, OfADeclarationAreCallersOfItsDefinition) {
    GraphBuilder graph;
    graph.add("api::run").add("direct").add("through header");
    declare(graph, "api::run", "declaration");
    graph.edge("direct", "api::run").edge("through header", "declaration");
    const RelationAnswer answer = show(graph, Relation::Callers, "api::run");
    ASSERT_EQ(names(answer.rows), (Names{"direct", "through header"}));
    for (const RelationRow& row : answer.rows) {
        EXPECT_EQ(row.is_through_twin, row.block.name == "through header");
    }
    EXPECT_EQ(names(show(graph, Relation::Callers, "declaration").rows),
              (Names{"direct", "through header"}));
}

TEST(Callees, ShowTheDefinitionOfWhatIsDeclared) {
    GraphBuilder graph;
    graph.add("main").add("api::run");
    declare(graph, "api::run", "declaration");
    graph.edge("main", "declaration");
    const RelationAnswer answer = show(graph, Relation::Callees, "main");
    ASSERT_EQ(answer.rows.size(), 1u);
    EXPECT_EQ(answer.rows[0].block.id, id_of("api::run"));
    EXPECT_TRUE(answer.rows[0].is_through_twin);
}

TEST(Callers, OfAnOverriddenMethodAreMarkedAsDispatch) {
    GraphBuilder graph;
    graph.add("Base::draw", BlockKind::Method).add("Circle::draw", BlockKind::Method);
    graph.add("Disc::draw", BlockKind::Method).add("paint").add("direct");
    graph.edge("Circle::draw", "Base::draw", EdgeType::Overrides);
    graph.edge("Disc::draw", "Circle::draw", EdgeType::Overrides);
    graph.edge("paint", "Base::draw", EdgeType::CallsMethod);
    graph.edge("direct", "Disc::draw", EdgeType::CallsMethod);
    const RelationAnswer answer = show(graph, Relation::Callers, "Disc::draw");
    ASSERT_EQ(names(answer.rows), (Names{"direct", "paint"}));
    for (const RelationRow& row : answer.rows) {
        EXPECT_EQ(row.is_dispatch, row.block.name == "paint");
    }
    const RelationAnswer callees = show(graph, Relation::Callees, "paint");
    ASSERT_EQ(names(callees.rows), (Names{"Base::draw", "Circle::draw", "Disc::draw"}));
    for (const RelationRow& row : callees.rows) {
        EXPECT_EQ(row.is_dispatch, row.block.qualified_name != "Base::draw");
    }
    RelationRequest request;
    request.target = id_of("Disc::draw");
    request.with_dispatch = false;
    EXPECT_EQ(names(show_relation(graph.view(), request, {}).value().rows), Names{"direct"});
}

TEST(Callees, ThatOnlyTheNameIsKnownOfAreCandidatesAndUnknown) {
    GraphBuilder graph;
    graph.add("main").add("printf", BlockKind::ExternalSymbol);
    graph.edge("main", "printf");
    graph.guess(id_of("main"), graph.unresolved("mystery"), 5, 8);
    const RelationAnswer answer = show(graph, Relation::Callees, "main");
    EXPECT_EQ(names(answer.rows), Names{"printf"});
    ASSERT_EQ(answer.candidates.size(), 1u);
    EXPECT_EQ(answer.candidates[0].reason, "only the name is known");
    EXPECT_EQ(answer.unknown.unresolved_sites, 1u);
    EXPECT_EQ(answer.unknown.sites.at(0).name, "mystery");
    EXPECT_FALSE(answer.is_certain);
}

TEST(Callers, ARecursiveFunctionCallsItself) {
    GraphBuilder graph;
    graph.add("f");
    graph.edge("f", "f", EdgeType::CallsFunction, 4);
    const RelationAnswer answer = show(graph, Relation::Callers, "f", 5);
    ASSERT_EQ(answer.rows.size(), 1u);
    EXPECT_EQ(answer.rows[0].depth, 1u);
}

TEST(Callers, ToADepthAgreeWithBreadthFirstSearch) {
    size_t rows = 0;
    for (uint32_t seed = 0; seed < 20; ++seed) {
        const RandomGraph random(seed, 40, 60);
        const std::vector<int> distance = random.distances({0}, true);
        for (const uint32_t depth : {1u, 2u, 50u}) {
            std::map<BlockId, uint32_t> expected;
            for (uint32_t node = 1; node < random.node_count; ++node) {
                const int hops = distance[node];
                if (hops > 0 && hops <= static_cast<int>(depth)) {
                    expected[RandomGraph::id(node)] = static_cast<uint32_t>(hops);
                }
            }
            std::map<BlockId, uint32_t> found;
            for (const RelationRow& row :
                 show(random.builder, Relation::Callers, RandomGraph::name(0), depth).rows) {
                if (row.block.id != RandomGraph::id(0)) found[row.block.id] = row.depth;
            }
            ASSERT_EQ(found, expected) << seed;
            rows += found.size();
        }
    }
    EXPECT_GT(rows, 200u);
}

TEST(Relations, FollowTheirEdgesInTheirDirection) {
    GraphBuilder graph;
    graph.add("a.go", BlockKind::File).add("b.go", BlockKind::File);
    graph.add("Shape", BlockKind::Interface).add("Circle", BlockKind::Class);
    graph.add("Base", BlockKind::Class);
    graph.add("Circle.Area", BlockKind::Method, format::kBlockExported);
    graph.add("Circle.hidden", BlockKind::Method);
    graph.add("TestArea", BlockKind::Function, format::kBlockTest);
    graph.edge("a.go", "b.go", EdgeType::Imports);
    graph.edge("a.go", "Circle", EdgeType::Contains);
    graph.edge("Circle", "Circle.Area", EdgeType::Contains);
    graph.edge("Circle.hidden", "Circle", EdgeType::MethodOf);
    graph.edge("Circle", "Shape", EdgeType::Implements);
    graph.edge("Circle", "Base", EdgeType::Extends);
    graph.edge("TestArea", "Circle.Area", EdgeType::Tests);
    EXPECT_EQ(names(show(graph, Relation::Imports, "a.go").rows), Names{"b.go"});
    EXPECT_EQ(names(show(graph, Relation::ImportedBy, "b.go").rows), Names{"a.go"});
    EXPECT_EQ(names(show(graph, Relation::Members, "Circle").rows),
              (Names{"Circle.Area", "Circle.hidden"}));
    EXPECT_EQ(names(show(graph, Relation::Exports, "a.go").rows), Names{"Circle.Area"});
    EXPECT_EQ(names(show(graph, Relation::Implements, "Circle").rows), Names{"Shape"});
    EXPECT_EQ(names(show(graph, Relation::Implements, "Shape").rows), Names{"Circle"});
    EXPECT_EQ(names(show(graph, Relation::ImplementedBy, "Shape").rows), Names{"Circle"});
    EXPECT_EQ(names(show(graph, Relation::Extends, "Circle").rows), Names{"Base"});
    EXPECT_EQ(names(show(graph, Relation::ExtendedBy, "Base").rows), Names{"Circle"});
    EXPECT_EQ(names(show(graph, Relation::Tests, "Circle.Area").rows), Names{"TestArea"});
}

TEST(Members, HaveOneEdgeEachThoughBothEndsTellOfThem) {
    GraphBuilder graph;
    graph.add("Shape", BlockKind::Class).add("Shape.side", BlockKind::Field);
    graph.add("Shape.area", BlockKind::Method, format::kBlockExported);
    graph.add("Shape.elsewhere", BlockKind::Method);
    graph.add("Shape.stated", BlockKind::Method);
    graph.edge("Shape", "Shape.side", EdgeType::Contains);
    graph.edge("Shape", "Shape.area", EdgeType::Contains);
    graph.edge("Shape.area", "Shape", EdgeType::MethodOf);
    graph.edge("Shape.elsewhere", "Shape", EdgeType::MethodOf);
    graph.edge("Shape.stated", "Shape", EdgeType::DefinedIn);
    graph.edge("Shape", "Shape.stated", EdgeType::Contains);
    const RelationAnswer answer = show(graph, Relation::Members, "Shape");
    EXPECT_EQ(names(answer.rows),
              (Names{"Shape.area", "Shape.elsewhere", "Shape.side", "Shape.stated"}));
    for (const RelationRow& row : answer.rows) {
        ASSERT_EQ(row.edges.size(), 1u) << row.block.name;
        const bool is_elsewhere = row.block.name == "elsewhere";
        EXPECT_EQ(row.edges[0].type, is_elsewhere ? EdgeType::MethodOf : EdgeType::Contains)
            << row.block.name;
    }
    const RelationAnswer exports = show(graph, Relation::Exports, "Shape");
    ASSERT_EQ(exports.rows.size(), 1u);
    EXPECT_EQ(exports.rows[0].edges.size(), 1u);
}

TEST(Relations, HaveNamesBothWays) {
    for (int i = 0; i <= static_cast<int>(Relation::OverriddenBy); ++i) {
        const auto relation = static_cast<Relation>(i);
        Relation back = Relation::Callers;
        ASSERT_TRUE(relation_from_name(relation_name(relation), back));
        EXPECT_EQ(back, relation);
    }
    Relation none = Relation::Callers;
    EXPECT_FALSE(relation_from_name("unknown", none));
}

TEST(Relations, TruncationIsReportedAndMakesItUncertain) {
    GraphBuilder graph;
    graph.add("target");
    for (int i = 0; i < 30; ++i) {
        const std::string name = "caller" + std::to_string(i);
        graph.add(name).edge(name, "target");
    }
    RelationRequest request;
    request.target = id_of("target");
    Budget budget;
    budget.rows_max = 7;
    const RelationAnswer answer = show_relation(graph.view(), request, budget).value();
    EXPECT_EQ(answer.rows.size(), 7u);
    EXPECT_TRUE(answer.truncation.has(Limit::Rows));
    EXPECT_FALSE(answer.is_certain);
    request.depth = 0;
    EXPECT_EQ(show_relation(graph.view(), request, {}).error().code(), ErrorCode::Invalid);
    request.depth = 1;
    request.target = id_of("nothing");
    EXPECT_EQ(show_relation(graph.view(), request, {}).error().code(), ErrorCode::NotFound);
}

}  // namespace
}  // namespace kausal::query
