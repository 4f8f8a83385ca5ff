// Follows chains of Rust names link by link.
#include "ingest/resolve_rust_values.h"

#include <algorithm>

namespace kausal::ingest::rust {
namespace {

using format::BlockKind;
using format::Provenance;

constexpr uint32_t kDepthMax = 20;

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
bool is_upper(char c) noexcept {
    return c >= 'A' && c <= 'Z';
}

size_t position_of(std::string_view digits) {
    size_t value = 0;
    for (const char c : digits) {
        if (!is_digit(c) || value > 1000) return 1000;
        value = value * 10 + static_cast<size_t>(c - '0');
    }
    return value;
}

}  // namespace

Type Values::opaque_type(std::string_view node) const {
    Type type;
    if (node == "string_literal" || node == "raw_string_literal") type.external = "str";
    if (node == "char_literal") type.external = "char";
    if (node == "boolean_literal") type.external = "bool";
    if (node == "unit_expression") type.external = "()";
    return type;
}

Type Values::local_type(const LocalFact& local) {
    const auto known = local_types_.find(&local);
    if (known != local_types_.end()) return known->second;
    Type type;
    const uint32_t definition = local.definition;
    const bool is_part = !local.is_iteration && local.position >= LocalFact::kTupleFirst;
    const size_t part = is_part ? local.position - size_t{LocalFact::kTupleFirst} : 0;
    if (local.type != 0) {
        type = types_.parse(facts_.text(local.type), definition);
        if (is_part) type = types_.tuple_element(type, part);
    } else if (local.value.count != 0 && depth_ < kDepthMax) {
        local_types_.emplace(&local, Type());  // in case that it names itself
        ++depth_;
        // The initialiser is read where the local is not visible yet.
        const uint32_t offset = local.visible_first == 0 ? 0 : local.visible_first - 1;
        if (local.position == 1 && local.is_iteration) {
            type = closure_parameter_type(local, offset);
        } else if (local.is_iteration) {
            type = pattern_type(local);
        }
        if (!type.is_known() && local.position == 0) {
            const Value value = value_of(local.value, local.value.count, definition, offset);
            type = value.is_path ? path_item_type(value.path, definition) : value.type;
            if (local.is_iteration) type = types_.unwrapped(type, definition);
        }
        if (is_part) {
            type = value_of(local.value, local.value.count, definition, offset).type;
            type = type.layers.is_empty() ? types_.tuple_element(type, part) : Type();
        }
        --depth_;
    }
    local_types_[&local] = type;
    return type;
}

Type Values::closure_parameter_type(const LocalFact& local, uint32_t offset) {
    const uint32_t count = local.value.count;
    if (count < 2) return {};
    const ChainLink& last = facts_.links[local.value.first + count - 1];
    if (!passes_inner(facts_.text(last.name))) return {};
    const Value receiver = value_of(local.value, count - 1, local.definition, offset);
    if (receiver.is_path || receiver.type.layers.is_empty()) return {};
    return types_.unwrapped(receiver.type, local.definition);
}

Type Values::pattern_type(const LocalFact& local) {
    // Only a path of names can be the type of a pattern.
    std::vector<std::string_view> segments;
    for (uint32_t i = 0; i < local.value.count; ++i) {
        const ChainLink& link = facts_.links[local.value.first + i];
        const bool is_name = (link.flags & ~ChainLink::kScope) == 0 &&
                             (i == 0 || (link.flags & ChainLink::kScope) != 0);
        if (!is_name) return {};
        segments.push_back(without_arguments(facts_.text(link.name)));
    }
    if (segments.empty() || !is_upper(segments.back().empty() ? 'a' : segments.back().front()))
        return {};
    const Symbol* symbol = nullptr;
    Paths::End end;
    if (segments[0] == "Self") {
        const Symbol* self = types_.self_type(local.definition).symbol;
        if (self == nullptr || segments.size() > 2) return {};
        end = {{.symbol = self}, 1};
    } else {
        end = paths_.resolve(segments, local.definition, Space::Type);
        if (end.used == 0) end = paths_.resolve(segments, local.definition, Space::Value);
    }
    if (end.used == segments.size()) {
        symbol = end.found.symbol;
    } else if (end.found.symbol != nullptr && end.used + 1 == segments.size()) {
        for (const Symbol* member : paths_.source().members(end.found.symbol->id, segments.back()))
            if (member->kind == BlockKind::EnumMember) symbol = member;
    }
    if (symbol == nullptr) return {};
    if (symbol->type.starts_with('(')) {
        Type type = types_.positional_field(*symbol, 0, local.definition);
        return type;
    }
    for (const Symbol* member : paths_.source().members(symbol->id, facts_.text(local.name)))
        if (member->kind == BlockKind::Field)
            return types_.type_of(*member, nullptr, local.definition);
    return {};
}

const Type* Values::bound_result(const Chain& chain, uint32_t count, uint32_t offset) const {
    // Calls are bound in order of their names' places. The one meant is the nearest in front with
    // the same name and the same links before it.
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

Type Values::first_argument(const ReferenceFact& reference) {
    uint32_t count = 0;
    while (count < reference.arguments.count) {
        const ChainLink& link = facts_.links[reference.arguments.first + count];
        if (link.name == 0 && link.flags == 0) break;
        ++count;
    }
    const Chain chain{reference.arguments.first, count};
    const Value value = value_of(chain, count, reference.definition, reference.offset);
    return value.is_path ? path_item_type(value.path, reference.definition) : value.type;
}

void Values::add_wrapped_result(Meaning& meaning, const ReferenceFact& reference) {
    if (meaning.result.is_known() || meaning.external.empty() || reference.arguments.count == 0)
        return;
    const std::string_view name = facts_.text(reference.name);
    Layer layer = Layer::None;
    if (reference.receiver.count == 0) {
        if (name == "Some") layer = Layer::Option;
        if (name == "Ok") layer = Layer::Result;
    } else if (name == "new" || name == "from" || name == "pin") {
        const ChainLink& type =
            facts_.links[reference.receiver.first + reference.receiver.count - 1];
        layer = wrapper_of(without_arguments(facts_.text(type.name))).layer;
        if (layer == Layer::List || layer == Layer::Map) layer = Layer::None;
    }
    if (layer == Layer::None) return;
    meaning.result = first_argument(reference);
    if (meaning.result.is_known()) meaning.result.layers.push(layer);
}

Type Values::path_item_type(const Found& found, uint32_t definition) {
    if (found.symbol == nullptr) return {};
    const BlockKind kind = found.symbol->kind;
    if (kind == BlockKind::Constant || kind == BlockKind::Variable || kind == BlockKind::EnumMember)
        return types_.type_of(*found.symbol, nullptr, definition);
    if (kind == BlockKind::Struct) {
        Type type;
        type.symbol = found.symbol;
        return type;
    }
    return {};
}

const Symbol* Values::field(const Type& receiver, std::string_view name) {
    Type type = receiver;
    for (int steps = 0; steps < 4; ++steps) {
        while (type.layers.top() == Layer::Pointer) type.layers.pop();
        if (!type.layers.is_empty() || type.symbol == nullptr) return nullptr;
        for (const Symbol* member : paths_.source().members(type.symbol->id, name))
            if (member->kind == BlockKind::Field) return member;
        type = types_.deref_target(*type.symbol);
    }
    return nullptr;
}

Type Values::field_type(const Type& receiver, std::string_view name, uint32_t definition) {
    Type type = receiver;
    for (int steps = 0; steps < 4; ++steps) {
        while (type.layers.top() == Layer::Pointer) type.layers.pop();
        if (!type.layers.is_empty()) return {};
        if (is_digit(name.front())) {
            if (!type.tuple.empty()) return types_.tuple_element(type, position_of(name));
            if (type.symbol == nullptr) return {};
            const Type found = types_.positional_field(*type.symbol, position_of(name), definition);
            if (found.is_known()) return found;
        }
        if (type.symbol == nullptr) return {};
        for (const Symbol* member : paths_.source().members(type.symbol->id, name))
            if (member->kind == BlockKind::Field) return types_.type_of(*member, &type, definition);
        type = types_.deref_target(*type.symbol);
    }
    return {};
}

Type Values::subscripted(const Type& type, uint32_t definition) {
    Type inner = type;
    while (inner.layers.top() == Layer::Pointer) inner.layers.pop();
    if (inner.layers.is_empty()) {
        // `?` on an alias that hides a Result, or Index of a type of the tree.
        if (inner.symbol != nullptr) return types_.associated(*inner.symbol, "Output", definition);
        return {};
    }
    if (inner.layers.top() == Layer::Map) {
        inner.layers.pop();
        return inner;
    }
    return types_.unwrapped(inner, definition);
}

Type Values::link_type(const Type& receiver, const ChainLink& link, uint32_t definition) {
    const std::string_view name = facts_.text(link.name);
    if (name.empty()) return {};
    if ((link.flags & ChainLink::kCall) != 0) return method(receiver, name, 255, definition).result;
    return field_type(receiver, name, definition);
}

Value Values::built_value(std::vector<std::string_view> segments, uint32_t definition) {
    Value value;
    std::string path;
    for (const std::string_view segment : segments)
        path.append(path.empty() ? "" : "::").append(segment);
    value.type = types_.parse(paths_.keep(std::move(path)), definition);
    if (value.type.symbol != nullptr || segments.size() < 2) return value;
    segments.pop_back();
    const Paths::End end = paths_.resolve(segments, definition, Space::Type);
    if (end.used == segments.size()) value.type.symbol = end.found.symbol;
    if (segments.size() == 1 && segments[0] == "Self") value.type = types_.self_type(definition);
    return value;
}

Value Values::path_value(const std::vector<std::string_view>& segments, Space space,
                         uint32_t definition) {
    Value value;
    value.is_path = true;
    if (segments.size() == 1 && segments[0] == "Self") {
        value.type = types_.self_type(definition);
        value.path.symbol = value.type.symbol;
        value.path.how = Provenance::Scope;
        return value;
    }
    Paths::End end = paths_.resolve(segments, definition, space);
    if (segments[0] == "Self" && segments.size() == 2) {
        const Symbol* self = types_.self_type(definition).symbol;
        if (self != nullptr) end = {{.symbol = self, .how = Provenance::Scope}, 1};
    } else if (end.used != segments.size() || !end.found.is_known()) {
        end =
            paths_.resolve(segments, definition, space == Space::Type ? Space::Value : Space::Type);
    }
    if (end.used == segments.size()) {
        value.path = end.found;
    } else if (end.found.symbol != nullptr && end.used + 1 == segments.size()) {
        // `Enum::Variant`, `Type::CONSTANT`
        for (const Symbol* member : paths_.source().members(end.found.symbol->id, segments.back()))
            if (!is_callable(member->kind)) value.path = {.symbol = member, .how = end.found.how};
    }
    const BlockKind kind =
        value.path.symbol != nullptr ? value.path.symbol->kind : BlockKind::Invalid;
    if (kind == BlockKind::Constant || kind == BlockKind::Variable ||
        kind == BlockKind::EnumMember) {
        value.type = path_item_type(value.path, definition);
        value.is_path = false;
    }
    return value;
}

Value Values::leading_path(const Chain& chain, uint32_t count, uint32_t definition, uint32_t offset,
                           uint32_t& used) {
    const auto link = [&](uint32_t i) -> const ChainLink& { return facts_.links[chain.first + i]; };
    constexpr uint8_t kEnds = ChainLink::kCall | ChainLink::kIndex | ChainLink::kNew;
    const ChainLink& first = link(0);
    const std::string_view name = facts_.text(first.name);
    used = 1;
    const bool is_longer = count > 1 && (link(1).flags & ChainLink::kScope) != 0;
    if ((first.flags & ChainLink::kOpaque) != 0) return {.type = opaque_type(name)};
    if ((first.flags & ChainLink::kCast) != 0) return {.type = types_.parse(name, definition)};
    if ((first.flags & ChainLink::kSelf) != 0 && !is_longer)
        return {.type = types_.self_type(definition)};
    if (!is_longer && (first.flags & kEnds & ~ChainLink::kIndex) == 0) {
        const LocalFact* found = locals_.find(first.name, offset);
        if (found != nullptr &&
            !(is_upper(name.front()) && found->value.count == 0 && found->type == 0))
            return {.type = local_type(*found)};
    }
    std::vector<std::string_view> segments{name};
    while (used < count && (link(used).flags & ChainLink::kScope) != 0 &&
           (link(used - 1).flags & kEnds) == 0) {
        segments.push_back(facts_.text(link(used).name));
        ++used;
    }
    const ChainLink& last = link(used - 1);
    // `m::S { .. }`, `Self { .. }`, `Enum::Variant { .. }`
    if ((last.flags & ChainLink::kNew) != 0) return built_value(std::move(segments), definition);
    if ((last.flags & ChainLink::kCall) != 0) {
        if (segments.size() == 1 && locals_.find(first.name, offset) != nullptr) return {};
        return {.type = function(segments, 255, definition).result};
    }
    return path_value(segments, used < count ? Space::Value : Space::Type, definition);
}

Value Values::value_of(const Chain& chain, uint32_t count, uint32_t definition, uint32_t offset) {
    if (count == 0 || depth_ >= kDepthMax) return {};
    ++depth_;
    uint32_t used = 0;
    Value value;
    for (uint32_t i = count; i-- > 0 && used == 0;) {
        if ((facts_.links[chain.first + i].flags & (ChainLink::kCall | ChainLink::kNew)) !=
            ChainLink::kCall)
            continue;
        const Type* result = bound_result(chain, i + 1, offset);
        if (result == nullptr) continue;
        value.type = *result;
        used = i + 1;
    }
    if (used == 0) value = leading_path(chain, count, definition, offset, used);
    const auto index = [&](uint32_t i) {
        const bool is_indexed = (facts_.links[chain.first + i].flags & ChainLink::kIndex) != 0;
        if (is_indexed) value.type = subscripted(value.type, definition);
    };
    if (used < count && value.is_path) {
        value.type = path_item_type(value.path, definition);
        value.is_path = false;
    }
    if (!value.is_path) index(used - 1);
    for (; used < count && value.type.is_known(); ++used) {
        value.type = link_type(value.type, facts_.links[chain.first + used], definition);
        index(used);
    }
    if (used < count) value = {};
    --depth_;
    return value;
}

Meaning Values::call(const ReferenceFact& reference) {
    Meaning meaning = call_meaning(reference);
    add_wrapped_result(meaning, reference);
    return meaning;
}

Meaning Values::call_meaning(const ReferenceFact& reference) {
    const std::string_view name = facts_.text(reference.name);
    const uint32_t definition = reference.definition;
    const uint32_t count = reference.receiver.count;
    if (count == 0) {
        if (locals_.find(reference.name, reference.offset) != nullptr && !is_upper(name.front())) {
            Meaning meaning;
            meaning.is_local = true;
            return meaning;
        }
        return function({name}, reference.argument_count, definition);
    }
    const ChainLink& first = facts_.links[reference.receiver.first];
    const ChainLink& last = facts_.links[reference.receiver.first + count - 1];
    constexpr uint8_t kExpression = ChainLink::kCall | ChainLink::kIndex | ChainLink::kNew |
                                    ChainLink::kCast | ChainLink::kOpaque;
    bool may_be_path = (last.flags & kExpression) == 0;
    for (uint32_t i = 1; i < count && may_be_path; ++i)
        may_be_path = (facts_.links[reference.receiver.first + i].flags & ChainLink::kScope) != 0;
    if (may_be_path && count == 1 && locals_.find(first.name, reference.offset) != nullptr &&
        !is_upper(facts_.text(first.name).front()))
        may_be_path = false;
    const bool is_self = (first.flags & ChainLink::kSelf) != 0 && count == 1;
    if (may_be_path && !is_self) {
        const Value value = value_of(reference.receiver, count, definition, reference.offset);
        // A constant or static is a receiver, everything else part of the path.
        if (value.is_path || !value.type.is_known()) {
            std::vector<std::string_view> segments;
            segments.reserve(count + 1);
            for (uint32_t i = 0; i < count; ++i)
                segments.push_back(facts_.text(facts_.links[reference.receiver.first + i].name));
            segments.push_back(name);
            return function(segments, reference.argument_count, definition);
        }
        return method(value.type, name, reference.argument_count, definition);
    }
    const Value value = value_of(reference.receiver, count, definition, reference.offset);
    Meaning meaning = method(value.type, name, reference.argument_count, definition);
    if (is_self && !meaning.is_decided()) {
        // `self::f()`
        Meaning other = function({"self", name}, reference.argument_count, definition);
        if (other.symbol != nullptr) return other;
    }
    return meaning;
}

}  // namespace kausal::ingest::rust
