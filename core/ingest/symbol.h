// What the binding of one file may know of the definitions in all files.
//
// Binding runs in three levels, so that it is exact under incremental sync and free of order:
//   level 0  `Resolver::declare`: a file's facts -> its symbols (identity, place, package). Reads
//   only
//            that file.
//   level 1  `Resolver::link_types`: the stated types of a file's symbols (bases, declared and
//   result
//            types) -> symbols. Reads level 0 of other files.
//   level 2  `Resolver::bind`: references -> edges. Reads levels 0 and 1 of other files.
// Every look at another file goes through a SymbolSource, which records the *names* that were asked
// for, found or not. A file is bound again exactly when a symbol of such a name has changed.
#pragma once

#include "base/block_id.h"
#include "format/block_record.h"
#include "format/edge_record.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// Languages that can name each other's symbols.
enum class LanguageFamily : uint8_t {
    C = 0,
    Go = 1,
    Rust = 2,
    Java = 3,
    Python = 4,
    JavaScript = 5
};
inline constexpr size_t kLanguageFamilyCount = 6;

/// A definition as other files see it. No positions: moving code must not change it.
struct Symbol {
    BlockId id;
    BlockId parent;  // containing symbol (type, module, file block); never invalid
    BlockId file;    // the file's block
    format::BlockKind kind = format::BlockKind::Function;
    format::Language language = format::Language::None;
    uint32_t flags = 0;  // format::BlockFlags
    uint16_t parameter_count = 0;
    uint16_t parameter_count_min = 0;
    bool is_variadic = false;
    std::string name;
    std::string qualified_name;  // the language's notation: "net/http.Server.Serve", "a::b::C::d"
    std::string package;         // package, module or namespace, as imports spell it; the family's
                                 // resolver decides the form
    std::string path;            // of the file
    std::string type;            // stated type or result type, as written
    std::vector<std::string> bases;         // as written
    std::vector<std::string> member_names;  // of interfaces and traits: the methods they demand;
                                            // of Java methods: the types of their parameters
    // Re-exports and aliases: symbols of kind TypeAlias or Module whose meaning is another name.
    std::string alias_of;  // e.g. "./impl#Foo"; the family's resolver decides the form
    // Type parameters of generic types and functions as written: "<T extends Foo, U>"; the family's
    // resolver decides whether it needs them.
    std::string type_parameters;
    // Level 1. Empty when the type is not stated or not in the linked tree.
    BlockId type_id;
    std::vector<BlockId> base_ids;

    /// The opaque form kept in BlockRecord::binding (everything that is not a field of the record).
    void encode_binding(std::string& out) const;
    /// The symbol of a stored head; `file` is left invalid for the caller to fill. Errors: Corrupt.
    [[nodiscard]] static Result<Symbol> from_record(const format::BlockRecord& record);
    friend bool operator==(const Symbol&, const Symbol&) = default;
};

/// Looks at the symbols of the whole workspace. Implementations record the names asked for.
/// Threads: confined (one per file being bound); the symbols are shared and immutable.
class SymbolSource {
  public:
    virtual ~SymbolSource() = default;
    /// Every symbol of that simple name in the file's language family, in order of id. Files count
    /// as symbols of kind File named by their last path component ("http.h"), packages and modules
    /// as kind Module named by their last component. Valid as long as the source.
    [[nodiscard]] virtual std::span<const Symbol* const> named(std::string_view name) = 0;
    /// Those of `named` that have this parent, or this package: quick however common the name is.
    /// In order of id.
    [[nodiscard]] virtual std::span<const Symbol* const> members(const BlockId& parent,
                                                                 std::string_view name) = 0;
    [[nodiscard]] virtual std::span<const Symbol* const> in_package(std::string_view package,
                                                                    std::string_view name) = 0;
    /// The symbol of an id that some symbol gave (parent, type_id, base_ids, file); null when gone.
    [[nodiscard]] virtual const Symbol* by_id(const BlockId& id) = 0;
};

/// The symbols of one file: [i] belongs to FileFacts::definitions[i]; then the file itself, then
/// any module symbols that the file stands for.
struct FileSymbols {
    std::vector<Symbol> symbols;
    size_t file_index = 0;  // == definitions.size()
};

/// What binding found. One per reference at most, besides candidates.
struct BoundEdge {
    uint32_t source = kNoSymbol;  // index into FileSymbols::symbols
    BlockId target;               // a symbol; or made by external()/unresolved() of the sink
    format::EdgeType type = format::EdgeType::Calls;
    format::Certainty certainty = format::Certainty::Resolved;
    format::Provenance provenance = format::Provenance::Unknown;
    uint8_t confidence = 255;
    uint32_t site_offset = 0;
    uint32_t site_line = 0;
    static constexpr uint32_t kNoSymbol = 0xffffffff;
};

/// Receives the edges of one file. Threads: confined.
class EdgeSink {
  public:
    virtual ~EdgeSink() = default;
    virtual void add(const BoundEdge& edge) = 0;
    /// The block of a symbol outside the workspace, e.g. ("fmt.Println", Function). The same text
    /// gives the same id in every file.
    [[nodiscard]] virtual BlockId external(std::string_view qualified_name) = 0;
    /// The block that gathers references of which only the name is known.
    [[nodiscard]] virtual BlockId unresolved(std::string_view name) = 0;
};

}  // namespace kausal::ingest
