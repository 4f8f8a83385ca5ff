// Rust as data: node names of its expressions, and what the query cannot say.
//
// The finish hook reads attributes and visibility in front of a name, takes use trees apart into
// one import per leaf, tells which traits a type of the file implements, records the type
// parameters of impl blocks (as locals named "<T>", whose type is the bounds), and recovers calls
// among macro arguments. Queries: queries/rust.scm. What is bound: docs/languages/rust.md.
#include "ingest/language.h"
#include "ingest/query_text.h"
#include "ingest/resolution.h"
#include "ingest/rust_macros.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

extern "C" const TSLanguage* tree_sitter_rust(void);

namespace kausal::ingest {
namespace {

using format::BlockKind;

constexpr std::array<std::string_view, 1> kExtensions{".rs"};
constexpr std::array<std::string_view, 2> kComments{"line_comment", "block_comment"};
constexpr std::array<ExpressionRules::Access, 3> kAccesses{{
    {"field_expression", "value", "field", 0},
    {"scoped_identifier", "path", "name", ChainLink::kScope},
    {"scoped_type_identifier", "path", "name", ChainLink::kScope},
}};
constexpr std::array<ExpressionRules::Call, 2> kCalls{{
    {"call_expression", "function", 0},
    {"struct_expression", "name", ChainLink::kNew},
}};
// Of a block only the first thing in it counts, and only when it is the block's value.
constexpr std::array<ExpressionRules::Transparent, 8> kTransparents{{
    {"parenthesized_expression", "", false},
    {"await_expression", "", false},
    {"reference_expression", "value", false},
    {"unary_expression", "", false},
    {"generic_function", "function", false},
    {"type_cast_expression", "type", true},
    {"unsafe_block", "", false},
    {"block", "", false},
}};
// `?` takes one layer off, as a subscript does; the type tells which of the two it is.
constexpr std::array<std::string_view, 2> kIndexes{"index_expression", "try_expression"};
constexpr std::array<std::string_view, 11> kIdentifiers{"identifier",
                                                        "type_identifier",
                                                        "field_identifier",
                                                        "shorthand_field_identifier",
                                                        "generic_type",
                                                        "generic_type_with_turbofish",
                                                        "bracketed_type",
                                                        "primitive_type",
                                                        "crate",
                                                        "super",
                                                        "metavariable"};
constexpr std::array<std::string_view, 1> kSelfs{"self"};

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool is_space(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

/// What stands in front of a definition's name.
struct Preface {
    bool is_public = false;
    bool is_test = false;
    bool is_test_only = false;  // cfg(test)
    bool is_reflected = false;
};

void read_attribute(std::string_view text, Preface& preface) {
    const std::string_view path = text.substr(0, text.find_first_of(" (=["));
    const std::string_view name = last_component(path);
    static constexpr std::array<std::string_view, 12> kReflected{"no_mangle",
                                                                 "export_name",
                                                                 "proc_macro",
                                                                 "proc_macro_derive",
                                                                 "proc_macro_attribute",
                                                                 "panic_handler",
                                                                 "global_allocator",
                                                                 "wasm_bindgen",
                                                                 "ctor",
                                                                 "pyfunction",
                                                                 "napi",
                                                                 "main"};
    if (name == "test" || name == "rstest" || name == "test_case" || name == "bench" ||
        name == "quickcheck" || name == "proptest")
        preface.is_test = true;
    if (name == "macro_export") preface.is_public = true;
    if (path == "cfg" && (text.find("(test)") != std::string_view::npos ||
                          text.find("(test,") != std::string_view::npos ||
                          text.find("all(test") != std::string_view::npos))
        preface.is_test_only = true;
    if (std::find(kReflected.begin(), kReflected.end(), name) != kReflected.end() ||
        text.find("no_mangle") != std::string_view::npos)
        preface.is_reflected = true;
}

Preface read_preface(std::string_view source, uint32_t first, uint32_t end) {
    Preface preface;
    const std::string_view text = source.substr(0, end);
    size_t at = first;
    while (at < end) {
        if (is_space(text[at])) {
            ++at;
        } else if (text.substr(at).starts_with("//")) {
            at = std::min<size_t>(text.find('\n', at), end);
        } else if (text.substr(at).starts_with("/*")) {
            at = std::min<size_t>(text.find("*/", at + 2), end - 2) + 2;
        } else if (text[at] == '#') {
            int depth = 0;
            const size_t open = std::min<size_t>(text.find('[', at), end);
            for (at = open; at < end; ++at) {
                if (text[at] == '[') ++depth;
                if (text[at] == ']' && --depth == 0) break;
            }
            if (open < end) read_attribute(trimmed(text.substr(open + 1, at - open - 1)), preface);
            ++at;
        } else if (is_word(text[at])) {
            const size_t start = at;
            while (at < end && is_word(text[at])) ++at;
            const std::string_view word = text.substr(start, at - start);
            if (word == "pub") {
                preface.is_public = !text.substr(at).starts_with("(self)");
                if (at < end && text[at] == '(') at = std::min<size_t>(text.find(')', at), end);
            }
            if (word == "extern") preface.is_reflected = true;
        } else {
            ++at;
        }
    }
    return preface;
}

/// One leaf of a use tree.
struct UseLeaf {
    std::string path;
    std::string_view alias;
    bool is_wildcard = false;
};

/// Takes `a::{b, c::{self, d as e}, f::*}` apart.
void split_use_tree(std::string_view text, const std::string& prefix, std::vector<UseLeaf>& leaves,
                    size_t depth = 0) {
    text = trimmed(text);
    if (text.empty() || depth > 32) return;
    const size_t brace = text.find('{');
    if (brace == std::string_view::npos) {
        UseLeaf leaf;
        const size_t as = text.find(" as ");
        if (as != std::string_view::npos) {
            leaf.alias = trimmed(text.substr(as + 4));
            text = trimmed(text.substr(0, as));
        }
        leaf.is_wildcard = text == "*" || text.ends_with("::*");
        if (leaf.is_wildcard) text.remove_suffix(text == "*" ? 1 : 3);
        leaf.path = prefix;
        if (text != "self" || prefix.empty()) {
            if (!leaf.path.empty() && !text.empty()) leaf.path += "::";
            leaf.path += text;
        }
        while (leaf.path.starts_with("::")) leaf.path.erase(0, 2);
        leaves.push_back(std::move(leaf));
        return;
    }
    std::string_view head = trimmed(text.substr(0, brace));
    if (head.ends_with("::")) head.remove_suffix(2);
    std::string inner = prefix;
    if (!inner.empty() && !head.empty()) inner += "::";
    inner += head;
    int level = 0;
    size_t start = brace + 1;
    for (size_t at = brace + 1; at < text.size(); ++at) {
        if (text[at] == '{') ++level;
        const bool ends = (text[at] == ',' && level == 0) || (text[at] == '}' && level == 0);
        if (ends) {
            split_use_tree(text.substr(start, at - start), inner, leaves, depth + 1);
            start = at + 1;
        }
        if (text[at] == '}' && level-- == 0) return;
    }
}

class RustFinish {
  public:
    RustFinish(std::string_view source, FileFacts& facts) : source_(source), facts_(facts) {}

    void run(const TSNode& root) {
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            if (facts_.definitions[i].kind == BlockKind::Module) modules_.push_back(i);
            complete(i);
        }
        TSTreeCursor cursor = ts_tree_cursor_new(root);
        walk_items(cursor);
        ts_tree_cursor_delete(&cursor);
        write_bases();
        expand_imports();
        std::erase_if(facts_.references, [this](const ReferenceFact& reference) {
            // The front part of a path in a derive list.
            return reference.role == ReferenceRole::Decorator &&
                   source_.substr(reference.offset + facts_.text(reference.name).size())
                       .starts_with("::");
        });
        mark_closure_parameters();
        std::stable_sort(
            facts_.locals.begin(), facts_.locals.end(),
            [](const auto& a, const auto& b) { return a.visible_first < b.visible_first; });
        rust::read_macro_arguments(source_, facts_);
    }

  private:
    struct Impl {
        uint32_t type = kNone;  // definition
        NameIndex trait = 0;
    };

    void complete(uint32_t index) {
        DefinitionFact& definition = facts_.definitions[index];
        const Preface preface =
            read_preface(source_, definition.range.byte_first, definition.name_offset);
        const bool is_inner = definition.container != kNone;
        const DefinitionFact* container =
            is_inner ? &facts_.definitions[definition.container] : nullptr;
        uint32_t flags = definition.flags & ~uint32_t{format::kBlockDeclaration};
        const bool is_of_trait = container != nullptr && container->kind == BlockKind::Interface;
        const bool follows = is_of_trait || definition.kind == BlockKind::EnumMember;
        if (preface.is_public || definition.trait_scope != 0 ||
            (follows && (container->flags & format::kBlockExported) != 0))
            flags |= format::kBlockExported;
        const bool in_tests = container != nullptr && (container->flags & format::kBlockTest) != 0;
        if (preface.is_test || preface.is_test_only || in_tests) flags |= format::kBlockTest;
        if (preface.is_reflected) flags |= format::kBlockReflected;
        if (is_callable(definition.kind)) {
            const bool has_body = definition.body_first < definition.range.byte_end;
            if (!has_body) {
                flags |= is_of_trait ? format::kBlockAbstract : format::kBlockDeclaration;
            }
            if (definition.kind == BlockKind::Method && !takes_self(definition))
                flags |= format::kBlockStatic;
            if (!is_inner && definition.scope == 0 && facts_.text(definition.name) == "main")
                flags |= format::kBlockEntryPoint;
        }
        definition.flags = flags;
    }

    [[nodiscard]] bool takes_self(const DefinitionFact& definition) const {
        std::string_view text = facts_.text(definition.parameters);
        text = text.substr(0, text.find_first_of(",)"));
        const size_t at = text.find("self");
        if (at == std::string_view::npos) return false;
        const bool starts = at == 0 || !is_word(text[at - 1]);
        return starts && (at + 4 == text.size() || !is_word(text[at + 4]));
    }

    /// The innermost inline module around a place; kNone for the file's own.
    [[nodiscard]] uint32_t module_at(uint32_t offset) const {
        uint32_t found = kNone;
        for (const uint32_t index : modules_) {
            const SourceRange& range = facts_.definitions[index].range;
            if (range.byte_first <= offset && offset < range.byte_end) found = index;
        }
        return found;
    }

    [[nodiscard]] std::string_view text_of(TSNode node) const {
        const uint32_t first = ts_node_start_byte(node);
        return source_.substr(first, ts_node_end_byte(node) - first);
    }

    /// Items of the file and of its inline modules; function bodies are not entered.
    void walk_items(TSTreeCursor& cursor) {
        if (!ts_tree_cursor_goto_first_child(&cursor)) return;
        do {
            const TSNode node = ts_tree_cursor_current_node(&cursor);
            const std::string_view type = ts_node_type(node);
            if (type == "impl_item") {
                read_impl(node);
            } else if (type == "mod_item") {
                const TSNode body = ts_node_child_by_field_name(node, "body", 4);
                if (ts_node_is_null(body)) continue;
                TSTreeCursor inner = ts_tree_cursor_new(body);
                walk_items(inner);
                ts_tree_cursor_delete(&inner);
            }
        } while (ts_tree_cursor_goto_next_sibling(&cursor));
    }

    void read_impl(TSNode node) {
        const TSNode trait = ts_node_child_by_field_name(node, "trait", 5);
        const TSNode target = ts_node_child_by_field_name(node, "type", 4);
        const TSNode parameters = ts_node_child_by_field_name(node, "type_parameters", 15);
        if (ts_node_is_null(target)) return;
        if (!ts_node_is_null(parameters)) {
            read_type_parameters(node, text_of(parameters).substr(1));
            const TSNode body = ts_node_child_by_field_name(node, "body", 4);
            const uint32_t end =
                ts_node_is_null(body) ? ts_node_end_byte(node) : ts_node_start_byte(body);
            const std::string_view head =
                source_.substr(ts_node_end_byte(target), end - ts_node_end_byte(target));
            const size_t where = head.find("where");
            if (where != std::string_view::npos) read_type_parameters(node, head.substr(where + 5));
        }
        const std::string_view name = base_type_name(text_of(target));
        if (ts_node_is_null(trait) || name.empty()) return;
        const uint32_t module = module_at(ts_node_start_byte(node));
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            const DefinitionFact& definition = facts_.definitions[i];
            if (!is_type(definition.kind) || definition.container != module ||
                facts_.text(definition.name) != name)
                continue;
            impls_.push_back({i, facts_.intern(trimmed(text_of(trait)))});
            return;
        }
    }

    /// "T: A + B, const N: usize, U" as locals "<T>" with the bounds as type.
    void read_type_parameters(TSNode impl, std::string_view text) {
        int depth = 0;
        size_t start = 0;
        for (size_t at = 0; at <= text.size(); ++at) {
            const char c = at < text.size() ? text[at] : ',';
            if (c == '<' || c == '(' || c == '[') ++depth;
            const bool is_arrow = c == '>' && at > 0 && text[at - 1] == '-';
            const bool ends = depth == 0 && (c == ',' || (c == '>' && !is_arrow));
            if ((c == '>' && !is_arrow) || c == ')' || c == ']') --depth;
            if (!ends) continue;
            add_type_parameter(impl, trimmed(text.substr(start, at - start)));
            start = at + 1;
            if (depth < 0) return;
        }
    }

    void add_type_parameter(TSNode impl, std::string_view text) {
        if (text.empty() || text.starts_with('\'') || text.starts_with("const ")) return;
        const size_t colon = text.find(':');
        const std::string_view name = trimmed(text.substr(0, std::min(colon, text.find('='))));
        if (name.empty() || !std::all_of(name.begin(), name.end(), is_word)) return;
        LocalFact local;
        local.definition = module_at(ts_node_start_byte(impl));
        local.name = facts_.intern("<" + std::string(name) + ">");
        local.visible_first = ts_node_start_byte(impl);
        local.visible_end = ts_node_end_byte(impl);
        if (colon != std::string_view::npos && !text.substr(colon).starts_with("::"))
            local.type = facts_.intern(trimmed(text.substr(colon + 1, text.find('=') - colon - 1)));
        facts_.locals.push_back(local);
    }

    void write_bases() {
        if (impls_.empty()) return;
        std::vector<BaseFact> bases;
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            DefinitionFact& definition = facts_.definitions[i];
            const auto first = static_cast<uint32_t>(bases.size());
            for (uint32_t j = 0; j < definition.base_count; ++j)
                bases.push_back(facts_.bases[definition.base_first + j]);
            for (const Impl& impl : impls_)
                if (impl.type == i) bases.push_back({impl.trait, true});
            definition.base_first = first;
            definition.base_count = static_cast<uint32_t>(bases.size()) - first;
        }
        facts_.bases = std::move(bases);
    }

    /// Position 1 says that the value is the method that the closure is handed to. The bar that
    /// ends the parameters tells such a local from the variable of a loop.
    void mark_closure_parameters() {
        for (LocalFact& local : facts_.locals) {
            if (!local.is_iteration || local.type != 0) continue;
            size_t at = local.visible_first;
            while (at < source_.size() && is_space(source_[at])) ++at;
            if (at < source_.size() && source_[at] == '|') local.position = 1;
        }
    }

    void expand_imports() {
        std::vector<ImportFact> expanded;
        expanded.reserve(facts_.imports.size());
        for (const ImportFact& import : facts_.imports) {
            const bool is_plain =
                (import.flags & (ImportFact::kModule | ImportFact::kNamespace)) != 0;
            if (is_plain) {
                expanded.push_back(import);
                continue;
            }
            std::vector<UseLeaf> leaves;
            split_use_tree(facts_.text(import.path), "", leaves);
            for (const UseLeaf& leaf : leaves) {
                ImportFact one = import;
                one.path = facts_.intern(leaf.path);
                one.alias = facts_.intern(leaf.alias);
                if (leaf.is_wildcard) one.flags |= ImportFact::kWildcard;
                expanded.push_back(one);
            }
        }
        facts_.imports = std::move(expanded);
    }

    std::string_view source_;
    FileFacts& facts_;
    std::vector<uint32_t> modules_;
    std::vector<Impl> impls_;
};

void finish(const TSNode& root, std::string_view source, FileFacts& facts) {
    RustFinish(source, facts).run(root);
}

}  // namespace

const LanguageRules& rust_language() {
    static const LanguageRules rules = [] {
        LanguageRules made;
        made.language = format::Language::Rust;
        made.family = LanguageFamily::Rust;
        made.grammar = tree_sitter_rust;
        made.query = query_text("rust");
        made.extensions = kExtensions;
        made.comments = kComments;
        made.expressions.accesses = kAccesses;
        made.expressions.calls = kCalls;
        made.expressions.transparents = kTransparents;
        made.expressions.indexes = kIndexes;
        made.expressions.identifiers = kIdentifiers;
        made.expressions.selfs = kSelfs;
        made.keeps_arguments = true;
        made.prepare = rust::unwrap_conditional_items;
        made.finish = finish;
        return made;
    }();
    return rules;
}

}  // namespace kausal::ingest
