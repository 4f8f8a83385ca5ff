// Trace: the tree of callers or callees with call sites.
//
// Rows are in preorder. A block is expanded once, at its shallowest place; elsewhere its row says
// `is_repeated`. With all_paths it is expanded everywhere except below itself (`is_cycle`).
#pragma once

#include "base/status.h"
#include "query/answer.h"

#include <cstdint>
#include <vector>

namespace kausal::query {

enum class TraceDirection : uint8_t { Callers, Callees };
inline constexpr uint32_t kTraceDepthMax = 1000;
inline constexpr uint32_t kNoRow = 0xffffffff;

struct TraceRequest {
    TraceDirection direction = TraceDirection::Callers;
    BlockId target = {};
    uint32_t depth = 3;  // 1..=kTraceDepthMax
    bool all_paths = false;
    bool with_candidates = false;  // guesses are followed too, and marked
    bool with_dispatch = true;
};

struct TraceRow {
    BlockRow block;
    uint32_t depth = 0;  // 0: the target itself, row 0
    uint32_t parent_row = kNoRow;
    std::vector<format::EdgeRecord> edges;  // call sites between this block and its parent's
    bool is_candidate = false;              // reached over a guess
    bool is_dispatch = false;
    bool is_repeated = false;  // expanded elsewhere
    bool is_cycle = false;     // stands above itself
    bool has_more = false;     // not expanded: depth reached
};

struct TraceAnswer {
    std::vector<TraceRow> rows;
    Truncation truncation;
    Unknown unknown;  // about the target's name (callers) or the sites of shown blocks (callees)
};

/// Children are ordered by call site for callees, by place for callers. Errors: NotFound, Invalid,
/// Cancelled, those of reads.
[[nodiscard]] Result<TraceAnswer> trace(const GraphView& view, const TraceRequest& request,
                                        const Budget& budget);

}  // namespace kausal::query
