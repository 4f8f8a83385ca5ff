// Evaluates Go expressions to types, as far as they are stated.
#include "ingest/resolve_go_scope.h"

namespace kausal::ingest::go {
namespace {

using format::BlockKind;
using Kind = Value::Kind;

bool is_func(std::string_view type) noexcept {
    return without_pointers(type).starts_with("func(");
}

std::string_view without_arguments(std::string_view name) noexcept {
    const size_t open = name.find('[');
    return open == std::string_view::npos || open == 0 ? name : name.substr(0, open);
}

}  // namespace

Value Scope::typed(std::string_view text, std::string_view package) {
    Value value;
    if (text.empty()) return value;
    value.kind = Kind::Typed;
    value.text = text;
    value.package = package;
    return value;
}

Value Scope::value_of_symbol(const Symbol& symbol) {
    Value value;
    if (is_type(symbol.kind)) {
        value.kind = Kind::Type;
        value.text = symbol.name;
    } else if (is_callable(symbol.kind)) {
        value.kind = Kind::Callee;
        value.text = symbol.type;
    } else {
        value = typed(symbol.type, symbol.package);
        // A package variable made by a constructor of the same file.
        if (value.kind == Kind::Unknown && symbol.path == facts_.path && depth_ < kDepthMax) {
            for (const DefinitionFact& definition : facts_.definitions) {
                if (definition.container != kNone || definition.value.count == 0 ||
                    facts_.text(definition.name) != symbol.name)
                    continue;
                ++depth_;
                value = chain_at(definition.value, definition.range.byte_first);
                --depth_;
                if (value.kind == Kind::Callee || value.kind == Kind::Type) value = {};
                break;
            }
        }
    }
    if (value.kind == Kind::Unknown && symbol.type_id.is_valid()) {
        // Level 1 found what its initialiser makes.
        const Symbol* type = source_.by_id(symbol.type_id);
        if (type != nullptr) value = typed(type->name, type->package);
    }
    value.package = value.package.empty() ? std::string_view(symbol.package) : value.package;
    value.symbol = &symbol;
    return value;
}

Value Scope::compute_local(const LocalFact& local) {
    if (local.type != 0)
        return typed(keep(with_import_paths(facts_, facts_.text(local.type))), package_);
    if (local.value.count == 0) return {};
    // The name itself is not visible in its own initialiser.
    const uint32_t before = local.visible_first == 0 ? 0 : local.visible_first - 1;
    const ChainLink last = facts_.links[local.value.first + local.value.count - 1];
    if (local.is_iteration) return iterated(chain_at(local.value, before), local.position);
    const bool is_plain_call = (last.flags & ChainLink::kCall) != 0 &&
                               (last.flags & (ChainLink::kNew | ChainLink::kIndex)) == 0;
    if (local.position == 0 || !is_plain_call) {
        // `v, ok := m[k]` and `v, ok := x.(T)`: the second value is a bool.
        return local.position == 0 ? chain_at(local.value, before) : Value{};
    }
    // The last link yields several values, of which this is one.
    Chain receiver = local.value;
    --receiver.count;
    Value callee;
    if (receiver.count == 0) {
        callee = name_at(last.name, before);
    } else {
        callee = member(chain_at(receiver, before), without_arguments(facts_.text(last.name)));
    }
    return called(callee, local.position);
}

Value Scope::local_value(const LocalFact& local) {
    const auto known = local_values_.find(&local);
    if (known != local_values_.end()) return known->second;
    if (depth_ >= kDepthMax) return {};
    local_values_.emplace(&local, Value{});  // what refers to itself stays unknown
    ++depth_;
    Value value = compute_local(local);
    --depth_;
    // A function kept in a local is still that function; a type is not a value.
    if (value.kind == Kind::Type || value.kind == Kind::Package) value = {};
    local_values_[&local] = value;
    return value;
}

Value Scope::name_at(NameIndex name, uint32_t offset) {
    const LocalFact* local = locals_.find(name, offset);
    if (local != nullptr) return local_value(*local);
    const std::string_view text = without_arguments(facts_.text(name));
    if (const Symbol* symbol = member_of_package(package_, text)) return value_of_symbol(*symbol);
    if (const Symbol* symbol = dot_imported(text)) return value_of_symbol(*symbol);
    Value value;
    const ImportFact* likely = nullptr;
    for (const ImportFact& import : facts_.imports) {
        const std::string_view alias = facts_.text(import.alias);
        const std::string_view path = facts_.text(import.path);
        if (path == kConstraintPath || alias == "_") continue;
        const std::string_view package = package_behind(path, package_);
        if (alias == ".") continue;
        std::string_view local_name = alias;
        if (alias.empty() && !package.empty()) {
            const Symbol* module = module_of(package);
            if (module != nullptr) local_name = module->type;
        }
        const bool is_match =
            local_name.empty() ? usual_package_name(path) == text : local_name == text;
        if (!is_match) {
            if (local_name.empty() && may_be_named(path, text)) likely = &import;
            continue;
        }
        value.kind = package.empty() ? Kind::Outside : Kind::Package;
        value.text = package.empty() ? path : package;
        return value;
    }
    if (likely != nullptr) {
        value.kind = Kind::Outside;
        value.text = facts_.text(likely->path);
        return value;
    }
    return value;
}

Value Scope::underlying(const Value& value) {
    Value at = value;
    for (size_t i = 0; i < kDepthMax; ++i) {
        if (at.kind != Kind::Typed) return {};
        const TypeName name = name_of(at.text);
        if (name.name.empty()) return at;
        const Symbol* type = type_named(name, at.package);
        if (type == nullptr || type->kind != BlockKind::TypeAlias || type->type.empty()) return {};
        at = typed(type->type, type->package);
    }
    return {};
}

Value Scope::indexed(const Value& value) {
    // A function or type with a subscript is an instantiation.
    if (value.kind == Kind::Callee || value.kind == Kind::Type) return value;
    if (value.kind == Kind::Outside) {
        Value result = value;
        result.is_guess = true;
        return result;
    }
    const Value base = underlying(value);
    return base.kind == Kind::Typed ? typed(element_of(base.text), base.package) : Value{};
}

Value Scope::iterated(const Value& value, size_t position) {
    if (value.kind == Kind::Typed) {
        const TypeName name = name_of(value.text);
        // range over iter.Seq[V] and iter.Seq2[K, V]
        if (name.path == "iter" && !name.arguments.empty()) {
            const auto arguments = split_list(name.arguments);
            return position < arguments.size() ? typed(arguments[position], value.package)
                                               : Value{};
        }
    }
    const Value base = underlying(value);
    if (base.kind != Kind::Typed) return {};
    if (position == 0) {
        const std::string_view key = key_of(base.text);
        if (!key.empty()) return typed(key, base.package);
        return without_pointers(base.text).find("chan") <= 2
                   ? typed(element_of(base.text), base.package)
                   : Value{};
    }
    return typed(element_of(base.text), base.package);
}

Value Scope::called(const Value& value, size_t position) {
    switch (value.kind) {
        case Kind::Type:
            return position == 0 ? typed(value.text, value.package) : Value{};  // conversion
        case Kind::Callee:
            return typed(result_at(value.text, position), value.package);
        case Kind::Typed: {
            const Value function = underlying(value);
            if (function.kind != Kind::Typed || !is_func(function.text)) return {};
            return typed(result_at(results_of(function.text), position), function.package);
        }
        case Kind::Outside: {
            Value result = value;
            result.text = keep(std::string(value.text) + "()");
            result.is_guess = true;
            return result;
        }
        default:
            return {};
    }
}

Value Scope::nameless_member(const Value& of, std::string_view name) {
    Value promoted;
    for (const StructField& field : fields_of(of.text)) {
        const bool is_embedded = field.name.empty();
        if ((is_embedded ? name_of(field.type).name : field.name) == name)
            return typed(field.type, of.package);
        if (!is_embedded || promoted.kind != Kind::Unknown) continue;
        promoted = member(typed(field.type, of.package), name);
        promoted.is_promoted = true;
    }
    return promoted;
}

Value Scope::member(const Value& of, std::string_view name) {
    Value value;
    switch (of.kind) {
        case Kind::Package: {
            if (name.empty() || (name[0] >= 'a' && name[0] <= 'z') || name[0] == '_') return value;
            const Symbol* symbol = member_of_package(of.text, name);
            return symbol == nullptr ? value : value_of_symbol(*symbol);
        }
        case Kind::Outside:
            value.kind = Kind::Outside;
            value.text = keep(std::string(of.text) + "." + std::string(name));
            value.is_guess = of.is_guess;
            return value;
        case Kind::Type:
        case Kind::Typed: {
            const TypeName type_name = name_of(of.text);
            if (type_name.name.empty()) return nameless_member(of, name);
            const Symbol* type = type_named(type_name, of.package);
            if (type == nullptr) {
                const bool is_outside =
                    !type_name.path.empty() && package_behind(type_name.path, of.package).empty();
                if (!is_outside && !(type_name.path.empty() && type_name.name == "error"))
                    return value;
                value.kind = Kind::Outside;
                value.text =
                    keep(std::string(type_name.path) + (type_name.path.empty() ? "" : ".") +
                         std::string(type_name.name) + "." + std::string(name));
                // What a generic container hands out may be a type of the tree.
                value.is_guess = false;
                return value;
            }
            const Member found = member_of_type(*type, name);
            if (found.symbol != nullptr) {
                value = value_of_symbol(*found.symbol);
                value.is_promoted = found.is_promoted;
            } else if (!found.type.empty()) {
                value = typed(found.type, found.package);
            } else if (!found.outside.empty()) {
                value.kind = Kind::Outside;
                value.text = keep(std::string(found.outside) + "." + std::string(name));
            }
            return value;
        }
        default:
            return value;
    }
}

Value Scope::link_value(Value value, const ChainLink& link, size_t position) {
    const bool is_call = (link.flags & ChainLink::kCall) != 0;
    const bool is_index = (link.flags & ChainLink::kIndex) != 0;
    // The order of call and subscript is lost: functions are called first, containers subscripted
    // first.
    const bool call_first = value.kind == Kind::Callee || value.kind == Kind::Type;
    if (is_index && !(is_call && call_first)) value = indexed(value);
    if (is_call) value = called(value, position);
    if (is_index && is_call && call_first) {
        const Value element = indexed(value);
        if (element.kind != Kind::Unknown) value = element;
    }
    return value;
}

Value Scope::chain_at(const Chain& chain, uint32_t offset) {
    if (depth_ >= kDepthMax) return {};
    ++depth_;
    Value value;
    for (uint32_t i = 0; i < chain.count; ++i) {
        const ChainLink& link = facts_.links[chain.first + i];
        const std::string_view text = facts_.text(link.name);
        if ((link.flags & ChainLink::kOpaque) != 0) {
            value = {};
        } else if ((link.flags & ChainLink::kCast) != 0) {
            value = typed(keep(with_import_paths(facts_, text)), package_);
            // A conversion to what is no type is the call of a generic function.
            const TypeName name = name_of(value.text);
            if (!name.arguments.empty() && type_named(name, package_) == nullptr) {
                const std::string_view where = package_behind(name.path, package_);
                const Symbol* callee =
                    where.empty() ? nullptr : member_of_package(where, name.name);
                if (callee != nullptr && is_callable(callee->kind))
                    value = called(value_of_symbol(*callee), 0);
            }
            if ((link.flags & ChainLink::kIndex) != 0) value = indexed(value);
            if ((link.flags & ChainLink::kCall) != 0) value = called(value, 0);
        } else if ((link.flags & ChainLink::kNew) != 0) {
            // `pkg.T{}`: the package is the link before.
            if (i == 0) {
                value = typed(keep(with_import_paths(facts_, text)), package_);
            } else {
                value = member(value, without_arguments(text));
                if (value.kind == Kind::Type) value.kind = Kind::Typed;
            }
            if ((link.flags & ChainLink::kIndex) != 0) value = indexed(value);
        } else {
            value = i == 0 ? name_at(link.name, offset) : member(value, without_arguments(text));
            value = link_value(value, link, 0);
        }
        if (value.kind == Kind::Unknown && i + 1 < chain.count) {
            // A later cast states the type again.
            bool has_cast = false;
            for (uint32_t k = i + 1; k < chain.count; ++k)
                has_cast =
                    has_cast || (facts_.links[chain.first + k].flags & ChainLink::kCast) != 0;
            if (!has_cast) break;
        }
    }
    --depth_;
    return value;
}

}  // namespace kausal::ingest::go
