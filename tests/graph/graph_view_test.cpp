// Goal: typed reads show what is there, hide what is the engine's own, and pair declarations
// rightly. Method: graphs by hand.
#include "graph/graph_view.h"

#include "graph/graph_builder.h"

#include <gtest/gtest.h>

namespace kausal::graph {
namespace {

using format::BlockKind;
using format::EdgeType;
using test::GraphBuilder;
using test::id_of;

TEST(GraphView, RowsKeepTheOrderAskedForAndReportMissingOnes) {
    GraphBuilder graph;
    graph.add("a").add("b");
    const BlockId ids[] = {id_of("b"), id_of("nothing"), id_of("a")};
    const auto rows = graph.view().rows(ids).value();
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0]->name, "b");
    EXPECT_FALSE(rows[1].has_value());
    EXPECT_EQ(rows[2]->name, "a");
}

TEST(GraphView, EdgesAreFilteredByTypeAndCertainty) {
    GraphBuilder graph;
    graph.add("a").add("b").add("c");
    graph.edge("a", "b").edge("a", "c", EdgeType::References).guess("a", "c", 50);
    const GraphView view = graph.view();
    std::vector<format::EdgeRecord> edges;
    EdgeFilter filter;
    ASSERT_TRUE(view.edges(id_of("a"), storage::Direction::Out, filter, edges).is_ok());
    EXPECT_EQ(edges.size(), 2u);
    filter.types = call_edges();
    ASSERT_TRUE(view.edges(id_of("a"), storage::Direction::Out, filter, edges).is_ok());
    ASSERT_EQ(edges.size(), 1u);
    EXPECT_EQ(edges[0].target, id_of("b"));
    filter.resolved = false;
    filter.candidates = true;
    filter.confidence_min = 51;
    ASSERT_TRUE(view.edges(id_of("a"), storage::Direction::Out, filter, edges).is_ok());
    EXPECT_TRUE(edges.empty());
    filter.confidence_min = 50;
    ASSERT_TRUE(view.edges(id_of("a"), storage::Direction::Out, filter, edges).is_ok());
    ASSERT_EQ(edges.size(), 1u);
    EXPECT_EQ(edges[0].target, id_of("c"));
}

/// Adds a block with its own id and a given qualified name.
void add_face(GraphBuilder& graph, std::string_view id, std::string_view name, uint32_t flags,
              std::string_view uri, BlockKind kind = BlockKind::Function) {
    format::BlockRecord record = graph.block(id, kind);
    record.qualified_name = graph.keep(name);
    record.name = last_component(record.qualified_name);
    record.flags = flags;
    record.uri = graph.keep(uri);
    graph.add(record);
}

TEST(GraphView, TwinsPairDeclarationsWithDefinitions) {
    GraphBuilder graph;
    add_face(graph, "definition", "ns::run", 0, "run.cc");
    add_face(graph, "declaration", "ns::run", format::kBlockDeclaration, "run.h");
    add_face(graph, "overload", "ns::run", 0, "run.cc");
    add_face(graph, "type", "ns::run", 0, "run.h", BlockKind::Class);
    add_face(graph, "other", "ns2::run", format::kBlockDeclaration, "run.h");
    const GraphView view = graph.view();
    const auto twins = [&](std::string_view name) {
        std::vector<BlockId> ids = view.twins(view.row(id_of(name)).value().value()).value();
        std::sort(ids.begin(), ids.end());
        return ids;
    };
    EXPECT_EQ(twins("definition"), std::vector{id_of("declaration")});
    std::vector<BlockId> both{id_of("definition"), id_of("overload")};
    std::sort(both.begin(), both.end());
    EXPECT_EQ(twins("declaration"), both);
    EXPECT_TRUE(twins("type").empty());
}

TEST(GraphView, FileLocalFunctionsPairOnlyInsideTheirFile) {
    GraphBuilder graph;
    const uint32_t local = format::kBlockStatic;
    add_face(graph, "a_definition", "init", local, "a.c");
    add_face(graph, "b_definition", "init", local, "b.c");
    add_face(graph, "b_declaration", "init", local | format::kBlockDeclaration, "b.c");
    const GraphView view = graph.view();
    EXPECT_TRUE(view.twins(view.row(id_of("a_definition")).value().value()).value().empty());
    EXPECT_EQ(view.twins(view.row(id_of("b_definition")).value().value()).value(),
              std::vector{id_of("b_declaration")});
}

TEST(GraphView, BlocksOfAFileComeOutermostFirstWithoutHiddenOnes) {
    GraphBuilder graph;
    const auto put = [&](std::string_view name, BlockKind kind, uint32_t first, uint32_t last) {
        format::BlockRecord record = graph.block(name, kind);
        record.uri = "src/x.cc";
        record.line_first = first;
        record.line_last = last;
        graph.add(record);
    };
    put("method", BlockKind::Method, 3, 5);
    put("file", BlockKind::File, 1, 20);
    put("facts", BlockKind::FileFacts, 1, 20);
    put("class", BlockKind::Class, 2, 10);
    put("one_liner", BlockKind::Method, 2, 2);
    const auto rows = graph.view().blocks_of_file("src/x.cc").value();
    std::vector<std::string> names;
    for (const BlockRow& row : rows) names.push_back(row.name);
    EXPECT_EQ(names, (std::vector<std::string>{"file", "class", "one_liner", "method"}));
    EXPECT_TRUE(graph.view().blocks_of_file("src/x").value().empty());
}

TEST(GraphView, TroubledFilesCarryTheirReason) {
    GraphBuilder graph;
    format::BlockRecord file = graph.block("b.js", BlockKind::File);
    file.flags = format::kBlockOpaque;
    file.metadata = R"({"reason":"minified"})";
    graph.add(file);
    graph.add("a.js", BlockKind::File, format::kBlockPartial);
    graph.add("c.js", BlockKind::File);
    const auto files = graph.view().troubled_files().value();
    ASSERT_EQ(files.size(), 2u);
    EXPECT_EQ(files[0].uri, "a.js");
    EXPECT_FALSE(files[0].is_opaque);
    EXPECT_EQ(files[1].reason, "minified");
    EXPECT_TRUE(files[1].is_opaque);
    EXPECT_TRUE(graph.view().troubled_files(12345).value().empty());
}

TEST(GraphView, TroubledSourcesLeaveOutWhatIsNoSource) {
    GraphBuilder graph;
    format::BlockRecord picture = graph.block("a.png", BlockKind::File);
    picture.flags = format::kBlockOpaque;
    picture.language = format::Language::None;
    graph.add(picture);
    graph.add("b.js", BlockKind::File, format::kBlockOpaque);
    graph.add("c.js", BlockKind::File, format::kBlockPartial);
    const TroubledFilesRef files = graph.view().troubled_sources().value();
    ASSERT_EQ(files->size(), 2u);
    EXPECT_EQ((*files)[0].uri, "b.js");
    EXPECT_TRUE((*files)[0].is_opaque);
    EXPECT_EQ((*files)[1].uri, "c.js");
    EXPECT_EQ(graph.view().troubled_files().value().size(), 3u);
}

TEST(GraphView, EveryStateHasItsOwnReasons) {
    TroubledSourceCache cache;
    GraphBuilder before;
    format::BlockRecord file = before.block("a.js", BlockKind::File);
    file.flags = format::kBlockPartial;
    file.metadata = before.keep(R"({"reason":"one error"})");
    before.commit(1).add(file);
    GraphBuilder after;
    file.metadata = after.keep(R"({"reason":"two errors"})");
    after.commit(2).add(file);
    const GraphView old_view = before.view();
    const GraphView new_view = after.view();
    ASSERT_EQ(cache.get(old_view.snapshot()).value()->size(), 1u);
    ASSERT_EQ(cache.get(new_view.snapshot()).value()->size(), 1u);
    for (int time = 0; time < 2; ++time) {
        EXPECT_EQ(cache.reason(old_view.snapshot(), file.id).value(), "one error");
        EXPECT_EQ(cache.reason(new_view.snapshot(), file.id).value(), "two errors");
    }
}

TEST(GraphView, EveryStateHasItsOwnTroubledSources) {
    TroubledSourceCache cache;
    GraphBuilder before;
    before.commit(1).add("a.js", BlockKind::File, format::kBlockPartial);
    const GraphView old_view = before.view();
    GraphBuilder after;
    after.commit(2).add("x.js", BlockKind::File).add("b.js", BlockKind::File, format::kBlockOpaque);
    for (int time = 0; time < 2; ++time) {
        const TroubledFilesRef old_files = cache.get(old_view.snapshot()).value();
        ASSERT_EQ(old_files->size(), 1u);
        EXPECT_EQ(old_files->front().uri, "a.js");
        const TroubledFilesRef new_files = cache.get(after.view().snapshot()).value();
        ASSERT_EQ(new_files->size(), 1u);
        EXPECT_EQ(new_files->front().uri, "b.js");
    }
    const TroubledFilesRef first = cache.get(old_view.snapshot()).value();
    EXPECT_EQ(first, cache.get(old_view.snapshot()).value());
}

}  // namespace
}  // namespace kausal::graph
