// Reads the texts of Rust types: paths, arguments, references; see resolve_rust_types.h.
#include "ingest/resolve_rust_types.h"

#include "ingest/resolution.h"

#include <algorithm>

namespace kausal::ingest::rust {
namespace {

using format::BlockKind;

constexpr uint32_t kDepthMax = 16;

bool is_word(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
    return text;
}

bool drop(std::string_view& text, std::string_view start) {
    if (!text.starts_with(start)) return false;
    text.remove_prefix(start.size());
    return true;
}

/// The module that a symbol's type is written in.
std::string_view module_of(const Symbol& symbol) {
    const bool is_member = symbol.kind == BlockKind::Method || symbol.kind == BlockKind::Field;
    return is_member ? parent_path(symbol.package) : std::string_view(symbol.package);
}

/// "T" of "impl Iterator<Item = T>".
std::string_view item_of(std::string_view bound) {
    for (const std::string_view argument : split_list(arguments_of(bound))) {
        const size_t equals = argument.find('=');
        if (equals == std::string_view::npos) continue;
        const std::string_view name = trimmed(argument.substr(0, equals));
        if (name == "Item" || name == "Output") return trimmed(argument.substr(equals + 1));
    }
    return {};
}

}  // namespace

std::vector<std::string_view> split_list(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    int depth = 0;
    size_t start = 0;
    for (size_t at = 0; at <= text.size(); ++at) {
        const bool is_end = at == text.size();
        const char c = is_end ? separator : text[at];
        const bool is_arrow = c == '>' && at > 0 && text[at - 1] == '-';
        if (c == '<' || c == '(' || c == '[' || c == '{') ++depth;
        if ((c == '>' && !is_arrow) || c == ')' || c == ']' || c == '}') --depth;
        if (!is_end && (c != separator || depth != 0)) continue;
        const std::string_view part = trimmed(text.substr(start, at - start));
        if (!part.empty()) parts.push_back(part);
        start = at + 1;
    }
    return parts;
}

std::string_view bare_type(std::string_view text) {
    for (;;) {
        text = trimmed(text);
        if (drop(text, "&")) continue;
        if (text.starts_with('\'')) {
            size_t at = 1;
            while (at < text.size() && is_word(text[at])) ++at;
            text.remove_prefix(at);
            continue;
        }
        if (drop(text, "mut ") || drop(text, "dyn ") || drop(text, "impl ") ||
            drop(text, "*const ") || drop(text, "*mut ") || drop(text, "pub "))
            continue;
        if (text.starts_with("pub(")) {
            text.remove_prefix(std::min(text.find(')'), text.size() - 1) + 1);
            continue;
        }
        return text;
    }
}

std::string_view arguments_of(std::string_view text) {
    const size_t open = text.find('<');
    if (open == std::string_view::npos || !text.ends_with('>')) return {};
    return text.substr(open + 1, text.size() - open - 2);
}

std::string_view type_parameters_of(std::string_view signature, std::string_view name) {
    for (size_t at = signature.find(name); at != std::string_view::npos;
         at = signature.find(name, at + 1)) {
        if (at == 0 || signature[at - 1] != ' ') continue;
        const std::string_view rest = signature.substr(at + name.size());
        if (!rest.empty() && is_word(rest.front())) continue;  // `f` in `fn f`
        if (!rest.starts_with('<')) return {};
        int depth = 0;
        for (size_t end = 0; end < rest.size(); ++end) {
            if (rest[end] == '<') ++depth;
            if (rest[end] == '>' && rest[end - 1] != '-' && --depth == 0)
                return rest.substr(0, end + 1);
        }
        return {};
    }
    return {};
}

Types::Types(Paths& paths, Level level) : paths_(paths), level_(level) {
    const FileFacts& facts = paths.facts();
    for (uint32_t i = 0; i < facts.locals.size(); ++i)
        if (facts.text(facts.locals[i].name).starts_with('<')) impl_parameters_.push_back(i);
}

const std::vector<Types::TypeParameter>& Types::parameters_of(uint32_t definition) {
    const auto known = parameters_.find(definition);
    if (known != parameters_.end()) return known->second;
    std::vector<TypeParameter> list;
    const FileFacts& facts = paths_.facts();
    const DefinitionFact& fact = facts.definitions[definition];
    const std::string_view signature = facts.text(fact.signature);
    const auto read = [&](std::string_view text) {
        for (const std::string_view part : split_list(text)) {
            if (part.starts_with('\'') || part.starts_with("const ")) continue;
            const size_t colon = part.find(':');
            const std::string_view name = trimmed(part.substr(0, std::min(colon, part.find('='))));
            std::string_view bounds;
            if (colon != std::string_view::npos)
                bounds = trimmed(part.substr(colon + 1, part.find('=') - colon - 1));
            if (!name.empty()) list.push_back({name, bounds});
        }
    };
    if (signature.find('<') != std::string_view::npos ||
        signature.find("where") != std::string_view::npos) {
        const std::string_view angles = type_parameters_of(signature, facts.text(fact.name));
        if (angles.size() > 2) read(angles.substr(1, angles.size() - 2));
        const size_t where = signature.find(" where ");
        if (where != std::string_view::npos) read(signature.substr(where + 7));
    }
    return parameters_.emplace(definition, std::move(list)).first->second;
}

bool Types::find_parameter(std::string_view name, uint32_t definition, std::string& bounds) {
    const FileFacts& facts = paths_.facts();
    bool is_found = false;
    const auto add = [&](std::string_view more) {
        is_found = true;
        if (more.empty()) return;
        if (!bounds.empty()) bounds += " + ";
        bounds += more;
    };
    uint32_t at = definition;
    for (; at != kNone && facts.definitions[at].kind != BlockKind::Module;
         at = facts.definitions[at].container) {
        for (const TypeParameter& parameter : parameters_of(at))
            if (parameter.name == name) add(parameter.bounds);
        if (is_found) return true;
    }
    if (definition == kNone || impl_parameters_.empty()) return false;
    const uint32_t offset = facts.definitions[definition].range.byte_first;
    for (const uint32_t index : impl_parameters_) {
        const LocalFact& local = facts.locals[index];
        if (offset < local.visible_first || offset >= local.visible_end) continue;
        const std::string_view text = facts.text(local.name);
        if (text.size() == name.size() + 2 && text.substr(1, name.size()) == name)
            add(facts.text(local.type));
    }
    return is_found;
}

bool Types::is_tree_type(std::string_view name) {
    for (const Symbol* symbol : paths_.source().named(name))
        if (is_type(symbol->kind)) return true;
    return false;
}

Type Types::self_type(uint32_t definition) {
    const FileFacts& facts = paths_.facts();
    for (uint32_t at = definition; at != kNone; at = facts.definitions[at].container) {
        const DefinitionFact& fact = facts.definitions[at];
        if (fact.scope != 0) {
            const std::string_view text = facts.text(fact.scope);
            if (bare_type(text) == "Self") return {};
            // The parameters of the impl block are known inside of it only.
            return parse(text, impl_parameters_.empty() ? fact.container : at);
        }
        if (is_type(fact.kind)) {
            Type type;
            type.symbol = &paths_.own(at);
            type.is_self = fact.kind == BlockKind::Interface;
            return type;
        }
    }
    return {};
}

Type Types::parse_bounds(std::string_view text, uint32_t definition) {
    Type type;
    std::vector<Found> found;
    for (std::string_view part : split_list(text, '+')) {
        part = bare_type(part);
        if (part.empty() || part.starts_with('?')) continue;
        const std::string_view name = last_segment(part.substr(0, part.find_first_of("<(")));
        if (name == "Iterator" || name == "IntoIterator" || name == "DoubleEndedIterator" ||
            name == "ExactSizeIterator" || name == "Future") {
            const std::string_view item = item_of(part);
            if (!item.empty() && depth_ < kDepthMax) {
                type = parse(item, definition);
                if (name != "Future") type.layers.push(Layer::Iterator);
                return type;
            }
        }
        if (name == "Deref" || name == "AsRef" || name == "Borrow" || name == "Into") continue;
        const Found one = paths_.resolve_whole(part, definition, Space::Type);
        if (one.is_known()) found.push_back(one);
    }
    bounds_.push_back(std::move(found));
    type.bounds = &bounds_.back();
    for (const Found& one : *type.bounds)
        if (one.symbol != nullptr && type.symbol == nullptr) type.symbol = one.symbol;
    return type;
}

Type Types::expanded(const Symbol& alias, std::string_view arguments, uint32_t definition) {
    Type type;
    if (depth_ >= kDepthMax || alias.type.empty()) return type;
    ++depth_;
    const std::string_view text = bare_type(alias.type);
    const std::string_view name = last_segment(text.substr(0, text.find('<')));
    const Wrapper wrapper = wrapper_of(name);
    const auto inner = split_list(arguments_of(text));
    if (wrapper.layer != Layer::None && wrapper.argument < inner.size() &&
        text.find('<') != std::string_view::npos) {
        // `type Result<T> = std::result::Result<T, Error>` puts what is written into the wrapper.
        const std::string_view parameters = alias.type_parameters;
        const auto names =
            split_list(parameters.size() > 2 ? parameters.substr(1, parameters.size() - 2)
                                             : std::string_view());
        const auto written = split_list(arguments);
        for (size_t i = 0; i < names.size() && i < written.size(); ++i) {
            const std::string_view parameter =
                trimmed(names[i].substr(0, names[i].find_first_of(":=")));
            if (parameter == inner[wrapper.argument]) type = parse(written[i], definition);
        }
        if (!type.is_known() && alias.type_id.is_valid()) {
            type.symbol = paths_.by_id(alias.type_id);
            type.layers = layers_of(inner[wrapper.argument], type.symbol);
        }
        type.layers.push(wrapper.layer);
    } else if (const Symbol* target = paths_.by_id(alias.type_id);
               target != nullptr && target->id != alias.id) {
        type.symbol = target;
        type.layers = layers_of(text, target);
    } else if (level_ == Level::Link && alias.path == paths_.facts().path) {
        type = parse(alias.type, definition);
    }
    --depth_;
    return type;
}

Type Types::parse_path(std::string_view text, uint32_t definition) {
    Type type;
    const size_t open = text.find('<');
    const std::string_view path = text.substr(0, open);
    const std::string_view name = last_segment(path);
    if (path == "Self") return self_type(definition);
    if (path.starts_with("Self::")) {
        const Type self = self_type(definition);
        return self.symbol != nullptr ? associated(*self.symbol, name, definition) : Type();
    }
    if (is_primitive_type(path)) {
        type.external = path;
        return type;
    }
    if (path.find(':') == std::string_view::npos) {
        std::string bounds;
        if (find_parameter(path, definition, bounds))
            return parse_bounds(paths_.keep(std::move(bounds)), definition);
    }
    const Wrapper wrapper = wrapper_of(name);
    Found found;
    if (wrapper.layer == Layer::None || is_tree_type(name))
        found = paths_.resolve_whole(path, definition, Space::Type);
    if (found.symbol != nullptr) {
        if (found.symbol->kind == BlockKind::Module) return {};
        if (found.symbol->kind == BlockKind::TypeAlias) {
            Type alias = expanded(*found.symbol, arguments_of(text), definition);
            if (alias.is_known()) return alias;
        }
        type.symbol = found.symbol;
        return type;
    }
    if (wrapper.layer != Layer::None) {
        const auto arguments = split_list(arguments_of(text));
        std::vector<std::string_view> types;
        for (const std::string_view argument : arguments)
            if (!argument.starts_with('\'')) types.push_back(argument);
        if (wrapper.argument < types.size()) type = parse(types[wrapper.argument], definition);
        type.layers.push(wrapper.layer);
        return type;
    }
    type.external = found.external;
    return type;
}

Type Types::parse_new(std::string_view text, uint32_t definition) {
    const bool is_bounds =
        text.find("dyn ") != std::string_view::npos || text.find("impl ") != std::string_view::npos;
    std::string_view bare = bare_type(text);
    if (bare.empty()) return {};
    Type type;
    if (bare.front() == '(') {
        if (bare == "()") {
            type.external = "()";
        } else if (is_bounds && bare.ends_with(')')) {
            return parse(bare.substr(1, bare.size() - 2), definition);  // &(dyn A + B)
        } else {
            type.tuple = bare;
            type.definition = definition;
        }
        return type;
    }
    if (bare.front() == '[') {
        const size_t end = std::min(bare.rfind(';'), bare.size() - 1);
        type = parse(bare.substr(1, end - 1), definition);
        type.layers.push(Layer::List);
        return type;
    }
    if (bare.starts_with("fn(") || bare.starts_with("unsafe ") || bare.starts_with("extern ") ||
        bare.starts_with("for<") || bare.front() == '<' || bare.front() == '!')
        return {};
    const bool starts_bounds =
        text.find("dyn ") < text.find('<') || text.find("impl ") < text.find('<');
    if (is_bounds && starts_bounds) {
        const std::string_view name = bare.substr(0, bare.find_first_of("<( "));
        if (name == "Fn" || name == "FnMut" || name == "FnOnce") return {};
        return parse_bounds(bare, definition);
    }
    return parse_path(bare, definition);
}

Type Types::parse(std::string_view text, uint32_t definition) {
    if (text.empty() || depth_ >= kDepthMax) return {};
    const Key key{text.data(), text.size(), definition};
    const auto known = parsed_.find(key);
    if (known != parsed_.end()) return known->second;
    ++depth_;
    const Type type = parse_new(text, definition);
    --depth_;
    parsed_.emplace(key, type);
    return type;
}

Layers Types::layers_of(std::string_view text, const Symbol* leaf) {
    Layer found[12];
    size_t count = 0;
    for (text = bare_type(text); count < 12 && !text.empty();) {
        if (text.front() == '[') {
            found[count++] = Layer::List;
            text = bare_type(text.substr(1, std::min(text.rfind(';'), text.size() - 1) - 1));
            continue;
        }
        const std::string_view name = last_segment(text.substr(0, text.find_first_of("<(+ ")));
        if (leaf != nullptr && leaf->name == name) break;
        if (name == "Iterator" || name == "IntoIterator") {
            const std::string_view item = item_of(text);
            if (item.empty()) break;
            found[count++] = Layer::Iterator;
            text = bare_type(item);
            continue;
        }
        const Wrapper wrapper = wrapper_of(name);
        if (wrapper.layer == Layer::None) break;
        std::vector<std::string_view> types;
        for (const std::string_view argument : split_list(arguments_of(text)))
            if (!argument.starts_with('\'')) types.push_back(argument);
        found[count++] = wrapper.layer;
        if (wrapper.argument >= types.size()) break;
        text = bare_type(types[wrapper.argument]);
    }
    Layers layers;
    while (count > 0) layers.push(found[--count]);
    return layers;
}

Type Types::type_of(const Symbol& symbol, const Type* receiver, uint32_t definition) {
    if (symbol.kind == BlockKind::EnumMember) {
        Type type;
        type.symbol = paths_.by_id(symbol.parent);
        return type;
    }
    if (symbol.type.empty()) return {};
    const std::string_view text = symbol.type;
    std::string_view inner = bare_type(text);
    Type type;
    const Symbol* leaf = paths_.by_id(symbol.type_id);
    if (leaf != nullptr && leaf->kind == BlockKind::TypeAlias && depth_ < kDepthMax) {
        ++depth_;
        type = expanded(*leaf, arguments_of(inner), definition);
        --depth_;
        if (type.is_known()) return type;
    }
    type.symbol = leaf;
    type.layers = layers_of(text, leaf);
    const bool is_own = symbol.path == paths_.facts().path;
    // `Self` in a trait, or in a default method, is what the method is called on.
    const bool says_self = text.find("Self") != std::string_view::npos;
    if (says_self && receiver != nullptr && receiver->symbol != nullptr) {
        const size_t at = text.find("Self::");
        if (at != std::string_view::npos) {
            size_t end = at + 6;
            while (end < text.size() && is_word(text[end])) ++end;
            Type item =
                associated(*receiver->symbol, text.substr(at + 6, end - at - 6), definition);
            if (!item.is_known()) return type;
            item.layers = type.layers.is_empty() ? item.layers : type.layers;
            return item;
        }
        if (leaf == nullptr || leaf->kind == BlockKind::Interface) {
            type.symbol = receiver->symbol;
            type.layers = layers_of(text, nullptr);
            type.bounds = receiver->bounds;
        }
        return type;
    }
    if (leaf != nullptr) return type;
    // A type parameter means the same in the impl block that asks.
    while (!type.layers.is_empty() && inner.find('<') != std::string_view::npos) {
        const auto arguments = split_list(arguments_of(inner));
        if (arguments.empty()) break;
        inner =
            bare_type(arguments.front().starts_with('\'') ? arguments.back() : arguments.front());
        if (inner.find('<') == std::string_view::npos) break;
    }
    std::string bounds;
    if (is_own && find_parameter(inner, definition, bounds)) {
        Type parameter = parse_bounds(paths_.keep(std::move(bounds)), definition);
        if (parameter.layers.is_empty()) parameter.layers = type.layers;
        return parameter;
    }
    if (is_primitive_type(inner)) {
        type.external = inner;
    } else if (inner == "String") {
        type.external = "std::string::String";
    } else if (inner.starts_with('(') && inner != "()") {
        type.tuple = inner;
        type.definition = definition;
        if (!is_own) type.module = module_of(symbol);
    } else if (is_own && type.layers.is_empty()) {
        return parse(text, definition);
    }
    return type;
}

Type Types::unwrapped(const Type& type, uint32_t definition) {
    Type inner = type;
    while (inner.layers.top() == Layer::Pointer) inner.layers.pop();
    if (!inner.layers.is_empty()) {
        // Iteration over a map gives pairs.
        if (inner.layers.top() == Layer::Map) return {};
        inner.layers.pop();
        return inner;
    }
    if (inner.symbol == nullptr || inner.symbol->kind == BlockKind::Interface) return {};
    return associated(*inner.symbol, "Item", definition);
}

Type Types::associated(const Symbol& type, std::string_view name, uint32_t definition) {
    if (level_ == Level::Link || depth_ >= kDepthMax) return {};
    const Symbol* only = nullptr;
    for (const Symbol* member : paths_.source().members(type.id, name)) {
        if (member->kind != BlockKind::TypeAlias) continue;
        if (only != nullptr && only->type != member->type) return {};
        only = member;
    }
    if (only == nullptr || only->type.empty()) return {};
    ++depth_;
    Type self;
    self.symbol = &type;
    const Type found = type_of(*only, &self, definition);
    --depth_;
    return found;
}

Type Types::deref_target(const Symbol& type) {
    return associated(type, "Target", kNone);
}

Type Types::tuple_element(const Type& type, size_t index) {
    const std::string_view text = type.tuple;
    if (text.size() < 2) return {};
    const auto parts = split_list(text.substr(1, text.size() - 2));
    if (index >= parts.size()) return {};
    return type.module.empty() ? parse(parts[index], type.definition)
                               : foreign_type(parts[index], type.module);
}

Type Types::positional_field(const Symbol& type, size_t index, uint32_t definition) {
    const std::string_view text = type.type;
    if (text.size() < 2 || text.front() != '(') return {};
    const auto parts = split_list(text.substr(1, text.size() - 2));
    if (index >= parts.size()) return {};
    if (type.path == paths_.facts().path) return parse(parts[index], definition);
    const bool is_variant = type.kind == BlockKind::EnumMember;
    return foreign_type(parts[index],
                        is_variant ? parent_path(type.package) : std::string_view(type.package));
}

Type Types::foreign_type(std::string_view text, std::string_view module) {
    // Of another file's imports only what its module exports is known.
    const std::string_view bare = bare_type(text);
    Type found;
    if (is_primitive_type(bare)) {
        found.external = bare;
        return found;
    }
    std::string_view leaf = bare;
    while (wrapper_of(last_segment(leaf.substr(0, leaf.find('<')))).layer != Layer::None) {
        const auto arguments = split_list(arguments_of(leaf));
        if (arguments.empty()) break;
        leaf = bare_type(arguments.back());
    }
    found.symbol = paths_.resolve_in_module(leaf, module, Space::Type).symbol;
    found.layers = layers_of(bare, found.symbol);
    return found;
}

}  // namespace kausal::ingest::rust
