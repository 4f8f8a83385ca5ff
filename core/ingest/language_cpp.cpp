// C++ as data: node names of expressions, and what the query cannot say.
#include "ingest/c_facts.h"
#include "ingest/c_mask.h"
#include "ingest/language.h"
#include "ingest/query_text.h"
#include "ingest/resolution.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <array>

extern "C" const TSLanguage* tree_sitter_cpp(void);

namespace kausal::ingest {
namespace {

using format::BlockKind;

constexpr std::string_view kExtensions[] = {".cpp", ".cc",  ".cxx", ".c++", ".hpp", ".hh",
                                            ".hxx", ".h++", ".ipp", ".inl", ".tcc", ".cppm"};
constexpr std::string_view kComments[] = {"comment"};
constexpr ExpressionRules::Access kAccesses[] = {
    {"field_expression", "argument", "field", 0},
    {"qualified_identifier", "scope", "name", ChainLink::kScope},
    {"nested_namespace_specifier", "", "", ChainLink::kScope},
};
constexpr ExpressionRules::Call kCalls[] = {
    {"call_expression", "function", 0},
    {"new_expression", "type", ChainLink::kNew},
    {"compound_literal_expression", "type", ChainLink::kNew},
};
constexpr ExpressionRules::Transparent kTransparents[] = {
    {"parenthesized_expression", "", false},
    {"pointer_expression", "argument", false},
    {"update_expression", "argument", false},
    {"co_await_expression", "argument", false},
    {"dependent_name", "", false},
    {"cast_expression", "type", true},
};
constexpr std::string_view kIndexes[] = {"subscript_expression"};
// Template arguments stay in the name: `make_unique<T>` says what it makes.
constexpr std::string_view kIdentifiers[] = {
    "identifier",        "field_identifier", "type_identifier", "namespace_identifier",
    "template_function", "template_type",    "template_method", "destructor_name",
    "operator_name",     "primitive_type"};
constexpr std::string_view kSelfs[] = {"this"};

// Macros whose body is a test; the second kind names a fixture class first.
constexpr std::array<std::string_view, 6> kTestMacros = {"TEST",   "TYPED_TEST", "TYPED_TEST_P",
                                                         "TEST_F", "TEST_P",     "BENCHMARK_F"};
constexpr std::array<std::string_view, 5> kFixtureMacros = {"TEST_F", "TEST_P", "TYPED_TEST",
                                                            "TYPED_TEST_P", "BENCHMARK_F"};

/// TEST_F(Fixture, Name) { ... } defines Fixture.Name, whose body sees the members of Fixture.
void name_test(FileFacts& facts, DefinitionFact& definition) {
    const std::string_view macro = facts.text(definition.name);
    std::string_view list = facts.text(definition.parameters);
    if (list.size() < 2) return;
    list = list.substr(1, list.size() - 2);
    const size_t comma = list.find(',');
    if (comma == std::string_view::npos) return;
    const std::string_view suite = list.substr(0, comma);
    std::string_view name = list.substr(comma + 1);
    while (name.starts_with(' ')) name.remove_prefix(1);
    const bool has_fixture =
        std::find(kFixtureMacros.begin(), kFixtureMacros.end(), macro) != kFixtureMacros.end();
    if (has_fixture) definition.scope = facts.intern(suite);
    definition.name = facts.intern(std::string(suite) + "." + std::string(name));
    definition.flags |= format::kBlockTest;
    definition.parameter_count = 0;
    definition.parameter_count_min = 0;
}

void set_method_flags(FileFacts& facts, DefinitionFact& definition) {
    if (!is_callable(definition.kind)) return;
    const std::string_view name = facts.text(definition.name);
    const std::string_view signature = facts.text(definition.signature);
    const bool is_free = definition.container == kNone ||
                         facts.definitions[definition.container].kind == BlockKind::Module;
    if (is_free && definition.scope == 0 &&
        std::find(kTestMacros.begin(), kTestMacros.end(), name) != kTestMacros.end())
        return name_test(facts, definition);
    const size_t arrow = signature.rfind("-> ");
    if (facts.text(definition.type) == "auto" && arrow != std::string_view::npos)
        definition.type = facts.intern(signature.substr(arrow + 3));
    if (signature.ends_with("= 0")) definition.flags |= format::kBlockAbstract;
    const size_t close = signature.rfind(')');
    const std::string_view tail =
        close == std::string_view::npos ? std::string_view{} : signature.substr(close);
    if (tail.find(" override") != std::string_view::npos ||
        tail.find(" final") != std::string_view::npos)
        definition.flags |= format::kBlockOverride;
    std::string_view owner;
    if (definition.scope != 0) {
        owner = last_component(base_type_name(facts.text(definition.scope)));
        definition.kind = BlockKind::Method;
    } else if (definition.container != kNone &&
               is_type(facts.definitions[definition.container].kind)) {
        owner = facts.text(facts.definitions[definition.container].name);
    }
    if (!owner.empty() && owner == name) definition.flags |= format::kBlockConstructor;
    // `= default` and `= delete` are definitions of nothing to read, but no promise of one
    // elsewhere.
    if (signature.ends_with("= default") || signature.ends_with("= delete"))
        definition.flags &= ~static_cast<uint32_t>(format::kBlockDeclaration);
}

/// `template <...>` belongs to what it declares, with the comment before it.
void take_template_header(std::string_view source, FileFacts& facts, DefinitionFact& definition) {
    size_t first = definition.range.byte_first;
    const auto skip_back = [&](size_t at) {
        while (at > 0 && (source[at - 1] == ' ' || source[at - 1] == '\n' ||
                          source[at - 1] == '\t' || source[at - 1] == '\r'))
            --at;
        return at;
    };
    for (;;) {
        size_t at = skip_back(first);
        if (at == 0 || source[at - 1] != '>') break;
        size_t depth = 0;
        const size_t limit = at > 2000 ? at - 2000 : 0;
        while (at > limit) {
            --at;
            if (source[at] == '>') ++depth;
            if (source[at] == '<' && --depth == 0) break;
        }
        at = skip_back(at);
        constexpr std::string_view keyword = "template";
        if (at < keyword.size() || source.substr(at - keyword.size(), keyword.size()) != keyword)
            break;
        first = at - keyword.size();
    }
    if (first == definition.range.byte_first) return;
    const std::string_view header = source.substr(first, definition.range.byte_first - first);
    definition.range.line_first -=
        static_cast<uint32_t>(std::count(header.begin(), header.end(), '\n'));
    definition.range.byte_first = static_cast<uint32_t>(first);
    std::string signature;
    for (const char c : header) {
        const bool is_space = c == '\n' || c == '\t' || c == '\r' || c == ' ';
        if (!is_space) signature.push_back(c);
        if (is_space && !signature.empty() && signature.back() != ' ') signature.push_back(' ');
    }
    signature.append(facts.text(definition.signature));
    definition.signature = facts.intern(signature);
}

/// What stands in an unnamed namespace is seen by this file only.
void mark_unnamed_namespaces(FileFacts& facts) {
    std::vector<bool> is_hidden(facts.definitions.size());
    for (size_t i = 0; i < facts.definitions.size(); ++i) {
        DefinitionFact& definition = facts.definitions[i];
        const bool is_inside = definition.container != kNone && is_hidden[definition.container];
        const bool is_unnamed =
            definition.kind == BlockKind::Module && facts.text(definition.name) == "namespace";
        if (is_unnamed) definition.name = facts.intern("(anonymous)");
        is_hidden[i] = is_inside || is_unnamed;
        if (!is_inside) continue;
        definition.flags &= ~static_cast<uint32_t>(format::kBlockExported);
        const bool is_member = is_type(facts.definitions[definition.container].kind);
        if (!is_member) definition.flags |= format::kBlockStatic;
    }
}

void finish(const TSNode& /*root*/, std::string_view source, FileFacts& facts) {
    for (DefinitionFact& definition : facts.definitions) set_method_flags(facts, definition);
    drop_inner_declarations(facts);
    set_linkage_flags(facts);
    mark_unnamed_namespaces(facts);
    mark_scope_operators(source, facts);
    mark_conditional_macros(source, facts);
    add_macro_references(source, facts);
    for (DefinitionFact& definition : facts.definitions) {
        if (is_callable(definition.kind) || is_type(definition.kind) ||
            definition.kind == BlockKind::Variable)
            take_template_header(source, facts, definition);
    }
    for (ReferenceFact& reference : facts.references) {
        const std::string_view name = facts.text(reference.name);
        const size_t open = name.find('<');
        if (open != std::string_view::npos && open != 0 && !name.starts_with("operator"))
            reference.name = facts.intern(name.substr(0, open));
    }
}

}  // namespace

const LanguageRules& cpp_language() {
    static const LanguageRules rules = [] {
        LanguageRules made;
        made.language = format::Language::Cpp;
        made.family = LanguageFamily::C;
        made.grammar = tree_sitter_cpp;
        made.query = query_text("cpp");
        made.extensions = kExtensions;
        made.comments = kComments;
        made.keeps_arguments = true;
        made.expressions = {kAccesses, kCalls, kTransparents, kIndexes, kIdentifiers, kSelfs,
                            {},        {}};
        made.prepare = mask_preprocessor;
        made.finish = finish;
        return made;
    }();
    return rules;
}

}  // namespace kausal::ingest
