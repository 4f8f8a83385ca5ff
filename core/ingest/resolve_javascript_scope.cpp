// Name look-up by lexical scope, and expressions as text.
#include "ingest/resolve_javascript_scope.h"

#include "ingest/resolution.h"
#include "ingest/resolve_javascript_facts.h"
#include "ingest/resolve_javascript_library.h"

#include <algorithm>

namespace kausal::ingest::javascript {
namespace {

using format::BlockKind;

std::string_view literal_type(std::string_view node) noexcept {
    struct Row {
        std::string_view node;
        std::string_view type;
    };
    static constexpr Row kRows[] = {
        {"string", "@!String"}, {"template_string", "@!String"}, {"number", "@!Number"},
        {"array", "@!Array"},   {"regex", "@!RegExp"},           {"true", "@!Boolean"},
        {"false", "@!Boolean"},
    };
    for (const Row& row : kRows) {
        if (row.node == node) return row.type;
    }
    return {};
}

bool is_type_only(BlockKind kind) noexcept {
    return kind == BlockKind::Interface || kind == BlockKind::TypeAlias;
}

}  // namespace

std::string escape_path(std::string_view path) {
    std::string out = escape_name(path);
    for (size_t at = out.find('#'); at != std::string::npos; at = out.find('#', at + 3))
        out.replace(at, 1, "%23");
    return out;
}

FileScope::FileScope(const FileFacts& facts) : facts_(facts), path_(escape_path(facts.path)) {
    names_.reserve(facts.name_count());
    for (NameIndex i = 1; i < facts.name_count(); ++i) names_.emplace(facts.text(i), i);
    return_name_ = index_of("return");
    arrow_name_ = index_of("=>");
    const NameIndex function_name = index_of("function");
    const size_t count = facts.name_count();
    definitions_.build(count, facts.definitions.size(),
                       [&](uint32_t i) { return facts.definitions[i].name; });
    locals_.build(count, facts.locals.size(), [&](uint32_t i) { return facts.locals[i].name; });
    imports_.build(count, facts.imports.size(), [&](uint32_t i) {
        const ImportFact& import = facts.imports[i];
        if ((import.flags & ImportFact::kReExport) != 0) return NameIndex{0};
        return import.alias != 0 ? import.alias : import.name;
    });
    local_texts_.resize(facts.locals.size());
    is_in_progress_.assign(facts.locals.size(), false);
    for (const LocalFact& local : facts.locals) {
        const bool is_function_mark = local.name != 0 && local.name == function_name;
        if (!is_function_mark && (local.name == 0 || local.name != arrow_name_)) continue;
        // The mark of a function that is a definition itself stands before its body.
        if (local.definition != kNone &&
            local.visible_first <= facts.definitions[local.definition].body_first)
            continue;
        closures_.push_back(
            {local.definition, local.visible_first, local.visible_end, is_function_mark});
    }
    std::stable_sort(closures_.begin(), closures_.end(), [](const Closure& a, const Closure& b) {
        if (a.definition != b.definition) return a.definition < b.definition;
        return a.first != b.first ? a.first < b.first : a.end > b.end;
    });
    for (uint32_t i = 1; i < closures_.size(); ++i) {
        uint32_t around = i - 1;
        while (around != kNone && (closures_[around].definition != closures_[i].definition ||
                                   closures_[around].end < closures_[i].end))
            around = closures_[around].parent;
        closures_[i].parent = around;
    }
}

NameIndex FileScope::index_of(std::string_view name) const {
    const auto found = names_.find(name);
    return found == names_.end() ? 0 : found->second;
}

bool FileScope::is_function(uint32_t definition) const {
    const BlockKind kind = facts_.definitions[definition].kind;
    return kind == BlockKind::Function || kind == BlockKind::Method;
}

bool FileScope::is_in_closure(uint32_t definition, uint32_t offset, bool with_this) const {
    const auto first = std::lower_bound(
        closures_.begin(), closures_.end(), definition,
        [](const Closure& closure, uint32_t value) { return closure.definition < value; });
    for (auto at = first; at != closures_.end() && at->definition == definition; ++at) {
        if (at->first <= offset && offset < at->end && (!with_this || at->has_this)) return true;
    }
    return false;
}

std::string FileScope::qualified(uint32_t definition) const {
    const DefinitionFact& fact = facts_.definitions[definition];
    std::string text = fact.container == kNone ? path_ + "#" : qualified(fact.container) + ".";
    return text + escape_name(facts_.text(fact.name));
}

std::string FileScope::module_text(std::string_view specifier) const {
    if (!is_relative(specifier)) return "~" + escape_path(specifier) + "#";
    const std::string path = escape_path(join_path(facts_.path, specifier));
    return path.empty() ? path : path + "#";
}

std::string FileScope::import_text(const ImportFact& import, bool whole) const {
    std::string text = module_text(facts_.text(import.path));
    if (text.empty()) return {};
    const bool is_namespace =
        (import.flags & (ImportFact::kNamespace | ImportFact::kWildcard)) != 0;
    if (whole || (is_namespace && import.name == 0)) return text + "*";
    if ((import.flags & ImportFact::kDefault) != 0) return text + "default";
    return text + escape_name(unquoted(facts_.text(import.name)));
}

const FileScope::Closure* FileScope::closure_at(uint32_t definition, uint32_t offset) const {
    const auto after = std::upper_bound(
        closures_.begin(), closures_.end(), Place{definition, offset},
        [](const Place& place, const Closure& closure) {
            return place.scope != closure.definition ? place.scope < closure.definition
                                                     : place.offset < closure.first;
        });
    if (after == closures_.begin() || std::prev(after)->definition != definition) return nullptr;
    const Closure* closure = &*std::prev(after);
    while (offset >= closure->end) {
        if (closure->parent == kNone) return nullptr;
        closure = &closures_[closure->parent];
    }
    return closure;
}

const FileScope::Closure* FileScope::closure_of(const LocalFact& local) const {
    if (local.visible_end == 0) return nullptr;
    const Closure* closure = closure_at(local.definition, local.visible_end - 1);
    // Parameters stand in front of their function, which may end where the one inside it does.
    while (closure != nullptr && closure->parent != kNone &&
           closures_[closure->parent].first > local.visible_first)
        closure = &closures_[closure->parent];
    return closure;
}

uint32_t FileScope::definition_in(uint32_t scope, NameIndex name, const Place& place,
                                  bool is_type) const {
    uint32_t found = kNone;
    uint32_t found_size = UINT32_MAX;
    for (const uint32_t i : definitions_.of(name)) {
        const DefinitionFact& fact = facts_.definitions[i];
        if (fact.container != scope || fact.scope != 0) continue;
        // Members of an object without a name are no names of the scope around it.
        if (fact.kind == BlockKind::Method || fact.kind == BlockKind::Field) continue;
        uint32_t size = UINT32_MAX;
        if (const Closure* closure = closure_at(scope, fact.name_offset); closure != nullptr) {
            if (place.offset < closure->first || place.offset >= closure->end) continue;
            size = closure->end - closure->first;
        }
        if (size > found_size) continue;
        if (size < found_size) found = kNone;
        found_size = size;
        // A class may share its name with an interface, a constant with a type: each means its own.
        if (found != kNone && is_type_only(fact.kind) != is_type) continue;
        if (!is_type && is_type_only(fact.kind) && found == kNone) {
            found = i;
            continue;
        }
        const bool is_declaration = (fact.flags & format::kBlockDeclaration) != 0;
        if (found == kNone || !is_declaration) found = i;
    }
    return found;
}

const LocalFact* FileScope::local_in(uint32_t scope, NameIndex name, const Place& place,
                                     uint32_t& index) const {
    const LocalFact* best = nullptr;
    const LocalFact* hoisted = nullptr;
    for (const uint32_t i : locals_.of(name)) {
        const LocalFact& local = facts_.locals[i];
        if (local.definition != scope || is_in_progress_[i] || local.visible_end == 0) continue;
        if (place.offset >= local.visible_end) continue;
        if (local.visible_first <= place.offset) {
            best = &local;
            index = i;
        } else if (hoisted == nullptr && best == nullptr) {
            // Declared later in the same block: closures may use it, and nothing outer is meant.
            const Closure* closure = closure_of(local);
            if (closure == nullptr || closure->first <= place.offset) hoisted = &local;
        }
    }
    if (best != nullptr) return best;
    if (hoisted != nullptr) index = static_cast<uint32_t>(hoisted - facts_.locals.data());
    return hoisted;
}

std::optional<std::string> FileScope::imported_text(uint32_t scope, NameIndex name,
                                                    const Closure* hidden) const {
    Alternatives alternatives;
    for (const uint32_t i : imports_.of(name)) {
        const ImportFact& import = facts_.imports[i];
        if (hidden != nullptr && (import.offset < hidden->first || import.offset >= hidden->end))
            continue;
        uint32_t owner = import.definition;
        while (owner != kNone && !is_function(owner)) owner = facts_.definitions[owner].container;
        if (owner == scope || (scope == kNone && import.definition == kNone))
            alternatives.add(import_text(import, false));
    }
    if (alternatives.is_empty()) return std::nullopt;
    return alternatives.text();
}

bool FileScope::find_in(uint32_t scope, NameIndex name, const Place& place, bool is_type,
                        Name& found) {
    const bool is_scope =
        scope == kNone || is_function(scope) || facts_.definitions[scope].kind == BlockKind::Module;
    uint32_t index = 0;
    const LocalFact* local = local_in(scope, name, place, index);
    const uint32_t definition = is_scope ? definition_in(scope, name, place, is_type) : kNone;
    const Closure* local_closure = local != nullptr ? closure_of(*local) : nullptr;
    const Closure* closure = definition != kNone
                                 ? closure_at(scope, facts_.definitions[definition].name_offset)
                                 : nullptr;
    // What a callback declares hides what stands around it.
    if (closure != nullptr && local_closure != nullptr && local_closure->first < closure->first)
        local = nullptr;
    if (is_scope) {
        // Imports come before locals: what require() binds looks like a local too.
        const bool is_hidden = local != nullptr && local_closure != nullptr && !is_type;
        auto text = imported_text(scope, name, is_hidden ? local_closure : closure);
        if (text) {
            found = {Name::Kind::Import, *std::move(text)};
            return true;
        }
    }
    if (local != nullptr) {
        found.kind = Name::Kind::Local;
        found.text = local_text(index);
        return true;
    }
    if (definition == kNone) return false;
    found = {Name::Kind::Definition, qualified(definition), definition};
    return true;
}

FileScope::Name FileScope::name_at(NameIndex name, const Place& place, bool is_type) {
    Name found;
    if (depth_ > kDepthMax) return found;
    ++depth_;
    bool is_done = false;
    for (uint32_t scope = place.scope;; scope = facts_.definitions[scope].container) {
        is_done = find_in(scope, name, place, is_type, found);
        // The name of a class or function expression is known inside of it.
        if (!is_done && scope != kNone && facts_.definitions[scope].name == name &&
            (is_function(scope) || is_type_only(facts_.definitions[scope].kind) ||
             facts_.definitions[scope].kind == BlockKind::Class) &&
            facts_.definitions[scope].kind != BlockKind::Method) {
            found = {Name::Kind::Definition, qualified(scope)};
            is_done = true;
        }
        if (is_done || scope == kNone) break;
    }
    --depth_;
    if (is_done) return found;
    const std::string_view text = facts_.text(name);
    if (text == "exports") return {Name::Kind::Global, path_ + "#*"};
    if (is_global(text)) found = {Name::Kind::Global, "!" + std::string(text)};
    return found;
}

FileScope::Name FileScope::dotted_at(std::string_view dotted, const Place& place, bool is_type) {
    const size_t dot = dotted.find('.');
    const std::string_view first = dotted.substr(0, dot);
    const NameIndex index = index_of(first);
    Name name;
    if (index != 0) {
        name = name_at(index, place, is_type && dot == std::string_view::npos);
    } else if (is_global(first)) {
        name = {Name::Kind::Global, "!" + std::string(first)};
    }
    if (dot == std::string_view::npos || name.text.empty()) return name;
    const std::string rest = escape_name(dotted.substr(dot + 1));
    if (name.text.ends_with("#*")) {
        name.text.pop_back();
        name.text += rest;
    } else if (name.text.find_first_of(":|@^") == std::string::npos) {
        name.text += "." + rest;
    } else {
        name.text.clear();
    }
    return name;
}

bool FileScope::is_empty_value(const Chain& chain) const {
    if (chain.count != 1) return false;
    const ChainLink& link = facts_.links[chain.first];
    const std::string_view name = facts_.text(link.name);
    return (link.flags & ChainLink::kOpaque) != 0 && (name == "null" || name == "undefined");
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

bool FileScope::is_unpacked(uint32_t index) const {
    const LocalFact& local = facts_.locals[index];
    if (local.position != 0) return true;
    // The first of several looks like a plain binding; its neighbour tells.
    for (size_t i = index + 1; i < facts_.locals.size() && i < index + size_t{4}; ++i) {
        const LocalFact& other = facts_.locals[i];
        if (other.position == 0 || other.position >= LocalFact::kInnerPart ||
            other.definition != local.definition || other.value.count != local.value.count ||
            other.is_iteration != local.is_iteration)
            continue;
        bool is_same = true;
        for (uint32_t k = 0; k < local.value.count; ++k) {
            const ChainLink& a = facts_.links[local.value.first + k];
            const ChainLink& b = facts_.links[other.value.first + k];
            is_same = is_same && a.name == b.name && a.flags == b.flags;
        }
        if (is_same) return true;
    }
    return false;
}

std::string FileScope::compute_local(uint32_t index) {
    const LocalFact& local = facts_.locals[index];
    if (local.position == LocalFact::kInnerPart) return {};
    const uint32_t back = local.visible_first == 0 ? 0 : 1;
    const Place place{local.definition, local.visible_first - back};
    std::string text;
    if (local.type != 0) {
        text = type_text(facts_.text(local.type), place);
    } else if (local.value.count != 0 && !is_empty_value(local.value)) {
        text = chain_text(local.value, place);
        // In JavaScript a default says only what a parameter may be.
        const bool is_default =
            facts_.language == format::Language::JavaScript && local.definition != kNone &&
            is_function(local.definition) &&
            local.visible_first < facts_.definitions[local.definition].body_first;
        if (is_default && !text.empty()) text += "|?";
        if (local.is_iteration) text = with_link(text, "[*]");
    }
    if (local.position == LocalFact::kMember)
        return with_link(text, ":" + std::string(facts_.text(local.name)));
    if (local.value.count != 0 && is_unpacked(index))
        return local.position < 10 ? with_link(text, "[" + std::to_string(local.position) + "]")
                                   : std::string();
    return text;
}

std::string FileScope::this_text(const Place& place) {
    for (uint32_t at = place.scope; at != kNone; at = facts_.definitions[at].container) {
        const DefinitionFact& fact = facts_.definitions[at];
        if (is_in_closure(at, place.offset, true)) return {};
        if (fact.kind == BlockKind::Class || fact.kind == BlockKind::Interface)
            return "@" + qualified(at);
        if (fact.kind == BlockKind::Method) {
            if (fact.container == kNone) return {};
            const DefinitionFact& owner = facts_.definitions[fact.container];
            std::string text = qualified(fact.container);
            if (owner.kind == BlockKind::Constant || owner.kind == BlockKind::Variable) return text;
            if (owner.kind == BlockKind::Class || owner.kind == BlockKind::Interface ||
                owner.kind == BlockKind::Function) {
                // A method of an object that a function returns has that object as `this`.
                const bool is_returned = owner.kind == BlockKind::Function &&
                                         fact.range.byte_first > owner.body_first &&
                                         fact.range.byte_end <= owner.range.byte_end &&
                                         !facts_.text(fact.signature).starts_with("this.");
                if (is_returned) return {};
                const bool is_static = (fact.flags & format::kBlockStatic) != 0;
                return is_static ? text : "@" + text;
            }
            return {};
        }
        if (fact.kind == BlockKind::Field) continue;
        if (fact.kind != BlockKind::Function || !has_own_this(facts_, fact)) continue;
        // A constructor function: `new` makes its `this`.
        const std::string_view name = facts_.text(fact.name);
        const bool is_constructor = !name.empty() && name[0] >= 'A' && name[0] <= 'Z';
        return is_constructor ? "@" + qualified(at) : std::string();
    }
    return {};
}

uint32_t FileScope::class_of_super(const Place& place) const {
    uint32_t at = place.scope;
    while (at != kNone && facts_.definitions[at].kind != BlockKind::Class)
        at = facts_.definitions[at].container;
    return at;
}

std::string FileScope::link_text(const ChainLink& link, const Place& place) {
    const std::string_view name = facts_.text(link.name);
    if ((link.flags & ChainLink::kOpaque) != 0) {
        if ((link.flags & ChainLink::kCall) != 0) return {};
        return std::string(literal_type(name));
    }
    if ((link.flags & ChainLink::kCast) != 0) return type_text(name, place);
    if ((link.flags & ChainLink::kSelf) != 0) return this_text(place);
    if ((link.flags & ChainLink::kSuper) != 0) {
        const uint32_t type = class_of_super(place);
        return type == kNone ? std::string() : "^" + qualified(type);
    }
    return name_at(link.name, place, false).text;
}

std::string FileScope::chain_text(const Chain& chain, const Place& place) {
    std::string text;
    for (uint32_t i = 0; i < chain.count; ++i) {
        const ChainLink& link = facts_.links[chain.first + i];
        if (i == 0 || (link.flags & ChainLink::kCast) != 0) {
            // `x as const` casts to nothing.
            if (i != 0 && facts_.text(link.name) == "const") continue;
            text = link_text(link, place);
        } else if ((link.flags & ChainLink::kOpaque) != 0) {
            return {};
        } else {
            text = with_link(text, ":" + escape_name(facts_.text(link.name)));
        }
        if (text.empty() || text.size() > kExpressionTextMax) {
            // What stands before a cast does not matter.
            const bool has_cast = std::any_of(
                facts_.links.begin() + chain.first + i + 1,
                facts_.links.begin() + chain.first + chain.count,
                [](const ChainLink& later) { return (later.flags & ChainLink::kCast) != 0; });
            if (!has_cast) return {};
            continue;
        }
        const bool is_new = (link.flags & ChainLink::kNew) != 0;
        if ((link.flags & ChainLink::kCall) != 0) text = with_link(text, is_new ? "(new)" : "()");
        if ((link.flags & ChainLink::kIndex) != 0) text = with_link(text, "[]");
    }
    return text;
}

std::string FileScope::returned_text(uint32_t definition) {
    const DefinitionFact& fact = facts_.definitions[definition];
    Alternatives alternatives;
    for (const uint32_t i : locals_.of(arrow_name_)) {
        const LocalFact& local = facts_.locals[i];
        // The arrow of the function itself; a body in braces has return statements instead.
        if (local.definition != definition || local.visible_first > fact.body_first) continue;
        const std::string text = local_text(i);
        if (!text.empty()) return text;
    }
    for (const uint32_t i : locals_.of(return_name_)) {
        const LocalFact& local = facts_.locals[i];
        if (local.definition != definition ||
            is_in_closure(definition, local.visible_first - 1, false))
            continue;
        if (!is_empty_value(local.value)) alternatives.add(local_text(i));
    }
    return alternatives.text();
}

std::string FileScope::stored_text(uint32_t definition) {
    const DefinitionFact& fact = facts_.definitions[definition];
    Alternatives alternatives;
    if (fact.value.count != 0 && !is_empty_value(fact.value)) {
        // `{ make }` in a literal means the make outside of it.
        alternatives.add(chain_text(fact.value, {fact.container, fact.range.byte_first}));
    }
    const auto add = [&](NameIndex name, bool is_attribute) {
        for (const uint32_t i : locals_.of(name)) {
            const LocalFact& local = facts_.locals[i];
            uint32_t owner = local.definition;
            while (is_attribute && owner != kNone && owner != fact.container)
                owner = facts_.definitions[owner].container;
            if (owner != fact.container || local.value.count == 0 || is_empty_value(local.value) ||
                (!is_attribute && local.visible_end != 0))
                continue;
            alternatives.add(local_text(i));
        }
    };
    add(fact.name, false);
    if (fact.kind == BlockKind::Field) {
        const std::string attribute = "this." + std::string(facts_.text(fact.name));
        if (const NameIndex name = index_of(attribute); name != 0) add(name, true);
    }
    return alternatives.text();
}

std::string FileScope::value_text(uint32_t definition) {
    const DefinitionFact& fact = facts_.definitions[definition];
    const bool is_value = fact.kind == BlockKind::Field || fact.kind == BlockKind::Variable ||
                          fact.kind == BlockKind::Constant;
    std::string text;
    if (fact.kind == BlockKind::TypeAlias ||
        ((is_value || is_function(definition)) && fact.type != 0)) {
        // Type parameters are those of the definition itself; the names are those around it.
        const uint32_t scope = is_value ? fact.container : definition;
        text = type_text(facts_.text(fact.type), {scope, fact.range.byte_end - 1});
        if (has_variable_type(facts_, fact)) text = with_link(text, "()");
    } else if (is_value) {
        text = stored_text(definition);
    } else if (is_function(definition)) {
        text = returned_text(definition);
    }
    return text.size() > kExpressionTextMax ? std::string() : text;
}

std::vector<std::string> FileScope::exports() {
    std::vector<std::string> table;
    for (const ImportFact& import : facts_.imports) {
        if ((import.flags & ImportFact::kReExport) == 0) continue;
        if ((import.flags & ImportFact::kWildcard) != 0) {
            table.push_back("*=" + import_text(import, true));
            continue;
        }
        std::string text;
        if (import.path != 0) {
            text = import_text(import, false);
        } else if (const NameIndex name = import.name; name != 0) {
            text = name_at(name, {kNone, UINT32_MAX - 1}, false).text;
        }
        if (!text.empty()) table.push_back(std::string(export_name(facts_, import)) + "=" + text);
    }
    return table;
}

}  // namespace kausal::ingest::javascript
