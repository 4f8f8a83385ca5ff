// Goal: every way to name a target works, an ambiguous one is never picked, a missing one gets
// suggestions. Method: one small graph by hand with overlapping names, files and declarations.
#include "graph/target.h"

#include "graph/graph_builder.h"

#include <gtest/gtest.h>

namespace kausal::graph {
namespace {

using format::BlockKind;
using test::GraphBuilder;
using test::id_of;

class TargetTest : public ::testing::Test {
  protected:
    void SetUp() override {
        graph_.add("src/net/server.cc", BlockKind::File);
        graph_.add("src/db/server.cc", BlockKind::File);
        place("net::Server", BlockKind::Class, "src/net/server.cc", 10, 50);
        place("net::Server::run", BlockKind::Method, "src/net/server.cc", 20, 30);
        place("net::Server::stop", BlockKind::Method, "src/net/server.cc", 32, 32);
        place("db::Server::run", BlockKind::Method, "src/db/server.cc", 20, 30);
        place("facade", BlockKind::Function, "src/net/server.cc", 60, 61);
        format::BlockRecord declaration = graph_.block("declared stop", BlockKind::Method);
        declaration.qualified_name = "net::Server::stop";
        declaration.name = "stop";
        declaration.flags = format::kBlockDeclaration;
        declaration.uri = "src/net/server.h";
        graph_.add(declaration);
        graph_.add("fmt.Println", BlockKind::ExternalSymbol);
        graph_.unresolved("mystery");
    }
    void place(std::string_view name, BlockKind kind, std::string_view uri, uint32_t first,
               uint32_t last) {
        format::BlockRecord record = graph_.block(name, kind);
        record.uri = uri;
        record.line_first = first;
        record.line_last = last;
        graph_.add(record);
    }
    TargetResolution resolve(std::string_view text) {
        return resolve_target(graph_.view(), {.text = text}).value();
    }
    /// The one match, or a text that says why there is none.
    std::string one(std::string_view text, MatchedBy expected) {
        const TargetResolution found = resolve(text);
        EXPECT_EQ(found.matched_by, expected) << text;
        if (found.outcome != TargetOutcome::One) return "not one";
        return found.matches.front().qualified_name;
    }
    GraphBuilder graph_;
};

TEST_F(TargetTest, EveryExactWayFindsOne) {
    const std::string run = "net::Server::run";
    EXPECT_EQ(one(id_of(run).to_hex(), MatchedBy::Id), run);
    EXPECT_EQ(one(id_of(run).to_hex().substr(0, 12), MatchedBy::IdPrefix), run);
    EXPECT_EQ(one("src/net/server.cc:25", MatchedBy::FileLine), run);
    EXPECT_EQ(one("net/server.cc:25:3", MatchedBy::FileLine), run);
    EXPECT_EQ(one("src/net/server.cc:45", MatchedBy::FileLine), "net::Server");
    EXPECT_EQ(one("src/net/server.cc", MatchedBy::FilePath), "src/net/server.cc");
    EXPECT_EQ(one("net/server.cc", MatchedBy::FilePath), "src/net/server.cc");
    EXPECT_EQ(one(run, MatchedBy::QualifiedName), run);
    EXPECT_EQ(one(" net.Server.run\n", MatchedBy::QualifiedSuffix), run);
    EXPECT_EQ(one("db.Server#run", MatchedBy::QualifiedSuffix), "db::Server::run");
    EXPECT_EQ(one("Server", MatchedBy::Name), "net::Server");
    EXPECT_EQ(one("fmt.Println", MatchedBy::QualifiedName), "fmt.Println");
    EXPECT_EQ(one("Println", MatchedBy::Name), "fmt.Println");
    EXPECT_EQ(one("facade", MatchedBy::Name), "facade");
    EXPECT_EQ(one("::facade", MatchedBy::QualifiedName), "facade");
}

TEST_F(TargetTest, AnAmbiguousNameListsAllInOrder) {
    const TargetResolution found = resolve("run");
    EXPECT_EQ(found.outcome, TargetOutcome::Ambiguous);
    ASSERT_EQ(found.matches.size(), 2u);
    EXPECT_EQ(found.matches[0].qualified_name, "db::Server::run");
    EXPECT_EQ(found.matches[1].qualified_name, "net::Server::run");
    EXPECT_EQ(resolve("Server.run").outcome, TargetOutcome::Ambiguous);
    EXPECT_EQ(resolve("server.cc").outcome, TargetOutcome::Ambiguous);
    EXPECT_EQ(resolve("server.cc:25").outcome, TargetOutcome::Ambiguous);
    const Result<BlockRow> row = one_target(graph_.view(), {.text = "run"});
    ASSERT_FALSE(row.has_value());
    EXPECT_EQ(row.error().code(), ErrorCode::Ambiguous);
    EXPECT_NE(row.error().message().find(id_of("db::Server::run").to_hex()),
              std::string_view::npos);
}

TEST_F(TargetTest, FiltersResolveAmbiguity) {
    TargetRequest request{.text = "run"};
    request.path_prefix = "src/db";
    const TargetResolution found = resolve_target(graph_.view(), request).value();
    ASSERT_EQ(found.outcome, TargetOutcome::One);
    EXPECT_EQ(found.matches[0].qualified_name, "db::Server::run");
}

TEST_F(TargetTest, ADeclarationYieldsToItsDefinition) {
    const TargetResolution found = resolve("stop");
    ASSERT_EQ(found.outcome, TargetOutcome::One);
    EXPECT_EQ(found.matches[0].uri, "src/net/server.cc");
}

TEST_F(TargetTest, LooserWaysSaySo) {
    EXPECT_EQ(one("FACADE", MatchedBy::FoldedName), "facade");
    TargetResolution found = resolve("fac");
    EXPECT_EQ(found.outcome, TargetOutcome::None);
    EXPECT_EQ(found.matched_by, MatchedBy::NamePrefix);
    ASSERT_EQ(found.suggestions.size(), 1u);
    EXPECT_EQ(found.suggestions[0].name, "facade");
    found = resolve("facdae");
    EXPECT_EQ(found.outcome, TargetOutcome::None);
    EXPECT_EQ(found.matched_by, MatchedBy::Fuzzy);
    ASSERT_EQ(found.suggestions.size(), 1u);
    found = resolve("qqqqqq");
    EXPECT_EQ(found.matched_by, MatchedBy::Nothing);
    EXPECT_TRUE(found.suggestions.empty());
    EXPECT_EQ(one_target(graph_.view(), {.text = "facdae"}).error().code(), ErrorCode::NotFound);
}

TEST_F(TargetTest, UnresolvedNamesAreTargetsOnlyWhenAskedFor) {
    EXPECT_EQ(resolve("mystery").outcome, TargetOutcome::None);
    TargetRequest request{.text = "mystery"};
    request.kind = BlockKind::UnresolvedName;
    EXPECT_EQ(resolve_target(graph_.view(), request).value().outcome, TargetOutcome::One);
}

TEST_F(TargetTest, NonsenseIsAnErrorOrNothing) {
    EXPECT_EQ(resolve_target(graph_.view(), {.text = "  "}).error().code(), ErrorCode::Invalid);
    EXPECT_EQ(resolve_target(graph_.view(), {.text = "\xff\xfe"}).error().code(),
              ErrorCode::Invalid);
    const std::string big(9000, 'a');
    EXPECT_EQ(resolve_target(graph_.view(), {.text = big}).error().code(), ErrorCode::Invalid);
    for (const char* text : {":", "::", ":5", "a:", "a::5", "a:99999999999", ".", "/", "#", "x:0",
                             "00000000000000000000000000000000", "ffffff"}) {
        EXPECT_EQ(resolve(text).outcome, TargetOutcome::None) << text;
    }
}

}  // namespace
}  // namespace kausal::graph
