// Name look-up by Python's rules of scope, and expressions as text.
//
// A function's locals are flow sensitive in a small way: the last assignment that every path to the
// use has passed, and those of branches in between, are what a name may hold.
#include "ingest/resolve_python_scope.h"

#include "ingest/resolve_python_facts.h"
#include "ingest/resolve_python_library.h"

#include <algorithm>

namespace kausal::ingest::python {
namespace {

using format::BlockKind;

/// The type of a literal by its node; empty when the node is no literal.
std::string_view literal_type(std::string_view node) noexcept {
    struct Row {
        std::string_view node;
        std::string_view type;
    };
    static constexpr Row kRows[] = {
        {"string", "@builtins.str"},
        {"concatenated_string", "@builtins.str"},
        {"list", "@builtins.list"},
        {"list_comprehension", "@builtins.list"},
        {"dictionary", "@builtins.dict"},
        {"dictionary_comprehension", "@builtins.dict"},
        {"set", "@builtins.set"},
        {"set_comprehension", "@builtins.set"},
        {"tuple", "@builtins.tuple"},
        {"expression_list", "@builtins.tuple"},
        {"generator_expression", "@builtins.generator"},
        {"integer", "@builtins.int"},
        {"float", "@builtins.float"},
        {"true", "@builtins.bool"},
        {"false", "@builtins.bool"},
        {"comparison_operator", "@builtins.bool"},
        {"not_operator", "@builtins.bool"},
    };
    for (const Row& row : kRows) {
        if (row.node == node) return row.type;
    }
    return {};
}

}  // namespace

FileScope::FileScope(const WorkspaceConfig& config, const FileFacts& facts)
    : facts_(facts), module_(module_of_path(config, facts.path)) {
    names_.reserve(facts.name_count());
    for (NameIndex i = 1; i < facts.name_count(); ++i) names_.emplace(facts.text(i), i);
    return_name_ = index_of("return");
    yield_name_ = index_of("yield");
    import_names_.reserve(facts.imports.size());
    for (const ImportFact& import : facts.imports) {
        const bool is_wildcard = (import.flags & ImportFact::kWildcard) != 0;
        has_wildcard_ = has_wildcard_ || (is_wildcard && import.definition == kNone);
        // "import a.b" binds "a", which need not be a name of the facts elsewhere.
        import_names_.push_back(is_wildcard ? 0 : index_of(import_local_name(facts, import)));
    }
    const size_t count = facts.name_count();
    definitions_.build(count, facts.definitions.size(),
                       [&](uint32_t i) { return facts.definitions[i].name; });
    locals_.build(count, facts.locals.size(), [&](uint32_t i) { return facts.locals[i].name; });
    imports_.build(count, facts.imports.size(), [&](uint32_t i) { return import_names_[i]; });
    decorators_.resize(facts.definitions.size());
    for (uint32_t i = 0; i < facts.references.size(); ++i) {
        const ReferenceFact& reference = facts.references[i];
        if (reference.role == ReferenceRole::Decorator && reference.definition != kNone)
            decorators_[reference.definition].push_back(i);
    }
    local_texts_.resize(facts.locals.size());
    is_in_progress_.assign(facts.locals.size(), false);
}

NameIndex FileScope::index_of(std::string_view name) {
    const auto found = names_.find(name);
    return found == names_.end() ? 0 : found->second;
}

bool FileScope::is_function(uint32_t definition) const {
    const BlockKind kind = facts_.definitions[definition].kind;
    return kind == BlockKind::Function || kind == BlockKind::Method;
}

uint32_t FileScope::class_around(uint32_t definition) const {
    while (definition != kNone && facts_.definitions[definition].kind != BlockKind::Class)
        definition = facts_.definitions[definition].container;
    return definition;
}

std::string FileScope::qualified(uint32_t definition) const {
    const DefinitionFact& fact = facts_.definitions[definition];
    std::string text = fact.container == kNone ? module_ : qualified(fact.container);
    if (!text.empty()) text += '.';
    text += facts_.text(fact.name);
    return text;
}

Place FileScope::place_of(const ReferenceFact& reference) const {
    Place place{reference.definition, reference.offset};
    // Decorators, defaults, annotations and bases are evaluated outside of what they declare.
    if (reference.is_in_declaration && place.scope != kNone)
        place.scope = facts_.definitions[place.scope].container;
    return place;
}

Place FileScope::place_of(const LocalFact& local) const {
    // A value cannot see the name that it is bound to; later clauses of a comprehension see
    // earlier.
    const uint32_t back = local.is_iteration || local.visible_first == 0 ? 0 : 1;
    return {local.definition, local.visible_first - back};
}

std::vector<std::string> FileScope::decorators_of(uint32_t definition) const {
    std::vector<std::string> names;
    for (const uint32_t i : decorators_[definition]) {
        const std::string_view name = facts_.text(facts_.references[i].name);
        static constexpr std::string_view kKept[] = {
            "property",    "cached_property", "abstractproperty",
            "setter",      "deleter",         "staticmethod",
            "classmethod", "contextmanager",  "asynccontextmanager",
            "overload"};
        if (std::find(std::begin(kKept), std::end(kKept), name) != std::end(kKept))
            names.emplace_back(name == "cached_property" || name == "abstractproperty" ? "property"
                                                                                       : name);
    }
    return names;
}

bool FileScope::add_members(uint32_t scope, NameIndex name, Alternatives& into, Name& found) const {
    bool has_any = false;
    for (const uint32_t i : definitions_.of(name)) {
        if (facts_.definitions[i].container != scope) continue;
        // Variants of one name share their qualified name, so one text covers all.
        into.add(qualified(i));
        found.kind = Name::Kind::Definition;
        has_any = true;
    }
    for (const uint32_t i : imports_.of(name)) {
        const ImportFact& import = facts_.imports[i];
        if (import.definition != scope) continue;
        const bool binds_root = import.name == 0 && import.alias == 0;
        into.add(binds_root ? std::string(facts_.text(name))
                            : import_target(facts_, module_, import));
        if (!has_any) found.kind = Name::Kind::Import;
        has_any = true;
    }
    return has_any;
}

bool FileScope::find_in(uint32_t scope, NameIndex name, const Place& place, Name& found) {
    bool has_local = false;
    Alternatives alternatives;
    const bool has_member = add_members(scope, name, alternatives, found);
    // At file and class level a name that is a definition is described by the definition.
    if (!has_member || (scope != kNone && is_function(scope))) {
        const std::string text = locals_text(name, scope, place, has_local);
        if (has_local && !has_member) found.kind = Name::Kind::Local;
        if (!text.empty()) alternatives.add(text);
    }
    if (!has_member && !has_local) return false;
    found.text = alternatives.text();
    return true;
}

FileScope::Name FileScope::name_at(NameIndex name, const Place& place) {
    Name found;
    if (depth_ > kDepthMax) return found;
    ++depth_;
    bool is_done = false;
    bool is_start = true;
    uint32_t scope = place.scope;
    while (!is_done) {
        // The names of a class are visible in its body, not in its methods.
        const bool is_visible = scope == kNone || is_function(scope) ||
                                (is_start && facts_.definitions[scope].kind == BlockKind::Class);
        is_done = is_visible && find_in(scope, name, place, found);
        if (scope == kNone) break;
        const BlockKind kind = facts_.definitions[scope].kind;
        is_start = is_start && kind != BlockKind::Class && !is_function(scope);
        scope = facts_.definitions[scope].container;
    }
    --depth_;
    if (is_done) return found;
    const std::string_view text = facts_.text(name);
    if (has_wildcard_) {
        found.kind = Name::Kind::Wildcard;
        found.text = module_ + "." + std::string(text);
    } else if (is_builtin(text)) {
        found.kind = Name::Kind::Builtin;
        found.text = "builtins." + std::string(text);
    }
    return found;
}

bool FileScope::is_none(const Chain& chain) const {
    if (chain.count != 1) return false;
    const ChainLink& link = facts_.links[chain.first];
    return (link.flags & ChainLink::kOpaque) != 0 && facts_.text(link.name) == "none";
}

std::string FileScope::locals_text(NameIndex name, uint32_t scope, const Place& place,
                                   bool& has_any) {
    const bool is_inner = place.scope != scope;
    const LocalFact* last = nullptr;
    std::vector<uint32_t> reaching;
    for (const uint32_t i : locals_.of(name)) {
        const LocalFact& local = facts_.locals[i];
        if (local.definition != scope) continue;
        has_any = true;
        if (is_in_progress_[i]) continue;
        // File-level names are read by functions after all of the file has run.
        const bool is_passed = local.visible_first <= place.offset || (is_inner && scope == kNone);
        if (!is_passed) continue;
        if (local.visible_end > place.offset && !(is_inner && scope == kNone)) {
            last = &local;
            reaching.clear();
        }
        reaching.push_back(i);
    }
    Alternatives alternatives;
    for (const uint32_t i : reaching) {
        const LocalFact& local = facts_.locals[i];
        if (&local != last && is_none(local.value) && local.type == 0) continue;
        if (is_none(local.value) && local.type == 0 && reaching.size() > 1) continue;
        alternatives.add(local_text(i));
    }
    return alternatives.text();
}

std::string FileScope::local_text(uint32_t index) {
    if (local_texts_[index]) return *local_texts_[index];
    if (depth_ > kDepthMax || is_in_progress_[index]) return {};
    is_in_progress_[index] = true;
    ++depth_;
    std::string text = compute_local(index);
    --depth_;
    is_in_progress_[index] = false;
    if (text.size() > kExpressionTextMax) text.clear();
    local_texts_[index] = text;
    return text;
}

std::string FileScope::compute_local(uint32_t index) {
    const LocalFact& local = facts_.locals[index];
    const uint32_t scope = local.definition;
    if (local.type != 0) {
        const uint32_t around = scope == kNone ? kNone : scope;
        return type_text(facts_.text(local.type), around);
    }
    if (local.value.count == 0) {
        if (!is_parameter(local) || facts_.definitions[scope].kind != BlockKind::Method) return {};
        const DefinitionFact& method = facts_.definitions[scope];
        if (facts_.text(local.name) != first_parameter(facts_, method) ||
            is_static_method(facts_, method))
            return {};
        const uint32_t type = class_around(scope);
        if (type == kNone) return {};
        return (is_class_method(facts_, method) ? "" : "@") + qualified(type);
    }
    if (is_parameter(local)) return default_text(local);
    std::string text = chain_text(local.value, place_of(local));
    if (local.is_iteration) text = with_link(text, "[*]");
    if (is_unpacked(index) && local.position < 10)
        text = with_link(text, "[" + std::to_string(local.position) + "]");
    return text;
}

bool FileScope::is_parameter(const LocalFact& local) const {
    return local.definition != kNone && is_function(local.definition) &&
           local.visible_first < facts_.definitions[local.definition].body_first;
}

/// A parameter may be anything, but one that is given the name of its default, `_len=len`, is there
/// to make a global quick to find.
std::string FileScope::default_text(const LocalFact& local) {
    const uint32_t around = facts_.definitions[local.definition].container;
    const std::string text = chain_text(local.value, {around, local.visible_first});
    if (text.empty() || is_none(local.value)) return {};
    std::string_view name = facts_.text(local.name);
    while (name.starts_with('_')) name.remove_prefix(1);
    std::string_view value =
        facts_.text(facts_.links[local.value.first + local.value.count - 1].name);
    while (value.starts_with('_')) value.remove_prefix(1);
    return name == value ? text : text + "|?";
}

bool FileScope::is_unpacked(uint32_t index) const {
    const LocalFact& local = facts_.locals[index];
    if (local.position != 0) return true;
    // The first of several looks like a plain binding; its neighbour tells.
    const auto same_value = [&](const LocalFact& other) {
        if (other.position == 0 || other.value.count != local.value.count ||
            other.definition != local.definition || other.is_iteration != local.is_iteration)
            return false;
        for (uint32_t i = 0; i < local.value.count; ++i) {
            const ChainLink& a = facts_.links[local.value.first + i];
            const ChainLink& b = facts_.links[other.value.first + i];
            if (a.name != b.name || a.flags != b.flags) return false;
        }
        return true;
    };
    for (size_t i = index + 1; i < facts_.locals.size() && i < index + size_t{4}; ++i) {
        if (same_value(facts_.locals[i])) return true;
    }
    return false;
}

std::string FileScope::link_text(const ChainLink& link, const Place& place) {
    const std::string_view name = facts_.text(link.name);
    if ((link.flags & ChainLink::kOpaque) != 0) {
        if ((link.flags & ChainLink::kCall) != 0) return {};
        return std::string(literal_type(name));
    }
    if (name == "super" && (link.flags & ChainLink::kCall) != 0) {
        const uint32_t type = class_around(place.scope);
        return type == kNone ? std::string() : "^" + qualified(type);
    }
    return name_at(link.name, place).text;
}

std::string FileScope::chain_text(const Chain& chain, const Place& place) {
    std::string text;
    for (uint32_t i = 0; i < chain.count; ++i) {
        const ChainLink& link = facts_.links[chain.first + i];
        if (i == 0) {
            text = link_text(link, place);
        } else if ((link.flags & ChainLink::kOpaque) != 0) {
            return {};
        } else {
            text = with_link(text, ":" + std::string(facts_.text(link.name)));
        }
        if (text.empty() || text.size() > kExpressionTextMax) return {};
        const bool is_super = i == 0 && text.starts_with('^');
        if ((link.flags & ChainLink::kCall) != 0 && !is_super) text = with_link(text, "()");
        if ((link.flags & ChainLink::kIndex) != 0) text = with_link(text, "[]");
    }
    return text;
}

std::string FileScope::returned_text(uint32_t definition) {
    Alternatives alternatives;
    bool has_return = false;
    for (const uint32_t i : locals_.of(return_name_)) {
        const LocalFact& local = facts_.locals[i];
        if (local.definition != definition) continue;
        has_return = true;
        if (!is_none(local.value)) alternatives.add(local_text(i));
    }
    bool has_yield = false;
    for (const uint32_t i : locals_.of(yield_name_)) {
        if (facts_.locals[i].definition != definition) continue;
        has_yield = true;
    }
    if (!has_yield) return has_return ? alternatives.text() : std::string();
    const std::vector<std::string> decorators = decorators_of(definition);
    const bool is_context = std::any_of(decorators.begin(), decorators.end(), [](const auto& name) {
        return name.ends_with("contextmanager");
    });
    Alternatives yielded;
    for (const uint32_t i : locals_.of(yield_name_)) {
        const LocalFact& local = facts_.locals[i];
        if (local.definition == definition && local.value.count != 0 && !is_none(local.value))
            yielded.add(local_text(i));
    }
    // What `with f() as x` binds is what f yields; other generators are iterated.
    if (yielded.is_empty()) return {};
    return is_context ? yielded.text() : "@typing.Iterator<" + yielded.text() + ">";
}

void FileScope::add_stored(NameIndex name, uint32_t owner, bool is_attribute, Alternatives& into) {
    for (const uint32_t i : locals_.of(name)) {
        const LocalFact& local = facts_.locals[i];
        // self.x is assigned in methods, x in the body of the class itself.
        if (is_attribute ? class_around(local.definition) != owner : local.definition != owner)
            continue;
        if (local.value.count != 0 && !is_none(local.value)) into.add(local_text(i));
    }
}

std::string FileScope::stored_text(uint32_t definition) {
    const DefinitionFact& fact = facts_.definitions[definition];
    Alternatives alternatives;
    if (fact.value.count != 0 && !is_none(fact.value))
        alternatives.add(chain_text(fact.value, {fact.container, fact.range.byte_end}));
    add_stored(fact.name, fact.container, false, alternatives);
    if (fact.kind == BlockKind::Field) {
        const std::string attribute = "self." + std::string(facts_.text(fact.name));
        if (const NameIndex name = index_of(attribute); name != 0)
            add_stored(name, fact.container, true, alternatives);
    }
    return alternatives.text();
}

std::string FileScope::value_text(uint32_t definition) {
    const DefinitionFact& fact = facts_.definitions[definition];
    const bool is_value = fact.kind == BlockKind::Field || fact.kind == BlockKind::Variable ||
                          fact.kind == BlockKind::Constant;
    if (!is_value && !is_function(definition)) return {};
    std::string text;
    if (fact.type != 0) {
        text = type_text(facts_.text(fact.type), fact.container);
    } else {
        text = is_value ? stored_text(definition) : returned_text(definition);
    }
    return text.size() > kExpressionTextMax ? std::string() : text;
}

}  // namespace kausal::ingest::python
