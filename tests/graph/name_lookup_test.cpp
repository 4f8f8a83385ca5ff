// Goal: names match as documented, filters hold, and the two measures of likeness are right.
// Method: graphs by hand; edit distance against a plain recursive definition on random words.
#include "graph/name_lookup.h"

#include "graph/graph_builder.h"

#include <gtest/gtest.h>

#include <random>

namespace kausal::graph {
namespace {

using format::BlockKind;
using test::GraphBuilder;

uint32_t naive_distance(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return static_cast<uint32_t>(a.size() + b.size());
    const uint32_t swap_cost = a.back() == b.back() ? 0 : 1;
    uint32_t best =
        naive_distance(a.substr(0, a.size() - 1), b.substr(0, b.size() - 1)) + swap_cost;
    best = std::min(best, naive_distance(a.substr(0, a.size() - 1), b) + 1);
    best = std::min(best, naive_distance(a, b.substr(0, b.size() - 1)) + 1);
    if (a.size() > 1 && b.size() > 1 && a.back() == b[b.size() - 2] &&
        b.back() == a[a.size() - 2]) {
        best = std::min(best,
                        naive_distance(a.substr(0, a.size() - 2), b.substr(0, b.size() - 2)) + 1);
    }
    return best;
}

TEST(EditDistance, AgreesWithItsDefinition) {
    std::mt19937 random(3);
    int near = 0;
    for (int i = 0; i < 3000; ++i) {
        std::string a;
        std::string b;
        const uint32_t size_a = static_cast<uint32_t>(random() % 6);
        const uint32_t size_b = static_cast<uint32_t>(random() % 6);
        for (uint32_t k = 0; k < size_a; ++k) a += static_cast<char>('a' + random() % 3);
        for (uint32_t k = 0; k < size_b; ++k) b += static_cast<char>('a' + random() % 3);
        for (uint32_t bound = 0; bound <= 3; ++bound) {
            const uint32_t expected = std::min(naive_distance(a, b), bound + 1);
            ASSERT_EQ(edit_distance(a, b, bound), expected) << a << ' ' << b << ' ' << bound;
            near += expected <= bound ? 1 : 0;
        }
    }
    EXPECT_GT(near, 1000);
    EXPECT_EQ(edit_distance("ParseTokne", "parse_token", 3), 2u);
}

TEST(Subsequence, PrefersWordStartsAndRuns) {
    EXPECT_EQ(subsequence_score("xyz", "parseToken"), 0u);
    EXPECT_GT(subsequence_score("pt", "parseToken"), subsequence_score("pt", "optimum"));
    EXPECT_GT(subsequence_score("token", "parseToken"),
              subsequence_score("token", "t_o_k_e_nx_x_x"));
}

TEST(QualifiedNames, CompareByComponents) {
    EXPECT_EQ(last_component("a::b.c"), "c");
    EXPECT_EQ(last_component("plain"), "plain");
    EXPECT_EQ(last_component("net/http.Server"), "Server");
    EXPECT_TRUE(ends_with_components("net.http.Server.run", "Server::run"));
    EXPECT_TRUE(ends_with_components("Server#run", "Server.run"));
    EXPECT_TRUE(ends_with_components("Server.run", "Server.run"));
    EXPECT_FALSE(ends_with_components("MyServer.run", "Server.run"));
    EXPECT_FALSE(ends_with_components("run", "Server.run"));
    EXPECT_FALSE(ends_with_components("run", ""));
}

class LookupTest : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const char* name : {"a::parse", "b::parse", "parseToken", "Parse", "unparse"}) {
            graph_.add(name);
        }
        format::BlockRecord other = graph_.block("c::parse", BlockKind::Method);
        other.language = format::Language::Go;
        other.uri = "lib/parse.go";
        graph_.add(other);
        graph_.add("facts::parse", BlockKind::FileFacts);
        graph_.unresolved("parse");
    }
    std::vector<std::string> names(storage::NameMatch match, const BlockFilter& filter = {},
                                   size_t rows_max = 100) {
        std::vector<BlockRow> rows;
        has_more_ = lookup_names(graph_.view(), "parse", match, filter, rows_max, rows).value();
        std::vector<std::string> found;
        for (const BlockRow& row : rows) found.push_back(row.qualified_name);
        std::sort(found.begin(), found.end());
        return found;
    }
    GraphBuilder graph_;
    bool has_more_ = false;
};

using Names = std::vector<std::string>;

TEST_F(LookupTest, MatchesAndFilters) {
    EXPECT_EQ(names(storage::NameMatch::Exact), (Names{"a::parse", "b::parse", "c::parse"}));
    EXPECT_FALSE(has_more_);
    EXPECT_EQ(names(storage::NameMatch::FoldedExact),
              (Names{"Parse", "a::parse", "b::parse", "c::parse"}));
    EXPECT_EQ(names(storage::NameMatch::Prefix),
              (Names{"a::parse", "b::parse", "c::parse", "parseToken"}));
    EXPECT_EQ(names(storage::NameMatch::Exact, {.kinds = {BlockKind::Method}}), Names{"c::parse"});
    EXPECT_EQ(names(storage::NameMatch::Exact, {.languages = {format::Language::Go}}),
              Names{"c::parse"});
    EXPECT_EQ(names(storage::NameMatch::Exact, {.path_prefix = "lib"}), Names{"c::parse"});
    EXPECT_EQ(names(storage::NameMatch::Exact, {.path_prefix = "./lib/"}), Names{"c::parse"});
    EXPECT_EQ(names(storage::NameMatch::Exact, {.path_prefix = "li"}), Names{});
    EXPECT_EQ(names(storage::NameMatch::Exact, {.workspace = 5}), Names{});
    EXPECT_EQ(names(storage::NameMatch::Exact, {}, 2).size(), 2u);
    EXPECT_TRUE(has_more_);
    EXPECT_EQ(names(storage::NameMatch::Exact, {}, 3).size(), 3u);
    EXPECT_FALSE(has_more_);
}

TEST_F(LookupTest, SuffixesComeByComponent) {
    std::vector<BlockRow> rows;
    ASSERT_FALSE(lookup_qualified_suffix(graph_.view(), "b.parse", {}, 10, rows).value());
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].qualified_name, "b::parse");
}

TEST_F(LookupTest, FuzzyRanksNearSpellingsFirst) {
    std::vector<BlockRow> rows;
    ASSERT_TRUE(lookup_fuzzy(graph_.view(), "prase", {}, 10, {}, rows).is_ok());
    ASSERT_FALSE(rows.empty());
    EXPECT_EQ(test::folded(rows[0].name), "parse");
    rows.clear();
    ASSERT_TRUE(lookup_fuzzy(graph_.view(), "pToken", {}, 10, {}, rows).is_ok());
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].name, "parseToken");
    rows.clear();
    ASSERT_TRUE(lookup_fuzzy(graph_.view(), "zzzzzz", {}, 10, {}, rows).is_ok());
    EXPECT_TRUE(rows.empty());
}

}  // namespace
}  // namespace kausal::graph
