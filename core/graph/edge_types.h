// The edge types a database knows: the built-in ones and those that users registered by name.
//
// A registered type is a record block (uri "kausal:edge-type/<name>", metadata {"number": n}), so
// that it travels with backups and dumps; its number never changes and is never reused.
#pragma once

#include "base/status.h"
#include "format/edge_record.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::graph {

/// Threads: a value.
struct RegisteredEdgeType {
    std::string name;
    format::EdgeType type = format::EdgeType::Invalid;  // from 1000 on
};

/// Threads: a value, immutable after it was read (GraphView::edge_types).
class EdgeTypeRegistry {
  public:
    EdgeTypeRegistry() = default;
    explicit EdgeTypeRegistry(std::vector<RegisteredEdgeType> user_types);

    /// Registered types in order of number.
    [[nodiscard]] const std::vector<RegisteredEdgeType>& user_types() const noexcept {
        return user_types_;
    }
    /// Built-in and registered names; Invalid for an unknown one.
    [[nodiscard]] format::EdgeType find(std::string_view name) const noexcept;
    /// Empty for an unknown type.
    [[nodiscard]] std::string_view name_of(format::EdgeType type) const noexcept;
    [[nodiscard]] bool contains(format::EdgeType type) const noexcept {
        return !name_of(type).empty();
    }
    /// Errors: Unsupported when all 64,536 numbers are taken.
    [[nodiscard]] Result<format::EdgeType> next_free() const;

  private:
    std::vector<RegisteredEdgeType> user_types_;  // by number
};

/// 1..=64 of a-z, 0-9 and `_`, starting with a letter, not a built-in name. Errors: Invalid.
[[nodiscard]] Status validate_edge_type_name(std::string_view name);

}  // namespace kausal::graph
