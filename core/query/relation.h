// Show a relation of a target: callers, callees, imports, members and the like, to a depth.
//
// A row is one block reached, with every edge (site) that reaches it from the level before. Facts
// are in `rows`, guesses in `candidates`. Uses of a declaration count as uses of its definition;
// calls on a method that the target overrides are marked `is_dispatch`: they may reach it, by the
// receiver's type.
#pragma once

#include "base/status.h"
#include "query/answer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::query {

enum class Relation : uint8_t {
    Callers,
    Callees,
    Imports,  // what the target imports
    ImportedBy,
    Exports,     // members visible outside, at any depth of containment
    References,  // every use: references, calls, imports
    Members,     // what it contains
    Extends,     // its bases
    ExtendedBy,
    Implements,  // of an interface: its implementers; of any other: what it implements
    ImplementedBy,
    Tests,      // tests of the target
    Overrides,  // what the target overrides
    OverriddenBy,
};
[[nodiscard]] std::string_view relation_name(Relation relation) noexcept;  // "imported_by"
/// False for an unknown word.
[[nodiscard]] bool relation_from_name(std::string_view name, Relation& into) noexcept;

inline constexpr uint32_t kRelationDepthMax = 1000;

struct RelationRequest {
    Relation relation = Relation::Callers;
    BlockId target = {};
    uint32_t depth = 1;  // 1..=kRelationDepthMax
    bool with_dispatch = true;
    uint8_t confidence_min = 0;  // of candidates
};

struct RelationRow {
    BlockRow block;
    uint32_t depth = 1;
    BlockId via;                            // the block of the level before
    std::vector<format::EdgeRecord> edges;  // between `block` and `via`, in order of (type, site)
    bool is_dispatch = false;               // may reach the target by dynamic dispatch
    bool is_through_twin = false;           // bound to a declaration of the target
    std::string reason;                     // candidates: why it is only a guess
};

struct RelationAnswer {
    BlockRow target;
    std::vector<RelationRow> rows;        // by depth, then place
    std::vector<RelationRow> candidates;  // depth 1 only, by confidence descending, then place
    Truncation truncation;
    Unknown unknown;
    bool is_certain = false;  // the rows are all there are
};

/// Errors: NotFound (target), Invalid (depth), Cancelled, those of reads. Time: linear in the edges
/// of the blocks reached.
[[nodiscard]] Result<RelationAnswer> show_relation(const GraphView& view,
                                                   const RelationRequest& request,
                                                   const Budget& budget);

}  // namespace kausal::query
