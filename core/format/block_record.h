// A block as the engine stores it: fields in, bytes out.
//
// Mirrors docs/format/block.md. The record has a head (what lists and traversals show) and a body
// (documentation, metadata, content); segments keep heads uncompressed and bodies in compressed
// frames. All index entries of a block (names, URI, keys, text terms) follow from the record alone
// and live and die with it: a newer version of the block replaces all of them at once.
#pragma once

#include "base/block_id.h"
#include "base/status.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::format {

/// Persistent numbers: never change, never reuse. From 1000 on they belong to users.
enum class BlockKind : uint16_t {
    Invalid = 0,
    Workspace = 1,
    File = 2,
    Module = 3,  // package, namespace, module
    Function = 4,
    Method = 5,  // constructors too
    Class = 6,
    Struct = 7,
    Interface = 8,  // trait, protocol
    Enum = 9,
    Union = 10,
    TypeAlias = 11,
    Constant = 12,
    Variable = 13,
    Field = 14,
    EnumMember = 15,
    Macro = 16,
    DocSection = 17,
    Commit = 18,
    ExternalSymbol = 19,  // defined outside every linked tree
    UnresolvedName = 20,  // gathers the references that only a name is known of
    FileFacts = 21,       // what one parse of a file found; not shown in answers
    Row = 22,
    Record = 23,  // what a user puts without saying more
    UserFirst = 1000,
};

/// Persistent numbers.
enum class Language : uint8_t {
    None = 0,
    C = 1,
    Cpp = 2,
    Go = 3,
    Rust = 4,
    Java = 5,
    Python = 6,
    JavaScript = 7,
    TypeScript = 8,
    Tsx = 9,
};

/// Bits of BlockRecord::flags. Persistent.
using BlockFlags = uint32_t;
inline constexpr BlockFlags kBlockExported = 1u << 0;  // visible outside its file or package
inline constexpr BlockFlags kBlockStatic = 1u << 1;
inline constexpr BlockFlags kBlockAbstract = 1u << 2;  // declared without a body
inline constexpr BlockFlags kBlockTest = 1u << 3;
inline constexpr BlockFlags kBlockEntryPoint = 1u << 4;  // main, init, route, registered callback
inline constexpr BlockFlags kBlockConstructor = 1u << 5;
inline constexpr BlockFlags kBlockOverride = 1u << 6;
inline constexpr BlockFlags kBlockDeclaration = 1u << 7;  // its definition is elsewhere or unseen
inline constexpr BlockFlags kBlockGenerated = 1u << 8;
inline constexpr BlockFlags kBlockOpaque = 1u << 9;    // a file not indexed; metadata says why
inline constexpr BlockFlags kBlockPartial = 1u << 10;  // a file with syntax errors
/// Reachable by reflection, decorators, annotations, macros.
inline constexpr BlockFlags kBlockReflected = 1u << 11;

/// Upper bounds, checked before anything is written. Units: bytes, entries.
inline constexpr size_t kNameSizeMax = 4096;
inline constexpr size_t kUriSizeMax = 4096;
inline constexpr size_t kTextSizeMax = size_t{16} << 20;  // signature, doc, metadata
inline constexpr size_t kContentSizeMax = size_t{256} << 20;
inline constexpr size_t kKeyCountMax = 1u << 20;

/// A view of one block. The owner of the text is whoever made the view (see BlockPin in
/// storage/snapshot.h for the ones that come from the database).
struct BlockRecord {
    BlockId id;
    BlockKind kind = BlockKind::Record;
    Language language = Language::None;
    BlockFlags flags = 0;
    uint64_t workspace = 0;   // high half of the workspace block's id; 0 for none
    BlockId parent;           // the block that contains this one; invalid for none
    uint32_t line_first = 0;  // 1-based, 0 for no place in a file; inclusive range
    uint32_t line_last = 0;
    uint32_t byte_first = 0;  // half-open byte range in the file of `uri`
    uint32_t byte_end = 0;
    std::string_view name;            // simple name, e.g. "run"
    std::string_view qualified_name;  // in the language's own notation, e.g. "net.Server.run"
    std::string_view uri;             // path relative to the workspace root, or any URI
    std::string_view signature;       // one line of source that declares it
    std::string_view binding;         // head; opaque bytes of the ingest room: what binding the
                                      // references of other files must know of this symbol
    std::string_view doc;
    std::string_view metadata;  // JSON, or empty
    std::string_view content;   // any bytes
    /// Extra exact-match keys (see hash_key below), sorted and unique.
    std::vector<uint64_t> keys;
};

/// Head and body are encoded apart; `decode` of one leaves the fields of the other untouched.
/// The id is not part of the encoding; it is the key.
void encode_head(const BlockRecord& record, std::string& out);
void encode_body(const BlockRecord& record, std::string& out);
/// Views point into `bytes`. Errors: Corrupt.
[[nodiscard]] Status decode_head(std::string_view bytes, BlockRecord& into);
[[nodiscard]] Status decode_body(std::string_view bytes, BlockRecord& into);
/// Sizes within bounds, text fields UTF-8, id and kind valid. Errors: Invalid.
[[nodiscard]] Status validate(const BlockRecord& record);

/// The 64-bit key of an extra index entry: `space` keeps different uses apart.
[[nodiscard]] uint64_t hash_key(uint16_t space, std::string_view text) noexcept;
/// Every block is found under this key of its qualified name, without being told.
inline constexpr uint16_t kKeySpaceQualifiedName = 1;
/// All exact-match keys of a block, sorted and unique: `record.keys` and that of the qualified name
/// when there is one. Replaces what `into` held. Every index of the engine is filled from this.
void index_keys(const BlockRecord& record, std::vector<uint64_t>& into);

[[nodiscard]] std::string_view kind_name(BlockKind kind) noexcept;  // "function"; "user" above 999
/// Invalid for an unknown word.
[[nodiscard]] BlockKind kind_from_name(std::string_view name) noexcept;
[[nodiscard]] std::string_view language_name(Language language) noexcept;  // "c++", "typescript"
[[nodiscard]] Language language_from_name(std::string_view name) noexcept;

}  // namespace kausal::format
