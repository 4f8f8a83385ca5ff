// Goal: a context stays in its budget, shows what matters most in full, explains every span, and is
// the same whenever it is asked for. Method: a small program by hand, a sweep over budgets, a
// rebuilt graph for stability.
#include "query/context.h"

#include "graph/graph_builder.h"

#include <gtest/gtest.h>

namespace kausal::query {
namespace {

using format::BlockKind;
using format::EdgeType;
using test::GraphBuilder;
using test::id_of;

class ContextTest : public ::testing::Test {
  protected:
    void SetUp() override { fill(graph_, false); }

    static void put(GraphBuilder& graph, std::string_view name, std::string_view doc,
                    std::string_view body, uint32_t line) {
        format::BlockRecord record = graph.block(name);
        record.signature = graph.keep("void " + std::string(record.name) + "()");
        record.doc = graph.keep(doc);
        record.content = graph.keep(body);
        record.line_first = line;
        record.line_last = line + 9;
        graph.add(record);
    }

    static void fill(GraphBuilder& graph, bool backwards) {
        const std::string long_body(1200, 'x');
        const auto one = [&] {
            put(graph, "parse_invoice", "Reads an invoice.",
                "parse_invoice { total(); } " + long_body, 10);
        };
        const auto two = [&] {
            put(graph, "total",
                "Sums up what the lines of an order cost, with taxes and rebates as they were "
                "agreed with the customer, and says in which currency all of it was counted.",
                "total { round(); } " + long_body, 30);
        };
        const auto three = [&] { put(graph, "unrelated", "Sky.", "clouds " + long_body, 50); };
        if (backwards) {
            three();
            two();
            one();
        } else {
            one();
            two();
            three();
        }
        graph.edge("parse_invoice", "total", EdgeType::CallsFunction, 11);
    }

    static ContextAnswer ask(const GraphBuilder& graph, std::string_view task, uint64_t tokens) {
        ContextRequest request;
        request.task = task;
        request.tokens_max = tokens;
        return context(graph.view(), request, {}).value();
    }
    static const ContextSpan* span_of(const ContextAnswer& answer, std::string_view name) {
        for (const ContextSpan& span : answer.rows) {
            if (span.block.name == name) return &span;
        }
        return nullptr;
    }
    GraphBuilder graph_;
};

TEST_F(ContextTest, ShowsTheMatchInFullAndItsNeighbourWithAReason) {
    const ContextAnswer answer = ask(graph_, "the invoice is parsed wrongly", 4000);
    ASSERT_FALSE(answer.seeds.empty());
    EXPECT_EQ(answer.seeds[0].name, "parse_invoice");
    const ContextSpan* match = span_of(answer, "parse_invoice");
    ASSERT_NE(match, nullptr);
    EXPECT_EQ(match->tier, Tier::Full);
    EXPECT_EQ(match->text.substr(0, 38), "main.cc:10-19 function parse_invoice\np");
    EXPECT_EQ(match->why, "matches invoice");
    const ContextSpan* neighbour = span_of(answer, "total");
    ASSERT_NE(neighbour, nullptr);
    EXPECT_EQ(neighbour->why, "called by parse_invoice");
    EXPECT_EQ(span_of(answer, "unrelated"), nullptr);
    EXPECT_EQ(answer.token_estimate, "bytes/4");
}

TEST_F(ContextTest, TheBestMatchIsShownWholeHoweverManySmallOnesThereAre) {
    for (int i = 0; i < 300; ++i) {
        const std::string name = (i < 30 ? "invoice_flag_" : "weather_") + std::to_string(i);
        format::BlockRecord record = graph_.block(graph_.keep(name), BlockKind::Field);
        record.uri = "flags.cc";
        record.signature = graph_.keep("int " + name);
        record.content = graph_.keep("int " + name + ";");
        graph_.add(record);
    }
    const ContextAnswer answer = ask(graph_, "parse_invoice reads the invoice", 500);
    const ContextSpan* match = span_of(answer, "parse_invoice");
    ASSERT_NE(match, nullptr);
    EXPECT_EQ(match->tier, Tier::Full);
    EXPECT_EQ(answer.rows.front().block.name, "parse_invoice");
    EXPECT_GT(answer.rows.size(), 3u) << "nothing was left for the others";
}

TEST_F(ContextTest, NeverSpendsMoreThanItsBudget) {
    uint64_t before = 0;
    std::set<Tier> tiers;
    for (uint64_t tokens = 1; tokens < 1500; tokens += 7) {
        const ContextAnswer answer = ask(graph_, "parse the invoice total", tokens);
        uint64_t sum = 0;
        for (const ContextSpan& span : answer.rows) {
            EXPECT_EQ(span.tokens, estimate_tokens(span.text.size()));
            sum += span.tokens;
            tiers.insert(span.tier);
        }
        ASSERT_EQ(sum, answer.tokens);
        ASSERT_LE(sum, tokens);
        before = std::max(before, sum);
    }
    EXPECT_GT(before, 600u);
    EXPECT_EQ(tiers.size(), 3u);
    EXPECT_TRUE(ask(graph_, "invoice", 30).truncation.has(Limit::Tokens));
}

TEST_F(ContextTest, TheSameTaskOnTheSameGraphGivesTheSameText) {
    GraphBuilder other;
    fill(other, true);
    const ContextAnswer left = ask(graph_, "parse invoice", 500);
    const ContextAnswer right = ask(other, "parse invoice", 500);
    ASSERT_EQ(left.rows.size(), right.rows.size());
    ASSERT_FALSE(left.rows.empty());
    for (size_t i = 0; i < left.rows.size(); ++i) {
        EXPECT_EQ(left.rows[i].text, right.rows[i].text);
        EXPECT_EQ(left.rows[i].why, right.rows[i].why);
    }
}

TEST_F(ContextTest, SeedsMayBeGiven) {
    ContextRequest request;
    request.seeds = {id_of("total")};
    const ContextAnswer answer = context(graph_.view(), request, {}).value();
    ASSERT_NE(span_of(answer, "total"), nullptr);
    EXPECT_EQ(span_of(answer, "total")->why, "given");
    ASSERT_NE(span_of(answer, "parse_invoice"), nullptr);
    EXPECT_EQ(span_of(answer, "parse_invoice")->why, "calls total");
}

TEST_F(ContextTest, WhatIsInsideAFullBlockIsNotRepeated) {
    format::BlockRecord inner = graph_.block("inner_invoice");
    inner.parent = id_of("parse_invoice");
    inner.signature = "void inner_invoice()";
    inner.content = "inner_invoice {}";
    inner.line_first = 12;
    inner.line_last = 13;
    graph_.add(inner);
    const ContextAnswer answer = ask(graph_, "parse_invoice inner_invoice", 4000);
    ASSERT_NE(span_of(answer, "parse_invoice"), nullptr);
    EXPECT_EQ(span_of(answer, "parse_invoice")->tier, Tier::Full);
    EXPECT_EQ(span_of(answer, "inner_invoice"), nullptr);
}

TEST_F(ContextTest, BadRequestsAreErrorsAndNoMatchIsEmpty) {
    EXPECT_TRUE(ask(graph_, "zebra crossing", 1000).rows.empty());
    ContextRequest request;
    EXPECT_EQ(context(graph_.view(), request, {}).error().code(), ErrorCode::Invalid);
    request.task = "invoice";
    request.tokens_max = 0;
    EXPECT_EQ(context(graph_.view(), request, {}).error().code(), ErrorCode::Invalid);
    request.tokens_max = 10;
    request.seeds_max = 0;
    EXPECT_EQ(context(graph_.view(), request, {}).error().code(), ErrorCode::Invalid);
    request.seeds_max = 1;
    request.seeds = {id_of("nothing")};
    EXPECT_EQ(context(graph_.view(), request, {}).error().code(), ErrorCode::NotFound);
}

}  // namespace
}  // namespace kausal::query
