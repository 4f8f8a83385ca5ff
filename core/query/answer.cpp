// What answers could not know; see answer.h.
#include "query/answer.h"

#include "graph/identity.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace kausal::query {

using format::BlockKind;
using format::EdgeRecord;
using format::Language;

namespace {

/// More samples than shown are read, so that the first ones by place can be chosen among them.
constexpr size_t kSamplesRead = 64;

void sort_and_cut(std::vector<UnresolvedSite>& sites) {
    std::sort(sites.begin(), sites.end(), [](const auto& left, const auto& right) {
        return std::tie(left.uri, left.line, left.offset, left.source) <
               std::tie(right.uri, right.line, right.offset, right.source);
    });
    if (sites.size() > kUnknownSamplesMax) sites.resize(kUnknownSamplesMax);
}

/// The gathering blocks of `name` in one language family. Their qualified name is the name itself
/// (graph::unresolved_name_id), which few other blocks have; a look-up by name would read the head
/// of every block that is called so.
Result<std::vector<BlockId>> gathering_blocks(const GraphView& view, std::string_view name,
                                              Language family) {
    std::vector<BlockId> ids;
    for (const BlockRow& row : KAUSAL_TRY(view.with_qualified_name(name))) {
        if (row.kind != BlockKind::UnresolvedName) continue;
        if (graph::language_family(row.language) == family) ids.push_back(row.id);
    }
    return ids;
}

Status add_sites(const GraphView& view, std::string_view name, Language family, Unknown& unknown) {
    for (const BlockId& id : KAUSAL_TRY(gathering_blocks(view, name, family))) {
        std::vector<EdgeRecord> edges;
        KAUSAL_TRY(view.snapshot().edges(id, storage::Direction::In, edges));
        unknown.unresolved_sites += edges.size();
        const size_t shown = std::min(edges.size(), kSamplesRead);
        for (size_t i = 0; i < shown; ++i) {
            const std::optional<BlockRow> source = KAUSAL_TRY(view.row(edges[i].source));
            if (!source) continue;
            unknown.sites.push_back({.name = std::string(name),
                                     .source = source->id,
                                     .source_name = source->qualified_name,
                                     .uri = source->uri,
                                     .line = edges[i].site_line,
                                     .offset = edges[i].site_offset,
                                     .workspace = source->workspace});
        }
    }
    return Status::ok();
}

/// Takes `file` into the counts, and among the samples while there is room.
Status add_file(const GraphView& view, const graph::TroubledFile& file, Unknown& unknown) {
    ++(file.is_opaque ? unknown.files_opaque : unknown.files_partial);
    if (unknown.files.size() == kUnknownSamplesMax) return Status::ok();
    unknown.files.push_back(file);
    unknown.files.back().reason = KAUSAL_TRY(view.troubled_reason(file.id));
    return Status::ok();
}

Status add_files(const GraphView& view, uint64_t workspace, Unknown& unknown) {
    const graph::TroubledFilesRef files = KAUSAL_TRY(view.troubled_sources());
    for (const graph::TroubledFile& file : *files) {
        if (workspace != 0 && file.workspace != workspace) continue;
        KAUSAL_TRY(add_file(view, file, unknown));
    }
    return Status::ok();
}

}  // namespace

Result<Unknown> unknown_uses_of(const GraphView& view, std::span<const BlockRow> blocks) {
    Unknown unknown;
    std::set<std::pair<std::string_view, Language>> names;
    uint64_t workspace = blocks.empty() ? 0 : blocks.front().workspace;
    for (const BlockRow& block : blocks) {
        if (block.workspace != workspace) workspace = 0;
        if (block.name.empty() || block.kind == BlockKind::File) continue;
        names.emplace(block.name, graph::language_family(block.language));
    }
    for (const auto& [name, family] : names) {
        KAUSAL_TRY(add_sites(view, name, family, unknown));
    }
    sort_and_cut(unknown.sites);
    KAUSAL_TRY(add_files(view, workspace, unknown));
    return unknown;
}

Result<Unknown> unknown_files(const GraphView& view, uint64_t workspace) {
    Unknown unknown;
    KAUSAL_TRY(add_files(view, workspace, unknown));
    return unknown;
}

Result<Unknown> unknown_inside(const GraphView& view, std::span<const BlockRow> blocks,
                               const graph::EdgeTypeSet& types) {
    Unknown unknown;
    std::set<std::pair<uint64_t, std::string_view>> files;
    std::vector<EdgeRecord> edges;
    graph::EdgeFilter filter;
    filter.types = types;
    filter.candidates = true;
    for (const BlockRow& block : blocks) {
        files.emplace(block.workspace, block.uri);
        KAUSAL_TRY(view.edges(block.id, storage::Direction::Out, filter, edges));
        for (const EdgeRecord& edge : edges) {
            if (edge.certainty != format::Certainty::Candidate) continue;
            const std::optional<BlockRow> target = KAUSAL_TRY(view.row(edge.target));
            if (!target || target->kind != BlockKind::UnresolvedName) continue;
            ++unknown.unresolved_sites;
            if (unknown.sites.size() >= kSamplesRead) continue;
            unknown.sites.push_back({.name = target->name,
                                     .source = block.id,
                                     .source_name = block.qualified_name,
                                     .uri = block.uri,
                                     .line = edge.site_line,
                                     .offset = edge.site_offset,
                                     .workspace = block.workspace});
        }
    }
    sort_and_cut(unknown.sites);
    const graph::TroubledFilesRef troubled = KAUSAL_TRY(view.troubled_sources());
    for (const graph::TroubledFile& file : *troubled) {
        if (!files.contains({file.workspace, file.uri})) continue;
        KAUSAL_TRY(add_file(view, file, unknown));
    }
    return unknown;
}

std::string reason_of(const EdgeRecord& edge) {
    std::string reason(format::provenance_name(edge.provenance));
    const unsigned percent = (unsigned{edge.confidence} * 100 + 127) / 255;
    reason += ' ' + std::to_string(percent) + '%';
    return reason;
}

}  // namespace kausal::query
