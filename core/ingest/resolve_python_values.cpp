// Evaluates expression texts: names along modules and classes, calls, elements.
#include "ingest/resolve_python_values.h"

#include "ingest/resolution.h"
#include "ingest/resolve_python_library.h"

#include <algorithm>

namespace kausal::ingest::python {
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

bool is_enum(const Symbol& type) {
    return std::any_of(type.bases.begin(), type.bases.end(), [](const std::string& base) {
        return base.ends_with("Enum") || base.ends_with("Flag");
    });
}

}  // namespace

bool has_mark(const Symbol& symbol, std::string_view decorator) noexcept {
    return std::find(symbol.member_names.begin(), symbol.member_names.end(), decorator) !=
           symbol.member_names.end();
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
            const Values& more = values_of(piece);
            for (const Value& value : more.items) add_value(value, values);
            values.has_unknown = values.has_unknown || more.has_unknown;
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
        if (tail.link == Link::Call) add_called(value, values);
        if (tail.link == Link::Index) add_indexed(value, values);
        if (tail.link == Link::Each) add_iterated(value, values);
        if (tail.link == Link::Position) add_position(value, tail.position, values);
    }
    return values;
}

Values Evaluator::evaluate_type(std::string_view type) {
    Values values;
    const TypeParts parts = type_parts(type);
    const Values named = values_of(parts.name);
    values.has_unknown = named.has_unknown;
    for (const Value& value : named.items) {
        if (value.kind == Kind::Class) {
            add_value({Kind::Instance, value.symbol, nullptr, {}, parts.arguments}, values);
        } else if (value.kind == Kind::External) {
            add_value({Kind::ExternalInstance, nullptr, nullptr, value.name, parts.arguments},
                      values);
        } else {
            values.has_unknown = true;  // a type variable, an alias of something unnamed
        }
    }
    return values;
}

Targets Evaluator::targets_of(std::string_view text) {
    Targets targets;
    if (text.find('|') != std::string_view::npos) {
        size_t pieces = 0;
        for_each_piece(text, '|', [&](std::string_view piece) {
            ++pieces;
            if (piece == "?") {
                targets.has_unknown = true;
            } else if (piece.size() < text.size()) {
                const Targets more = targets_of(piece);
                for (const Target& target : more.items) add_target(target, targets);
                targets.has_unknown = targets.has_unknown || more.has_unknown;
            }
        });
        if (pieces > 1) return targets;
    }
    const ExpressionTail tail = expression_tail(text);
    if (tail.link == ExpressionTail::Link::None) return path_targets(text);
    if (tail.link != ExpressionTail::Link::Member) return targets;
    const Values base = values_of(tail.base);
    targets.has_unknown = base.has_unknown;
    for (const Value& value : base.items) {
        const Targets more = member_targets(value, tail.member);
        for (const Target& target : more.items) add_target(target, targets);
        targets.has_unknown = targets.has_unknown || more.has_unknown || more.items.empty();
    }
    return targets;
}

Targets Evaluator::path_targets(std::string_view dotted) {
    Targets targets;
    if (dotted.empty() || dotted.starts_with('@') || dotted.starts_with('^')) return targets;
    const size_t dot = dotted.rfind('.');
    if (dot == std::string_view::npos) {
        const Symbol* module = module_named(dotted);
        if (module == nullptr) module = script_module(dotted);
        if (module != nullptr) {
            add_target({module}, targets);
        } else {
            add_target({nullptr, keep(std::string(dotted))}, targets);
        }
        return targets;
    }
    const Values base = values_of(dotted.substr(0, dot));
    const std::string_view name = dotted.substr(dot + 1);
    targets.has_unknown = base.has_unknown;
    for (const Value& value : base.items) {
        if (value.kind == Kind::Callable) {
            // The path of what is defined inside of a function.
            for (const Symbol* symbol : children(*value.symbol, value.symbol->id, name))
                add_target({symbol}, targets);
            if (!targets.items.empty()) continue;
        }
        const Targets more = member_targets(value, name);
        for (const Target& target : more.items) add_target(target, targets);
        targets.has_unknown = targets.has_unknown || more.has_unknown || more.items.empty();
    }
    return targets;
}

std::vector<const Symbol*> Evaluator::children(const Symbol& parent, const BlockId& id,
                                               std::string_view name) {
    std::vector<const Symbol*> found;
    bool has_definition = false;
    for (const Symbol* symbol : source_.in_package(parent.package, name)) {
        // The file's own module is no member of it.
        if (symbol->parent != id || symbol->kind == BlockKind::File ||
            symbol->kind == BlockKind::Module)
            continue;
        // What typing.overload declares has a definition beside it.
        has_definition = has_definition || (symbol->flags & format::kBlockDeclaration) == 0;
        found.push_back(symbol);
    }
    if (has_definition) {
        std::erase_if(found, [](const Symbol* symbol) {
            return (symbol->flags & format::kBlockDeclaration) != 0;
        });
    }
    return found;
}

void Evaluator::add_module_member(const Symbol& module, std::string_view name, Targets& into) {
    if (depth_ > kDepthMax) return;
    const size_t before = into.items.size();
    for (const Symbol* symbol : children(module, module.file, name)) add_target({symbol}, into);
    ++depth_;
    for (const std::string& import : module.member_names) {
        if (import.size() <= name.size() || import[name.size()] != '=' || !import.starts_with(name))
            continue;
        const Targets meant = targets_of(std::string_view(import).substr(name.size() + 1));
        for (const Target& target : meant.items) add_target(target, into);
    }
    --depth_;
    if (into.items.size() != before) return;
    const std::string path =
        module.package.empty() ? std::string(name) : module.package + "." + std::string(name);
    if (const Symbol* inner = module_named(path)) return add_target({inner}, into);
    if (name.starts_with('_')) return;
    bool is_outside = false;
    ++depth_;
    for (const std::string& import : module.member_names) {
        if (!import.starts_with("*=")) continue;
        for (const Value& value : Values(values_of(std::string_view(import).substr(2))).items) {
            is_outside = is_outside || value.kind == Kind::External;
            if (value.kind == Kind::Module && value.symbol != &module)
                add_module_member(*value.symbol, name, into);
        }
    }
    --depth_;
    // What a module does not say itself it took from where it takes everything.
    if (is_outside && into.items.size() == before) add_target({nullptr, keep(path)}, into);
}

const Values& Evaluator::bases_of(const Symbol& type) {
    const auto found = bases_.find(&type);
    if (found != bases_.end()) return found->second;
    Values& values = bases_[&type];
    values.has_unknown = true;
    Values bases;
    for (const std::string& base : type.bases) {
        if (base == "builtins.object" || base.ends_with("typing.Generic") ||
            base.ends_with("typing.Protocol") || base == "abc.ABC")
            continue;
        const Values& meant = values_of(base);
        for (const Value& value : meant.items) {
            if (value.kind == Kind::Class || value.kind == Kind::External) {
                add_value(value, bases);
            } else {
                bases.has_unknown = true;
            }
        }
        bases.has_unknown = bases.has_unknown || meant.has_unknown;
    }
    return bases_[&type] = std::move(bases);
}

bool Evaluator::add_class_member(const Symbol& type, std::string_view name, bool is_own_level,
                                 std::vector<const Symbol*>& seen, Targets& into) {
    if (seen.size() > kBasesMax || std::find(seen.begin(), seen.end(), &type) != seen.end())
        return false;
    const bool is_inherited = !seen.empty();
    seen.push_back(&type);
    if (is_own_level || is_inherited) {
        bool has_any = false;
        for (const Symbol* symbol : children(type, type.id, name)) {
            Target target{symbol};
            target.is_inherited = is_inherited;
            target.is_member_of_value = true;
            add_target(target, into);
            has_any = true;
        }
        if (has_any) return true;
    }
    const Values bases = bases_of(type);
    std::string_view outside;
    for (const Value& base : bases.items) {
        if (base.kind == Kind::External) {
            if (outside.empty()) outside = base.name;
        } else if (add_class_member(*base.symbol, name, true, seen, into)) {
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

Targets Evaluator::member_of_class(const Symbol& type, std::string_view name,
                                   bool starts_at_bases) {
    Targets targets;
    std::vector<const Symbol*> seen;
    (void)add_class_member(type, name, !starts_at_bases, seen, targets);
    for (Target& target : targets.items) target.owner = &type;
    // A getter, its setter and its deleter share a name; reading means the getter.
    const bool has_property =
        std::any_of(targets.items.begin(), targets.items.end(), [](const Target& target) {
            return target.symbol != nullptr && has_mark(*target.symbol, "property");
        });
    if (has_property) {
        std::erase_if(targets.items, [](const Target& target) {
            return target.symbol != nullptr &&
                   (has_mark(*target.symbol, "setter") || has_mark(*target.symbol, "deleter"));
        });
    }
    // A method wins over the field that caches it under the same name.
    const bool has_method = std::any_of(
        targets.items.begin(), targets.items.end(),
        [](const Target& t) { return t.symbol != nullptr && is_callable(t.symbol->kind); });
    if (has_method) {
        std::erase_if(targets.items, [](const Target& target) {
            return target.symbol != nullptr && target.symbol->kind == BlockKind::Field;
        });
    }
    return targets;
}

void Evaluator::add_external_member(const Value& value, std::string_view name, Targets& into) {
    const std::string path = std::string(value.name) + "." + std::string(name);
    // Packages without __init__.py are no symbols; their modules are.
    if (value.kind == Kind::External && value.name.find("()") == std::string_view::npos) {
        if (const Symbol* module = module_named(path)) return add_target({module}, into);
    }
    Target target{nullptr, keep(path)};
    target.is_member_of_value = value.kind == Kind::ExternalInstance;
    if (target.is_member_of_value) target.arguments = value.arguments;
    add_target(target, into);
}

Targets Evaluator::member_targets(const Value& value, std::string_view name) {
    Targets targets;
    switch (value.kind) {
        case Kind::Module:
            add_module_member(*value.symbol, name, targets);
            break;
        case Kind::Class:
        case Kind::Instance:
            if (name == "__class__" && value.kind == Kind::Instance) {
                add_target({value.symbol}, targets);
                break;
            }
            targets = member_of_class(*value.symbol, name, false);
            break;
        case Kind::Super: {
            targets = member_of_class(*value.symbol, name, true);
            if (targets.items.empty() && !targets.has_unknown &&
                bases_of(*value.symbol).items.empty())
                add_target({nullptr, keep("builtins.object." + std::string(name))}, targets);
            for (Target& target : targets.items) target.is_super = true;
            break;
        }
        case Kind::Callable: {
            // Reading an attribute of a function is rare; of what a property returns it is not.
            if (value.symbol->type.empty()) {
                targets.has_unknown = true;
                break;
            }
            if (depth_ > kDepthMax) break;
            ++depth_;
            Values called;
            add_called(value, called);
            for (const Value& result : called.items) {
                if (result.kind == Kind::Callable) continue;
                const Targets more = member_targets(result, name);
                for (const Target& target : more.items) add_target(target, targets);
            }
            --depth_;
            break;
        }
        case Kind::External:
            add_external_member(value, name, targets);
            break;
        case Kind::ExternalInstance: {
            const ContainerShape shape = container_shape(value.name);
            const bool is_own = name == "send" || name == "throw" || name == "close" ||
                                name == "aclose" || name.starts_with("__");
            if (shape == ContainerShape::Stream && !is_own && !value.arguments.empty()) {
                // `with f() as x` binds what the context yields.
                for (const Value& inner :
                     Values(values_of(type_argument(value.arguments, 0))).items) {
                    const Targets more = member_targets(inner, name);
                    for (const Target& target : more.items) add_target(target, targets);
                }
                break;
            }
            add_external_member(value, name, targets);
            break;
        }
    }
    return targets;
}

void Evaluator::add_value_of(const Target& target, Values& into) {
    if (target.symbol == nullptr)
        return add_value({Kind::External, nullptr, nullptr, target.external, target.arguments},
                         into);
    const Symbol& symbol = *target.symbol;
    switch (symbol.kind) {
        case BlockKind::Module:
            return add_value({Kind::Module, &symbol}, into);
        case BlockKind::Class:
            return add_value({Kind::Class, &symbol}, into);
        case BlockKind::Function:
        case BlockKind::Method:
            if (has_mark(symbol, "property")) {
                add_called({Kind::Callable, &symbol, target.owner}, into);
            } else {
                add_value({Kind::Callable, &symbol, target.owner}, into);
            }
            return;
        case BlockKind::Field:
        case BlockKind::Variable:
        case BlockKind::Constant:
            if (target.owner != nullptr && is_enum(*target.owner))
                return add_value({Kind::Instance, target.owner}, into);
            return add_text(symbol.type, into);
        default:
            into.has_unknown = true;
            return;
    }
}

}  // namespace kausal::ingest::python
