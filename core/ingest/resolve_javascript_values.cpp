// Evaluates expression texts: names along modules, classes and objects.
#include "ingest/resolve_javascript_values.h"

#include "ingest/resolution.h"
#include "ingest/resolve_javascript_facts.h"
#include "ingest/resolve_javascript_library.h"

#include <algorithm>

namespace kausal::ingest::javascript {
namespace {

using format::BlockKind;
using Kind = Value::Kind;

void add_value(const Value& value, Values& into) {
    if (into.items.size() >= 2 * kAlternativesMax) {
        into.has_unknown = true;
        return;
    }
    if (std::find(into.items.begin(), into.items.end(), value) == into.items.end())
        into.items.push_back(value);
}

void add_target(const Target& target, Targets& into) {
    if (into.items.size() >= 2 * kAlternativesMax) {
        into.has_unknown = true;
        return;
    }
    for (const Target& known : into.items) {
        if (known.symbol == target.symbol && known.external == target.external) return;
    }
    into.items.push_back(target);
}

void add_targets(const Targets& more, Targets& into) {
    for (const Target& target : more.items) add_target(target, into);
    into.has_unknown = into.has_unknown || more.has_unknown;
}

bool is_instance_type(BlockKind kind) noexcept {
    return kind == BlockKind::Class || kind == BlockKind::Interface ||
           kind == BlockKind::TypeAlias || kind == BlockKind::Enum;
}

/// "%5B" and the like as they were.
std::string unescaped(std::string_view text) {
    std::string out;
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'A' + 10; };
    for (size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '%' && at + 2 < text.size()) {
            out += static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2]));
            at += 2;
        } else {
            out += text[at];
        }
    }
    return out;
}

/// How a specifier and a name outside of the tree are shown: "fs.readFile", "react".
std::string external_name(std::string_view path, std::string_view name) {
    std::string text = unescaped(path);
    if (text.starts_with('~')) text.erase(0, 1);
    if (text.starts_with("node:")) text.erase(0, 5);
    if (name != "*" && name != "default" && name != kWholeExport) text += "." + std::string(name);
    return text;
}

}  // namespace

bool is_getter(const Symbol& symbol) noexcept {
    return symbol.kind == BlockKind::Method && !symbol.member_names.empty() &&
           symbol.member_names.front() == "get";
}
bool is_setter(const Symbol& symbol) noexcept {
    return symbol.kind == BlockKind::Method && !symbol.member_names.empty() &&
           symbol.member_names.front() == "set";
}

std::string_view Evaluator::keep(std::string text) {
    kept_.push_back(std::move(text));
    return kept_.back();
}

const Values& Evaluator::values_of(std::string_view text) {
    static const Values unknown{{}, true};
    if (text.empty() || text == "?" || depth_ > kDepthMax) return unknown;
    const auto found = values_.find(text);
    if (found != values_.end()) return found->second;
    // While it is worked out, what depends on itself is unknown.
    const auto place = values_.emplace(std::string(text), unknown).first;
    ++depth_;
    Values values;
    for_each_piece(place->first, '|', [&](std::string_view piece) {
        if (piece == "?") {
            values.has_unknown = true;
        } else if (piece.size() == text.size()) {
            values = evaluate(piece);
        } else {
            add_text(piece, values);
        }
    });
    --depth_;
    if (values.items.empty()) values.has_unknown = true;
    place->second = std::move(values);
    return place->second;
}

void Evaluator::add_text(std::string_view text, Values& into) {
    const Values& values = values_of(text);
    for (const Value& value : values.items) add_value(value, into);
    into.has_unknown = into.has_unknown || values.has_unknown;
}

Values Evaluator::evaluate(std::string_view text) {
    using Link = ExpressionTail::Link;
    Values values;
    const ExpressionTail tail = expression_tail(text);
    if (tail.link == Link::None && text.starts_with('@')) return evaluate_type(text.substr(1));
    if (tail.link == Link::None && text.starts_with('^')) {
        for (const Value& value : values_of(text.substr(1)).items) {
            if (value.kind == Kind::Class) add_value({Kind::Super, value.symbol}, values);
        }
        return values;
    }
    if (tail.link == Link::None || tail.link == Link::Member) {
        const Targets targets = targets_of(text);
        for (const Target& target : targets.items) add_value_of(target, values);
        values.has_unknown = values.has_unknown || targets.has_unknown;
        return values;
    }
    const Values base = values_of(tail.base);
    values.has_unknown = base.has_unknown;
    for (const Value& value : base.items) {
        if (tail.link == Link::Call) add_called(value, false, values);
        if (tail.link == Link::New) add_called(value, true, values);
        if (tail.link == Link::Index) add_indexed(value, values);
        if (tail.link == Link::Each) add_iterated(value, values);
        if (tail.link == Link::Position) add_position(value, tail.position, values);
    }
    return values;
}

Values Evaluator::evaluate_type(std::string_view type) {
    Values values;
    const TypeParts parts = type_parts(type);
    if (parts.name.starts_with('!')) {
        add_value({Kind::ExternalInstance, nullptr, nullptr, parts.name.substr(1), parts.arguments},
                  values);
        return values;
    }
    const Targets targets = targets_of(parts.name);
    values.has_unknown = targets.has_unknown;
    // Where a type and a value share a name, the type is meant.
    const bool has_type = std::any_of(
        targets.items.begin(), targets.items.end(),
        [](const Target& t) { return t.symbol != nullptr && is_instance_type(t.symbol->kind); });
    for (const Target& target : targets.items) {
        if (target.symbol == nullptr) {
            add_value({Kind::ExternalInstance, nullptr, nullptr, target.external, parts.arguments},
                      values);
            continue;
        }
        const Symbol& symbol = *target.symbol;
        if (has_type && !is_instance_type(symbol.kind)) continue;
        if (symbol.kind == BlockKind::TypeAlias && !symbol.type.empty()) {
            add_text(symbol.type, values);
            // What an object type of the alias lists are the alias's own members.
            if (symbol.type.starts_with("@!&")) add_value({Kind::Instance, &symbol}, values);
        } else if (is_instance_type(symbol.kind) || symbol.kind == BlockKind::Function) {
            add_value({Kind::Instance, &symbol, nullptr, {}, parts.arguments}, values);
        } else {
            values.has_unknown = true;
        }
    }
    return values;
}

Targets Evaluator::targets_of(std::string_view text) {
    Targets targets;
    size_t pieces = 0;
    for_each_piece(text, '|', [&](std::string_view) { ++pieces; });
    if (pieces > 1) {
        for_each_piece(text, '|', [&](std::string_view piece) {
            if (piece == "?") {
                targets.has_unknown = true;
            } else {
                add_targets(targets_of(piece), targets);
            }
        });
        return targets;
    }
    const ExpressionTail tail = expression_tail(text);
    if (tail.link == ExpressionTail::Link::None) return path_targets(text);
    if (tail.link != ExpressionTail::Link::Member) return targets;
    const Values base = values_of(tail.base);
    targets.has_unknown = base.has_unknown;
    for (const Value& value : base.items) {
        const Targets more = member_targets(value, tail.member);
        add_targets(more, targets);
        if (more.items.empty()) targets.has_unknown = true;
    }
    return targets;
}

std::vector<const Symbol*> Evaluator::children(const Symbol& parent, const BlockId& id,
                                               std::string_view name) {
    std::vector<const Symbol*> found;
    bool has_definition = false;
    for (const Symbol* symbol : source_.in_package(parent.package, name)) {
        if (symbol->parent != id || symbol->kind == BlockKind::File) continue;
        has_definition = has_definition || (symbol->flags & format::kBlockDeclaration) == 0;
        found.push_back(symbol);
    }
    if (has_definition) {
        // Overload signatures have the implementation beside them.
        std::erase_if(found, [](const Symbol* symbol) {
            return (symbol->flags & format::kBlockDeclaration) != 0;
        });
    } else if (found.size() > 1) {
        found.resize(1);
    }
    return found;
}

bool Evaluator::add_export(const Symbol& file, std::string_view name, Targets& into) {
    if (depth_ > kDepthMax) return false;
    ++depth_;
    const size_t before = into.items.size();
    for (const std::string& entry : file.member_names) {
        if (entry.size() <= name.size() || entry[name.size()] != '=' || !entry.starts_with(name))
            continue;
        add_targets(targets_of(std::string_view(entry).substr(name.size() + 1)), into);
    }
    if (into.items.size() == before) {
        for (const Symbol* symbol : children(file, file.id, name)) {
            Target target{symbol};
            target.is_named = true;
            if ((symbol->flags & format::kBlockExported) != 0) add_target(target, into);
        }
    }
    if (into.items.size() == before && name != "default" && name != kWholeExport) {
        for (const std::string& entry : file.member_names) {
            if (!entry.starts_with("*=")) continue;
            for (const Value& value : Values(values_of(std::string_view(entry).substr(2))).items) {
                if (value.kind == Kind::Namespace && value.symbol != &file)
                    (void)add_export(*value.symbol, name, into);
            }
        }
    }
    --depth_;
    return into.items.size() != before;
}

/// What `import x from` binds: the default export, or the whole export of a module of the older
/// kind.
void Evaluator::add_default(const Symbol& file, Targets& into) {
    if (add_export(file, "default", into) || add_export(file, kWholeExport, into)) return;
    // A module that assigns to `exports` is the object of its exports.
    if (file.language == format::Language::JavaScript) add_target({&file}, into);
}

void Evaluator::add_inner(const Targets& outer, std::string_view rest, Targets& into) {
    // The path of a definition inside of others, as the file's own scope spells it.
    Targets level = outer;
    while (!rest.empty()) {
        const size_t dot = rest.find('.');
        const std::string name = unescaped(rest.substr(0, dot));
        rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
        Targets next;
        next.has_unknown = level.has_unknown;
        for (const Target& target : level.items) {
            if (target.symbol == nullptr) {
                add_target({nullptr, keep(std::string(target.external) + "." + name)}, next);
                continue;
            }
            if (target.symbol->kind == BlockKind::File) {
                (void)add_export(*target.symbol, name, next);
                continue;
            }
            for (const Symbol* symbol : children(*target.symbol, target.symbol->id, name)) {
                Target inner{symbol};
                inner.owner = target.symbol;
                inner.is_named = true;
                add_target(inner, next);
            }
        }
        level = std::move(next);
    }
    add_targets(level, into);
}

Targets Evaluator::path_targets(std::string_view text) {
    Targets targets;
    if (text.starts_with('!')) {
        add_target({nullptr, text.substr(1)}, targets);
        return targets;
    }
    const size_t hash = text.find('#');
    if (hash == std::string_view::npos) return targets;
    const std::string_view path = text.substr(0, hash);
    std::string_view name = text.substr(hash + 1);
    const size_t dot = name.find('.');
    const std::string_view rest =
        dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
    name = name.substr(0, dot);
    Targets outer;
    const Symbol* file = file_of(path);
    if (file == nullptr) {
        add_target({nullptr, keep(external_name(path, name))}, outer);
    } else if (name == "*") {
        // A namespace of a module that is one value, as require() gives it, is that value.
        if (!add_export(*file, kWholeExport, outer)) add_target({file}, outer);
    } else if (name == "default") {
        add_default(*file, outer);
    } else if (unescaped(path) == file->path) {
        // A name of the file itself need not be exported.
        for (const Symbol* symbol : children(*file, file->id, unescaped(name))) {
            Target target{symbol};
            target.is_named = true;
            add_target(target, outer);
        }
        if (outer.items.empty()) (void)add_export(*file, name, outer);
    } else if (!add_export(*file, name, outer)) {
        // A member of the one value that the module exports.
        Targets whole;
        if (add_export(*file, kWholeExport, whole) || add_export(*file, "default", whole)) {
            for (const Target& target : whole.items) {
                Values values;
                add_value_of(target, values);
                for (const Value& value : values.items)
                    add_targets(member_targets(value, name), outer);
            }
        }
    }
    if (rest.empty()) return outer;
    add_inner(outer, rest, targets);
    return targets;
}

const Values& Evaluator::bases_of(const Symbol& type) {
    const auto found = bases_.find(&type);
    if (found != bases_.end()) return found->second;
    bases_[&type].has_unknown = true;
    Values bases;
    for (const std::string& base : type.bases) {
        const Targets targets = base == "?" ? Targets{{}, true} : targets_of(base);
        bases.has_unknown = bases.has_unknown || targets.has_unknown || targets.items.empty();
        for (const Target& target : targets.items) {
            if (target.symbol == nullptr) {
                add_value({Kind::External, nullptr, nullptr, target.external}, bases);
            } else if (is_instance_type(target.symbol->kind) ||
                       target.symbol->kind == BlockKind::Function) {
                add_value({Kind::Class, target.symbol}, bases);
            } else {
                Values held;
                add_value_of(target, held);
                for (const Value& value : held.items) {
                    if (value.kind == Kind::Class || value.kind == Kind::External)
                        add_value(value, bases);
                }
                bases.has_unknown = bases.has_unknown || held.has_unknown || held.items.empty();
            }
        }
    }
    return bases_[&type] = std::move(bases);
}

bool Evaluator::add_type_member(const Symbol& type, std::string_view name, bool is_own_level,
                                bool is_static, std::vector<const Symbol*>& seen, Targets& into) {
    if (seen.size() > kBasesMax || std::find(seen.begin(), seen.end(), &type) != seen.end())
        return false;
    const bool is_inherited = !seen.empty();
    seen.push_back(&type);
    if (is_own_level || is_inherited) {
        bool has_any = false;
        for (const Symbol* symbol : children(type, type.id, name)) {
            if (((symbol->flags & format::kBlockStatic) != 0) != is_static) continue;
            Target target{symbol};
            target.is_inherited = is_inherited;
            target.is_member_of_value = true;
            add_target(target, into);
            has_any = true;
        }
        if (has_any) return true;
    }
    if (type.kind == BlockKind::TypeAlias && !type.type.empty() && depth_ < kDepthMax) {
        ++depth_;
        for (const Value& value : Values(values_of(type.type)).items) {
            if (value.symbol != &type) add_targets(member_targets(value, name), into);
        }
        --depth_;
        if (!into.items.empty()) return true;
    }
    const Values bases = bases_of(type);
    std::string_view outside;
    for (const Value& base : bases.items) {
        if (base.kind == Kind::External) {
            if (outside.empty()) outside = base.name;
        } else if (add_type_member(*base.symbol, name, true, is_static, seen, into)) {
            return true;
        }
    }
    if (bases.has_unknown) into.has_unknown = true;
    if (outside.empty() || into.has_unknown) return false;
    Target target{nullptr, keep(std::string(outside) + "." + std::string(name))};
    target.is_inherited = true;
    target.is_member_of_value = true;
    add_target(target, into);
    return true;
}

Targets Evaluator::member_of_type(const Symbol& type, std::string_view name, bool starts_at_bases,
                                  bool is_static) {
    Targets targets;
    std::vector<const Symbol*> seen;
    (void)add_type_member(type, name, !starts_at_bases, is_static, seen, targets);
    for (Target& target : targets.items) {
        if (target.owner == nullptr) target.owner = &type;
    }
    // A method wins over the field that binds it under its own name.
    const bool has_method = std::any_of(
        targets.items.begin(), targets.items.end(),
        [](const Target& t) { return t.symbol != nullptr && is_callable(t.symbol->kind); });
    if (has_method) {
        std::erase_if(targets.items, [](const Target& target) {
            return target.symbol != nullptr && target.symbol->kind == BlockKind::Field;
        });
    }
    // Reading a pair of accessors means the getter.
    if (targets.items.size() > 1) {
        const bool has_other = std::any_of(
            targets.items.begin(), targets.items.end(),
            [](const Target& t) { return t.symbol != nullptr && !is_setter(*t.symbol); });
        if (has_other) {
            std::erase_if(targets.items, [](const Target& target) {
                return target.symbol != nullptr && is_setter(*target.symbol);
            });
        }
    }
    return targets;
}

void Evaluator::add_external_member(const Value& value, std::string_view name, Targets& into) {
    Target target{nullptr, keep(std::string(value.name) + "." + std::string(name))};
    target.is_member_of_value = value.kind == Kind::ExternalInstance;
    if (target.is_member_of_value) target.arguments = value.arguments;
    add_target(target, into);
}

/// Members of what has several parts (A & B) or of what a promise resolves to.
bool Evaluator::add_part_members(const Value& value, std::string_view name, Targets& into) {
    const ContainerShape shape = container_shape(value.name);
    if (shape == ContainerShape::Intersection) {
        bool has_unknown = false;
        bool has_any = false;
        for_each_piece(value.arguments, ',', [&](std::string_view part) {
            const Values values = values_of(part);
            has_unknown = has_unknown || values.has_unknown;
            for (const Value& inner : values.items) {
                if (has_any) return;
                const Targets more = member_targets(inner, name);
                for (const Target& target : more.items) add_target(target, into);
                has_any = !more.items.empty();
            }
        });
        into.has_unknown = into.has_unknown || (!has_any && has_unknown);
        return true;
    }
    if (shape != ContainerShape::Promise || name == "then" || name == "catch" ||
        name == "finally" || value.arguments.empty())
        return false;
    const Values values = values_of(type_argument(value.arguments, 0));
    into.has_unknown = into.has_unknown || values.has_unknown;
    for (const Value& inner : values.items) add_targets(member_targets(inner, name), into);
    return true;
}

void Evaluator::add_callable_member(const Value& value, std::string_view name, Targets& into) {
    // `Foo.call(this)` calls Foo; `Foo.prototype` is handled by the caller.
    if (name == "call" || name == "apply") {
        Target target{value.symbol};
        target.owner = value.owner;
        target.is_named = value.owner == nullptr;
        target.is_member_of_value = value.owner != nullptr;
        return add_target(target, into);
    }
    for (const Symbol* symbol : children(*value.symbol, value.symbol->id, name)) {
        // What is declared inside of a function is no member of it.
        if (symbol->kind == BlockKind::Function || (symbol->flags & format::kBlockStatic) == 0)
            continue;
        Target target{symbol};
        target.owner = value.symbol;
        target.is_member_of_value = true;
        add_target(target, into);
    }
    if (name == "bind" || name == "toString" || name == "length" || name == "name")
        add_target({nullptr, keep("Function." + std::string(name))}, into);
}

Targets Evaluator::member_targets(const Value& value, std::string_view name) {
    Targets targets;
    switch (value.kind) {
        case Kind::Namespace:
            if (name == "default") {
                add_default(*value.symbol, targets);
            } else {
                (void)add_export(*value.symbol, name, targets);
            }
            break;
        case Kind::Class:
            if (value.symbol->kind == BlockKind::Enum) {
                for (const Symbol* symbol : children(*value.symbol, value.symbol->id, name)) {
                    Target target{symbol};
                    target.owner = value.symbol;
                    target.is_member_of_value = true;
                    add_target(target, targets);
                }
            } else {
                targets = member_of_type(*value.symbol, name, false, true);
            }
            break;
        case Kind::Super:
            targets = member_of_type(*value.symbol, name, true, false);
            for (Target& target : targets.items) target.is_inherited = true;
            break;
        case Kind::Instance:
            targets = member_of_type(*value.symbol, name, false, false);
            break;
        case Kind::Callable:
            add_callable_member(value, name, targets);
            break;
        case Kind::Object:
            for (const Symbol* symbol : children(*value.symbol, value.symbol->id, name)) {
                Target target{symbol};
                target.owner = value.symbol;
                target.is_member_of_value = value.symbol->kind != BlockKind::Module;
                target.is_named = !target.is_member_of_value;
                add_target(target, targets);
            }
            break;
        case Kind::External:
            add_external_member(value, name, targets);
            break;
        case Kind::ExternalInstance:
            if (!add_part_members(value, name, targets)) add_external_member(value, name, targets);
            break;
    }
    return targets;
}

void Evaluator::add_value_of(const Target& target, Values& into) {
    if (target.symbol == nullptr)
        return add_value({Kind::External, nullptr, nullptr, target.external, target.arguments},
                         into);
    const Symbol& symbol = *target.symbol;
    switch (symbol.kind) {
        case BlockKind::File:
            return add_value({Kind::Namespace, &symbol}, into);
        case BlockKind::Module:
            return add_value({Kind::Object, &symbol}, into);
        case BlockKind::Class:
        case BlockKind::Enum:
            return add_value({Kind::Class, &symbol}, into);
        case BlockKind::EnumMember:
            if (target.owner != nullptr) add_value({Kind::Instance, target.owner}, into);
            return;
        case BlockKind::Function:
        case BlockKind::Method:
            if (is_getter(symbol)) {
                add_called({Kind::Callable, &symbol, target.owner}, false, into);
            } else if (!is_setter(symbol)) {
                add_value({Kind::Callable, &symbol, target.owner}, into);
            }
            return;
        case BlockKind::Field:
        case BlockKind::Variable:
        case BlockKind::Constant:
            if (symbol.type.empty()) {
                add_value({Kind::Object, &symbol}, into);
            } else {
                add_text(symbol.type, into);
            }
            return;
        default:
            into.has_unknown = true;
            return;
    }
}

}  // namespace kausal::ingest::javascript
