// Goal: a query is split by the rule that the index follows.
// Method: words by hand, and the terms compared with format::terms_of on mixed text.
#include "search/query_words.h"

#include <gtest/gtest.h>

#include <set>

namespace kausal::search {
namespace {

TEST(QueryWords, KnowWholesAndParts) {
    const QueryWords words = words_of("parseHTTP_2, token  parsehttp_2 token!");
    ASSERT_EQ(words.words.size(), 2u);
    EXPECT_EQ(words.terms[words.words[0].whole], "parsehttp_2");
    std::vector<std::string> parts;
    for (const uint32_t part : words.words[0].parts) parts.push_back(words.terms[part]);
    EXPECT_EQ(parts, (std::vector<std::string>{"parse", "http", "2"}));
    EXPECT_EQ(words.terms[words.words[1].whole], "token");
    EXPECT_TRUE(words.words[1].parts.empty());
}

TEST(QueryWords, AgreeWithTheTokenizer) {
    const std::string_view texts[] = {"",
                                      "   ",
                                      "a",
                                      "___",
                                      "1234567890123",
                                      "x1y2 Über straße",
                                      "getUserName(get_user, HTTPServer2.run) -> i18n::T"};
    for (const std::string_view text : texts) {
        const std::vector<format::TermHash> expected = format::terms_of(text);
        const QueryWords words = words_of(text);
        EXPECT_EQ(std::set(words.hashes.begin(), words.hashes.end()),
                  std::set(expected.begin(), expected.end()))
            << text;
        EXPECT_EQ(words.hashes.size(), words.terms.size());
    }
}

}  // namespace
}  // namespace kausal::search
