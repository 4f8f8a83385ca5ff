// Evaluates C and C++ expressions to types, as far as they are stated.
#include "ingest/c_facts.h"
#include "ingest/resolve_c_scope.h"
#include "ingest/resolve_c_types.h"

#include <algorithm>

namespace kausal::ingest::c {
namespace {

using format::BlockKind;
using Kind = Value::Kind;

bool is_cast(std::string_view name) noexcept {
    return name.starts_with("static_cast<") || name.starts_with("dynamic_cast<") ||
           name.starts_with("reinterpret_cast<") || name.starts_with("const_cast<") ||
           name.starts_with("down_cast<") || name.starts_with("static_pointer_cast<") ||
           name.starts_with("dynamic_pointer_cast<") || name.starts_with("DownCast_<");
}

bool is_maker(std::string_view name) noexcept {
    return name.starts_with("make_unique<") || name.starts_with("make_shared<") ||
           name.starts_with("WrapUnique<");
}

/// Functions of the standard library that give back what they are given, whatever that is.
bool is_arithmetic(std::string_view type) noexcept {
    static constexpr std::string_view kWords[] = {"int",      "char",   "void",   "bool",
                                                  "float",    "double", "long",   "short",
                                                  "unsigned", "signed", "size_t", "ssize_t"};
    const size_t end = std::min(type.find(' '), type.size());
    const std::string_view first = type.substr(0, end);
    for (const std::string_view word : kWords) {
        if (first == word) return true;
    }
    return first.ends_with("_t") && (first.starts_with("int") || first.starts_with("uint"));
}

}  // namespace

/// What a cast gives, or the pointer that a maker makes.
std::string_view Scope::made_type(std::string_view name) {
    const std::string_view type = argument_of(name, 0);
    if (!is_maker(name)) return type;
    return keep("std::unique_ptr<" + std::string(type) + ">");
}

Value Scope::typed(std::string_view text, std::string_view scope, const Symbol* type) {
    Value value;
    if (text.empty() || text == "auto") {
        if (type == nullptr) return value;
        text = type->name;
    }
    value.kind = Kind::Typed;
    value.text = text;
    value.scope = scope;
    value.type = type;
    return value;
}

/// What the symbols of one name are as an expression.
Value Scope::value_of(const Symbols& found) {
    Value value;
    for (const Symbol* symbol : found) {
        if (is_callable(symbol->kind)) value.callees.push_back(symbol);
    }
    if (!value.callees.empty()) {
        value.kind = Kind::Callee;
        return value;
    }
    const Symbol* best = nullptr;
    for (const Symbol* symbol : found) {
        const bool is_value =
            symbol->kind == BlockKind::Variable || symbol->kind == BlockKind::Field;
        if (!is_value && symbol->kind != BlockKind::EnumMember) continue;
        if (best == nullptr || (symbol->path == facts_.path && best->path != facts_.path) ||
            (files_.sees(symbol->file) && !files_.sees(best->file)) ||
            (symbol->path == best->path && is_declaration(*best)))
            best = symbol;
    }
    if (best != nullptr) {
        const Symbol* type = best->type_id.is_valid() ? source_.by_id(best->type_id) : nullptr;
        const bool is_foreign = type == nullptr && best->path != facts_.path;
        value =
            typed(best->type, is_foreign ? kForeignScope : std::string_view(best->package), type);
        value.symbol = best;
        return value;
    }
    const Symbol* type = best_type(found);
    if (type != nullptr) {
        value.kind = Kind::Type;
        value.text = type->name;
        value.scope = type->package;
        value.type = type;
    }
    return value;
}

Value Scope::local_value(const LocalFact& local) {
    const auto known = local_values_.find(&local);
    if (known != local_values_.end()) return known->second;
    if (depth_ >= kDepthMax) return {};
    local_values_.emplace(&local, Value{});
    ++depth_;
    const std::string_view scope = scope_at(local.definition);
    Value value;
    if (local.type != 0) {
        value = typed(facts_.text(local.type), scope);
    } else if (local.value.count != 0) {
        const uint32_t before = local.visible_first == 0 ? 0 : local.visible_first - 1;
        value = chain_at(local.value, before, scope);
        if (local.is_iteration) {
            value = iterated(value, local.position);
        } else if (local.position != 0 || value.kind != Kind::Typed) {
            value = local.position == 0 && value.kind == Kind::Outside ? value : Value{};
        }
    }
    --depth_;
    value.is_local = true;
    value.symbol = nullptr;
    local_values_[&local] = value;
    return value;
}

Value Scope::name_at(NameIndex name, uint32_t offset, std::string_view scope) {
    const LocalFact* local = locals_.find(name, offset);
    if (local != nullptr) return local_value(*local);
    const std::string_view text = facts_.text(name);
    if (text == kGlobalScope) {
        Value value;
        value.kind = Kind::Namespace;
        return value;
    }
    if (is_cast(text) || is_maker(text)) {
        Value value;
        value.kind = Kind::Outside;
        value.text = head_of(text);
        value.result = made_type(text);
        value.scope = scope;
        return value;
    }
    const std::string_view plain = head_of(text);
    Value inherited;
    const Symbols found = unqualified(plain, scope, inherited);
    Value value = value_of(found);
    value.is_inherited = inherited.is_inherited;
    if (value.kind != Kind::Unknown) {
        // A template with its arguments: the type as written.
        if (value.kind == Kind::Type && plain.size() != text.size()) value.text = text;
        return value;
    }
    const std::string_view space = namespace_named(plain, scope);
    if (!space.empty()) {
        value.kind = Kind::Namespace;
        value.text = space;
        value.scope = scope;
        return value;
    }
    if (plain == "std") {
        // `std::make_unique<T>`: T is looked up from here.
        value.kind = Kind::Outside;
        value.text = plain;
        value.scope = scope;
    } else if (!inherited.result.empty()) {
        value.kind = Kind::Outside;
        value.text = keep(std::string(inherited.result) + "::" + std::string(plain));
    }
    return value;
}

/// Looks through aliases, so that the text says what the type is made of.
Value Scope::expanded(Value value) {
    for (size_t i = 0; i < 6 && value.kind == Kind::Typed; ++i) {
        const std::string_view plain = plain_type(value.text);
        if (wrapper_of(head_of(plain)) != Wrapper::None) return value;
        const Symbol* named = type_named(without_arguments(plain), value.scope);
        if (named == nullptr || named->kind != BlockKind::TypeAlias) return value;
        const Symbol* inner = named->type_id.is_valid() ? source_.by_id(named->type_id) : nullptr;
        if (named->type == value.text) return value;
        Value next = typed(named->type, named->package, inner);
        next.is_local = value.is_local;
        next.symbol = value.symbol;
        value = next;
    }
    return value;
}

Value Scope::called(const Value& value) {
    switch (value.kind) {
        case Kind::Callee: {
            const Symbol& first = *value.callees.front();
            if ((first.flags & format::kBlockConstructor) != 0) {
                const Symbol* owner = source_.by_id(first.parent);
                return owner == nullptr ? Value{} : typed(owner->name, owner->package, owner);
            }
            for (const Symbol* callee : value.callees) {
                if (callee->type.empty()) continue;
                const Symbol* type =
                    callee->type_id.is_valid() ? source_.by_id(callee->type_id) : nullptr;
                const bool is_foreign = type == nullptr && callee->path != facts_.path;
                return typed(callee->type,
                             is_foreign ? kForeignScope : std::string_view(callee->package), type);
            }
            return {};
        }
        case Kind::Type:
            return typed(value.text, value.scope, value.type);
        case Kind::Typed: {
            // A function pointer, whose type is that of its result, or an object with operator().
            const Value object = expanded(value);
            const Symbol* type = object.type;
            if (type == nullptr)
                type =
                    unaliased(type_named(without_arguments(plain_type(object.text)), object.scope));
            if (type != nullptr && is_cpp_) {
                bool is_inherited = false;
                std::string_view outside;
                Value callee;
                callee.kind = Kind::Callee;
                callee.callees = members_of(*type, "operator()", is_inherited, outside);
                if (!callee.callees.empty()) return called(callee);
            }
            return value.symbol != nullptr ? typed(value.text, value.scope, value.type) : Value{};
        }
        case Kind::Outside: {
            if (!value.result.empty()) return typed(value.result, value.scope, value.type);
            Value result = value;
            result.text = keep(std::string(value.text) + "()");
            return result;
        }
        default:
            return {};
    }
}

Value Scope::indexed(const Value& value) {
    if (value.kind == Kind::Callee || value.kind == Kind::Type) return value;
    if (value.kind == Kind::Outside) return value;
    if (value.kind != Kind::Typed) return {};
    Value object = expanded(value);
    const std::string_view plain = plain_type(object.text);
    const Wrapper wrapper = wrapper_of(head_of(plain));
    if (wrapper != Wrapper::None)
        return typed(argument_of(plain, wrapper == Wrapper::Map ? 1 : 0), object.scope,
                     object.type);
    const Symbol* type = object.type != nullptr
                             ? unaliased(object.type)
                             : unaliased(type_named(without_arguments(plain), object.scope));
    if (type != nullptr && is_cpp_) {
        bool is_inherited = false;
        std::string_view outside;
        Value callee;
        callee.kind = Kind::Callee;
        callee.callees = members_of(*type, "operator[]", is_inherited, outside);
        if (!callee.callees.empty()) return called(callee);
    }
    return object;  // a pointer or an array of its type
}

Value Scope::iterated(const Value& value, size_t position) {
    if (value.kind == Kind::Outside) return value;
    if (value.kind != Kind::Typed) return {};
    const Value object = expanded(value);
    const std::string_view plain = plain_type(object.text);
    const Wrapper wrapper = wrapper_of(head_of(plain));
    if (wrapper == Wrapper::Map) {
        // The elements are pairs; a structured binding takes one half.
        const std::string_view text = plain.substr(plain.find('<'));
        Value pair = typed(keep("std::pair" + std::string(text)), object.scope, object.type);
        pair.is_local = false;
        if (position == 1) return typed(argument_of(plain, 1), object.scope, object.type);
        return pair;
    }
    if (wrapper == Wrapper::Sequence)
        return typed(argument_of(plain, 0), object.scope, object.type);
    const Symbol* type = object.type != nullptr
                             ? unaliased(object.type)
                             : unaliased(type_named(without_arguments(plain), object.scope));
    // An array of a plain type gives that type; classes with iterators are not followed.
    if (type == nullptr) return {};
    bool is_inherited = false;
    std::string_view outside;
    return members_of(*type, "begin", is_inherited, outside).empty() ? object : Value{};
}

Value Scope::wrapper_member(const Value& of, std::string_view plain, std::string_view name) {
    const Wrapper wrapper = wrapper_of(head_of(plain));
    const bool is_own = wrapper != Wrapper::Pointer || is_pointer_member(name);
    const std::string_view held = argument_of(plain, wrapper == Wrapper::Map ? 1 : 0);
    if (!is_own) return member(typed(held, of.scope, of.type), name);
    Value value;
    value.kind = Kind::Outside;
    value.text = keep(std::string(head_of(plain)) + "::" + std::string(name));
    value.scope = of.scope;
    if (gives_element(name) || (wrapper == Wrapper::Pointer && name == "lock")) {
        value.type = of.type;
        value.result = held;
        // Iterators of maps are pairs.
        if (wrapper == Wrapper::Map && name != "at")
            value.result = keep("std::pair" + std::string(plain.substr(plain.find('<'))));
    }
    return value;
}

/// `std::name`, or what a name of another library is.
Value Scope::outside_member(const Value& of, std::string_view name) {
    Value value;
    if (!of.result.empty() && of.text.find("::") == std::string_view::npos) return value;
    value.kind = Kind::Outside;
    value.scope = of.scope;
    // `std::make_unique<T>` still says what it makes.
    if (is_cast(name) || is_maker(name)) {
        value.result = made_type(name);
        name = head_of(name);
    }
    value.text = keep(std::string(of.text) + "::" + std::string(head_of(name)));
    return value;
}

Value Scope::namespace_member(const Value& of, std::string_view name) {
    const Symbols& found = in_scope(of.text, name);
    if (!found.empty()) return value_of(found);
    Value value;
    const std::string whole = std::string(of.text) + "::" + std::string(name);
    if (is_namespace(whole)) {
        value.kind = Kind::Namespace;
        value.text = keep(whole);
        value.scope = of.scope;
    } else if (of.text == "std" || of.text.starts_with("std::")) {
        // The tree specialises some of it; the rest is the library's all the same.
        Value library;
        library.kind = Kind::Outside;
        library.text = of.text;
        library.scope = of.scope;
        return outside_member(library, name);
    }
    return value;
}

/// Whether a stated type is of another library: nothing in the tree has its name.
bool Scope::is_foreign_type(const std::vector<std::string_view>& parts, std::string_view scope) {
    if (!is_cpp_ || parts.empty() || scope == kForeignScope || !files_.has_outside()) return false;
    const std::string_view name = head_of(parts.back());
    if (name == "auto" || name.starts_with("decltype") ||
        std::binary_search(template_parameters_.begin(), template_parameters_.end(), name))
        return false;
    // A type that is only announced here is defined elsewhere, a nested one of a template anywhere.
    if (parts.size() > 1 && namespace_named(parts.front(), scope).empty()) return false;
    return source_.named(name).empty();
}

/// A member of a type that is not in the tree: of another library, or one that nothing is known of.
Value Scope::unknown_type_member(std::string_view plain, std::string_view scope,
                                 std::string_view name) {
    Value value;
    if (is_arithmetic(plain)) return value;
    const auto parts = components_of(plain);
    const bool is_std = !parts.empty() && parts.front() == "std";
    const bool is_qualified = parts.size() > 1 && namespace_named(parts.front(), scope).empty() &&
                              type_named(parts.front(), scope) == nullptr;
    if (!is_std && !is_qualified && !is_foreign_type(parts, scope)) return value;
    value.kind = Kind::Outside;
    value.text = keep(without_arguments(plain) + "::" + std::string(head_of(name)));
    return value;
}

Value Scope::member(const Value& of, std::string_view name) {
    if (of.kind == Kind::Namespace) return namespace_member(of, name);
    if (of.kind == Kind::Outside) return outside_member(of, name);
    if (of.kind != Kind::Type && of.kind != Kind::Typed) return {};
    const Value object = of.kind == Kind::Typed ? expanded(of) : of;
    const std::string_view plain = plain_type(object.text);
    const std::string_view head = head_of(plain);
    if (of.kind == Kind::Typed) {
        if (wrapper_of(head) != Wrapper::None) return wrapper_member(object, plain, name);
        if (last_name(head) == "pair" && (name == "first" || name == "second"))
            return typed(argument_of(plain, name == "first" ? 0 : 1), object.scope,
                         name == "second" ? object.type : nullptr);
    }
    const Symbol* type = object.type != nullptr ? unaliased(object.type) : nullptr;
    if (type == nullptr) type = unaliased(type_named(without_arguments(plain), object.scope));
    if (type == nullptr) return unknown_type_member(plain, object.scope, name);
    bool is_inherited = false;
    std::string_view outside;
    Value value;
    const Symbols found = members_of(*type, head_of(name), is_inherited, outside);
    if (!found.empty()) {
        value = value_of(found);
        value.is_inherited = is_inherited;
        return value;
    }
    if (of.kind == Kind::Typed && is_cpp_ && depth_ < kDepthMax) {
        Value arrow;
        arrow.kind = Kind::Callee;
        bool ignored = false;
        std::string_view none;
        arrow.callees = members_of(*type, "operator->", ignored, none);
        if (!arrow.callees.empty()) {
            ++depth_;
            value = member(called(arrow), name);
            --depth_;
            return value;
        }
    }
    if (!outside.empty()) {
        value.kind = Kind::Outside;
        value.text = keep(std::string(outside) + "::" + std::string(head_of(name)));
    }
    return value;
}

Value Scope::chain_at(const Chain& chain, uint32_t offset, std::string_view scope) {
    if (depth_ >= kDepthMax) return {};
    ++depth_;
    Value value;
    for (uint32_t i = 0; i < chain.count; ++i) {
        const ChainLink& link = facts_.links[chain.first + i];
        const std::string_view text = facts_.text(link.name);
        if ((link.flags & ChainLink::kOpaque) != 0) {
            value = {};
            if (i == 0 && text == "string_literal") value.text = text;
        } else if ((link.flags & ChainLink::kSelf) != 0) {
            const Symbol* owner = class_of_scope(scope);
            value = owner == nullptr ? Value{} : typed(owner->name, owner->package, owner);
        } else if ((link.flags & ChainLink::kCast) != 0) {
            value = typed(text, scope);
        } else if (i == 0) {
            value = name_at(link.name, offset, scope);
            // `::name` is looked up from the outside.
            if ((link.flags & ChainLink::kScope) != 0 && !value.is_local)
                value = name_at(link.name, offset, {});
            if ((link.flags & ChainLink::kNew) != 0 && value.kind != Kind::Type)
                value = value.kind == Kind::Callee ? called(value) : typed(text, scope);
        } else {
            value = member(value, text);
        }
        if ((link.flags & (ChainLink::kOpaque | ChainLink::kCast | ChainLink::kSelf)) == 0) {
            const bool is_call = (link.flags & ChainLink::kCall) != 0;
            const bool is_index = (link.flags & ChainLink::kIndex) != 0;
            const bool call_first = value.kind != Kind::Typed;
            if (is_index && !(is_call && call_first)) value = indexed(value);
            if (is_call)
                value = value.kind == Kind::Typed && (link.flags & ChainLink::kNew) != 0
                            ? value
                            : called(value);
            if (is_index && is_call && call_first) value = indexed(value);
        } else if ((link.flags & ChainLink::kIndex) != 0) {
            value = indexed(value);
        }
        if (value.kind == Kind::Unknown && i + 1 < chain.count) {
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

}  // namespace kausal::ingest::c
