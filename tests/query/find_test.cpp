// Goal: find climbs from exact to loose and says which way hit; text rows carry their blocks.
// Method: one small graph by hand.
#include "query/find.h"

#include "graph/graph_builder.h"

#include <gtest/gtest.h>

namespace kausal::query {
namespace {

using format::BlockKind;
using graph::MatchedBy;
using test::GraphBuilder;
using test::id_of;

class FindTest : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const char* name : {"net::Server::run", "db::Server::run", "runner", "RUN", "stop"}) {
            graph_.add(name);
        }
        graph_.add("facts::run", BlockKind::FileFacts);
        graph_.unresolved("run");
    }
    FindAnswer ask(std::string_view name, FindMode mode = FindMode::Auto) {
        FindRequest request;
        request.name = name;
        request.mode = mode;
        return find(graph_.view(), request, {}).value();
    }
    static std::vector<std::string> names(const FindAnswer& answer) {
        std::vector<std::string> found;
        for (const BlockRow& row : answer.rows) found.push_back(row.qualified_name);
        std::sort(found.begin(), found.end());
        return found;
    }
    GraphBuilder graph_;
};
using Names = std::vector<std::string>;

TEST_F(FindTest, StopsAtTheFirstWayThatHits) {
    FindAnswer answer = ask("run");
    EXPECT_EQ(answer.matched_by, MatchedBy::Name);
    EXPECT_EQ(names(answer), (Names{"db::Server::run", "net::Server::run"}));
    answer = ask("net::Server::run");
    EXPECT_EQ(answer.matched_by, MatchedBy::QualifiedName);
    EXPECT_EQ(names(answer), Names{"net::Server::run"});
    answer = ask("Server.run");
    EXPECT_EQ(answer.matched_by, MatchedBy::QualifiedSuffix);
    EXPECT_EQ(answer.rows.size(), 2u);
    answer = ask("Stop");
    EXPECT_EQ(answer.matched_by, MatchedBy::FoldedName);
    EXPECT_EQ(names(answer), Names{"stop"});
    answer = ask("runn");
    EXPECT_EQ(answer.matched_by, MatchedBy::NamePrefix);
    answer = ask("rnuner");
    EXPECT_EQ(answer.matched_by, MatchedBy::Fuzzy);
    EXPECT_EQ(names(answer), Names{"runner"});
    answer = ask("nothing at all");
    EXPECT_EQ(answer.matched_by, MatchedBy::Nothing);
    EXPECT_TRUE(answer.rows.empty());
}

TEST_F(FindTest, ModesDoOneThingOnly) {
    EXPECT_TRUE(ask("stopp", FindMode::Exact).rows.empty());
    EXPECT_EQ(ask("RU", FindMode::Prefix).rows.size(), 4u);
    EXPECT_EQ(ask("db.Server.run", FindMode::Qualified).rows.size(), 1u);
    EXPECT_EQ(ask("main", FindMode::Path).rows.size(), 5u);
    EXPECT_EQ(ask("other", FindMode::Path).rows.size(), 0u);
}

TEST_F(FindTest, LimitsAndBadNames) {
    FindRequest request;
    request.name = "run";
    Budget budget;
    budget.rows_max = 1;
    const FindAnswer answer = find(graph_.view(), request, budget).value();
    EXPECT_EQ(answer.rows.size(), 1u);
    EXPECT_TRUE(answer.truncation.has(Limit::Rows));
    request.name = "";
    EXPECT_EQ(find(graph_.view(), request, {}).error().code(), ErrorCode::Invalid);
    request.name = "\xff";
    EXPECT_EQ(find(graph_.view(), request, {}).error().code(), ErrorCode::Invalid);
    const std::atomic<bool> cancel{true};
    budget.cancel = &cancel;
    request.name = "run";
    EXPECT_EQ(find(graph_.view(), request, budget).error().code(), ErrorCode::Cancelled);
}

TEST_F(FindTest, TextRowsCarryBlocksAndScores) {
    search::TextQuery query;
    query.text = "server run";
    const TextAnswer answer = find_text(graph_.view(), query, {}).value();
    EXPECT_EQ(answer.terms, (Names{"server", "run"}));
    ASSERT_GE(answer.rows.size(), 2u);
    EXPECT_EQ(answer.rows[0].block.id, answer.rows[0].hit.id);
    EXPECT_EQ(answer.rows[0].block.name, "run");
    EXPECT_GE(answer.rows[0].hit.score, answer.rows[1].hit.score);
    Budget budget;
    budget.rows_max = 1;
    EXPECT_TRUE(find_text(graph_.view(), query, budget).value().truncation.has(Limit::Rows));
}

}  // namespace
}  // namespace kausal::query
