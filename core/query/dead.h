// Dead code: definitions that nothing reaches from the roots, each with how sure that is.
//
// Roots: entry points, tests, reflected blocks, top-level code of files and modules, and, where the
// workspace is a library, everything exported. Liveness follows facts; what guesses or unresolved
// names could reach is reported with a lower confidence and never as certain.
#pragma once

#include "base/status.h"
#include "graph/name_lookup.h"
#include "query/answer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::query {

struct DeadRequest {
    uint64_t workspace = 0;                     // 0: all
    std::vector<format::BlockKind> kinds = {};  // empty: functions, methods, types, constants,
                                                // variables, macros
    std::string_view path_prefix = {};
    bool is_library = false;  // exported blocks are roots
    bool tests_are_roots = true;
    uint8_t confidence_min = 0;  // 0..=100
};

/// Certain: nothing known or unknown can reach it. Likely: something general speaks against being
/// sure (exported, an override, files not understood). Possible: a guess or an unresolved site
/// fits.
enum class DeadCertainty : uint8_t { Possible, Likely, Certain };
[[nodiscard]] std::string_view dead_certainty_name(DeadCertainty certainty) noexcept;

struct DeadRow {
    BlockRow block;
    DeadCertainty certainty = DeadCertainty::Possible;
    uint8_t confidence = 0;            // percent
    std::vector<std::string> reasons;  // why it is not more certain; empty when certain
    bool is_used_by_dead = false;      // dead blocks use it
};
struct DeadAnswer {
    std::vector<DeadRow> rows;  // confidence descending, then place
    uint64_t roots = 0;
    uint64_t blocks_live = 0;
    uint64_t blocks_judged = 0;
    Truncation truncation;
    Unknown unknown;
};

/// No roots means no rows: reachability says nothing then. Reads the whole graph; linear. A
/// deadline or node limit met before liveness is complete gives no rows and says so. Errors:
/// Cancelled, those of reads.
[[nodiscard]] Result<DeadAnswer> dead_code(const GraphView& view, const DeadRequest& request,
                                           const Budget& budget);

}  // namespace kausal::query
