// Java as data: node names of its expressions, and what the query cannot say.
//
// The finish hook reads modifiers and annotations off the source in front of a name (one scan
// instead of a dozen optional captures in every pattern) and repairs what syntax nests differently
// from meaning: anonymous classes (their base, their name, and that the constructor's arguments run
// outside of them), enum constants (they construct their enum) and the parameters of records and
// lambdas. Queries: queries/java.scm. What is bound: docs/languages/java.md.
#include "ingest/language.h"
#include "ingest/query_text.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

extern "C" const TSLanguage* tree_sitter_java(void);

namespace kausal::ingest {
namespace {

using format::BlockKind;

constexpr std::array<std::string_view, 1> kExtensions{".java"};
constexpr std::array<std::string_view, 2> kComments{"line_comment", "block_comment"};
constexpr std::array<ExpressionRules::Access, 4> kAccesses{{
    {"method_invocation", "object", "name", ChainLink::kCall},
    {"field_access", "object", "field", 0},
    {"scoped_identifier", "scope", "name", 0},
    {"method_reference", "", "", ChainLink::kScope},
}};
// An array is marked as constructed and subscripted at once.
constexpr std::array<ExpressionRules::Call, 2> kCalls{{
    {"object_creation_expression", "type", ChainLink::kNew},
    {"array_creation_expression", "type", ChainLink::kNew | ChainLink::kIndex},
}};
constexpr std::array<ExpressionRules::Transparent, 6> kTransparents{{
    {"parenthesized_expression", "", false},
    {"cast_expression", "type", true},
    {"ternary_expression", "consequence", false},
    {"assignment_expression", "left", false},
    {"unary_expression", "operand", false},
    {"update_expression", "", false},
}};
constexpr std::array<std::string_view, 1> kIndexes{"array_access"};
// Types stay whole, generic arguments included: "new Map.Entry<K, V>()" is one link.
// Numbers too: their last letter tells their type.
constexpr std::array<std::string_view, 10> kIdentifiers{"identifier",
                                                        "type_identifier",
                                                        "generic_type",
                                                        "scoped_type_identifier",
                                                        "decimal_integer_literal",
                                                        "hex_integer_literal",
                                                        "octal_integer_literal",
                                                        "binary_integer_literal",
                                                        "decimal_floating_point_literal",
                                                        "hex_floating_point_literal"};
constexpr std::array<std::string_view, 1> kSelfs{"this"};
constexpr std::array<std::string_view, 1> kSupers{"super"};

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (c & 0x80) != 0;
}

bool is_space(char c) noexcept {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/// Modifiers and annotations in front of a declaration.
struct Modifiers {
    bool is_public = false;
    bool is_private = false;
    bool is_protected = false;
    bool is_static = false;
    bool is_final = false;
    bool is_abstract = false;
    bool is_default = false;
    bool is_native = false;
    bool is_override = false;
    bool is_test = false;
    bool is_reflected = false;
};

/// Walks the tokens in front of a declaration. Stops at the first that is neither.
class ModifierScan {
  public:
    ModifierScan(std::string_view source, uint32_t first, uint32_t end)
        : source_(source.substr(0, end)), at_(first) {}

    Modifiers run() {
        for (;;) {
            skip_blank();
            if (at_ >= source_.size()) return modifiers_;
            if (source_[at_] == '@') {
                if (!annotation()) return modifiers_;
            } else if (!modifier(word())) {
                return modifiers_;
            }
        }
    }

  private:
    void skip_blank() {
        while (at_ < source_.size()) {
            if (is_space(source_[at_])) {
                ++at_;
            } else if (source_.substr(at_).starts_with("//")) {
                at_ = std::min(source_.find('\n', at_), source_.size());
            } else if (source_.substr(at_).starts_with("/*")) {
                const size_t end = source_.find("*/", at_ + 2);
                at_ = end == std::string_view::npos ? source_.size() : end + 2;
            } else {
                return;
            }
        }
    }

    std::string_view word() {
        const size_t first = at_;
        while (at_ < source_.size() && is_word(source_[at_])) ++at_;
        return source_.substr(first, at_ - first);
    }

    bool annotation() {
        ++at_;
        skip_blank();
        std::string_view name = word();
        if (name == "interface") return false;
        while (at_ + 1 < source_.size() && source_[at_] == '.' && is_word(source_[at_ + 1])) {
            ++at_;
            name = word();
        }
        note(name);
        const size_t before = at_;
        skip_blank();
        if (at_ < source_.size() && source_[at_] == '(') {
            skip_parentheses();
        } else {
            at_ = before;
        }
        return true;
    }

    void note(std::string_view name) {
        static constexpr std::array<std::string_view, 5> kTests{
            "Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "TestTemplate"};
        static constexpr std::array<std::string_view, 5> kPlain{
            "Override", "SuppressWarnings", "Deprecated", "FunctionalInterface", "SafeVarargs"};
        if (name == "Override") modifiers_.is_override = true;
        if (std::find(kTests.begin(), kTests.end(), name) != kTests.end())
            modifiers_.is_test = true;
        if (std::find(kPlain.begin(), kPlain.end(), name) == kPlain.end())
            modifiers_.is_reflected = true;
    }

    /// From an opening parenthesis past its closing one, strings and characters skipped.
    void skip_parentheses() {
        int depth = 0;
        for (; at_ < source_.size(); ++at_) {
            const char c = source_[at_];
            if (c == '(') ++depth;
            if (c == ')' && --depth == 0) {
                ++at_;
                return;
            }
            if (c == '"' || c == '\'') {
                for (++at_; at_ < source_.size() && source_[at_] != c; ++at_)
                    if (source_[at_] == '\\') ++at_;
            }
        }
    }

    bool modifier(std::string_view word) {
        static constexpr std::array<std::pair<std::string_view, bool Modifiers::*>, 8> kWords{{
            {"public", &Modifiers::is_public},
            {"private", &Modifiers::is_private},
            {"protected", &Modifiers::is_protected},
            {"static", &Modifiers::is_static},
            {"final", &Modifiers::is_final},
            {"abstract", &Modifiers::is_abstract},
            {"default", &Modifiers::is_default},
            {"native", &Modifiers::is_native},
        }};
        for (const auto& [text, member] : kWords) {
            if (word != text) continue;
            modifiers_.*member = true;
            return true;
        }
        return word == "synchronized" || word == "strictfp" || word == "transient" ||
               word == "volatile" || word == "sealed";
    }

    std::string_view source_;
    size_t at_;
    Modifiers modifiers_;
};

class JavaFinish {
  public:
    JavaFinish(std::string_view source, FileFacts& facts) : source_(source), facts_(facts) {}

    void run() {
        extra_bases_.resize(facts_.definitions.size());
        anonymous_.resize(facts_.definitions.size());
        for (size_t i = 0; i < facts_.definitions.size(); ++i) {
            if (facts_.text(facts_.definitions[i].name) == "new") {
                name_anonymous(i);
            } else {
                apply_modifiers(facts_.definitions[i]);
            }
            if (is_record(facts_.definitions[i])) {
                extra_bases_[i] = facts_.intern("java.lang.Record");
                has_extra_bases_ = true;
            }
        }
        complete_compact_constructors();
        if (has_anonymous_) move_arguments_out();
        if (has_extra_bases_) append_bases();
        construct_enum_constants();
        tidy_locals();
        complete_arrays();
        split_declarations();
    }

  private:
    [[nodiscard]] BlockKind container_kind(const DefinitionFact& definition) const {
        return definition.container == kNone ? BlockKind::File
                                             : facts_.definitions[definition.container].kind;
    }

    void apply_modifiers(DefinitionFact& definition) {
        const Modifiers found =
            ModifierScan(source_, definition.range.byte_first, definition.name_offset).run();
        const bool in_interface = container_kind(definition) == BlockKind::Interface;
        uint32_t flags = definition.flags & ~uint32_t{format::kBlockDeclaration};
        if (found.is_public || found.is_protected || (in_interface && !found.is_private) ||
            definition.kind == BlockKind::EnumMember)
            flags |= format::kBlockExported;
        if (found.is_static || definition.kind == BlockKind::EnumMember)
            flags |= format::kBlockStatic;
        if (found.is_override) flags |= format::kBlockOverride;
        if (found.is_test) flags |= format::kBlockTest;
        if (found.is_reflected) flags |= format::kBlockReflected;
        const std::string_view name = facts_.text(definition.name);
        if (definition.kind == BlockKind::Method) {
            const bool has_body = definition.body_first < definition.range.byte_end;
            if (found.is_abstract || (!has_body && !found.is_native))
                flags |= format::kBlockAbstract;
            if (name == "main" && found.is_static && found.is_public &&
                definition.parameter_count <= 1)
                flags |= format::kBlockEntryPoint;
        } else if (found.is_abstract || definition.kind == BlockKind::Interface) {
            flags |= format::kBlockAbstract;
        }
        if (definition.kind == BlockKind::Field && found.is_static && found.is_final)
            definition.kind = BlockKind::Constant;
        if (definition.kind == BlockKind::Constant) flags |= format::kBlockStatic;
        definition.flags = flags;
    }

    /// The word that ends right before `end`, white space skipped.
    [[nodiscard]] std::string_view word_before(uint32_t end, uint32_t first) const {
        while (end > first && is_space(source_[end - 1])) --end;
        uint32_t start = end;
        while (start > first && is_word(source_[start - 1])) --start;
        return source_.substr(start, end - start);
    }

    [[nodiscard]] bool is_record(const DefinitionFact& definition) const {
        return definition.kind == BlockKind::Class &&
               word_before(definition.name_offset, definition.range.byte_first) == "record";
    }

    /// "new Type", and Type as its base. The query names an anonymous class "new".
    void name_anonymous(size_t index) {
        DefinitionFact& definition = facts_.definitions[index];
        size_t start = definition.name_offset + std::string_view("new").size();
        std::string type;
        int depth = 0;
        for (; start < definition.body_first; ++start) {
            const char c = source_[start];
            if (c == '<') ++depth;
            if (c == '>') --depth;
            if ((c == '(' || c == '{') && depth == 0) break;
            if (is_space(c) && (type.empty() || type.back() == ' ')) continue;
            type.push_back(is_space(c) ? ' ' : c);
        }
        while (!type.empty() && type.back() == ' ') type.pop_back();
        const std::string base = type.substr(0, type.find('<'));
        definition.name = facts_.intern("new " + base.substr(base.rfind('.') + 1));
        definition.scope = 0;
        anonymous_[index] = true;
        has_anonymous_ = has_extra_bases_ = true;
        extra_bases_[index] = facts_.intern(type);
    }

    /// A compact constructor has the parameters of its record.
    void complete_compact_constructors() {
        for (size_t i = 0; i < facts_.definitions.size(); ++i) {
            DefinitionFact& definition = facts_.definitions[i];
            if ((definition.flags & format::kBlockConstructor) == 0 || definition.parameters != 0 ||
                definition.container == kNone)
                continue;
            const DefinitionFact& record = facts_.definitions[definition.container];
            uint16_t count = 0;
            for (size_t j = definition.container + 1; j < facts_.definitions.size(); ++j) {
                const DefinitionFact& field = facts_.definitions[j];
                if (field.container == definition.container && field.kind == BlockKind::Field &&
                    field.range.byte_first < record.body_first)
                    ++count;
            }
            definition.parameter_count = definition.parameter_count_min = count;
        }
    }

    /// What is written between `new` and the body of an anonymous class runs in the code around it.
    void move_arguments_out() {
        const auto outside = [this](uint32_t definition, uint32_t offset) {
            while (definition != kNone && anonymous_[definition] &&
                   offset < facts_.definitions[definition].body_first)
                definition = facts_.definitions[definition].container;
            return definition;
        };
        for (ReferenceFact& reference : facts_.references) {
            const uint32_t place = outside(reference.definition, reference.offset);
            if (place == reference.definition) continue;
            reference.definition = place;
            reference.is_in_declaration =
                place != kNone && reference.offset < facts_.definitions[place].body_first;
        }
        for (LocalFact& local : facts_.locals)
            local.definition = outside(local.definition, local.visible_first);
        for (DefinitionFact& definition : facts_.definitions)
            definition.container = outside(definition.container, definition.range.byte_first);
    }

    void append_bases() {
        std::vector<BaseFact> bases;
        for (size_t i = 0; i < facts_.definitions.size(); ++i) {
            DefinitionFact& definition = facts_.definitions[i];
            const auto first = static_cast<uint32_t>(bases.size());
            for (uint32_t j = 0; j < definition.base_count; ++j)
                bases.push_back(facts_.bases[definition.base_first + j]);
            if (extra_bases_[i] != 0) bases.push_back({extra_bases_[i], false});
            definition.base_first = first;
            definition.base_count = static_cast<uint32_t>(bases.size()) - first;
        }
        facts_.bases = std::move(bases);
    }

    /// Is there a written constructor that takes no arguments?
    [[nodiscard]] bool has_empty_constructor(uint32_t type) const {
        return std::any_of(facts_.definitions.begin(), facts_.definitions.end(),
                           [type](const DefinitionFact& definition) {
                               return definition.container == type &&
                                      (definition.flags & format::kBlockConstructor) != 0 &&
                                      definition.parameter_count_min == 0;
                           });
    }

    /// `RED(1)` constructs the enum that RED belongs to, `RED` does so where a constructor without
    /// parameters is written. The name is a definition's, so that no
    /// reference is made of it by the query.
    void construct_enum_constants() {
        const size_t before = facts_.references.size();
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            const DefinitionFact& member = facts_.definitions[i];
            if (member.kind != BlockKind::EnumMember || member.container == kNone) continue;
            size_t at = member.name_offset + facts_.text(member.name).size();
            while (at < member.range.byte_end && is_space(source_[at])) ++at;
            const bool has_arguments = at < member.range.byte_end && source_[at] == '(';
            if (!has_arguments && !has_empty_constructor(member.container)) continue;
            ReferenceFact reference;
            reference.role = ReferenceRole::New;
            reference.argument_count =
                has_arguments ? count_arguments(at, member.range.byte_end) : uint8_t{0};
            reference.definition = i;
            reference.name = facts_.definitions[member.container].name;
            reference.offset = member.name_offset;
            const auto lines = std::count(source_.begin() + member.range.byte_first,
                                          source_.begin() + member.name_offset, '\n');
            reference.line = member.range.line_first + static_cast<uint32_t>(lines);
            facts_.references.push_back(reference);
        }
        if (facts_.references.size() == before) return;
        std::stable_sort(facts_.references.begin(), facts_.references.end(),
                         [](const auto& a, const auto& b) { return a.offset < b.offset; });
    }

    /// Arguments in the parentheses that open at `at`; 255 where angle brackets make commas
    /// unclear.
    [[nodiscard]] uint8_t count_arguments(size_t at, size_t end) const {
        int depth = 0;
        uint32_t commas = 0;
        bool is_empty = true;
        for (; at < end; ++at) {
            const char c = source_[at];
            if (c == '<') return 255;
            if (c == '"' || c == '\'') {
                for (++at; at < end && source_[at] != c; ++at)
                    if (source_[at] == '\\') ++at;
            }
            if (c == ')' || c == ']' || c == '}') {
                if (--depth == 0) break;
            } else if (c == ',' && depth == 1) {
                ++commas;
            } else if (depth > 0 && !is_space(c)) {
                is_empty = false;
            }
            if (c == '(' || c == '[' || c == '{') ++depth;
        }
        return is_empty ? 0 : static_cast<uint8_t>(std::min(commas + 1, 254u));
    }

    /// `int a = f(), b = g();` is one declaration of two fields: each gets its own part, with what
    /// stands in it.
    void split_declarations() {
        auto& all = facts_.definitions;
        for (uint32_t first = 0; first < all.size();) {
            uint32_t end = first + 1;
            while (end < all.size() && all[end].range.byte_first == all[first].range.byte_first &&
                   all[end].range.byte_end == all[first].range.byte_end &&
                   all[end].name_offset > all[end - 1].name_offset)
                ++end;
            const bool is_field =
                all[first].kind == BlockKind::Field || all[first].kind == BlockKind::Constant;
            if (is_field && end - first > 1) split_declaration(first, end);
            first = end;
        }
    }

    void split_declaration(uint32_t first, uint32_t end) {
        auto& all = facts_.definitions;
        const SourceRange whole = all[first].range;
        const auto line_of = [&](uint32_t offset) {
            return whole.line_first +
                   static_cast<uint32_t>(std::count(source_.begin() + whole.byte_first,
                                                    source_.begin() + offset, '\n'));
        };
        for (uint32_t i = first; i < end; ++i) {
            SourceRange& range = all[i].range;
            if (i != first) range.byte_first = all[i].name_offset;
            if (i + 1 != end)
                range.byte_end =
                    static_cast<uint32_t>(source_.rfind(',', all[i + 1].name_offset - 1));
            range.line_first = line_of(range.byte_first);
            range.line_last = line_of(range.byte_end);
            all[i].body_first = std::min(all[i].body_first, range.byte_end);
        }
        const auto move = [&](uint32_t& definition, uint32_t offset) {
            if (definition < first || definition >= end) return;
            definition = end - 1;
            while (definition > first && all[definition].range.byte_first > offset) --definition;
        };
        for (ReferenceFact& reference : facts_.references)
            move(reference.definition, reference.offset);
        for (LocalFact& local : facts_.locals) move(local.definition, local.visible_first);
        for (DefinitionFact& inner : all) move(inner.container, inner.name_offset);
    }

    /// Components of records are fields, not locals. A local with a value and no type is `var`,
    /// unless it is a lambda's parameter: then the value is the call that the lambda is handed to.
    void tidy_locals() {
        std::erase_if(facts_.locals, [this](const LocalFact& local) {
            if (local.definition == kNone) return false;
            const DefinitionFact& owner = facts_.definitions[local.definition];
            return owner.kind == BlockKind::Field ||
                   (owner.kind == BlockKind::Class && local.visible_first <= owner.body_first);
        });
        const NameIndex var = facts_.intern("var");
        for (LocalFact& local : facts_.locals) {
            const std::string_view type = facts_.text(local.type);
            // "Type... name": a variable argument list is an array.
            const size_t dots = type.find("...");
            if (dots != std::string_view::npos)
                local.type = facts_.intern(std::string(type.substr(0, dots)) + "[]");
            if (local.type != 0 || local.value.count == 0) continue;
            if (!is_lambda_parameter(local.visible_first)) local.type = var;
        }
    }

    /// `char name[]` is of type `char[]`. Brackets behind a name are rare, so that the source is
    /// searched for them rather than every declaration asked.
    void complete_arrays() {
        for (size_t at = source_.find('['); at != std::string_view::npos;
             at = source_.find('[', at + 1)) {
            if (at == 0 || at + 1 >= source_.size() || source_[at + 1] != ']') continue;
            size_t end = at;
            while (end > 0 && source_[end - 1] == ' ') --end;
            size_t after = at + 2;
            std::string brackets = "[]";
            while (source_.substr(after).starts_with("[]")) {
                brackets += "[]";
                after += 2;
            }
            while (after < source_.size() && is_space(source_[after])) ++after;
            const char next = after < source_.size() ? source_[after] : ' ';
            if (next != '=' && next != ';' && next != ',' && next != ')') continue;
            const auto name = word_before(static_cast<uint32_t>(end), 0);
            if (!name.empty())
                add_brackets(name, static_cast<uint32_t>(end - name.size()), brackets);
            at = after - 1;
        }
    }

    void add_brackets(std::string_view name, uint32_t offset, const std::string& brackets) {
        const auto longer = [&](NameIndex type) {
            return facts_.intern(std::string(facts_.text(type)) + brackets);
        };
        for (DefinitionFact& definition : facts_.definitions) {
            if (definition.name_offset != offset || definition.type == 0) continue;
            definition.type = longer(definition.type);
            return;
        }
        // A local becomes visible behind its declaration, where it is the first of its name.
        for (LocalFact& local : facts_.locals) {
            if (local.visible_first < offset || facts_.text(local.name) != name) continue;
            if (local.type != 0 && facts_.text(local.type) != "var")
                local.type = longer(local.type);
            return;
        }
    }

    /// Does "->" or ") ->" stand at `at`?
    [[nodiscard]] bool is_lambda_parameter(size_t at) const {
        while (at < source_.size() && (is_space(source_[at]) || source_[at] == ')')) ++at;
        return source_.substr(at).starts_with("->");
    }

    std::string_view source_;
    FileFacts& facts_;
    std::vector<NameIndex> extra_bases_;
    std::vector<bool> anonymous_;
    bool has_anonymous_ = false;
    bool has_extra_bases_ = false;
};

void finish(const TSNode& /*root*/, std::string_view source, FileFacts& facts) {
    JavaFinish(source, facts).run();
}

}  // namespace

const LanguageRules& java_language() {
    static const LanguageRules rules = [] {
        LanguageRules made;
        made.language = format::Language::Java;
        made.family = LanguageFamily::Java;
        made.grammar = tree_sitter_java;
        made.query = query_text("java");
        made.extensions = kExtensions;
        made.comments = kComments;
        made.expressions.accesses = kAccesses;
        made.expressions.calls = kCalls;
        made.expressions.transparents = kTransparents;
        made.expressions.indexes = kIndexes;
        made.expressions.identifiers = kIdentifiers;
        made.expressions.selfs = kSelfs;
        made.expressions.supers = kSupers;
        made.keeps_arguments = true;
        made.finish = finish;
        return made;
    }();
    return rules;
}

}  // namespace kausal::ingest
