// An edge of the causal graph: one occurrence of "source depends on target", with its place.
//
// Mirrors docs/format/edge.md. Identity is (source, target, type, site_offset): several call sites
// between the same pair are several edges. Putting an edge again replaces what is said of it.
#pragma once

#include "base/block_id.h"
#include "base/status.h"

#include <compare>
#include <cstdint>
#include <string_view>

namespace kausal::format {

/// Persistent numbers. From 1000 on they belong to the edge type registry of a database.
enum class EdgeType : uint16_t {
    Invalid = 0,
    Imports = 1,
    DefinedIn = 2,
    References = 3,
    Contains = 4,
    Extends = 5,
    Implements = 6,
    Calls = 7,
    DependsOn = 8,
    MethodOf = 9,
    CallsMethod = 10,
    CallsFunction = 11,
    Overrides = 12,
    Tests = 13,
    ChangedIn = 14,
    CoChanged = 15,
    UserFirst = 1000,
};

/// Where the knowledge of an edge comes from. Persistent; at most 63.
enum class Provenance : uint8_t {
    Unknown = 0,
    Syntax = 1,        // containment, definition: read off the tree
    Scope = 2,         // bound in the same file or lexical scope
    Import = 3,        // bound through an import
    Package = 4,       // bound in the same package, module or namespace
    ReceiverType = 5,  // the receiver's type is stated in the source
    Inheritance = 6,   // found in a base type of the receiver
    Dispatch = 7,      // an implementation that a virtual or interface call may reach
    NameMatch = 8,     // only the name fits
    External = 9,      // leaves the linked trees
    User = 10,
    Scip = 11,
    History = 12,
    Arity = 13,  // name and argument count fit, one definition in the visible files
};

/// Facts and guesses never mix: Resolved is backed by evidence, Candidate is a name match.
enum class Certainty : uint8_t { Candidate = 0, Resolved = 1 };

struct EdgeRecord {
    BlockId source;
    BlockId target;
    EdgeType type = EdgeType::Invalid;
    Certainty certainty = Certainty::Resolved;
    Provenance provenance = Provenance::Unknown;
    uint8_t confidence = 255;  // of a candidate; 255 for resolved
    uint32_t site_offset = 0;  // byte offset in the source block's file
    uint32_t site_line = 0;    // 1-based; 0 for no place
    friend bool operator==(const EdgeRecord&, const EdgeRecord&) = default;
};

/// The identity part of an edge, ordered for the outgoing direction.
struct EdgeKey {
    BlockId source;
    EdgeType type = EdgeType::Invalid;
    BlockId target;
    uint32_t site_offset = 0;
    friend auto operator<=>(const EdgeKey&, const EdgeKey&) = default;
};
[[nodiscard]] inline EdgeKey key_of(const EdgeRecord& edge) noexcept {
    return {edge.source, edge.type, edge.target, edge.site_offset};
}

/// Provenance has six bits on disk.
inline constexpr uint8_t kProvenanceMax = 63;
/// Endpoints set, type known, certainty and provenance within bounds. Errors: Invalid.
[[nodiscard]] Status validate(const EdgeKey& key);
[[nodiscard]] Status validate(const EdgeRecord& edge);

[[nodiscard]] std::string_view edge_type_name(EdgeType type) noexcept;  // "calls_function"
[[nodiscard]] EdgeType edge_type_from_name(std::string_view name) noexcept;
[[nodiscard]] std::string_view provenance_name(Provenance provenance) noexcept;

}  // namespace kausal::format
