// Which edges a read is about: a set of types, and how sure an edge must be.
#pragma once

#include "format/edge_record.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace kausal::graph {

/// A set of edge types, built-in and user ones. Threads: a value.
class EdgeTypeSet {
  public:
    EdgeTypeSet() = default;
    EdgeTypeSet(std::initializer_list<format::EdgeType> types) {
        for (format::EdgeType type : types) add(type);
    }
    [[nodiscard]] static EdgeTypeSet all() {
        EdgeTypeSet set;
        set.all_ = true;
        return set;
    }
    void add(format::EdgeType type) {
        const auto number = static_cast<uint16_t>(type);
        if (number < 64) {
            bits_ |= uint64_t{1} << number;
        } else if (!std::binary_search(others_.begin(), others_.end(), number)) {
            others_.insert(std::upper_bound(others_.begin(), others_.end(), number), number);
        }
    }
    void add(const EdgeTypeSet& other) {
        bits_ |= other.bits_;
        all_ = all_ || other.all_;
        for (uint16_t number : other.others_) add(static_cast<format::EdgeType>(number));
    }
    [[nodiscard]] bool contains(format::EdgeType type) const noexcept {
        const auto number = static_cast<uint16_t>(type);
        if (all_) return number != 0;
        if (number < 64) return (bits_ >> number & 1) != 0;
        return std::binary_search(others_.begin(), others_.end(), number);
    }
    [[nodiscard]] bool is_empty() const noexcept { return !all_ && bits_ == 0 && others_.empty(); }

  private:
    uint64_t bits_ = 0;
    bool all_ = false;
    std::vector<uint16_t> others_;  // sorted
};

/// calls, calls_method, calls_function.
[[nodiscard]] const EdgeTypeSet& call_edges();
/// What makes the source depend on the target: calls, references, imports, extends, implements,
/// overrides, depends_on, tests.
[[nodiscard]] const EdgeTypeSet& dependency_edges();

/// Facts only, unless candidates are asked for. Threads: a value.
struct EdgeFilter {
    EdgeTypeSet types = EdgeTypeSet::all();
    bool resolved = true;
    bool candidates = false;
    uint8_t confidence_min = 0;  // of candidates

    [[nodiscard]] bool accepts(format::EdgeType type, format::Certainty certainty,
                               uint8_t confidence) const noexcept {
        if (!types.contains(type)) return false;
        if (certainty == format::Certainty::Resolved) return resolved;
        return candidates && confidence >= confidence_min;
    }
};

}  // namespace kausal::graph
