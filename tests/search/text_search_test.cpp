// Goal: the ranking is the documented formula, whatever the skipping does, and filters and ties
// hold. Method: a naive scorer that reads every block and applies the formula, compared on random
// texts over two sources with superseded versions; small cases by hand.
#include "search/text_search.h"

#include "graph/graph_builder.h"
#include "search/query_words.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>

namespace kausal::search {
namespace {

using format::BlockKind;
using format::kTextFieldCount;
using test::GraphBuilder;
using test::id_of;

struct Counted {
    std::map<format::TermHash, format::TermCount> terms;
    uint32_t lengths[kTextFieldCount] = {};
};

Counted count(const format::BlockRecord& record) {
    Counted counted;
    format::TermCounter counter;
    for (const format::TermCount& term : counter.count(record, counted.lengths)) {
        counted.terms[term.term] = term;
    }
    return counted;
}

/// The formula of text_search.h, word for word, over all documents.
std::vector<std::pair<double, BlockId>> naive_scores(const test::MemoryState& state,
                                                     const TextQuery& query) {
    std::vector<std::pair<const test::OwnedBlock*, Counted>> live;
    std::vector<Counted> all;
    for (const auto& [id, block] : state.blocks)
        live.emplace_back(block.get(), count(block->record));
    for (const auto& [block, counted] : live) all.push_back(counted);
    for (const auto& block : state.superseded) all.push_back(count(block->record));
    const auto documents = static_cast<double>(all.size());
    double average[kTextFieldCount] = {};
    for (const Counted& counted : all) {
        for (size_t f = 0; f < kTextFieldCount; ++f) average[f] += counted.lengths[f];
    }
    for (double& value : average) value = std::max(value / documents, 1.0);

    const QueryWords words = words_of(query.text);
    std::vector<double> idfs;
    for (const format::TermHash hash : words.hashes) {
        double frequency = 0;
        for (const Counted& other : all) frequency += other.terms.contains(hash) ? 1 : 0;
        idfs.push_back(std::log(1 + (documents - frequency + 0.5) / (frequency + 0.5)));
    }
    std::vector<std::pair<double, BlockId>> scores;
    for (const auto& [block, counted] : live) {
        double score = 0;
        bool is_hit = false;
        for (size_t t = 0; t < words.hashes.size(); ++t) {
            const double idf = idfs[t];
            const double most = idf * (query.weights.k1 + 1);
            const bool is_whole = std::any_of(words.words.begin(), words.words.end(),
                                              [&](const QueryWord& w) { return w.whole == t; });
            const auto found = counted.terms.find(words.hashes[t]);
            if (found == counted.terms.end()) continue;
            is_hit = true;
            double tf = 0;
            for (size_t f = 0; f < kTextFieldCount; ++f) {
                const double b = query.weights.fields[f].length_influence;
                tf += query.weights.fields[f].weight * found->second.counts[f] /
                      (1 - b + b * counted.lengths[f] / average[f]);
            }
            score += most * tf / (query.weights.k1 + tf);
            if (is_whole && test::folded(block->name) == words.terms[t]) score += most;
        }
        if (is_hit) scores.emplace_back(-score, block->record.id);
    }
    std::sort(scores.begin(), scores.end());
    return scores;
}

std::string random_text(std::mt19937& random, uint32_t words, uint32_t vocabulary) {
    std::string text;
    for (uint32_t i = 0; i < words; ++i) {
        // A few words are frequent, most are rare.
        const uint32_t pick = static_cast<uint32_t>(random() % vocabulary);
        text += "w" + std::to_string(random() % (pick + 1)) + " ";
    }
    return text;
}

GraphBuilder random_corpus(uint32_t seed, uint32_t blocks) {
    std::mt19937 random(seed);
    GraphBuilder graph;
    for (uint32_t i = 0; i < blocks; ++i) {
        // Some names repeat: those blocks are superseded.
        const std::string name = "n" + std::to_string(random() % (blocks * 9 / 10));
        format::BlockRecord record = graph.block(name);
        record.name = graph.keep("w" + std::to_string(random() % 200));
        record.qualified_name = record.name;
        record.uri = graph.keep(random_text(random, 2, 50));
        record.doc = graph.keep(random_text(random, static_cast<uint32_t>(random() % 10), 300));
        record.content = graph.keep(random_text(random, static_cast<uint32_t>(random() % 60), 300));
        graph.add(record);
    }
    return graph;
}

TEST(TextSearch, AgreesWithTheNaiveScorer) {
    uint64_t scored = 0;
    uint64_t matched = 0;
    for (uint32_t seed = 1; seed <= 4; ++seed) {
        GraphBuilder graph = random_corpus(seed, 400);
        const graph::GraphView view = graph.view();
        std::mt19937 random(seed + 100);
        for (int round = 0; round < 20; ++round) {
            TextQuery query;
            const std::string text =
                random_text(random, 1 + static_cast<uint32_t>(random() % 5), 250);
            query.text = text;
            query.limit = 1 + random() % 20;
            const auto expected = naive_scores(graph.state(), query);
            const TextResult result = search_text(view, query).value();
            ASSERT_EQ(result.hits.size(), std::min(query.limit, expected.size())) << text;
            for (size_t i = 0; i < result.hits.size(); ++i) {
                ASSERT_NEAR(result.hits[i].score, -expected[i].first, 1e-9) << text << i;
                ASSERT_EQ(result.hits[i].id, expected[i].second) << text << i;
            }
            scored += result.documents_scored;
            matched += expected.size();
        }
    }
    EXPECT_LT(scored, matched);  // the skipping skips
}

TEST(TextSearch, PartsAddUpToTheScore) {
    const GraphBuilder graph = random_corpus(9, 300);
    TextQuery query;
    query.text = "w1 w7 w30 w2";
    const TextResult result = search_text(graph.view(), query).value();
    ASSERT_FALSE(result.hits.empty());
    for (const TextHit& hit : result.hits) {
        double parts = hit.name_bonus;
        for (const TermPart& part : hit.parts) parts += part.score;
        double fields = hit.name_bonus;
        for (const double field : hit.field_scores) fields += field;
        EXPECT_NEAR(parts, hit.score, 1e-9);
        EXPECT_NEAR(fields, hit.score, 1e-9);
    }
}

class SmallCorpus : public ::testing::Test {
  protected:
    void put(std::string_view symbol, std::string_view name, std::string_view content,
             BlockKind kind = BlockKind::Function, std::string_view uri = "src/x.cc") {
        format::BlockRecord record = graph_.block(symbol, kind);
        record.name = graph_.keep(name);
        record.qualified_name = record.name;
        record.content = graph_.keep(content);
        record.uri = graph_.keep(uri);
        graph_.add(record);
    }
    std::vector<BlockId> find(const TextQuery& query) {
        std::vector<BlockId> ids;
        const TextResult result = search_text(graph_.view(), query).value();
        for (const TextHit& hit : result.hits) ids.push_back(hit.id);
        return ids;
    }
    std::vector<BlockId> find(std::string_view text) {
        TextQuery query;
        query.text = text;
        return find(query);
    }
    GraphBuilder graph_;
};

TEST_F(SmallCorpus, AWholeNameRanksAboveAnyNumberOfMentions) {
    std::string mentions;
    for (int i = 0; i < 200; ++i) mentions += "parse_token parse token ";
    put("much", "other", mentions);
    put("parts", "parse_token_stream", "parse token parse token");
    put("named", "parse_token", std::string(5000, 'x') + " filler");
    const std::vector<BlockId> ids = find("parse_token");
    ASSERT_EQ(ids.size(), 3u);
    EXPECT_EQ(ids[0], id_of("named"));
    EXPECT_EQ(find("PARSE_TOKEN")[0], id_of("named"));
}

TEST_F(SmallCorpus, TiesAreOrderedByIdEvenAtTheLimit) {
    std::vector<BlockId> expected;
    for (int i = 0; i < 50; ++i) {
        const std::string symbol = "s" + std::to_string(i);
        put(symbol, "thing", "same words here");
        expected.push_back(id_of(symbol));
    }
    std::sort(expected.begin(), expected.end());
    expected.resize(7);
    TextQuery query;
    query.text = "same words";
    query.limit = 7;
    EXPECT_EQ(find(query), expected);
}

TEST_F(SmallCorpus, FiltersApplyBeforeTheLimit) {
    for (int i = 0; i < 30; ++i) put("f" + std::to_string(i), "f", "needle needle needle");
    put("class", "c", "needle and much other text around it", BlockKind::Class, "lib/y.cc");
    TextQuery query;
    query.text = "needle";
    query.limit = 1;
    query.filter.kinds = {BlockKind::Class};
    EXPECT_EQ(find(query), std::vector{id_of("class")});
    query.filter = {};
    query.filter.path_prefix = "lib";
    EXPECT_EQ(find(query), std::vector{id_of("class")});
    query.filter = {};
    query.filter.languages = {format::Language::Go};
    EXPECT_TRUE(find(query).empty());
    query.filter = {};
    query.filter.workspace = 99;
    EXPECT_TRUE(find(query).empty());
}

TEST_F(SmallCorpus, AllModeNeedsEveryWordWholeOrInParts) {
    put("both", "a", "getUser name");
    put("parts", "b", "get the user a name");
    put("one", "c", "getUser only");
    TextQuery query;
    query.text = "getUser name";
    query.mode = TermMode::All;
    std::vector<BlockId> ids = find(query);
    std::sort(ids.begin(), ids.end());
    std::vector<BlockId> expected{id_of("both"), id_of("parts")};
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(ids, expected);
    EXPECT_EQ(find("getUser name").size(), 3u);
}

TEST_F(SmallCorpus, SupersededAndDeletedVersionsAreNeverFound) {
    put("f", "f", "old words");
    put("f", "f", "new words");
    put("g", "g", "old words");
    graph_.state().delete_block(id_of("g"));
    EXPECT_TRUE(find("old").empty());
    EXPECT_EQ(find("new"), std::vector{id_of("f")});
}

TEST_F(SmallCorpus, BadQueriesAreErrorsAndEmptyOnesFindNothing) {
    put("f", "f", "word");
    EXPECT_TRUE(find("").empty());
    EXPECT_TRUE(find("   ,.; ").empty());
    EXPECT_TRUE(find("absent").empty());
    TextQuery query;
    query.text = "word";
    query.limit = 0;
    EXPECT_EQ(search_text(graph_.view(), query).error().code(), ErrorCode::Invalid);
    query.limit = 10001;
    EXPECT_EQ(search_text(graph_.view(), query).error().code(), ErrorCode::Invalid);
    query.limit = 5;
    query.weights.k1 = std::nan("");
    EXPECT_EQ(search_text(graph_.view(), query).error().code(), ErrorCode::Invalid);
    query.weights.k1 = 1.2;
    query.weights.fields[4].length_influence = 1.5;
    EXPECT_EQ(search_text(graph_.view(), query).error().code(), ErrorCode::Invalid);
    query.weights = {};
    std::string many;
    for (int i = 0; i < 300; ++i) many += "x" + std::to_string(1000 + i) + "y ";
    query.text = many;
    EXPECT_EQ(search_text(graph_.view(), query).error().code(), ErrorCode::Invalid);
    const std::string big(70000, 'a');
    query.text = big;
    EXPECT_EQ(search_text(graph_.view(), query).error().code(), ErrorCode::Invalid);
}

TEST_F(SmallCorpus, StoppingIsReported) {
    for (int i = 0; i < 3000; ++i)
        put("f" + std::to_string(i), "f", "word" + std::to_string(i) + " word");
    TextQuery query;
    query.text = "word";
    query.limit = 10000;
    const TextResult stopped = search_text(graph_.view(), query, [] { return false; }).value();
    EXPECT_TRUE(stopped.is_cut_off);
    EXPECT_LT(stopped.hits.size(), 3000u);
    EXPECT_EQ(search_text(graph_.view(), query).value().hits.size(), 3000u);
}

}  // namespace
}  // namespace kausal::search
