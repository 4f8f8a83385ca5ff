// How the engine names what no source file names: workspaces, unresolved names, external symbols,
// registry records; and the index keys that the graph room adds to blocks.
//
// Every writer of graph records uses these functions, so that the same thing has the same id
// whoever writes it, and passes each record through `prepare_record` (GraphBatch does it by itself;
// a bulk load must call it).
#pragma once

#include "base/block_id.h"
#include "format/block_record.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace kausal::graph {

/// Key spaces of format::hash_key used by this room (1 is the qualified name's).
inline constexpr uint16_t kKeySpaceRegistry = 2;   // "workspace", "edge-type"
inline constexpr uint16_t kKeySpaceFileState = 3;  // one of the words below

/// Has syntax errors; is not indexed; is not indexed although it is source text.
inline constexpr std::string_view kPartialState = "partial";
inline constexpr std::string_view kOpaqueState = "opaque";
inline constexpr std::string_view kOpaqueSourceState = "opaque-source";

/// Languages that can call each other by name: C and C++; JavaScript, TypeScript and TSX; every
/// other language alone. The result is the family's first language.
[[nodiscard]] format::Language language_family(format::Language language) noexcept;

[[nodiscard]] BlockId workspace_id(std::string_view workspace_name);
/// The `workspace` field of blocks that belong to the workspace.
[[nodiscard]] uint64_t workspace_number(std::string_view workspace_name);
/// The block that gathers references of which only `name` is known. Its record: kind
/// UnresolvedName, name = qualified_name = `name`, language = the family, uri empty.
[[nodiscard]] BlockId unresolved_name_id(std::string_view workspace_name, format::Language language,
                                         std::string_view name);
/// The block of a symbol defined outside every linked tree. `symbol` is the canonical spelling in
/// the language's own notation ("fmt.Println"). Its record: kind ExternalSymbol, name = last
/// component, qualified_name = `symbol`, language = the family, uri empty.
[[nodiscard]] BlockId external_symbol_id(std::string_view workspace_name, format::Language language,
                                         std::string_view symbol);

/// Adds the graph room's index keys to `record.keys` (kept sorted and unique): registry membership
/// of workspaces, and the state of files flagged kBlockPartial or kBlockOpaque.
void prepare_record(format::BlockRecord& record);

/// The last component of a qualified name: what follows the last `.`, `::`, `/` or `#`.
[[nodiscard]] std::string_view last_component(std::string_view qualified_name) noexcept;
/// True when `tail` equals the end of `qualified_name`, component by component; `.`, `::`, `/` and
/// `#` are the same separator. An empty tail matches nothing.
[[nodiscard]] bool ends_with_components(std::string_view qualified_name,
                                        std::string_view tail) noexcept;

}  // namespace kausal::graph
