// Rows of answers and the classes of block kinds; see block_row.h.
#include "graph/block_row.h"

#include <tuple>

namespace kausal::graph {

using format::BlockKind;

BlockRow row_of(const storage::BlockPin& pin) {
    const format::BlockRecord& record = pin.record;
    BlockRow row;
    row.id = record.id;
    row.kind = record.kind;
    row.language = record.language;
    row.flags = record.flags;
    row.workspace = record.workspace;
    row.version = pin.version;
    row.parent = record.parent;
    row.line_first = record.line_first;
    row.line_last = record.line_last;
    row.byte_first = record.byte_first;
    row.byte_end = record.byte_end;
    row.name = record.name;
    row.qualified_name = record.qualified_name;
    row.uri = record.uri;
    row.signature = record.signature;
    return row;
}

bool comes_before(const BlockRow& left, const BlockRow& right) noexcept {
    return std::tie(left.uri, left.line_first, left.byte_first, left.id) <
           std::tie(right.uri, right.line_first, right.byte_first, right.id);
}

bool is_hidden(BlockKind kind, std::string_view uri) noexcept {
    return kind == BlockKind::FileFacts || uri.starts_with("kausal:");
}

bool is_definition_kind(BlockKind kind) noexcept {
    switch (kind) {
        case BlockKind::Invalid:
        case BlockKind::Workspace:
        case BlockKind::Commit:
        case BlockKind::ExternalSymbol:
        case BlockKind::UnresolvedName:
        case BlockKind::FileFacts:
            return false;
        default:
            return true;
    }
}

bool is_callable_kind(BlockKind kind) noexcept {
    return kind == BlockKind::Function || kind == BlockKind::Method || kind == BlockKind::Macro;
}

bool is_type_kind(BlockKind kind) noexcept {
    switch (kind) {
        case BlockKind::Class:
        case BlockKind::Struct:
        case BlockKind::Interface:
        case BlockKind::Enum:
        case BlockKind::Union:
        case BlockKind::TypeAlias:
            return true;
        default:
            return false;
    }
}

bool is_container_kind(BlockKind kind) noexcept {
    return kind == BlockKind::Workspace || kind == BlockKind::File || kind == BlockKind::Module ||
           is_type_kind(kind);
}

}  // namespace kausal::graph
