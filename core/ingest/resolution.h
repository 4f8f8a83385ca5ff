// Steps that every resolver shares: candidates for what is not proven, members along base types,
// locals in scope, and the naming of ids.
#pragma once

#include "ingest/facts.h"
#include "ingest/symbol.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// More same-named definitions than this and a reference goes to the unresolved-name block instead.
inline constexpr size_t kCandidatesMax = 8;
inline constexpr size_t kBaseDepthMax = 32;

/// Emits candidate edges for a call that is not proven: to every callable of that name whose
/// argument count fits (NameMatch; confidence falls with their number), when they are
/// kCandidatesMax or fewer and at least one; otherwise one candidate edge to the unresolved-name
/// block. References that are not calls get nothing.
void add_candidates(const FileFacts& facts, const ReferenceFact& reference, uint32_t source_index,
                    SymbolSource& source, EdgeSink& sink);

/// The member `name` of a type, in the type itself, then breadth first along base_ids. `depth`
/// receives 0 for the type itself. Overloads: the first whose parameter count fits `argument_count`
/// (255 = any), else the first. Null when there is none.
struct MemberFound {
    const Symbol* symbol = nullptr;
    uint32_t depth = 0;
    size_t overload_count = 0;  // members of that name at that depth
};
[[nodiscard]] MemberFound find_member(SymbolSource& source, const BlockId& type,
                                      std::string_view name, uint8_t argument_count,
                                      bool callable_only);

/// The innermost local of `name` that is visible at `offset` inside `definition` or a function that
/// encloses it; null when there is none.
class LocalScopes {
  public:
    explicit LocalScopes(const FileFacts& facts);
    [[nodiscard]] const LocalFact* find(NameIndex name, uint32_t offset) const;

  private:
    const FileFacts& facts_;
    std::vector<std::pair<NameIndex, uint32_t>> by_name_;  // sorted (name, index into locals)
};

[[nodiscard]] bool is_callable(format::BlockKind kind) noexcept;  // function, method
[[nodiscard]] bool is_type(format::BlockKind kind) noexcept;      // class ... type alias
[[nodiscard]] bool accepts(const Symbol& symbol, uint8_t argument_count) noexcept;

/// Base type name of a type as written: without qualifiers such as const, pointers, references,
/// generic arguments, arrays; "a.b.C" and "a::b::C" are kept whole. E.g. "*http.Server" ->
/// "http.Server", "const std::vector<T>&" -> "std::vector", "Map<K, V>[]" -> "Map".
[[nodiscard]] std::string_view base_type_name(std::string_view type) noexcept;
/// Splits on '.' and '::' (and '/' when asked).
[[nodiscard]] std::vector<std::string_view> split_path(std::string_view path);
[[nodiscard]] std::string_view last_component(std::string_view path) noexcept;

/// Calls edges to methods are CallsMethod, to functions CallsFunction, to anything else Calls.
[[nodiscard]] format::EdgeType call_edge_type(const Symbol& target) noexcept;

/// The common part of `Resolver::declare`: fills symbols from definition facts, given the file's
/// package and how qualified names are spelt; makes ids unique; adds the file's symbol.
/// Qualified names are package, containers, base_type_name(scope), name. Ids are made of path, kind
/// and qualified name (the same name may be defined in many files: build tags, overlays, tests), of
/// the trait of a Rust impl, and, in languages with overloads, of the parameter text.
struct DeclareRules {
    std::string package;         // of the file
    std::string_view separator;  // between components of qualified names: "." or "::"
};
void declare_definitions(const std::string& workspace, const DeclareRules& rules,
                         const FileFacts& facts, FileSymbols& out);

/// Level 1, called before `Resolver::link_types` for every file: gives methods that stand outside
/// their type (DefinitionFact::scope) the type of that qualified name as parent, when there is one.
void link_owners(const FileFacts& facts, FileSymbols& symbols, SymbolSource& source);

}  // namespace kausal::ingest
