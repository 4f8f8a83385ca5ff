// Context: what to read for a task, packed into a budget of tokens.
//
// Seeds come from full text search over the task and from identifiers in it; their neighbourhood
// gets weight by personalised propagation along the edges; blocks are then packed greedily by score
// per token, in three tiers: signature, skeleton, full text. The same task on the same graph gives
// the same bytes.
#pragma once

#include "base/status.h"
#include "graph/name_lookup.h"
#include "query/answer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::query {

/// How tokens are estimated; named in every answer. One token per 4 bytes, rounded up.
inline constexpr std::string_view kTokenEstimate = "bytes/4";
[[nodiscard]] constexpr uint64_t estimate_tokens(size_t size_bytes) noexcept {
    return (static_cast<uint64_t>(size_bytes) + 3) / 4;
}

enum class Tier : uint8_t { Signature, Skeleton, Full };
[[nodiscard]] std::string_view tier_name(Tier tier) noexcept;

struct ContextRequest {
    std::string_view task = {};
    std::vector<BlockId> seeds = {};  // blocks known to matter, besides what the text finds
    uint64_t tokens_max = 4000;       // 1..=1,000,000
    graph::BlockFilter filter = {};
    uint32_t seeds_max = 24;
};

struct ContextSpan {
    BlockRow block;
    Tier tier = Tier::Full;
    std::string text;     // one header line "uri:first-last name", then the text of the tier
    uint64_t tokens = 0;  // estimate for `text`
    double score = 0;
    std::string why;  // "matches parse, token", "called by Parser.run"
};
struct ContextAnswer {
    std::vector<ContextSpan> rows;  // by place: workspace, uri, line; stable
    std::vector<BlockRow> seeds;    // best first
    uint64_t tokens = 0;            // sum over rows, never above tokens_max
    std::string_view token_estimate = kTokenEstimate;
    Truncation truncation;
    Unknown unknown;  // files only
};

/// Errors: Invalid (empty task without seeds, bounds), NotFound (a seed), Cancelled, those of
/// reads.
[[nodiscard]] Result<ContextAnswer> context(const GraphView& view, const ContextRequest& request,
                                            const Budget& budget);

}  // namespace kausal::query
