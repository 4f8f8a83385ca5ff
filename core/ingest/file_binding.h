// Level 2 of one file, with the edges that follow from its structure alone, as edge records.
#pragma once

#include "format/edge_record.h"
#include "ingest/facts.h"
#include "ingest/resolver.h"
#include "ingest/symbol.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kausal::ingest {

/// A block that stands for something outside the linked tree, or for a name that nothing explains.
struct OutsideBlock {
    format::BlockKind kind = format::BlockKind::ExternalSymbol;
    format::Language language = format::Language::None;
    std::string name;
};
using OutsideBlocks = std::unordered_map<BlockId, OutsideBlock, BlockIdHash>;

struct BindingCounts {
    uint64_t resolved = 0;
    uint64_t external = 0;
    uint64_t candidate = 0;
    BindingCounts& operator+=(const BindingCounts& other) {
        resolved += other.resolved;
        external += other.external;
        candidate += other.candidate;
        return *this;
    }
};

/// contains: parent -> module; written with the module's block.
[[nodiscard]] format::EdgeRecord module_edge(const Symbol& module);

/// All edges that a file brings into the graph: those of its references, and
///   contains    parent -> definition or file, unless the parent is the workspace
///   method_of   method -> the type that is its parent
///   defined_in  definition -> file, file -> module that it belongs to
/// Sorted by key; of several with one key the most certain stays. Structure has no site, so that
/// moving code changes no edge. Adds the outside blocks that the edges name to `outside`. Threads:
/// `source` is confined; all else is not shared.
[[nodiscard]] std::vector<format::EdgeRecord> bind_file(
    const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
    SymbolSource& source, OutsideBlocks& outside, BindingCounts& counts);

}  // namespace kausal::ingest
