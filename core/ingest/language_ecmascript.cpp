// JavaScript and TypeScript as data: node names of expressions, and what the query cannot say.
//
// The finish hook gives members their owners where syntax does not nest them (Foo.prototype.bar =
// ..., this.x = ..., constructor(private x: T)), keeps one definition per name where assignments
// repeat it, drops what only looks like a definition (callbacks in object literals that are passed
// on, names that require() binds), and sets the flags that modifiers tell. Queries:
// queries/ecmascript.scm and the language's own. What is bound with which evidence:
// docs/languages/javascript.md.
#include "ingest/language_ecmascript.h"

#include "ingest/definition_removal.h"
#include "ingest/resolve_javascript_facts.h"

#include <tree_sitter/api.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kausal::ingest {
namespace {

using format::BlockKind;

constexpr std::string_view kComments[] = {"comment"};
constexpr ExpressionRules::Access kAccesses[] = {
    {"member_expression", "object", "property", 0},
    {"nested_identifier", "object", "property", 0},
    // `x as T`: the type at the end replaces what stands before it.
    {"as_expression", "", "", ChainLink::kCast},
};
constexpr ExpressionRules::Call kCalls[] = {
    {"call_expression", "function", 0},
    {"new_expression", "constructor", ChainLink::kNew},
};
constexpr ExpressionRules::Transparent kTransparents[] = {
    {"parenthesized_expression", "", false}, {"await_expression", "", false},
    {"non_null_expression", "", false},      {"satisfies_expression", "", false},
    {"instantiation_expression", "", false}, {"assignment_expression", "right", false},
};
constexpr std::string_view kIndexes[] = {"subscript_expression"};
// Types stay whole: they are read as text.
constexpr std::string_view kIdentifiers[] = {
    "identifier",         "property_identifier",    "private_property_identifier",
    "type_identifier",    "predefined_type",        "shorthand_property_identifier",
    "generic_type",       "nested_type_identifier", "union_type",
    "array_type",         "intersection_type",      "tuple_type",
    "parenthesized_type", "readonly_type",          "type_query",
    "lookup_type",        "function_type",          "object_type",
    "literal_type",       "conditional_type",       "index_type_query",
    "this_type"};
constexpr std::string_view kSelfs[] = {"this"};
constexpr std::string_view kSupers[] = {"super"};

bool is_value(BlockKind kind) noexcept {
    return kind == BlockKind::Field || kind == BlockKind::Variable || kind == BlockKind::Constant;
}
bool is_function(BlockKind kind) noexcept {
    return kind == BlockKind::Function || kind == BlockKind::Method;
}

class EcmascriptFinish {
  public:
    EcmascriptFinish(TSNode root, std::string_view source, FileFacts& facts)
        : root_(root), source_(source), facts_(facts) {}

    void run() {
        dropped_.assign(facts_.definitions.size(), false);
        note_required();
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            DefinitionFact& definition = facts_.definitions[i];
            definition.name = facts_.intern(javascript::unquoted(facts_.text(definition.name)));
            if (is_function(definition.kind)) definition.value = {};
            if (definition.scope != 0) {
                place_assigned(i);
            } else if (definition.kind == BlockKind::Field) {
                place_field(i);
            } else if (definition.kind == BlockKind::Method) {
                place_method(i);
            }
            if (is_value(definition.kind) && is_only_alias(i)) dropped_[i] = true;
        }
        drop_repeated();
        tidy_locals();
        remove_definitions(facts_, dropped_, extra_locals_);
        facts_.locals.insert(facts_.locals.begin(), extra_locals_.begin(), extra_locals_.end());
        set_flags();
    }

  private:
    [[nodiscard]] BlockKind kind_at(uint32_t index) const {
        return index == kNone ? BlockKind::File : facts_.definitions[index].kind;
    }

    void note_required() {
        for (const ImportFact& import : facts_.imports) {
            if ((import.flags & ImportFact::kReExport) != 0) continue;
            required_.insert(import.alias != 0 ? import.alias : import.name);
        }
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            const DefinitionFact& definition = facts_.definitions[i];
            if (definition.container == kNone && definition.scope == 0)
                top_.try_emplace(definition.name, i);
        }
    }

    /// Names that only pass on what another name stands for: require() and `export default x`.
    [[nodiscard]] bool is_only_alias(uint32_t index) const {
        const DefinitionFact& definition = facts_.definitions[index];
        if (definition.container != kNone) return false;
        if (required_.contains(definition.name) && definition.kind != BlockKind::Field) return true;
        const bool is_export =
            facts_.text(definition.name) == "default" || exported_.contains(index);
        if (!is_export || definition.value.count == 0) return false;
        const ChainLink& first = facts_.links[definition.value.first];
        const bool is_name = definition.value.count == 1 && first.flags == 0;
        const bool is_class = (first.flags & ChainLink::kOpaque) != 0 &&
                              facts_.text(first.name) == "class" &&
                              definition.body_first >= definition.range.byte_end;
        const bool is_require = facts_.text(first.name) == "require" && definition.value.count <= 2;
        return is_name || is_class || is_require;
    }

    /// a.b.c = ...: the member c of what `a.b` is.
    void place_assigned(uint32_t index) {
        DefinitionFact& definition = facts_.definitions[index];
        std::string_view scope = facts_.text(definition.scope);
        if (scope == "exports" || scope == "module.exports" ||
            (scope == "module" && facts_.text(definition.name) == "exports")) {
            if (scope == "module") definition.name = facts_.intern(javascript::kWholeExport);
            definition.scope = 0;
            definition.container = kNone;
            definition.flags |= format::kBlockExported;
            exported_.insert(index);
            return;
        }
        if (scope == "this") return place_this_function(index);
        bool is_static = true;
        if (scope.ends_with(".prototype")) {
            scope.remove_suffix(10);
            is_static = false;
        }
        const auto owner = top_.find(facts_.intern(scope));
        if (owner != top_.end() && owner->second < index && !dropped_[owner->second]) {
            definition.container = owner->second;
            definition.scope = 0;
            if (definition.kind == BlockKind::Function) definition.kind = BlockKind::Method;
            if (is_static) definition.flags |= format::kBlockStatic;
            return;
        }
        // Functions that are put into what is not known here have no owner; values are no
        // definitions.
        if (!is_function(definition.kind) && definition.kind != BlockKind::Class) {
            dropped_[index] = true;
        } else if (definition.container != kNone) {
            dropped_[index] = true;
        } else if (!is_static) {
            definition.kind = BlockKind::Method;
        }
    }

    /// The class or constructor function whose `this` code at `index` has.
    [[nodiscard]] uint32_t owner_of_this(uint32_t index) const {
        for (uint32_t at = facts_.definitions[index].container; at != kNone;
             at = facts_.definitions[at].container) {
            const DefinitionFact& around = facts_.definitions[at];
            if (around.kind == BlockKind::Class) return at;
            const std::string_view name = facts_.text(around.name);
            const bool is_constructor = around.kind == BlockKind::Function && !name.empty() &&
                                        name[0] >= 'A' && name[0] <= 'Z';
            if (is_constructor) return at;
            if (around.kind == BlockKind::Function && javascript::has_own_this(facts_, around))
                return kNone;
        }
        return kNone;
    }

    void place_this_function(uint32_t index) {
        DefinitionFact& definition = facts_.definitions[index];
        const uint32_t owner = owner_of_this(index);
        if (owner == kNone) {
            dropped_[index] = true;
            return;
        }
        definition.container = owner;
        definition.scope = 0;
        if (definition.kind == BlockKind::Function) definition.kind = BlockKind::Method;
    }

    void place_field(uint32_t index) {
        DefinitionFact& definition = facts_.definitions[index];
        const BlockKind around = kind_at(definition.container);
        if (around == BlockKind::Class || around == BlockKind::Interface ||
            around == BlockKind::TypeAlias)
            return;
        const std::string_view before = text_before(definition.range.byte_first);
        if (before.ends_with("this.") || before.ends_with("this?.")) {
            definition.container = owner_of_this(index);
            if (definition.container == kNone) dropped_[index] = true;
            show_whole_line(definition);
            return;
        }
        if (is_function(around) &&
            facts_.text(facts_.definitions[definition.container].name) == "constructor" &&
            definition.range.byte_first < facts_.definitions[definition.container].body_first &&
            definition.value.count == 0) {
            parameter_owner_[index] = definition.container;
            definition.container = facts_.definitions[definition.container].container;
            show_parameter(definition);
            return;
        }
        // Properties of an object that is the value of a constant are its members.
        const bool is_member = around == BlockKind::Constant || around == BlockKind::Variable ||
                               around == BlockKind::Field;
        if (!is_member || !is_kept_object(definition)) dropped_[index] = true;
    }

    [[nodiscard]] std::string_view text_before(uint32_t offset) const {
        const uint32_t size = std::min<uint32_t>(offset, 6);
        return source_.substr(offset - size, size);
    }

    /// The node of a parameter property is its bare name; modifiers and type belong to it.
    void show_parameter(DefinitionFact& definition) {
        const uint32_t size = std::min<uint32_t>(definition.range.byte_first, 40);
        const std::string_view before = source_.substr(definition.range.byte_first - size, size);
        const size_t cut = before.find_last_of(",()\n");
        std::string_view modifiers = before.substr(cut == std::string_view::npos ? 0 : cut + 1);
        while (modifiers.starts_with(' ') || modifiers.starts_with('\t'))
            modifiers.remove_prefix(1);
        std::string text(modifiers);
        text += facts_.text(definition.name);
        if (definition.type != 0) text += ": " + std::string(facts_.text(definition.type));
        definition.signature = facts_.intern(text);
    }

    /// Methods of object literals: members of a constant, or of an object that a function returns.
    void place_method(uint32_t index) {
        const DefinitionFact& definition = facts_.definitions[index];
        const BlockKind around = kind_at(definition.container);
        const bool is_type = around == BlockKind::Class || around == BlockKind::Interface ||
                             around == BlockKind::TypeAlias;
        if (is_type || dropped_[index]) return;
        if (around == BlockKind::Method || around == BlockKind::Function ||
            around == BlockKind::File || is_value(around)) {
            if (definition.container != kNone && dropped_[definition.container]) {
                dropped_[index] = true;
                return;
            }
            if (!is_kept_object(definition)) dropped_[index] = true;
        }
    }

    /// Whether the object literal around a member is a value that has a name or is returned, rather
    /// than an argument: then its members can be called by name.
    [[nodiscard]] bool is_kept_object(const DefinitionFact& definition) const {
        TSNode node = ts_node_descendant_for_byte_range(root_, definition.range.byte_first,
                                                        definition.range.byte_end);
        bool has_object = false;
        while (!ts_node_is_null(node)) {
            const std::string_view type = ts_node_type(node);
            if (type == "object") has_object = true;
            if (has_object && (type == "variable_declarator" || type == "return_statement" ||
                               type == "export_statement" || type == "assignment_expression" ||
                               type == "public_field_definition" || type == "field_definition"))
                return true;
            if (type == "arrow_function") return has_object;
            // What is passed to a call is a member only of what the call's result is named.
            if (type == "arguments") {
                const TSNode call = ts_node_parent(node);
                const TSNode user = ts_node_is_null(call) ? call : ts_node_parent(call);
                if (ts_node_is_null(user)) return false;
                const std::string_view use = ts_node_type(user);
                return use == "variable_declarator" || use == "export_statement";
            }
            if (type == "statement_block" || type == "program" || type == "class_body")
                return false;
            node = ts_node_parent(node);
        }
        return false;
    }

    void show_whole_line(DefinitionFact& definition) {
        size_t first = source_.rfind('\n', definition.name_offset);
        first = first == std::string_view::npos ? 0 : first + 1;
        while (first < definition.name_offset && (source_[first] == ' ' || source_[first] == '\t'))
            ++first;
        size_t end = std::min(source_.find('\n', definition.name_offset), source_.size());
        constexpr size_t kBytesMax = 200;
        end = std::max<size_t>(std::min(end, first + kBytesMax), definition.range.byte_end);
        while (end > first && end < source_.size() && (source_[end] & 0xc0) == 0x80) --end;
        if (definition.name_offset - first > kBytesMax) first = definition.name_offset;
        definition.range.byte_first = static_cast<uint32_t>(first);
        definition.range.byte_end = static_cast<uint32_t>(end);
        definition.body_first = definition.range.byte_end;
        std::string_view line = source_.substr(first, end - first);
        while (line.ends_with(' ') || line.ends_with('\r') || line.ends_with(';'))
            line.remove_suffix(1);
        definition.signature = facts_.intern(line);
    }

    /// The first definition of a field or variable stays; what others say of it is kept as locals.
    void drop_repeated() {
        std::unordered_map<uint64_t, uint32_t> first_of;
        for (uint32_t i = 0; i < facts_.definitions.size(); ++i) {
            DefinitionFact& definition = facts_.definitions[i];
            if (!is_value(definition.kind) || dropped_[i]) continue;
            const uint64_t key = uint64_t{definition.container} << 32 | definition.name;
            const auto [found, is_first] = first_of.emplace(key, i);
            if (is_first) continue;
            dropped_[i] = true;
            DefinitionFact& kept = facts_.definitions[found->second];
            if (kept.type == 0) kept.type = definition.type;
            if (definition.value.count == 0) continue;
            LocalFact local;
            local.definition = definition.container;
            local.name = definition.name;
            local.value = definition.value;
            extra_locals_.push_back(local);
        }
    }

    /// Names that are definitions are no locals; a parameter property is both.
    void tidy_locals() {
        std::erase_if(facts_.locals, [&](const LocalFact& local) {
            if (local.definition == kNone || parameter_owner_.contains(local.definition))
                return false;
            const DefinitionFact& around = facts_.definitions[local.definition];
            if (around.name != local.name || around.kind == BlockKind::Class) return false;
            const bool is_opaque =
                local.value.count == 1 &&
                (facts_.links[local.value.first].flags & ChainLink::kOpaque) != 0;
            return is_value(around.kind) || is_opaque;
        });
        for (LocalFact& local : facts_.locals) {
            const auto owner = parameter_owner_.find(local.definition);
            if (owner != parameter_owner_.end()) {
                // Visible in the whole constructor rather than in the property.
                local.definition = owner->second;
                local.visible_end = facts_.definitions[owner->second].range.byte_end;
                continue;
            }
            while (is_value(kind_at(local.definition)) || dropped_at(local.definition))
                local.definition = facts_.definitions[local.definition].container;
        }
        for (ReferenceFact& reference : facts_.references) {
            const auto owner = parameter_owner_.find(reference.definition);
            if (owner != parameter_owner_.end()) reference.definition = owner->second;
        }
    }
    [[nodiscard]] bool dropped_at(uint32_t index) const {
        return index != kNone && dropped_[index];
    }

    void set_flags() {
        for (DefinitionFact& definition : facts_.definitions) {
            const std::string_view name = facts_.text(definition.name);
            const BlockKind around = kind_at(definition.container);
            const bool is_member = around == BlockKind::Class || around == BlockKind::Interface ||
                                   around == BlockKind::TypeAlias;
            uint32_t& flags = definition.flags;
            if (around == BlockKind::Interface || around == BlockKind::TypeAlias) {
                // What an interface lists is no second declaration of something else.
                if (definition.kind == BlockKind::Method)
                    flags = (flags | format::kBlockAbstract) & ~uint32_t{format::kBlockDeclaration};
                flags |= format::kBlockExported;
            }
            if (around == BlockKind::Enum) flags |= format::kBlockExported | format::kBlockStatic;
            if (around != BlockKind::Class) continue;
            if (javascript::has_modifier(facts_, definition, "static"))
                flags |= format::kBlockStatic;
            if (javascript::has_modifier(facts_, definition, "abstract"))
                flags |= format::kBlockAbstract;
            if (javascript::has_modifier(facts_, definition, "override"))
                flags |= format::kBlockOverride;
            if (name == "constructor" && definition.kind == BlockKind::Method)
                flags |= format::kBlockConstructor;
            const bool is_private =
                name.starts_with('#') || javascript::has_modifier(facts_, definition, "private");
            if (is_member && !is_private) flags |= format::kBlockExported;
        }
        for (const ReferenceFact& reference : facts_.references) {
            if (reference.role == ReferenceRole::Decorator && reference.definition != kNone)
                facts_.definitions[reference.definition].flags |= format::kBlockReflected;
        }
        for (const ImportFact& import : facts_.imports) {
            // export { a, b as c } without a module exports what is defined here.
            if ((import.flags & ImportFact::kReExport) == 0 || import.path != 0) continue;
            for (DefinitionFact& definition : facts_.definitions) {
                if (definition.container == kNone && definition.name == import.name)
                    definition.flags |= format::kBlockExported;
            }
        }
    }

    TSNode root_;
    std::string_view source_;
    FileFacts& facts_;
    std::vector<bool> dropped_;
    std::unordered_set<NameIndex> required_;
    std::unordered_set<uint32_t> exported_;  // assigned to exports or module.exports
    std::unordered_map<NameIndex, uint32_t> top_;
    std::unordered_map<uint32_t, uint32_t> parameter_owner_;  // field -> constructor
    std::vector<LocalFact> extra_locals_;
};

void finish_ecmascript(const TSNode& root, std::string_view source, FileFacts& facts) {
    EcmascriptFinish(root, source, facts).run();
}

}  // namespace

void fill_ecmascript_rules(LanguageRules& rules) {
    rules.family = LanguageFamily::JavaScript;
    rules.comments = kComments;
    rules.expressions.accesses = kAccesses;
    rules.expressions.calls = kCalls;
    rules.expressions.transparents = kTransparents;
    rules.expressions.indexes = kIndexes;
    rules.expressions.identifiers = kIdentifiers;
    rules.expressions.selfs = kSelfs;
    rules.expressions.supers = kSupers;
    rules.finish = finish_ecmascript;
}

}  // namespace kausal::ingest
