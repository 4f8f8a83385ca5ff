// Goal: every pinned grammar can be used with the pinned tree-sitter core.
// Method: ask each language for its version, set it on a parser, and parse one small declaration
// without error.

#include <gtest/gtest.h>
#include <tree_sitter/api.h>

#include <cstdint>
#include <memory>
#include <string_view>

extern "C" {
const TSLanguage* tree_sitter_c();
const TSLanguage* tree_sitter_cpp();
const TSLanguage* tree_sitter_go();
const TSLanguage* tree_sitter_rust();
const TSLanguage* tree_sitter_java();
const TSLanguage* tree_sitter_python();
const TSLanguage* tree_sitter_javascript();
const TSLanguage* tree_sitter_typescript();
const TSLanguage* tree_sitter_tsx();
}

namespace {

struct GrammarCase {
    const char* name;
    const TSLanguage* (*language)();
    std::string_view source;
};

class GrammarTest : public testing::TestWithParam<GrammarCase> {};

TEST_P(GrammarTest, fits_the_core) {
    const uint32_t version = ts_language_abi_version(GetParam().language());
    EXPECT_GE(version, uint32_t{TREE_SITTER_MIN_COMPATIBLE_LANGUAGE_VERSION});
    EXPECT_LE(version, uint32_t{TREE_SITTER_LANGUAGE_VERSION});
}

TEST_P(GrammarTest, parses) {
    const std::unique_ptr<TSParser, void (*)(TSParser*)> parser(ts_parser_new(), ts_parser_delete);
    ASSERT_TRUE(ts_parser_set_language(parser.get(), GetParam().language()));
    const std::string_view source = GetParam().source;
    const std::unique_ptr<TSTree, void (*)(TSTree*)> tree(
        ts_parser_parse_string(parser.get(), nullptr, source.data(),
                               static_cast<uint32_t>(source.size())),
        ts_tree_delete);
    ASSERT_NE(tree, nullptr);
    const TSNode root = ts_tree_root_node(tree.get());
    EXPECT_FALSE(ts_node_has_error(root));
    EXPECT_GE(ts_node_named_child_count(root), 1U);
}

TEST_P(GrammarTest, reports_what_it_cannot_parse) {
    const std::unique_ptr<TSParser, void (*)(TSParser*)> parser(ts_parser_new(), ts_parser_delete);
    ASSERT_TRUE(ts_parser_set_language(parser.get(), GetParam().language()));
    constexpr std::string_view broken = ")]} ((( 1 1 @@ {";
    const std::unique_ptr<TSTree, void (*)(TSTree*)> tree(
        ts_parser_parse_string(parser.get(), nullptr, broken.data(),
                               static_cast<uint32_t>(broken.size())),
        ts_tree_delete);
    ASSERT_NE(tree, nullptr);
    EXPECT_TRUE(ts_node_has_error(ts_tree_root_node(tree.get())));
}

INSTANTIATE_TEST_SUITE_P(
    all, GrammarTest,
    testing::Values(
        GrammarCase{"c", tree_sitter_c, "int f(void) { return 1; }\n"},
        GrammarCase{"cpp", tree_sitter_cpp, "namespace a { class B { void f(); }; }\n"},
        GrammarCase{"go", tree_sitter_go, "package a\nfunc f() int { return 1 }\n"},
        GrammarCase{"rust", tree_sitter_rust, "fn f() -> i32 { r#\"x\"#.len() as i32 }\n"},
        GrammarCase{"java", tree_sitter_java, "class A { int f() { return 1; } }\n"},
        GrammarCase{"python", tree_sitter_python, "def f():\n    return 1\n"},
        GrammarCase{"javascript", tree_sitter_javascript, "function f() { return `x${1}` }\n"},
        GrammarCase{"typescript", tree_sitter_typescript,
                    "function f(a: number): number { return a }\n"},
        GrammarCase{"tsx", tree_sitter_tsx, "const a = <b c={1}>d</b>;\n"}),
    [](const testing::TestParamInfo<GrammarCase>& one) { return one.param.name; });

}  // namespace
