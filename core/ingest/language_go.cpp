// Go as data: node names of expressions, and what the query cannot say.
#include "ingest/language.h"
#include "ingest/query_text.h"
#include "ingest/resolution.h"
#include "ingest/resolve_go_types.h"
#include "ingest/source_text.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <string>
#include <vector>

extern "C" const TSLanguage* tree_sitter_go(void);

namespace kausal::ingest {
namespace {

using Access = ExpressionRules::Access;
using Call = ExpressionRules::Call;
using Transparent = ExpressionRules::Transparent;

constexpr std::string_view kExtensions[] = {".go"};
constexpr std::string_view kComments[] = {"comment"};
constexpr Access kAccesses[] = {
    {"selector_expression", "operand", "field", 0},
    {"qualified_type", "package", "name", 0},
};
constexpr Call kCalls[] = {
    {"call_expression", "function", 0},
    {"composite_literal", "type", ChainLink::kNew},
};
constexpr Transparent kTransparents[] = {
    {"parenthesized_expression", "", false},
    {"unary_expression", "operand", false},
    {"variadic_argument", "", false},
    {"slice_expression", "operand", false},
    {"type_instantiation_expression", "type", false},
    {"type_assertion_expression", "type", true},
    {"type_conversion_expression", "type", true},
};
constexpr std::string_view kIndexes[] = {"index_expression"};
// Composite types are names of their own text: `[]T{}` constructs "[]T".
constexpr std::string_view kIdentifiers[] = {
    "identifier",         "type_identifier", "field_identifier",
    "package_identifier", "generic_type",    "slice_type",
    "array_type",         "map_type",        "implicit_length_array_type"};

constexpr std::string_view kTypeMakers[] = {"new", "make"};

bool starts_upper(std::string_view name) {
    return !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
}

/// "TestX", "Test_x" and "Test", but not "Testify".
bool is_test_name(std::string_view name) {
    for (const std::string_view prefix : {"Test", "Benchmark", "Fuzz", "Example"}) {
        if (!name.starts_with(prefix)) continue;
        const std::string_view rest = name.substr(prefix.size());
        return rest.empty() || rest[0] < 'a' || rest[0] > 'z';
    }
    return false;
}

void set_flags(FileFacts& facts) {
    const bool is_test_file = facts.path.ends_with("_test.go");
    const bool is_main = facts.text(facts.package) == "main";
    for (DefinitionFact& definition : facts.definitions) {
        const std::string_view name = facts.text(definition.name);
        if (starts_upper(name)) definition.flags |= format::kBlockExported;
        // The receiver "*Tree[K, V]" belongs to the type Tree.
        if (definition.scope != 0)
            definition.scope = facts.intern(go::name_of(facts.text(definition.scope)).name);
        if (definition.kind != format::BlockKind::Function || definition.container != kNone)
            continue;
        if (is_test_file && is_test_name(name)) definition.flags |= format::kBlockTest;
        if (name == "init" || (is_main && name == "main"))
            definition.flags |= format::kBlockEntryPoint;
        // A body elsewhere (assembly) or linked in.
        if (definition.body_first == definition.range.byte_end)
            definition.flags |= format::kBlockAbstract;
    }
}

/// Keeps the build constraint as an import of its own kind, so that variants of one function can be
/// told apart without the source.
void add_constraint(std::string_view source, FileFacts& facts) {
    constexpr std::string_view marker = "//go:build ";
    size_t at = 0;
    while (at < source.size()) {
        const size_t end = std::min(source.find('\n', at), source.size());
        std::string_view line = source.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.starts_with("package ")) return;
        if (line.starts_with(marker)) {
            ImportFact fact;
            fact.path = facts.intern(go::kConstraintPath);
            fact.name = facts.intern(line.substr(marker.size()));
            fact.flags = ImportFact::kTypeOnly;
            fact.offset = static_cast<uint32_t>(at);
            fact.line = 1 + static_cast<uint32_t>(std::count(
                                source.begin(), source.begin() + static_cast<ptrdiff_t>(at), '\n'));
            facts.imports.insert(facts.imports.begin(), fact);
            return;
        }
        at = end + 1;
    }
}

/// End of the statements around a place.
uint32_t end_of_block(const TSNode& root, uint32_t offset) {
    TSNode node = ts_node_descendant_for_byte_range(root, offset, offset);
    while (!ts_node_is_null(node) && std::string_view(ts_node_type(node)) != "statement_list")
        node = ts_node_parent(node);
    return ts_node_end_byte(ts_node_is_null(node) ? root : node);
}

/// A type of a function is a definition and hides its name as a local does: up to the end of the
/// block around the definition, not within it.
void widen_inner_types(const TSNode& root, FileFacts& facts) {
    for (LocalFact& local : facts.locals) {
        if (local.definition == kNone) continue;
        const DefinitionFact& type = facts.definitions[local.definition];
        if (type.name != local.name || type.name_offset != local.visible_first) continue;
        local.definition = type.container;
        local.visible_end = end_of_block(root, type.name_offset);
    }
}

/// Writes the structs of a file that have no name as "struct{a, b T; C}" wherever they stand in a
/// type, instead of their folded source, which does not tell where a field ends.
class NamelessStructs {
  public:
    NamelessStructs(const TSNode& root, std::string_view source, FileFacts& facts)
        : root_(root), source_(source), facts_(facts) {}

    void run() {
        find();
        if (texts_.empty()) return;
        for (LocalFact& local : facts_.locals) rewrite(local.type);
        for (ChainLink& link : facts_.links) rewrite(link.name);
        for (DefinitionFact& definition : facts_.definitions) rewrite(definition.type);
    }

  private:
    static constexpr std::string_view kKeyword = "struct";
    static constexpr size_t kStructsMax = 512;

    struct Text {
        std::string folded;
        std::string plain;
    };

    [[nodiscard]] bool is_word_at(size_t at) const {
        const char c = at < source_.size() ? source_[at] : ' ';
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || (c & 0x80) != 0;
    }
    [[nodiscard]] size_t before_blanks(size_t at) const {
        while (at > 0 && source_[at - 1] == ' ') --at;
        return at;
    }
    /// "type Name" in front: the common case, told without looking at the tree.
    [[nodiscard]] bool is_named(size_t at) const {
        at = before_blanks(at);
        while (at > 0 && is_word_at(at - 1)) --at;
        return source_.substr(0, before_blanks(at)).ends_with("type");
    }

    void find() {
        std::vector<TSNode> nodes;
        for (size_t at = source_.find(kKeyword); at != std::string_view::npos;
             at = source_.find(kKeyword, at + 1)) {
            size_t next = at + kKeyword.size();
            while (next < source_.size() && source_[next] == ' ') ++next;
            if (next >= source_.size() || source_[next] != '{' || is_named(at) ||
                (at > 0 && is_word_at(at - 1)) || nodes.size() == kStructsMax)
                continue;
            const TSNode word = ts_node_descendant_for_byte_range(
                root_, static_cast<uint32_t>(at), static_cast<uint32_t>(at + kKeyword.size()));
            const TSNode node = ts_node_parent(word);
            if (ts_node_is_null(node) || type_of(node) != "struct_type") continue;
            if (type_of(ts_node_parent(node)) != "type_spec") nodes.push_back(node);
        }
        // The inner ones first, so that the outer ones find their plain texts.
        std::string scratch;
        for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
            std::string plain = plain_text(*node);
            replace_in(plain);
            texts_.push_back({std::string(folded(text_of(*node), scratch)), std::move(plain)});
        }
    }

    static std::string_view type_of(const TSNode& node) {
        return ts_node_is_null(node) ? std::string_view() : ts_node_type(node);
    }
    [[nodiscard]] std::string_view text_of(const TSNode& node) const {
        const uint32_t first = ts_node_start_byte(node);
        return source_.substr(first, ts_node_end_byte(node) - first);
    }

    [[nodiscard]] std::string plain_text(const TSNode& node) const {
        std::string out = "struct{";
        std::string scratch;
        const TSNode list = ts_node_named_child(node, 0);
        const uint32_t count = ts_node_is_null(list) ? 0 : ts_node_named_child_count(list);
        for (uint32_t i = 0; i < count; ++i) {
            const TSNode field = ts_node_named_child(list, i);
            const TSNode type = ts_node_child_by_field_name(field, "type", 4);
            if (ts_node_is_null(type)) continue;
            // A tag may follow the type.
            const uint32_t first = ts_node_start_byte(field);
            if (out.back() != '{') out += "; ";
            out += folded(source_.substr(first, ts_node_end_byte(type) - first), scratch);
        }
        return out + "}";
    }

    void replace_in(std::string& text) const {
        // The outer ones first: what stands in them is plain already.
        for (auto one = texts_.rbegin(); one != texts_.rend(); ++one) {
            for (size_t at = text.find(one->folded); at != std::string::npos;
                 at = text.find(one->folded, at + one->plain.size()))
                text.replace(at, one->folded.size(), one->plain);
        }
    }

    void rewrite(NameIndex& name) {
        // Most texts are single names.
        const std::string_view written = facts_.text(name);
        if (written.find('{') == std::string_view::npos ||
            written.find(kKeyword) == std::string_view::npos)
            return;
        std::string text(written);
        replace_in(text);
        name = facts_.intern(text);
    }

    const TSNode& root_;
    std::string_view source_;
    FileFacts& facts_;
    std::vector<Text> texts_;
};

void finish(const TSNode& root, std::string_view source, FileFacts& facts) {
    set_flags(facts);
    widen_inner_types(root, facts);
    NamelessStructs(root, source, facts).run();
    add_constraint(source, facts);
}

}  // namespace

const LanguageRules& go_language() {
    static const LanguageRules rules = [] {
        LanguageRules made;
        made.language = format::Language::Go;
        made.family = LanguageFamily::Go;
        made.grammar = tree_sitter_go;
        made.query = query_text("go");
        made.extensions = kExtensions;
        made.comments = kComments;
        made.expressions = {kAccesses, kCalls, kTransparents, kIndexes, kIdentifiers,
                            {},        {},     kTypeMakers};
        made.finish = finish;
        return made;
    }();
    return rules;
}

}  // namespace kausal::ingest
