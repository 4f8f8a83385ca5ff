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
    std::string_view suite = list.substr(0, comma);
    std::string_view name = list.substr(comma + 1);
    for (std::string_view* word : {&suite, &name}) {
        while (word->starts_with(' ')) word->remove_prefix(1);
        while (word->ends_with(' ')) word->remove_suffix(1);
    }
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

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// `template <...>` belongs to what it declares, with the comment before it.
void take_template_header(std::string_view source, FileFacts& facts, DefinitionFact& definition) {
    size_t first = definition.range.byte_first;
    const auto skip_back = [&](size_t at) {
        for (;;) {
            while (at > 0 && is_blank(source[at - 1])) --at;
            // Comments of lines may stand between the header and what it is for.
            const size_t line = at == 0 ? 0 : source.rfind('\n', at - 1) + 1;
            const size_t text = source.find_first_not_of(" \t", line);
            if (text >= at || !source.substr(text).starts_with("//")) return at;
            at = line;
        }
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

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// White space only where two words would grow together: "const std::vector<int>*".
std::string folded_type(std::string_view text) {
    std::string out;
    bool has_blank = false;
    for (const char c : text) {
        if (is_blank(c)) {
            has_blank = true;
            continue;
        }
        if (has_blank && !out.empty() && is_word(out.back()) && is_word(c)) out.push_back(' ');
        has_blank = false;
        out.push_back(c);
    }
    return out;
}

/// `a::B<T>::` right before the name of a definition, without its last colons.
std::string_view scope_before(std::string_view source, size_t at) noexcept {
    const size_t end = at;
    size_t depth = 0;
    while (at > 0) {
        const char c = source[at - 1];
        if (c == '>') ++depth;
        if (c == '<') {
            if (depth == 0) break;
            --depth;
        }
        if (depth == 0 && c != '<' && c != ':' && !is_word(c)) break;
        --at;
    }
    const std::string_view scope = source.substr(at, end - at);
    return scope.ends_with("::") ? scope.substr(0, scope.size() - 2) : std::string_view{};
}

/// `B::operator std::string() const`: a conversion is named by what it gives, as C++ does. Other
/// operators lose the space that some write in their names.
void name_operator(std::string_view source, FileFacts& facts, DefinitionFact& definition) {
    constexpr std::string_view keyword = "operator";
    const std::string_view name = facts.text(definition.name);
    if (!is_callable(definition.kind) || !name.starts_with(keyword)) return;
    if (name.size() > keyword.size()) {
        if (name[keyword.size()] == ' ' && !is_word(name.back()))
            definition.name = facts.intern(folded_type(name));
        return;
    }
    const size_t first = definition.name_offset + keyword.size();
    size_t end = first;
    size_t depth = 0;
    for (; end < definition.range.byte_end; ++end) {
        if (source[end] == '<') ++depth;
        if (source[end] == '>' && depth != 0) --depth;
        if (source[end] == '(' && depth == 0) break;
    }
    const std::string type = folded_type(source.substr(first, end - first));
    if (type.empty()) return;
    definition.name = facts.intern(std::string(keyword) + " " + type);
    definition.type = facts.intern(type);
    definition.parameters = facts.intern("()");
    definition.parameter_count = 0;
    definition.parameter_count_min = 0;
    const std::string_view scope = scope_before(source, definition.name_offset);
    if (!scope.empty()) definition.scope = facts.intern(scope);
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
    for (DefinitionFact& definition : facts.definitions) {
        name_operator(source, facts, definition);
        set_method_flags(facts, definition);
    }
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

/// Whether a line that starts so is none of C.
bool is_cpp_line(std::string_view line, std::string_view next_line) noexcept {
    const auto first_of = [](std::string_view text) {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
        return text.empty() ? '\0' : text.front();
    };
    for (const std::string_view access : {"public:", "private:", "protected:"}) {
        if (line.starts_with(access)) return true;
    }
    if (line.starts_with("template")) return first_of(line.substr(8)) == '<';
    if (!line.starts_with("namespace ") && !line.starts_with("class ")) return false;
    size_t end = line.find(' ') + 1;
    while (end < line.size() && (is_word(line[end]) || line[end] == ':')) ++end;
    const char after = first_of(line.substr(end));
    return after == '{' || (after == '\0' && first_of(next_line) == '{');
}

}  // namespace

bool is_cpp_header(std::string_view text) noexcept {
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const size_t next_end =
            end < text.size() ? std::min(text.find('\n', end + 1), text.size()) : end;
        std::string_view line = text.substr(at, end - at);
        while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
        if (is_cpp_line(line, text.substr(end, next_end - end))) return true;
        at = end + 1;
    }
    return false;
}

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
