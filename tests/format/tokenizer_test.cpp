// Goal: text is cut into the same terms for ever, and the counts of a block are those of its
// fields. Method: cases by hand, a naive tokenizer and counter as the reference on random text,
// golden hashes.
#include "format/tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace kausal::format {
namespace {

using Terms = std::vector<std::string>;

[[nodiscard]] Terms words(std::string_view text) {
    Terms terms;
    for_each_term(text, [&](std::string_view term) { terms.emplace_back(term); });
    return terms;
}

TEST(Tokenizer, CutsWordsIntoParts) {
    EXPECT_EQ(words(""), Terms{});
    EXPECT_EQ(words("  +-*/ ."), Terms{});
    EXPECT_EQ(words("run"), Terms{"run"});
    EXPECT_EQ(words("Run RUN"), (Terms{"run", "run"}));
    EXPECT_EQ(words("runServer"), (Terms{"runserver", "run", "server"}));
    EXPECT_EQ(words("HTTPServer"), (Terms{"httpserver", "http", "server"}));
    EXPECT_EQ(words("parseJSON"), (Terms{"parsejson", "parse", "json"}));
    EXPECT_EQ(words("snake_case_name"), (Terms{"snake_case_name", "snake", "case", "name"}));
    EXPECT_EQ(words("_private"), (Terms{"_private", "private"}));
    EXPECT_EQ(words("__init__"), (Terms{"__init__", "init"}));
    EXPECT_EQ(words("utf8"), (Terms{"utf8", "utf", "8"}));
    EXPECT_EQ(words("i18n"), (Terms{"i18n", "i", "18", "n"}));
    EXPECT_EQ(words("Server2X"), (Terms{"server2x", "server", "2", "x"}));
    EXPECT_EQ(words("a.b(c)"), (Terms{"a", "b", "c"}));
    EXPECT_EQ(words("ABc"), (Terms{"abc", "a", "bc"}));
    EXPECT_EQ(words("_"), Terms{});
    EXPECT_EQ(words("___ x"), Terms{"x"});
}

TEST(Tokenizer, BytesAbove127AreLetters) {
    EXPECT_EQ(words("größe"), Terms{"größe"});
    EXPECT_EQ(words("名前 x"), (Terms{"名前", "x"}));
    EXPECT_EQ(words("\xff\xfe"), Terms{"\xff\xfe"});
}

TEST(Tokenizer, PassesOverLongWordsAndLongNumbers) {
    EXPECT_EQ(words("12345678"), Terms{"12345678"});
    EXPECT_EQ(words("123456789"), Terms{});
    EXPECT_EQ(words("x123456789"), (Terms{"x123456789", "x"}));
    EXPECT_EQ(words(std::string(128, 'a')), Terms{std::string(128, 'a')});
    EXPECT_EQ(words(std::string(129, 'a') + " b"), Terms{"b"});
    EXPECT_EQ(words(std::string(100000, 'a')), Terms{});
}

TEST(Tokenizer, HashesNeverChange) {
    EXPECT_EQ(term_hash("run"), 0xafc3b56278c6744eULL);
    EXPECT_EQ(terms_of("Run"), std::vector<TermHash>{term_hash("run")});
}

/// The rule once more, slowly, by character classes in a string.
[[nodiscard]] Terms naive_words(const std::string& text) {
    const auto class_of = [](char c) {
        if (c >= 'A' && c <= 'Z') return 'U';
        if ((c >= 'a' && c <= 'z') || static_cast<uint8_t>(c) > 127) return 'l';
        if (c >= '0' && c <= '9') return 'd';
        return c == '_' ? '_' : ' ';
    };
    Terms terms;
    size_t at = 0;
    while (at < text.size()) {
        if (class_of(text[at]) == ' ') {
            ++at;
            continue;
        }
        std::string word;
        std::string classes;
        for (; at < text.size() && class_of(text[at]) != ' '; ++at) {
            classes += class_of(text[at]);
            word += classes.back() == 'U' ? static_cast<char>(text[at] - 'A' + 'a') : text[at];
        }
        if (word.size() > 128 || classes.find_first_not_of('_') == std::string::npos) continue;
        const bool is_number = classes.find_first_not_of('d') == std::string::npos;
        if (is_number && word.size() > 8) continue;
        terms.push_back(word);
        Terms parts;
        std::string part_classes;
        for (size_t i = 0; i < word.size(); ++i) {
            const bool is_capital_word = i > 0 && classes[i - 1] == 'U' && classes[i] == 'l';
            const bool is_last_capital = i > 0 && classes[i - 1] == 'U' && classes[i] == 'U' &&
                                         i + 1 < word.size() && classes[i + 1] == 'l';
            const bool is_other = i > 0 && classes[i - 1] != classes[i] && !is_capital_word;
            if (i == 0 || is_last_capital || is_other) {
                parts.emplace_back();
                part_classes += classes[i];
            }
            parts.back() += word[i];
        }
        if (parts.size() < 2) continue;
        for (size_t i = 0; i < parts.size(); ++i) {
            if (part_classes[i] == '_' || (part_classes[i] == 'd' && parts[i].size() > 8)) continue;
            terms.push_back(parts[i]);
        }
    }
    return terms;
}

[[nodiscard]] std::string random_text(std::mt19937_64& random, size_t size) {
    static constexpr std::string_view kAlphabet = "aabcABC019__ .\n\xc3\xa4";
    std::string text;
    for (size_t i = 0; i < size; ++i) text += kAlphabet[random() % kAlphabet.size()];
    return text;
}

TEST(Tokenizer, AgreesWithTheNaiveRule) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 3000; ++round) {
        const std::string text = random_text(random, random() % 300);
        ASSERT_EQ(words(text), naive_words(text)) << text;
    }
}

TEST(TermCounter, CountsEveryFieldApart) {
    std::mt19937_64 random(8);
    TermCounter counter;
    for (int round = 0; round < 400; ++round) {
        // Sizes that pass through every way of sorting and growing, in mixed order.
        const size_t size = round % 50 == 0 ? 100000 : random() % 4000;
        const std::string texts[] = {random_text(random, 20), random_text(random, 10),
                                     random_text(random, 15), random_text(random, 50),
                                     random_text(random, 80), random_text(random, size)};
        BlockRecord record;
        record.uri = texts[0];
        record.name = texts[1];
        record.qualified_name = texts[2];
        record.signature = texts[3];
        record.doc = texts[4];
        record.content = texts[5];
        const bool is_text = [&] {
            BlockRecord probe;
            probe.id = {1, 1};
            probe.doc = texts[5];
            return validate(probe).is_ok();
        }();
        std::map<TermHash, std::array<uint32_t, kTextFieldCount>> expected;
        std::array<uint32_t, kTextFieldCount> lengths{};
        const size_t field_of[] = {0, 1, 1, 2, 3, 4};
        for (size_t i = 0; i < 6; ++i) {
            if (i == 5 && !is_text) continue;
            for (const std::string& term : naive_words(texts[i])) {
                ++expected[term_hash(term)][field_of[i]];
                ++lengths[field_of[i]];
            }
        }
        uint32_t found_lengths[kTextFieldCount];
        const std::vector<TermCount>& found = counter.count(record, found_lengths);
        EXPECT_TRUE(std::ranges::equal(found_lengths, lengths));
        ASSERT_EQ(found.size(), expected.size());
        auto wanted = expected.begin();
        for (const TermCount& term : found) {
            ASSERT_EQ(term.term, wanted->first);
            for (size_t field = 0; field < kTextFieldCount; ++field) {
                ASSERT_EQ(term.counts[field], std::min<uint32_t>(wanted->second[field], 255));
            }
            ++wanted;
        }
    }
}

TEST(TermCounter, CountsThePathOfEachBlock) {
    TermCounter counter;
    const auto count = [&](std::string_view path) {
        BlockRecord record;
        record.uri = path;
        record.content = "other";
        uint32_t lengths[kTextFieldCount];
        std::map<TermHash, int> found;
        for (const TermCount& term : counter.count(record, lengths))
            if (term.counts[0] != 0) found[term.term] = term.counts[0];
        EXPECT_EQ(lengths[0], std::accumulate(found.begin(), found.end(), 0u,
                                              [](uint32_t sum, const auto& one) {
                                                  return sum + uint32_t(one.second);
                                              }));
        return found;
    };
    const std::map<TermHash, int> twice = {{term_hash("a"), 2}, {term_hash("rs"), 1}};
    const std::map<TermHash, int> another = {{term_hash("b"), 1}, {term_hash("rs"), 1}};
    // The same path again, another one of the same length, none, and the first one once more.
    EXPECT_EQ(count("a/a.rs"), twice);
    EXPECT_EQ(count("a/a.rs"), twice);
    EXPECT_EQ(count("//b.rs"), another);
    EXPECT_TRUE(count("").empty());
    EXPECT_EQ(count("a/a.rs"), twice);
}

TEST(TermCounter, LeavesOutBinaryContentAndKindsWithoutText) {
    TermCounter counter;
    uint32_t lengths[kTextFieldCount];
    BlockRecord record;
    record.name = "run";
    record.content = std::string_view("run\0run", 7);
    EXPECT_EQ(counter.count(record, lengths).size(), 1u);
    EXPECT_EQ(lengths[4], 0u);
    record.content = "run \xff";
    EXPECT_EQ(counter.count(record, lengths)[0].counts[4], 0);
    record.content = "run";
    EXPECT_EQ(counter.count(record, lengths)[0].counts[4], 1);
    for (const BlockKind kind :
         {BlockKind::FileFacts, BlockKind::Workspace, BlockKind::UnresolvedName}) {
        record.kind = kind;
        EXPECT_TRUE(counter.count(record, lengths).empty());
        EXPECT_EQ(lengths[1], 0u);
    }
}

}  // namespace
}  // namespace kausal::format
