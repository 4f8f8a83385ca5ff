// Goal: query files mean here what they mean to the grammar library.
// Method: the same patterns run by the library's own engine and by ours over the same trees; the
// sets of matches must be equal. Then the errors of damaged query files, and predicates.
#include "ingest/query_program.h"

#include <gtest/gtest.h>
#include <tree_sitter/api.h>

#include <set>
extern "C" const TSLanguage* tree_sitter_go(void);

namespace kausal::ingest {
namespace {

constexpr std::string_view kSource = R"(package main

import ("fmt"; h "net/http")

// Server serves.
type Server struct {
	h.Handler
	a, b int
}

func (s *Server) Run(x int, y ...string) (n int, err error) {
	// a comment
	p, q := f(x), g(y)
	for k, v := range m { fmt.Println(k, v, x.y.z()) }
	return s.inner.call(func(q int) { _ = q })
}

func empty() {}
const A, B = 1, 2
var x = T{a: 1, b: T{}}
func main() { s := &Server{}; s.Run(1, 2); f()(); /* c */ g(1, /* d */ 2) }
)";

struct Tree {
    Tree(const TSLanguage* language, std::string_view source) : grammar(language) {
        TSParser* parser = ts_parser_new();
        EXPECT_TRUE(ts_parser_set_language(parser, language));
        tree = ts_parser_parse_string(parser, nullptr, source.data(),
                                      static_cast<uint32_t>(source.size()));
        ts_parser_delete(parser);
    }
    Tree(const Tree&) = delete;
    Tree& operator=(const Tree&) = delete;
    ~Tree() { ts_tree_delete(tree); }
    const TSLanguage* grammar;
    TSTree* tree = nullptr;
};

using Matches = std::multiset<std::string>;

Matches library_matches(const Tree& tree, std::string_view query) {
    uint32_t offset = 0;
    TSQueryError error = TSQueryErrorNone;
    TSQuery* compiled = ts_query_new(tree.grammar, query.data(),
                                     static_cast<uint32_t>(query.size()), &offset, &error);
    EXPECT_NE(compiled, nullptr) << query << " at " << offset;
    Matches out;
    if (compiled == nullptr) return out;
    TSQueryCursor* cursor = ts_query_cursor_new();
    ts_query_cursor_exec(cursor, compiled, ts_tree_root_node(tree.tree));
    TSQueryMatch match;
    while (ts_query_cursor_next_match(cursor, &match)) {
        std::set<std::string> captures;
        for (uint16_t i = 0; i < match.capture_count; ++i) {
            uint32_t length = 0;
            const char* name =
                ts_query_capture_name_for_id(compiled, match.captures[i].index, &length);
            captures.insert(std::to_string(int(*capture_kind({name, length}))) + "@" +
                            std::to_string(ts_node_start_byte(match.captures[i].node)) + "-" +
                            std::to_string(ts_node_end_byte(match.captures[i].node)));
        }
        std::string line = std::to_string(match.pattern_index);
        for (const std::string& capture : captures) line += " " + capture;
        out.insert(line);
    }
    ts_query_cursor_delete(cursor);
    ts_query_delete(compiled);
    return out;
}

struct Collector final : MatchSink {
    const FlatTree* tree = nullptr;
    Matches out;
    void match(uint32_t pattern, std::span<const Capture> found) override {
        std::set<std::string> captures;
        for (const Capture& capture : found)
            captures.insert(std::to_string(int(capture.kind)) + "@" +
                            std::to_string((*tree)[capture.node].byte_first) + "-" +
                            std::to_string((*tree)[capture.node].byte_end));
        std::string line = std::to_string(pattern);
        for (const std::string& capture : captures) line += " " + capture;
        out.insert(line);
    }
};

Matches own_matches(const Tree& tree, std::string_view source, std::string_view query) {
    TreeNeeds needs(tree.grammar);
    auto program = QueryProgram::compile(tree.grammar, query, needs);
    EXPECT_TRUE(program.has_value()) << program.error().message();
    if (!program) return {};
    FlatTree flat;
    flat.fill(tree.grammar, ts_tree_root_node(tree.tree), needs, source);
    Collector collector;
    collector.tree = &flat;
    program->run(flat, collector);
    return collector.out;
}

TEST(QueryProgram, MatchesAsTheLibraryDoes) {
    const Tree tree(tree_sitter_go(), kSource);
    static constexpr std::string_view kQueries[] = {
        "(identifier) @mention",
        "(call_expression function: (_) @callee arguments: (argument_list) @arguments) @call",
        "(call_expression function: (selector_expression operand: (_) @scope field: (_) @name)) "
        "@call",
        "[(function_declaration) (method_declaration)] @def.function",
        "[(function_declaration name: (identifier) @name) (method_declaration name: "
        "(field_identifier) "
        "@name)] @def.function",
        "(method_declaration receiver: (parameter_list (parameter_declaration type: (_) @scope)) "
        "name: "
        "(_) @name body: (block)? @body) @def.method",
        "(expression_list . (_) @value)",
        "(expression_list (_) @value .)",
        "(expression_list . (_) @value .)",
        "(expression_list (_) @name . (_) @value)",
        "(argument_list \"(\" @name)",
        "(argument_list . (int_literal) @value)",
        "(field_declaration !name type: (_) @base.extends)",
        "(field_declaration name: (field_identifier) @name type: (_) @type) @def.field",
        "(block) @block",
        "(import_spec name: (_)? @alias path: (_) @path) @import",
        "(short_var_declaration left: (expression_list (identifier) @name) right: (expression_list "
        "(_) "
        "@value)) @local",
        "(source_file (function_declaration name: (identifier) @name) @def.function)",
        "(composite_literal type: (_) @callee body: (literal_value (keyed_element (_) @name))) "
        "@new",
    };
    for (const std::string_view query : kQueries) {
        const Matches expected = library_matches(tree, query);
        EXPECT_FALSE(expected.empty()) << query;
        EXPECT_EQ(own_matches(tree, kSource, query), expected) << query;
    }
}

TEST(QueryProgram, DiffersWhereTheLibraryIsOfNoUse) {
    const Tree tree(tree_sitter_go(), kSource);
    // `(_)` stands for no comment. Lists that are not empty: the receiver, the parameters and the
    // results of Run, the parameters of the literal in it.
    EXPECT_EQ(own_matches(tree, kSource, "(parameter_list . (_) @name)").size(), 4u);
    EXPECT_EQ(own_matches(tree, kSource, "(argument_list (_) @value .)").size(),
              library_matches(tree,
                              "(argument_list [(int_literal) (identifier) (func_literal) "
                              "(selector_expression) (call_expression)] @value .)")
                  .size());
    // A field that comes from a repetition holds for all of its nodes; the library sees the first.
    EXPECT_EQ(
        own_matches(tree, kSource, "(const_spec name: (identifier) @name) @def.constant").size(),
        2u);
}

TEST(QueryProgram, DamagedTreesMatchAsTheLibraryDoes) {
    std::string source(kSource);
    for (size_t at = 40; at + 20 < source.size(); at += 37) {
        std::string damaged = source;
        damaged.erase(at, 11);
        const Tree tree(tree_sitter_go(), damaged);
        for (const std::string_view query :
             {"(identifier) @mention", "(call_expression function: (_) @callee) @call"})
            EXPECT_EQ(own_matches(tree, damaged, query), library_matches(tree, query)) << at;
    }
}

TEST(QueryProgram, PredicatesFilter) {
    const Tree tree(tree_sitter_go(), kSource);
    const auto count = [&](std::string_view query) {
        return own_matches(tree, kSource, query).size();
    };
    EXPECT_EQ(count("((identifier) @name (#eq? @name \"main\")) @mention"), 1u);
    EXPECT_EQ(count("((identifier) @mention (#any-of? @mention \"f\" \"g\"))"), 4u);
    EXPECT_EQ(count("((identifier) @mention (#match? @mention \"^[fg]$\"))"), 4u);
    EXPECT_EQ(count("((identifier) @mention (#not-match? @mention \".\"))"), 0u);
    const size_t all = count("(identifier) @mention");
    const size_t called = count("((identifier) @mention (#has-parent? @mention call_expression))");
    const size_t others =
        count("((identifier) @mention (#not-has-parent? @mention call_expression))");
    EXPECT_EQ(called, 4u);
    EXPECT_EQ(called + others, all);
    EXPECT_EQ(
        count("(binary_expression left: (_) @name right: (_) @value (#eq? @name @value)) @call"),
        0u);
    EXPECT_EQ(count("(parameter_declaration name: (_) @name (#eq? @name @name)) @local"), 5u);
}

TEST(QueryProgram, DamagedQueriesAreNamed) {
    static constexpr std::pair<std::string_view, std::string_view> kCases[] = {
        {"(identifier", "query line 1: a bracket is not closed"},
        {"\n(no_such_node) @name", "query line 2: the grammar has no node no_such_node"},
        {"(identifier) @no.such", "query line 1: unknown capture @no.such"},
        {"(call_expression nofield: (_) @name)", "query line 1: the grammar has no field nofield"},
        {"(identifier)", "query line 1: a pattern captures nothing"},
        {"(identifier) @name (#eq? @name \"x\")", "query line 1"},
        {"((identifier) @name (#eq? @type \"x\"))", "query line 1: @type is not captured"},
        {"((identifier) @name (#odd? @name \"x\"))", "query line 1: unknown predicate #odd?"},
        {"((identifier) @name (#match? @name \"[\"))", "query line 1: bad pattern of #match?"},
        {"(expression/identifier) @name", "query line 1"},
        {"(identifier) @name \"", "query line 1: a quote is not closed"},
    };
    for (const auto& [query, message] : kCases) {
        TreeNeeds needs(tree_sitter_go());
        const auto program = QueryProgram::compile(tree_sitter_go(), query, needs);
        ASSERT_FALSE(program.has_value()) << query;
        EXPECT_EQ(program.error().code(), ErrorCode::Internal);
        EXPECT_TRUE(program.error().message().starts_with(message)) << program.error().message();
    }
}

}  // namespace
}  // namespace kausal::ingest
