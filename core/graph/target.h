// From what a person types to a block: ids, places, qualified and simple names.
//
// Exact ways come first and alone decide; when none fits, looser ones follow and say so. An
// ambiguous target lists what fits and never picks one.
#pragma once

#include "base/status.h"
#include "graph/block_row.h"
#include "graph/graph_view.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::graph {

/// How a target was matched, in the order in which the ways are tried.
enum class MatchedBy : uint8_t {
    Nothing,
    Id,               // 32 hex digits
    FileLine,         // "path:line": the innermost block there
    FilePath,         // the path of a file, or its end
    QualifiedName,    // exactly
    QualifiedSuffix,  // "Type.method": the end of a qualified name; . :: / # are alike
    Name,             // the simple name exactly
    IdPrefix,         // 6 to 31 hex digits that begin one id
    FoldedName,       // the simple name, upper and lower case alike
    NamePrefix,       // suggestions only
    Fuzzy,            // suggestions only
};
[[nodiscard]] std::string_view matched_by_name(MatchedBy matched_by) noexcept;

struct TargetRequest {
    std::string_view text = {};
    uint64_t workspace = 0;                               // 0: any
    format::BlockKind kind = format::BlockKind::Invalid;  // Invalid: any shown kind
    format::Language language = format::Language::None;   // None: any
    std::string_view path_prefix = {};                    // of the uri; empty: any
    size_t matches_max = 50;                              // of an ambiguous list
    size_t suggestions_max = 8;
};

enum class TargetOutcome : uint8_t { None, One, Ambiguous };

struct TargetResolution {
    TargetOutcome outcome = TargetOutcome::None;
    MatchedBy matched_by = MatchedBy::Nothing;
    std::vector<BlockRow> matches = {};  // One: exactly 1; Ambiguous: 2 or more, in order of place
    bool matches_cut = false;            // more fit than matches_max
    std::vector<BlockRow> suggestions = {};  // None: what comes near, best first
};

/// A declaration yields to a definition of the same qualified name; unresolved names and hidden
/// blocks are never targets unless `kind` asks for them. External symbols are, after definitions:
/// they count only where no definition fits. Errors: Invalid (empty or over-long text), those of
/// reads.
[[nodiscard]] Result<TargetResolution> resolve_target(const GraphView& view,
                                                      const TargetRequest& request);

/// The outcome as one block: its row, or NotFound / Ambiguous with a one-line message that names
/// what came near.
[[nodiscard]] Result<BlockRow> one_target(const GraphView& view, const TargetRequest& request);

}  // namespace kausal::graph
