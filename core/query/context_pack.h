// Packing blocks into a token budget, best first, in tiers.
#pragma once

#include "base/status.h"
#include "query/context.h"

#include <cstdint>
#include <string>
#include <vector>

namespace kausal::query {

/// A block that may go into a context.
struct PackItem {
    BlockRow block;
    double score = 0;
    std::string why;
};

/// How many of the best items have their text read.
inline constexpr size_t kPackItemsMax = 400;

/// Shows the best items whole while nine tenths of the budget last, then of the others as much as
/// fits: whole, skeleton or signature. A block inside one that is shown in full is left out. Spans
/// come file by file, that with the best span first, each in order of place; their tokens sum to at
/// most `tokens_max`. `has_rest` tells that something was left out or shortened.
[[nodiscard]] Result<std::vector<ContextSpan>> pack_context(const GraphView& view,
                                                            std::vector<PackItem>&& items,
                                                            uint64_t tokens_max, Meter& meter,
                                                            bool& has_rest);

}  // namespace kausal::query
