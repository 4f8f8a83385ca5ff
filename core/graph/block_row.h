// What an answer shows of a block: the fields of its head, owned by the row.
//
// Rows leave the snapshot behind, so they can cross the C border and outlive every pin. Body text
// is never in a row; ask GraphView::block for it.
#pragma once

#include "base/block_id.h"
#include "format/block_record.h"
#include "format/edge_record.h"
#include "storage/snapshot.h"

#include <cstdint>
#include <string>

namespace kausal::graph {

/// Threads: a value. Meaning of the fields: format/block_record.h.
struct BlockRow {
    BlockId id;
    format::BlockKind kind = format::BlockKind::Invalid;
    format::Language language = format::Language::None;
    uint32_t flags = 0;
    uint64_t workspace = 0;
    uint64_t version = 0;  // sequence number of the commit that wrote the block
    BlockId parent;
    uint32_t line_first = 0;
    uint32_t line_last = 0;
    uint32_t byte_first = 0;
    uint32_t byte_end = 0;
    std::string name;
    std::string qualified_name;
    std::string uri;
    std::string signature;

    [[nodiscard]] bool has(format::BlockFlags flag) const noexcept { return (flags & flag) != 0; }
};

[[nodiscard]] BlockRow row_of(const storage::BlockPin& pin);

/// Order of rows in answers: by place (uri, first line), then id.
[[nodiscard]] bool comes_before(const BlockRow& left, const BlockRow& right) noexcept;

/// Blocks that the engine keeps for itself and no answer shows: file facts, registry records.
[[nodiscard]] bool is_hidden(format::BlockKind kind, std::string_view uri) noexcept;
/// Blocks that stand for something defined in a linked tree: not hidden, not a workspace, an
/// unresolved name, an external symbol, a commit.
[[nodiscard]] bool is_definition_kind(format::BlockKind kind) noexcept;
/// Functions, methods and macros.
[[nodiscard]] bool is_callable_kind(format::BlockKind kind) noexcept;
/// Classes, structs, interfaces, enums, unions, type aliases.
[[nodiscard]] bool is_type_kind(format::BlockKind kind) noexcept;
/// Workspaces, files, modules and types: blocks whose content is a skeleton of their members.
[[nodiscard]] bool is_container_kind(format::BlockKind kind) noexcept;

}  // namespace kausal::graph
