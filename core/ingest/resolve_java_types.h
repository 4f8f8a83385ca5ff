// Java's names of types and members, for one file being linked or bound.
//
// A `Type` is what is known of an expression: a symbol of the tree, or the qualified name of a type
// outside of it, with generic arguments still as written (they are read only when a member asks for
// them) and the instance that binds type variables in them.
//
// Linking (level 1) may read of other files only what they declare, so base types are read from
// their text there; binding (level 2) takes the base ids that linking found.
#pragma once

#include "format/edge_record.h"
#include "ingest/facts.h"
#include "ingest/resolve_java_text.h"
#include "ingest/resolver.h"
#include "ingest/symbol.h"

#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kausal::ingest::java {

struct Type {
    const Symbol* symbol = nullptr;  // in the tree
    std::string_view external{};     // "java.util.List"; "int" for primitives; empty when unknown
    std::string_view arguments{};    // between the angle brackets, as written
    const Symbol* scope = nullptr;   // where `arguments` are written; null for the library's tables
    const Type* owner = nullptr;     // binds type variables in `arguments`
    uint8_t dimensions = 0;          // of an array
    bool is_declared_variable = false;  // a type variable that stands for its bound
    format::Provenance how = format::Provenance::Unknown;  // how the name was found

    [[nodiscard]] bool is_known() const { return symbol != nullptr || !external.empty(); }
};

/// Can code at `place` name a member? Members of other packages have to be public or protected.
/// Private members of the same package are not told apart from others.
[[nodiscard]] inline bool can_see(const Symbol& member, const Symbol& place) {
    return (member.flags & format::kBlockExported) != 0 || member.package == place.package;
}

/// What a file imports, in the form that a file's symbol keeps in `bases`.
struct FileScope {
    std::string_view package;
    std::unordered_map<std::string_view, std::string_view> single;  // simple name -> qualified name
    std::vector<std::string_view> wildcards;                        // packages or types
    std::vector<std::pair<std::string_view, std::string_view>> static_single;  // member, type
    std::vector<std::string_view> static_wildcards;                            // types
};

/// A member found in a type or one of its bases.
struct Member {
    const Symbol* symbol = nullptr;
    const Type* owner = nullptr;  // the type, as a base of the receiver, that declares it
    uint32_t depth = 0;
};

/// Threads: confined to the linking or binding of one file.
class Types {
  public:
    enum class Level : uint8_t { Link, Bind };
    Types(const FileFacts& facts, const FileSymbols& symbols, SymbolSource& source, Level level);

    [[nodiscard]] const Symbol* by_id(const BlockId& id);
    [[nodiscard]] const Symbol& own(size_t index) const { return symbols_.symbols[index]; }
    [[nodiscard]] const Symbol& file() const { return symbols_.symbols[symbols_.file_index]; }
    [[nodiscard]] std::span<const Symbol* const> named(std::string_view name) {
        return source_.named(name);
    }

    /// The type that `text` means where `scope` is the innermost definition. `owner` binds the type
    /// variables of the scope's type; without it a variable stands for its bound.
    [[nodiscard]] Type resolve(std::string_view text, const Symbol* scope, const Type* owner);
    /// A name without generic arguments.
    [[nodiscard]] Type resolve_name(std::string_view name, const Symbol* scope);
    [[nodiscard]] Type qualified(std::string_view qualified_name);   // in the tree or unknown
    [[nodiscard]] Type well_known(std::string_view qualified_name);  // else outside
    /// The generic argument at `index`; unknown when there is none.
    [[nodiscard]] Type argument(const Type& type, size_t index);
    /// What iteration over the type yields.
    [[nodiscard]] Type element(const Type& type);
    /// Direct bases of an instance, bases outside the tree included.
    [[nodiscard]] const std::vector<const Type*>& bases(const Type& type);
    /// The stated type of a field, the result of a method, as seen through `owner` (may be null).
    [[nodiscard]] Type type_of(const Symbol& member, const Type* owner);
    [[nodiscard]] bool is_subtype(const Type& type, const Type& base);
    /// Can a method override one of a base type, as far as its parameters tell? A type variable of
    /// the base may be any class.
    [[nodiscard]] bool has_parameters_of(const Symbol& method, const Symbol& base);

    /// Members of a type itself, by name.
    [[nodiscard]] std::span<const Symbol* const> members(const BlockId& type,
                                                         std::string_view name) {
        return source_.members(type, name);
    }
    [[nodiscard]] Member find_field(const Type& type, std::string_view name);
    [[nodiscard]] const Symbol* nested_type(const Symbol& type, std::string_view name);
    /// Visits the type, its superclasses and then its interfaces breadth first, each once, until
    /// the visitor returns true.
    using Visitor = std::function<bool(const Type& type, uint32_t depth)>;
    bool visit_hierarchy(const Type& type, const Visitor& visitor);

    [[nodiscard]] const FileScope& scope_of(const Symbol& symbol);
    /// Keeps a value for as long as this object.
    [[nodiscard]] const Type* keep(const Type& type) { return &kept_.emplace_back(type); }
    [[nodiscard]] std::string_view keep(std::string text) {
        return texts_.emplace_back(std::move(text));
    }

  private:
    struct NameKey {
        BlockId scope;
        std::string_view name;
        friend bool operator==(const NameKey&, const NameKey&) = default;
    };
    struct NameKeyHash {
        size_t operator()(const NameKey& key) const noexcept {
            return std::hash<std::string_view>()(key.name) ^ BlockIdHash()(key.scope);
        }
    };
    using SymbolList = std::vector<const Symbol*>;

    /// The definition that decides what names mean at `scope`: the type around it, unless it has
    /// type variables or local types of its own.
    [[nodiscard]] const Symbol* deciding(const Symbol* scope);
    [[nodiscard]] const SymbolList& types_named(std::string_view name);
    [[nodiscard]] Type find_simple(std::string_view name, const Symbol* scope);
    [[nodiscard]] Type find_in_scopes(std::string_view name, const Symbol* scope,
                                      const SymbolList& types);
    [[nodiscard]] Type find_imported(std::string_view name, const Symbol* scope,
                                     const SymbolList& types);
    [[nodiscard]] Type find_dotted(std::string_view name, const Symbol* scope);
    [[nodiscard]] Type type_variable(std::string_view name, const Symbol* scope, const Type* owner);
    [[nodiscard]] bool is_variable_of(std::string_view name, const Symbol& symbol, size_t& index,
                                      std::string_view& bound);
    [[nodiscard]] std::vector<const Type*> find_bases(const Type& type);
    [[nodiscard]] std::vector<const Type*> library_bases(const Type& type);
    [[nodiscard]] Type with_text(Type type, const TypeText& text, const Symbol* scope,
                                 const Type* owner);

    const FileSymbols& symbols_;
    SymbolSource& source_;
    Level level_;
    std::unordered_map<BlockId, uint32_t, BlockIdHash> own_;
    std::vector<bool> has_local_types_;  // by own symbol
    std::unordered_map<BlockId, FileScope, BlockIdHash> scopes_;
    std::unordered_map<NameKey, Type, NameKeyHash> names_;
    std::unordered_map<std::string_view, SymbolList> types_named_;
    std::unordered_map<std::string_view, Type> qualified_;
    std::unordered_map<BlockId, std::vector<const Type*>, BlockIdHash> plain_bases_;
    std::deque<std::vector<const Type*>> kept_bases_;
    std::deque<Type> kept_;
    std::deque<std::string> texts_;
    uint32_t depth_ = 0;  // of nested look-ups, against cycles in damaged sources
};

}  // namespace kausal::ingest::java
