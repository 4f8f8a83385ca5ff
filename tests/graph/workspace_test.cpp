// Goal: workspaces and user edge types are registered, listed, changed and removed without
// leftovers. Method: the graph room over an engine in memory.
#include "graph/workspace.h"

#include "graph/graph.h"
#include "graph/identity.h"
#include "graph/memory_engine.h"

#include <gtest/gtest.h>

namespace kausal::graph {
namespace {

using format::EdgeType;

Workspace named(std::string name) {
    Workspace workspace;
    workspace.name = std::move(name);
    workspace.root = "/src/" + workspace.name;
    workspace.settings = R"({"library":true,"depth":[1,2]})";
    return workspace;
}

TEST(Workspace, IsCreatedListedAndChanged) {
    test::MemoryEngine engine;
    Graph graph(engine);
    const Result<Workspace> first = graph.create_workspace(named("beta"));
    ASSERT_TRUE(first.has_value()) << first.error().message();
    ASSERT_TRUE(graph.create_workspace(named("alpha")).has_value());
    EXPECT_EQ(graph.create_workspace(named("beta")).error().code(), ErrorCode::Conflict);

    const std::vector<Workspace> all = graph.view().workspaces().value();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].name, "alpha");
    EXPECT_EQ(all[1].root, "/src/beta");
    EXPECT_EQ(all[1].settings, R"({"depth":[1,2],"library":true})");
    EXPECT_EQ(all[1].revision, "");

    Workspace changed = all[0];
    changed.revision = "abc123";
    changed.settings = "";
    ASSERT_TRUE(graph.update_workspace(changed).is_ok());
    const Workspace read = graph.view().workspace("alpha").value().value();
    EXPECT_EQ(read.revision, "abc123");
    EXPECT_EQ(read.settings, "{}");
    EXPECT_EQ(graph.update_workspace(named("gamma")).code(), ErrorCode::NotFound);
    EXPECT_FALSE(graph.view().workspace("gamma").value().has_value());
}

TEST(Workspace, BadInputIsRefused) {
    test::MemoryEngine engine;
    Graph graph(engine);
    EXPECT_EQ(graph.create_workspace(named("")).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(graph.create_workspace(named("a\nb")).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(graph.create_workspace(named(std::string(257, 'x'))).error().code(),
              ErrorCode::Invalid);
    Workspace workspace = named("ok");
    for (const std::string& settings :
         {std::string("[]"), std::string("{"), std::string("{\"a\":") + std::string(100000, '[')}) {
        workspace.settings = settings;
        EXPECT_EQ(graph.create_workspace(workspace).error().code(), ErrorCode::Invalid);
    }
    workspace.settings = "";
    workspace.root = "/\xff";
    EXPECT_EQ(graph.create_workspace(workspace).error().code(), ErrorCode::Invalid);
    EXPECT_TRUE(graph.view().workspaces().value().empty());
}

TEST(Workspace, RemovalTakesItsBlocksAndAllTheirEdges) {
    test::MemoryEngine engine;
    Graph graph(engine);
    const Workspace one = graph.create_workspace(named("one")).value();
    const Workspace two = graph.create_workspace(named("two")).value();
    GraphBatch batch = graph.batch();
    const auto put = [&](const Workspace& workspace, std::string_view name,
                         format::BlockKind kind) {
        format::BlockRecord record;
        record.id = BlockId::of(workspace.name, static_cast<uint16_t>(kind), name);
        record.kind = kind;
        record.workspace = workspace.number();
        record.name = name;
        EXPECT_TRUE(batch.put_block(record).is_ok());
        return record.id;
    };
    const BlockId f1 = put(one, "f", format::BlockKind::Function);
    const BlockId x1 = put(one, "printf", format::BlockKind::ExternalSymbol);
    const BlockId u1 = put(one, "run", format::BlockKind::UnresolvedName);
    const BlockId f2 = put(two, "f", format::BlockKind::Function);
    const BlockId g2 = put(two, "g", format::BlockKind::Function);
    const auto join = [&](const BlockId& from, const BlockId& to) {
        format::EdgeRecord edge;
        edge.source = from;
        edge.target = to;
        edge.type = EdgeType::Calls;
        EXPECT_TRUE(batch.put_edge(edge).is_ok());
    };
    join(f1, x1);
    join(f1, u1);
    join(f2, f1);
    join(f1, f2);
    join(f2, g2);
    ASSERT_TRUE(graph.commit(std::move(batch)).has_value());

    EXPECT_EQ(graph.remove_workspace("one").value(), 4u);  // three blocks and its own
    const test::MemoryState& state = engine.current().state();
    EXPECT_EQ(state.blocks.size(), 3u);
    EXPECT_TRUE(state.blocks.contains(two.id));
    ASSERT_EQ(state.edges.size(), 1u);
    EXPECT_EQ(state.edges.begin()->first.source, f2);
    EXPECT_EQ(state.edges.begin()->first.target, g2);
    EXPECT_EQ(graph.remove_workspace("one").error().code(), ErrorCode::NotFound);
    ASSERT_EQ(graph.view().workspaces().value().size(), 1u);
}

TEST(EdgeTypes, AreRegisteredOnceAndUsable) {
    test::MemoryEngine engine;
    Graph graph(engine);
    const EdgeType reviews = graph.register_edge_type("reviews").value();
    const EdgeType blames = graph.register_edge_type("blames").value();
    EXPECT_EQ(static_cast<uint16_t>(reviews), 1000);
    EXPECT_EQ(static_cast<uint16_t>(blames), 1001);
    EXPECT_EQ(graph.register_edge_type("reviews").value(), reviews);
    EXPECT_EQ(graph.register_edge_type("calls").error().code(), ErrorCode::Invalid);
    EXPECT_EQ(graph.register_edge_type("No").error().code(), ErrorCode::Invalid);
    EXPECT_EQ(graph.register_edge_type("").error().code(), ErrorCode::Invalid);

    const EdgeTypeRegistry registry = graph.view().edge_types().value();
    ASSERT_EQ(registry.user_types().size(), 2u);
    EXPECT_EQ(registry.find("blames"), blames);
    EXPECT_EQ(registry.find("calls_function"), EdgeType::CallsFunction);
    EXPECT_EQ(registry.name_of(reviews), "reviews");
    EXPECT_EQ(registry.name_of(static_cast<EdgeType>(16)), "");

    GraphBatch batch = graph.batch();
    format::BlockRecord record;
    record.id = BlockId::of("w", 4, "f");
    record.kind = format::BlockKind::Function;
    record.name = "f";
    ASSERT_TRUE(batch.put_block(record).is_ok());
    format::EdgeRecord edge;
    edge.source = record.id;
    edge.target = record.id;
    edge.type = reviews;
    EXPECT_TRUE(batch.put_edge(edge).is_ok());
    EXPECT_TRUE(graph.commit(std::move(batch)).has_value());
}

TEST(Metadata, TextMembersAreReadFromAnything) {
    EXPECT_EQ(metadata_text(R"({"reason":"too large"})", "reason"), "too large");
    EXPECT_EQ(metadata_text(R"({"reason":7})", "reason"), "");
    EXPECT_EQ(metadata_text("[1]", "reason"), "");
    EXPECT_EQ(metadata_text("{", "reason"), "");
    EXPECT_EQ(metadata_text("", "reason"), "");
}

TEST(Identity, KeepsWorkspacesFamiliesAndNamesApart) {
    using format::Language;
    EXPECT_EQ(unresolved_name_id("w", Language::C, "f"),
              unresolved_name_id("w", Language::Cpp, "f"));
    EXPECT_EQ(unresolved_name_id("w", Language::Tsx, "f"),
              unresolved_name_id("w", Language::JavaScript, "f"));
    EXPECT_NE(unresolved_name_id("w", Language::Go, "f"),
              unresolved_name_id("w", Language::C, "f"));
    EXPECT_NE(unresolved_name_id("w", Language::Go, "f"),
              unresolved_name_id("v", Language::Go, "f"));
    EXPECT_NE(external_symbol_id("w", Language::Go, "f"),
              unresolved_name_id("w", Language::Go, "f"));
}

}  // namespace
}  // namespace kausal::graph
