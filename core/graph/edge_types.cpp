// The registry of edge types; see edge_types.h.
#include "graph/edge_types.h"

#include <algorithm>
#include <utility>

namespace kausal::graph {

using format::EdgeType;

namespace {
constexpr size_t kTypeNameSizeMax = 64;
constexpr auto kUserFirst = static_cast<uint32_t>(EdgeType::UserFirst);
}  // namespace

EdgeTypeRegistry::EdgeTypeRegistry(std::vector<RegisteredEdgeType> user_types)
    : user_types_(std::move(user_types)) {
    std::sort(user_types_.begin(), user_types_.end(),
              [](const auto& left, const auto& right) { return left.type < right.type; });
}

EdgeType EdgeTypeRegistry::find(std::string_view name) const noexcept {
    for (const RegisteredEdgeType& entry : user_types_) {
        if (entry.name == name) return entry.type;
    }
    return format::edge_type_from_name(name);
}

std::string_view EdgeTypeRegistry::name_of(EdgeType type) const noexcept {
    const auto number = static_cast<uint16_t>(type);
    if (number == 0) return {};
    if (number <= static_cast<uint16_t>(EdgeType::CoChanged)) return format::edge_type_name(type);
    for (const RegisteredEdgeType& entry : user_types_) {
        if (entry.type == type) return entry.name;
    }
    return {};
}

Result<EdgeType> EdgeTypeRegistry::next_free() const {
    if (user_types_.empty()) return EdgeType::UserFirst;
    const auto last = static_cast<uint32_t>(user_types_.back().type);
    if (last >= 0xffff) return fail(ErrorCode::Unsupported, "no free number for an edge type");
    return static_cast<EdgeType>(std::max(kUserFirst, last + 1));
}

Status validate_edge_type_name(std::string_view name) {
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_allowed = [&](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.empty() || name.size() > kTypeNameSizeMax || !is_letter(name.front()) ||
        !std::all_of(name.begin(), name.end(), is_allowed)) {
        return {ErrorCode::Invalid,
                "edge type name is not 1 to 64 of a-z, 0-9 and _ starting with a letter"};
    }
    if (format::edge_type_from_name(name) != EdgeType::Invalid) {
        return {ErrorCode::Invalid, "edge type " + std::string(name) + " is built in"};
    }
    return Status::ok();
}

}  // namespace kausal::graph
