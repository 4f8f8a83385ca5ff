// The parts that every answer is made of: rows, edges with their sites, and what could not be
// known.
//
// An answer keeps facts and guesses in separate lists and says what it did not see. "Nothing found"
// is `certain` only when nothing was cut, nothing unresolved carries the name, no guess points
// there, and every source file was understood.
#pragma once

#include "base/status.h"
#include "format/edge_record.h"
#include "graph/block_row.h"
#include "graph/edge_filter.h"
#include "graph/graph_view.h"
#include "query/budget.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::query {

using graph::BlockRow;
using graph::GraphView;

/// How many samples an Unknown carries of each sort.
inline constexpr size_t kUnknownSamplesMax = 10;

/// A reference of which only the name is known.
struct UnresolvedSite {
    std::string name = {};         // what the site says
    BlockId source = {};           // the block that holds the site
    std::string source_name = {};  // its qualified name
    std::string uri = {};
    uint32_t line = 0;
    uint32_t offset = 0;
    uint64_t workspace = 0;
};

/// What an answer could not know. Samples are in order of (uri, line, offset).
struct Unknown {
    uint64_t unresolved_sites = 0;  // sites that carry the name and are bound to nothing
    std::vector<UnresolvedSite> sites;
    uint64_t files_partial = 0;  // source files with syntax errors
    uint64_t files_opaque = 0;   // source files that were not indexed
    std::vector<graph::TroubledFile> files;

    [[nodiscard]] bool is_nothing() const noexcept {
        return unresolved_sites == 0 && files_partial == 0 && files_opaque == 0;
    }
};

/// Gathers what is unknown about uses of `blocks`: unresolved sites of their names in their
/// language families, and source files that were not understood (files without a language do not
/// count).
[[nodiscard]] Result<Unknown> unknown_uses_of(const GraphView& view,
                                              std::span<const BlockRow> blocks);
/// Only the files, of one workspace or of all (0).
[[nodiscard]] Result<Unknown> unknown_files(const GraphView& view, uint64_t workspace);

/// What is unknown about uses made by `blocks`: their own unresolved sites over edges of `types`,
/// and their own files where those were not understood.
[[nodiscard]] Result<Unknown> unknown_inside(const GraphView& view,
                                             std::span<const BlockRow> blocks,
                                             const graph::EdgeTypeSet& types);

/// Why a candidate edge is one: "name_match 60%".
[[nodiscard]] std::string reason_of(const format::EdgeRecord& edge);

}  // namespace kausal::query
