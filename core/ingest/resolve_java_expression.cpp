// Follows chains of names link by link: locals, fields, types, packages, results of methods.
#include "ingest/resolve_java_expression.h"

#include "ingest/resolve_java_library.h"

#include <algorithm>

namespace kausal::ingest::java {
namespace {

using format::BlockKind;
using format::Provenance;

// Initialisers that need one another, as only damaged sources have them.
constexpr uint32_t kDepthMax = 24;

bool is_type_like(const Symbol& symbol) {
    return is_type(symbol.kind) || symbol.kind == BlockKind::EnumMember;
}

/// "1", "0x7fL", "1e3", ".5f".
std::string_view number_type(std::string_view literal) {
    const bool is_hex = literal.starts_with("0x") || literal.starts_with("0X");
    const char last = literal.back();
    if (last == 'l' || last == 'L') return "long";
    if (is_hex && literal.find_first_of("pP") == std::string_view::npos) return "int";
    if (last == 'f' || last == 'F') return "float";
    return is_hex || literal.find_first_of(".eEdD") != std::string_view::npos ? "double" : "int";
}

}  // namespace

const Symbol* Expressions::enclosing_type(const Symbol* scope) {
    while (scope != nullptr && !is_type_like(*scope)) {
        if (scope->kind == BlockKind::File) return nullptr;
        scope = types_.by_id(scope->parent);
    }
    return scope;
}

Type Expressions::superclass(const Symbol* scope) {
    const Symbol* type = enclosing_type(scope);
    if (type == nullptr) return {};
    const auto bases = types_.bases({.symbol = type});
    for (const Type* base : bases)
        if (base->symbol == nullptr || base->symbol->kind != BlockKind::Interface) return *base;
    return types_.well_known("java.lang.Object");
}

Member Expressions::find_field_in_scopes(std::string_view name, const Symbol* scope) {
    if (types_.named(name).empty()) return {};
    for (const Symbol* at = scope; at != nullptr && at->kind != BlockKind::File;
         at = types_.by_id(at->parent)) {
        if (!is_type_like(*at)) continue;
        const Member member = types_.find_field({.symbol = at}, name);
        if (member.symbol != nullptr) return member;
    }
    if (scope == nullptr) return {};
    const FileScope& file = types_.scope_of(*scope);
    for (const auto& [member_name, owner] : file.static_single) {
        if (member_name != name) continue;
        if (const Type type = types_.qualified(owner); type.symbol != nullptr) {
            const Member member = types_.find_field(type, name);
            if (member.symbol != nullptr) return member;
        }
    }
    for (const std::string_view owner : file.static_wildcards) {
        if (const Type type = types_.qualified(owner); type.symbol != nullptr) {
            const Member member = types_.find_field(type, name);
            if (member.symbol != nullptr) return member;
        }
    }
    return {};
}

const Symbol* Expressions::record_component(const Type& type, const Invocation& call) {
    if (type.symbol == nullptr || (call.argument_count != 0 && call.argument_count != 255))
        return nullptr;
    const auto& bases = type.symbol->bases;
    if (std::find(bases.begin(), bases.end(), "java.lang.Record") == bases.end()) return nullptr;
    for (const Symbol* member : types_.members(type.symbol->id, call.name))
        if (member->kind == BlockKind::Field) return member;
    return nullptr;
}

Type Expressions::lambda_parameter_type(const LocalFact& local, const Symbol* scope) {
    // The value is the call that the lambda is handed to; what it passes is known for some.
    const uint32_t count = local.value.count;
    const ChainLink& call = facts_.links[local.value.first + count - 1];
    if ((call.flags & ChainLink::kCall) == 0 || count < 2) return {};
    const Value receiver = value_of(local.value, count - 1, scope, local.visible_first);
    if (receiver.is_type_name || receiver.type.dimensions != 0) return {};
    Type found;
    types_.visit_hierarchy(receiver.type, [&](const Type& type, uint32_t) {
        const std::string_view name =
            type.symbol != nullptr ? std::string_view(type.symbol->qualified_name) : type.external;
        const LibraryType* library = library_type(name);
        if (library == nullptr) return false;
        const LibraryMember member = library_member(*library, facts_.text(call.name));
        if (member.lambda_parameter.empty()) return false;
        // The table's variable names are its own; the position of the variable is what counts.
        const auto parameters = split_arguments(library->parameters);
        const auto at = std::find(parameters.begin(), parameters.end(), member.lambda_parameter);
        if (at != parameters.end())
            found = types_.argument(type, static_cast<size_t>(at - parameters.begin()));
        return true;
    });
    return found;
}

Type Expressions::local_type(const LocalFact& local, const Symbol* scope) {
    const auto known = local_types_.find(&local);
    if (known != local_types_.end()) return known->second;
    const std::string_view text = facts_.text(local.type);
    // A local is read where its function is the innermost definition.
    if (local.definition != kNone) scope = &types_.own(local.definition);
    Type type;
    if (!text.empty() && text != "var") {
        type = types_.resolve(text, scope, nullptr);
    } else if (local.value.count != 0 && depth_ < kDepthMax) {
        local_types_.emplace(&local, Type());  // in case that it names itself
        ++depth_;
        if (text.empty()) {
            type = lambda_parameter_type(local, scope);
        } else {
            // `visible_first` is behind the initialiser, where the local hides what it may name.
            const uint32_t offset = local.visible_first == 0 ? 0 : local.visible_first - 1;
            type = value_of(local.value, local.value.count, scope, offset).type;
            if (local.is_iteration) type = types_.element(type);
        }
        --depth_;
    }
    local_types_[&local] = type;
    return type;
}

Value Expressions::opaque_value(std::string_view node) {
    if (node == "string_literal") return {.type = types_.well_known("java.lang.String")};
    if (node == "class_literal") return {.type = types_.well_known("java.lang.Class")};
    if (node == "true" || node == "false" || node == "instanceof_expression")
        return {.type = {.external = "boolean"}};
    if (node == "character_literal") return {.type = {.external = "char"}};
    // Markers for the choice among overloads; no type has such a name.
    if (node == "null_literal" || node == "lambda_expression") return {.package = node};
    return {};
}

Value Expressions::name_value(std::string_view name, NameIndex index, const Symbol* scope,
                              uint32_t offset) {
    const bool is_number = !name.empty() && (name[0] == '.' || (name[0] >= '0' && name[0] <= '9'));
    if (is_number) return {.type = {.external = number_type(name)}};
    if (const LocalFact* local = locals_.find(index, offset))
        return {.type = local_type(*local, scope)};
    if (const Member field = find_field_in_scopes(name, scope); field.symbol != nullptr)
        return {.type = types_.type_of(*field.symbol, field.depth == 0 ? nullptr : field.owner)};
    const bool may_be_package = !name.empty() && name[0] >= 'a' && name[0] <= 'z';
    Type type;
    if (scope != nullptr && (!may_be_package || !types_.named(name).empty()))
        type = types_.resolve_name(name, scope);
    if (type.is_known() && (type.symbol != nullptr || !may_be_package))
        return {.type = type, .is_type_name = true};
    if (may_be_package) return {.package = name};
    return {};
}

Value Expressions::first_value(const ChainLink& link, const Symbol* scope, uint32_t offset) {
    const std::string_view name = facts_.text(link.name);
    if ((link.flags & (ChainLink::kNew | ChainLink::kCast)) != 0) {
        Value value{.type = types_.resolve(name, scope, nullptr)};
        // An array that is made: one dimension more, and one for the subscript that the caller
        // takes.
        constexpr uint8_t kArray = ChainLink::kNew | ChainLink::kIndex;
        if ((link.flags & kArray) == kArray) value.type.dimensions += 2;
        return value;
    }
    if ((link.flags & ChainLink::kOpaque) != 0) return opaque_value(name);
    if ((link.flags & ChainLink::kSelf) != 0) {
        const Symbol* type = enclosing_type(scope);
        return type == nullptr ? Value() : Value{.type = {.symbol = type}};
    }
    if ((link.flags & ChainLink::kSuper) != 0) {
        const Symbol* type = enclosing_type(scope);
        return type == nullptr ? Value() : Value{.type = {.symbol = type}, .is_super = true};
    }
    if ((link.flags & ChainLink::kCall) != 0) {
        const Invocation call{.name = name, .offset = offset, .scope = scope};
        const MethodFound found = find_unqualified(call);
        // Without an argument count only a method without overloads is certain.
        return {.type = result_of(found, nullptr, call)};
    }
    return name_value(name, link.name, scope, offset);
}

Value Expressions::next_value(const Value& value, const ChainLink& link, const Symbol* scope,
                              uint32_t offset) {
    const std::string_view name = facts_.text(link.name);
    if (!value.package.empty() && !value.type.is_known()) {
        const std::string whole = std::string(value.package) + "." + std::string(name);
        const Type type = types_.qualified(whole);
        if (type.symbol != nullptr) return {.type = type, .is_type_name = true};
        const std::string_view kept = types_.keep(whole);
        if (!name.empty() && name[0] >= 'A' && name[0] <= 'Z')
            return {.type = {.external = kept, .how = Provenance::External}, .is_type_name = true};
        return {.package = kept};
    }
    if ((link.flags & ChainLink::kCall) != 0) {
        const Invocation call{.name = name, .offset = offset, .scope = scope};
        if (value.type.dimensions != 0) return {};
        const MethodFound found = find_method(value.type, call, value.is_super);
        Type type = result_of(found, &value.type, call);
        if (!type.is_known() && !found.is_decided()) {
            if (const Symbol* component = record_component(value.type, call))
                type = types_.type_of(*component, types_.keep(value.type));
        }
        return {.type = type};
    }
    if ((link.flags & ChainLink::kSelf) != 0) return {.type = value.type};  // Outer.this
    if ((link.flags & ChainLink::kSuper) != 0) return {.type = value.type, .is_super = true};
    if (value.type.symbol == nullptr) {
        if (name == "length" && value.type.dimensions != 0) return {.type = {.external = "int"}};
        const bool is_nested = value.is_type_name && !name.empty() && name[0] >= 'A' &&
                               name[0] <= 'Z' && name.size() > 1 && name[1] >= 'a' &&
                               name[1] <= 'z';
        if (!is_nested)
            return value.is_type_name ? Value{.type = outside_result(value.type, name)} : Value();
        const Type type = types_.well_known(
            types_.keep(std::string(value.type.external) + "." + std::string(name)));
        return {.type = type, .is_type_name = true};
    }
    if (value.type.dimensions != 0)
        return name == "length" ? Value{.type = {.external = "int"}} : Value();
    const Member field = types_.find_field(value.type, name);
    if (field.symbol != nullptr) return {.type = types_.type_of(*field.symbol, field.owner)};
    if (const Symbol* nested = types_.nested_type(*value.type.symbol, name))
        return {.type = {.symbol = nested, .how = value.type.how}, .is_type_name = true};
    return {};
}

const Type* Expressions::bound_result(const Chain& chain, uint32_t count, uint32_t offset) const {
    // Calls are bound in order of their names' places, so the call in front of this one is known.
    // It is the nearest one of that name with as many links before it.
    constexpr int kStepsMax = 32;
    const ChainLink& last = facts_.links[chain.first + count - 1];
    auto at = std::lower_bound(
        results_.begin(), results_.end(), offset,
        [](const BoundResult& bound, uint32_t value) { return bound.reference->offset < value; });
    for (int steps = 0; at != results_.begin() && steps < kStepsMax; ++steps) {
        --at;
        const ReferenceFact& reference = *at->reference;
        if (reference.name != last.name || reference.receiver.count != count - 1) continue;
        bool is_same = true;
        for (uint32_t i = 0; i + 1 < count && is_same; ++i)
            is_same = facts_.links[reference.receiver.first + i].name ==
                      facts_.links[chain.first + i].name;
        if (is_same) return &at->result;
    }
    return nullptr;
}

void Expressions::keep_result(const ReferenceFact& reference, const MethodFound& found,
                              const Type* receiver, const Invocation& call) {
    results_.push_back({&reference, result_of(found, receiver, call)});
}

Value Expressions::value_of(const Chain& chain, uint32_t count, const Symbol* scope,
                            uint32_t offset) {
    if (count == 0 || depth_ >= kDepthMax) return {};
    ++depth_;
    Value value;
    uint32_t start = 0;
    // The last call of the chain that is bound already makes the links before it needless.
    for (uint32_t i = count; i-- > 0 && start == 0;) {
        if ((facts_.links[chain.first + i].flags & (ChainLink::kCall | ChainLink::kNew)) !=
            ChainLink::kCall)
            continue;
        const Type* result = bound_result(chain, i + 1, offset);
        if (result == nullptr) continue;
        value.type = *result;
        start = i + 1;
        if ((facts_.links[chain.first + i].flags & ChainLink::kIndex) == 0) continue;
        if (value.type.dimensions == 0)
            value = {};
        else
            --value.type.dimensions;
    }
    for (uint32_t i = start;
         i < count && (i == 0 || value.type.is_known() || !value.package.empty()); ++i) {
        const ChainLink& link = facts_.links[chain.first + i];
        value = i == 0 ? first_value(link, scope, offset) : next_value(value, link, scope, offset);
        if ((link.flags & ChainLink::kIndex) == 0) continue;
        if (value.type.dimensions == 0) {
            value = {};
            break;
        }
        --value.type.dimensions;
    }
    --depth_;
    return value;
}

Type Expressions::outside_result(const Type& type, std::string_view name) {
    Type result;
    types_.visit_hierarchy(type, [&](const Type& at, uint32_t) {
        const LibraryType* library = at.symbol == nullptr ? library_type(at.external) : nullptr;
        if (library == nullptr) return false;
        const LibraryMember member = library_member(*library, name);
        if (member.result.empty()) return false;
        result = types_.resolve(member.result, nullptr, types_.keep(at));
        return true;
    });
    if (!result.is_known() && is_object_method(name)) {
        if (name == "toString") return types_.well_known("java.lang.String");
        if (name == "getClass") return types_.well_known("java.lang.Class");
    }
    return result;
}

Type Expressions::result_of(const MethodFound& found, const Type* receiver,
                            const Invocation& call) {
    if (found.symbol != nullptr && found.ambiguous.empty()) {
        // Through `this` a variable stands for its bound.
        const bool is_instance = receiver != nullptr || found.depth != 0;
        return types_.type_of(*found.symbol, is_instance ? found.owner : nullptr);
    }
    if (!found.ambiguous.empty()) {
        // Overloads that agree on their result need not be told apart.
        const Symbol& first = *found.ambiguous.front();
        const bool agree =
            std::all_of(found.ambiguous.begin(), found.ambiguous.end(),
                        [&](const Symbol* other) { return other->type == first.type; });
        return agree ? types_.type_of(first, receiver != nullptr ? found.owner : nullptr) : Type();
    }
    if (receiver != nullptr && receiver->symbol == nullptr)
        return outside_result(*receiver, call.name);
    if (found.outside != nullptr) return outside_result(*found.outside, call.name);
    if (is_object_method(call.name))
        return outside_result({.external = "java.lang.Object"}, call.name);
    return {};
}

}  // namespace kausal::ingest::java
