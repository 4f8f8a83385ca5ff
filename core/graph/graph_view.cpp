// Typed reads over one snapshot; see graph_view.h.
#include "graph/graph_view.h"

#include "graph/identity.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace kausal::graph {

using format::BlockKind;
using storage::BlockParts;

Result<std::optional<BlockRow>> GraphView::row(const BlockId& id) const {
    const std::optional<storage::BlockPin> pin = KAUSAL_TRY(snapshot_->get(id, BlockParts::Head));
    if (!pin) return std::nullopt;
    return row_of(*pin);
}

Result<std::vector<std::optional<BlockRow>>> GraphView::rows(std::span<const BlockId> ids) const {
    std::vector<std::optional<BlockRow>> rows;
    rows.reserve(ids.size());
    for (const BlockId& id : ids) rows.push_back(KAUSAL_TRY(row(id)));
    return rows;
}

Status GraphView::edges(const BlockId& id, storage::Direction direction, const EdgeFilter& filter,
                        std::vector<format::EdgeRecord>& into) const {
    into.clear();
    KAUSAL_TRY(snapshot_->edges(id, direction, into));
    std::erase_if(into, [&](const format::EdgeRecord& edge) {
        return !filter.accepts(edge.type, edge.certainty, edge.confidence);
    });
    return Status::ok();
}

Result<std::vector<BlockRow>> GraphView::with_qualified_name(std::string_view name) const {
    std::vector<BlockRow> rows;
    if (name.empty()) return rows;
    std::vector<BlockId> ids;
    KAUSAL_TRY(snapshot_->find_key(format::hash_key(format::kKeySpaceQualifiedName, name), ids));
    for (const BlockId& id : ids) {
        std::optional<storage::BlockPin> pin = KAUSAL_TRY(snapshot_->get(id, BlockParts::Head));
        if (pin && pin->record.qualified_name == name) rows.push_back(row_of(*pin));
    }
    return rows;
}

namespace {

/// A function with internal linkage is another one in every file.
bool is_file_local(const BlockRow& block) noexcept {
    return block.has(format::kBlockStatic) && block.kind == BlockKind::Function &&
           language_family(block.language) == format::Language::C;
}

bool is_twin(const BlockRow& block, const BlockRow& other) noexcept {
    if (other.id == block.id || other.workspace != block.workspace) return false;
    if (!block.has(format::kBlockDeclaration) && !other.has(format::kBlockDeclaration))
        return false;
    if (language_family(other.language) != language_family(block.language)) return false;
    if (is_callable_kind(other.kind) != is_callable_kind(block.kind)) return false;
    if (is_type_kind(other.kind) != is_type_kind(block.kind)) return false;
    if (!is_definition_kind(other.kind) || is_hidden(other.kind, other.uri)) return false;
    return other.uri == block.uri || (!is_file_local(block) && !is_file_local(other));
}

}  // namespace

Result<std::vector<BlockId>> GraphView::twins(const BlockRow& block) const {
    std::vector<BlockId> ids;
    if (!is_definition_kind(block.kind)) return ids;
    for (const BlockRow& other : KAUSAL_TRY(with_qualified_name(block.qualified_name))) {
        if (is_twin(block, other)) ids.push_back(other.id);
    }
    return ids;
}

Result<std::vector<BlockRow>> GraphView::blocks_of_file(std::string_view uri,
                                                        uint64_t workspace) const {
    std::vector<BlockId> ids;
    KAUSAL_TRY(snapshot_->find_uris(uri, false, [&](std::string_view, const BlockId& id) {
        ids.push_back(id);
        return true;
    }));
    std::vector<BlockRow> rows;
    for (const BlockId& id : ids) {
        std::optional<BlockRow> found = KAUSAL_TRY(row(id));
        if (!found || is_hidden(found->kind, found->uri)) continue;
        if (workspace != 0 && found->workspace != workspace) continue;
        rows.push_back(std::move(*found));
    }
    std::sort(rows.begin(), rows.end(), [](const BlockRow& left, const BlockRow& right) {
        return std::tie(left.workspace, left.line_first, right.line_last, left.byte_first,
                        right.byte_end, left.id) < std::tie(right.workspace, right.line_first,
                                                            left.line_last, right.byte_first,
                                                            left.byte_end, right.id);
    });
    return rows;
}

Result<std::vector<Workspace>> GraphView::workspaces() const {
    std::vector<BlockId> ids;
    KAUSAL_TRY(snapshot_->find_key(format::hash_key(kKeySpaceRegistry, "workspace"), ids));
    std::vector<Workspace> found;
    for (const BlockId& id : ids) {
        std::optional<storage::BlockPin> pin =
            KAUSAL_TRY(snapshot_->get(id, BlockParts::HeadAndBody));
        if (!pin || pin->record.kind != BlockKind::Workspace) continue;
        found.push_back(KAUSAL_TRY(workspace_of(pin->record)));
    }
    std::sort(found.begin(), found.end(),
              [](const Workspace& left, const Workspace& right) { return left.name < right.name; });
    return found;
}

Result<std::optional<Workspace>> GraphView::workspace(std::string_view name) const {
    std::optional<storage::BlockPin> pin =
        KAUSAL_TRY(snapshot_->get(workspace_id(name), BlockParts::HeadAndBody));
    if (!pin || pin->record.kind != BlockKind::Workspace) return std::nullopt;
    return KAUSAL_TRY(workspace_of(pin->record));
}

Result<EdgeTypeRegistry> GraphView::edge_types() const {
    std::vector<BlockId> ids;
    KAUSAL_TRY(snapshot_->find_key(format::hash_key(kKeySpaceRegistry, "edge-type"), ids));
    std::vector<RegisteredEdgeType> types;
    for (const BlockId& id : ids) {
        std::optional<storage::BlockPin> pin =
            KAUSAL_TRY(snapshot_->get(id, BlockParts::HeadAndBody));
        if (!pin || !pin->record.uri.starts_with("kausal:edge-type/")) continue;
        const nlohmann::json object = nlohmann::json::parse(
            pin->record.metadata.begin(), pin->record.metadata.end(), nullptr, false);
        const auto member = object.is_object() ? object.find("number") : object.end();
        if (member == object.end() || !member->is_number_unsigned()) {
            return fail(ErrorCode::Corrupt, "edge type record " + id.to_hex() + " has no number");
        }
        const auto number = member->get<uint64_t>();
        if (number < static_cast<uint64_t>(format::EdgeType::UserFirst) || number > 0xffff) {
            return fail(ErrorCode::Corrupt, "edge type record " + id.to_hex() + " has number " +
                                                std::to_string(number));
        }
        types.push_back(
            {.name = std::string(pin->record.name), .type = static_cast<format::EdgeType>(number)});
    }
    return EdgeTypeRegistry(std::move(types));
}

Result<TroubledFiles> GraphView::troubled_files(uint64_t workspace) const {
    TroubledFiles files = KAUSAL_TRY(read_troubled_files(*snapshot_, false));
    if (workspace != 0) {
        std::erase_if(files, [&](const TroubledFile& file) { return file.workspace != workspace; });
    }
    for (TroubledFile& file : files) file.reason = KAUSAL_TRY(trouble_reason(*snapshot_, file.id));
    return files;
}

Result<TroubledFilesRef> GraphView::troubled_sources() const {
    if (troubled_) return troubled_->get(*snapshot_);
    return std::make_shared<const TroubledFiles>(KAUSAL_TRY(read_troubled_files(*snapshot_, true)));
}

Result<std::string> GraphView::troubled_reason(const BlockId& id) const {
    return troubled_ ? troubled_->reason(*snapshot_, id) : trouble_reason(*snapshot_, id);
}

}  // namespace kausal::graph
