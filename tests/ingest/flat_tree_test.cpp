// Goal: the flat tree, which reads the parser's subtrees itself, holds what the public cursor
// shows. Method: the same trees of several grammars, whole, cut short and with letters taken out,
// walked with the cursor; every node, field, flag and place of an error must be equal.
#include "ingest/flat_tree.h"

#include <gtest/gtest.h>
#include <tree_sitter/api.h>

#include <memory>
#include <string>
#include <vector>
extern "C" {
const TSLanguage* tree_sitter_cpp(void);
const TSLanguage* tree_sitter_go(void);
const TSLanguage* tree_sitter_javascript(void);
const TSLanguage* tree_sitter_python(void);
const TSLanguage* tree_sitter_rust(void);
}

namespace kausal::ingest {
namespace {

struct TreeDeleter {
    void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using TreePointer = std::unique_ptr<TSTree, TreeDeleter>;

TreePointer parse(const TSLanguage* grammar, std::string_view source) {
    TSParser* parser = ts_parser_new();
    EXPECT_TRUE(ts_parser_set_language(parser, grammar));
    TreePointer tree(ts_parser_parse_string(parser, nullptr, source.data(),
                                            static_cast<uint32_t>(source.size())));
    ts_parser_delete(parser);
    return tree;
}

std::string line(uint32_t depth, const FlatNode& node) {
    std::string out(depth, ' ');
    for (const uint32_t part : {node.byte_first, node.byte_end, uint32_t{node.symbol},
                                uint32_t{node.field}, uint32_t{node.flags}})
        out += std::to_string(part) + ' ';
    return out + '\n';
}

/// What the cursor shows below its node, and where errors begin.
struct CursorWalk {
    const TreeNeeds& needs;
    std::string text;
    std::vector<uint32_t> errors;

    void below(TSTreeCursor& cursor, uint32_t depth, const FlatNode& parent, bool is_in_error) {
        const TSNode node = ts_tree_cursor_current_node(&cursor);
        FlatNode flat;
        flat.byte_first = ts_node_start_byte(node);
        flat.byte_end = ts_node_end_byte(node);
        flat.symbol = ts_node_symbol(node);
        if (depth != 0 && needs.has_fields(parent.symbol))
            flat.field = ts_tree_cursor_current_field_id(&cursor);
        const bool is_named = ts_node_is_named(node);
        if (!is_named && flat.field == 0 && !needs.keeps(flat.symbol)) {
            if (ts_node_is_missing(node)) errors.push_back(parent.byte_first);
            return;
        }
        if (is_named) flat.flags |= FlatNode::kNamed;
        if (ts_node_is_extra(node)) flat.flags |= FlatNode::kExtra;
        if (ts_node_is_error(node) || ts_node_is_missing(node)) {
            flat.flags |= FlatNode::kError;
            if (!is_in_error) errors.push_back(flat.byte_first);
            is_in_error = true;
        }
        text += line(depth, flat);
        if (!ts_tree_cursor_goto_first_child(&cursor)) return;
        do {
            below(cursor, depth + 1, flat, is_in_error);
        } while (ts_tree_cursor_goto_next_sibling(&cursor));
        EXPECT_TRUE(ts_tree_cursor_goto_parent(&cursor));
    }
};

/// The flat tree in the same words; checks the links between its nodes.
void dump(const FlatTree& tree, NodeIndex node, uint32_t depth, std::string& out) {
    out += line(depth, tree[node]);
    tree.for_each_child(node, [&](NodeIndex child) {
        EXPECT_EQ(tree[child].parent, node);
        dump(tree, child, depth + 1, out);
    });
}

void expect_same(const TSLanguage* grammar, std::string_view source, const TreeNeeds& needs,
                 size_t& nodes, size_t& errors) {
    const TreePointer tree = parse(grammar, source);
    const TSNode root = ts_tree_root_node(tree.get());
    CursorWalk expected{needs, {}, {}};
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    expected.below(cursor, 0, FlatNode(), false);
    ts_tree_cursor_delete(&cursor);
    FlatTree flat;
    flat.fill(grammar, root, needs, source);
    std::string text;
    dump(flat, 0, 0, text);
    ASSERT_EQ(text, expected.text) << source;
    ASSERT_EQ(flat[0].after, flat.size());
    std::vector<uint32_t> found;
    for (const NodeIndex node : flat.errors()) found.push_back(flat[node].byte_first);
    ASSERT_EQ(found, expected.errors) << source;
    nodes += flat.size();
    errors += found.size();
}

struct Sample {
    const TSLanguage* grammar;
    std::string_view source;
};

const Sample kSamples[] = {
    {tree_sitter_go(), R"(package main
import ("fmt"; h "net/http")
// Server serves.
type Server struct {
	h.Handler
	a, b int `json:"é"`
}
func (s *Server) Run(x int, y ...string) (n int, err error) {
	p, q := f(x), g(y)
	for k, v := range m { fmt.Println(k, v, x.y.z()) }
	return s.inner.call(func(q int) { _ = q })
}
)"},
    {tree_sitter_cpp(), R"(#include <map>
namespace a::b {
template <typename T> class C : public D<T>, private E {
  public:
    explicit C(int x = 3) : d_{x}, e_(x) {}
    ~C() override;
    auto operator()(T&& t, ...) const noexcept -> int { return t ? d_ : *e_->f(1, "x")[2]; }
#if X
    static constexpr int kA = 1, kB = sizeof(T);
#endif
};
}
int main() { for (auto& [k, v] : m) { if (k) break; else continue; } /* end */ }
)"},
    {tree_sitter_rust(), R"(use a::{b, c::d as e};
#[derive(Debug)]
pub struct S<'a, T: Clone> { pub x: &'a T, y: Vec<u8> }
impl<'a, T> Tr for S<'a, T> where T: Clone + 'static {
    fn f(&mut self, (a, b): (u8, u8)) -> Result<(), E> {
        let v = match x { Some(y) if y > 1 => y?, _ => vec![1, 2] };
        self.x.iter().map(|z| z + 1).collect::<Vec<_>>();
        Ok(())
    }
}
macro_rules! m { ($x:expr) => { $x }; }
)"},
    {tree_sitter_python(), R"(from a.b import c as d, e
@decorated(1)
class A(B, metaclass=M):
    """Text."""
    x: int = 1
    def f(self, *args, k=2, **more) -> str:
        return f"{self.x!r:>3}" if args else [y for y in more if y]
async def g():
    with open(p) as h, i: await h.read()
)"},
    {tree_sitter_javascript(), R"(import d, { a as b, default as c } from "./m.js";
export default class A extends B {
  #p = 1; static async *f({ x, y: [z = 2] }, ...rest) { yield* this.#p?.q(`t${x}u`); }
  get g() { return <T k={1}>text</T>; }
}
const h = async (x) => { for (const [k, v] of m) await k(v) }, i = function () {}, r = /a+/g
)"},
};

TEST(FlatTree, HoldsWhatTheCursorShows) {
    size_t nodes = 0;
    size_t errors = 0;
    for (const Sample& sample : kSamples) {
        TreeNeeds nothing(sample.grammar);
        TreeNeeds everything(sample.grammar);
        TreeNeeds some(sample.grammar);
        everything.need_all_fields();
        for (uint32_t i = 0; i < ts_language_symbol_count(sample.grammar); ++i) {
            const auto symbol = static_cast<TSSymbol>(i);
            everything.keep_token(symbol);
            if (i % 3 == 0) some.keep_token(symbol);
            if (i % 2 == 0) some.need_fields(symbol);
        }
        for (const TreeNeeds* needs : {&nothing, &everything, &some}) {
            expect_same(sample.grammar, "", *needs, nodes, errors);
            expect_same(sample.grammar, sample.source, *needs, nodes, errors);
            for (size_t cut = 1; cut < sample.source.size(); cut += 7) {
                expect_same(sample.grammar, sample.source.substr(0, cut), *needs, nodes, errors);
                std::string damaged(sample.source);
                damaged.erase(cut, 3);
                expect_same(sample.grammar, damaged, *needs, nodes, errors);
            }
        }
    }
    EXPECT_GT(nodes, 100000U);
    EXPECT_GT(errors, 500U);
}

}  // namespace
}  // namespace kausal::ingest
