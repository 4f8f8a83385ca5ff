// What names and expressions mean at a place in one C or C++ file.
//
// Step of the C resolver. Scopes are qualified names ("a::b::C"); unnamed and inline namespaces are
// transparent. Visibility follows the includes. An answer says whether it is proven.
#pragma once

#include "ingest/facts.h"
#include "ingest/resolution.h"
#include "ingest/resolve_c_files.h"
#include "ingest/resolver.h"
#include "ingest/symbol.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kausal::ingest::c {

using Symbols = std::vector<const Symbol*>;

/// Names in text of other files that the tree does not know cannot be looked up from here.
inline constexpr std::string_view kForeignScope = "?";

/// The scope that encloses a qualified name: "a::b" of "a::b::f".
[[nodiscard]] std::string_view scope_of(std::string_view qualified_name) noexcept;
[[nodiscard]] std::string_view last_name(std::string_view qualified_name) noexcept;
[[nodiscard]] bool is_declaration(const Symbol& symbol) noexcept;

/// Why a call may be bound.
struct Pick {
    const Symbol* target = nullptr;
    format::Provenance provenance = format::Provenance::Unknown;
    bool is_proven = false;
    Symbols others;  // equally fitting, when not proven
};

struct Value {
    enum class Kind : uint8_t { Unknown, Namespace, Type, Typed, Callee, Outside };
    Kind kind = Kind::Unknown;
    std::string_view text;         // Namespace: qualified; Typed, Type: the type; Outside: its name
    std::string_view scope;        // that names in text are looked up from
    const Symbol* type = nullptr;  // innermost type of text, when it is in the tree
    const Symbol* symbol = nullptr;  // variable or field
    Symbols callees;                 // Callee: overloads and their declarations
    std::string_view result;         // Outside: type of what its call gives
    bool is_inherited = false;
    bool is_local = false;
};

/// Threads: confined. Borrows everything; answers are valid as long as it lives.
class Scope {
  public:
    Scope(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
          SymbolSource& source);

    [[nodiscard]] const VisibleFiles& files() const { return files_; }
    /// The scope in which the code of a definition stands.
    [[nodiscard]] std::string_view scope_at(uint32_t definition) const;
    [[nodiscard]] const LocalFact* local_at(NameIndex name, uint32_t offset) const {
        return locals_.find(name, offset);
    }

    [[nodiscard]] Value name_at(NameIndex name, uint32_t offset, std::string_view scope);
    [[nodiscard]] Value chain_at(const Chain& chain, uint32_t offset, std::string_view scope);
    [[nodiscard]] Value member(const Value& of, std::string_view name);
    [[nodiscard]] Value called(const Value& value);
    /// A type as written in this file, or in the file of the symbol that states it.
    [[nodiscard]] Value typed(std::string_view text, std::string_view scope,
                              const Symbol* type = nullptr);
    [[nodiscard]] const Symbol* type_named(std::string_view name, std::string_view scope);
    /// Follows aliases to the type they mean.
    [[nodiscard]] const Symbol* unaliased(const Symbol* type);
    /// Members of that name in the type, else in its bases. `outside` receives the name of a base
    /// that is not in the tree when nothing was found.
    [[nodiscard]] Symbols members_of(const Symbol& type, std::string_view name, bool& is_inherited,
                                     std::string_view& outside);
    /// Members of that name in the bases of the class that these are members of: what a using
    /// declaration may bring in beside them.
    [[nodiscard]] Symbols members_behind(const Symbols& members, std::string_view name);
    [[nodiscard]] const Symbol* class_of_scope(std::string_view scope);
    [[nodiscard]] std::string_view keep(std::string text);

    /// Chooses among callables and macros of one name. `arguments`: see ReferenceFact::arguments.
    struct Site {
        uint8_t argument_count = 255;
        Chain arguments;
        uint32_t offset = 0;
        std::string_view scope;
    };
    [[nodiscard]] Pick pick(const Symbols& found, const Site& site);

    /// Symbols of a plain name: innermost scope, using declarations and directives. `value` learns
    /// how.
    [[nodiscard]] Symbols unqualified(std::string_view name, std::string_view scope, Value& value);
    /// A macro that this file sees.
    [[nodiscard]] const Symbol* macro_named(std::string_view name);

  private:
    static constexpr size_t kDepthMax = 12;
    struct Key {
        std::string_view scope;
        std::string_view name;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        size_t operator()(const Key& key) const noexcept {
            return std::hash<std::string_view>{}(key.scope) * 31 ^
                   std::hash<std::string_view>{}(key.name);
        }
    };
    struct Overload;

    [[nodiscard]] const Symbols& in_scope(std::string_view scope, std::string_view name);
    [[nodiscard]] bool is_namespace(std::string_view qualified);
    [[nodiscard]] std::string namespace_used_by(const ImportFact& import);
    [[nodiscard]] std::string_view namespace_named(std::string_view name, std::string_view scope);
    [[nodiscard]] Value value_of(const Symbols& found);
    [[nodiscard]] Value local_value(const LocalFact& local);
    [[nodiscard]] std::string_view made_type(std::string_view name);
    [[nodiscard]] Value indexed(const Value& value);
    [[nodiscard]] Value iterated(const Value& value, size_t position);
    [[nodiscard]] Value wrapper_member(const Value& of, std::string_view plain,
                                       std::string_view name);
    [[nodiscard]] Value outside_member(const Value& of, std::string_view name);
    [[nodiscard]] Value namespace_member(const Value& of, std::string_view name);
    [[nodiscard]] bool is_foreign_type(const std::vector<std::string_view>& parts,
                                       std::string_view scope);
    [[nodiscard]] Value unknown_type_member(std::string_view plain, std::string_view scope,
                                            std::string_view name);
    [[nodiscard]] Value expanded(Value value);
    [[nodiscard]] const Symbol* best_type(const Symbols& found);
    [[nodiscard]] std::string_view outside_base(const Symbol& type);
    [[nodiscard]] const Symbol* seen_variant(const Symbol* type);
    [[nodiscard]] bool converts_from(std::string_view parameter, std::string_view have,
                                     std::string_view scope);
    [[nodiscard]] const Symbol* best_definition(const Symbols& definitions,
                                                const Symbols& declarations);
    static void pair_up(std::vector<Overload>& overloads);
    [[nodiscard]] std::vector<Overload> overloads_of(const Symbols& found) const;
    [[nodiscard]] int score(const Overload& overload, const Site& site);
    [[nodiscard]] int argument_score(const Value& value, std::string_view literal,
                                     std::string_view parameter, std::string_view site_scope);
    [[nodiscard]] const Symbol* macro_before(const Symbol& macro, uint32_t offset) const;
    [[nodiscard]] Pick pick_overload(const Overload& overload);

    const WorkspaceConfig& config_;
    const FileFacts& facts_;
    const FileSymbols& symbols_;
    SymbolSource& source_;
    LocalScopes locals_;
    VisibleFiles files_;
    bool is_cpp_ = false;
    size_t depth_ = 0;
    std::deque<std::string> kept_;
    std::vector<std::string> used_namespaces_;
    std::vector<std::string_view> template_parameters_;  // of all templates in the file
    bool has_local_types_ = false;
    std::unordered_map<Key, Symbols, KeyHash> scopes_;
    std::unordered_map<Key, const Symbol*, KeyHash> types_;
    std::unordered_map<std::string_view, const Symbol*> classes_;
    std::unordered_map<std::string_view, bool> namespaces_;
    std::unordered_map<const LocalFact*, Value> local_values_;
};

struct Scope::Overload {
    Symbols definitions;
    Symbols declarations;
    [[nodiscard]] const Symbol& any() const {
        return declarations.empty() ? *definitions.front() : *declarations.front();
    }
};

}  // namespace kausal::ingest::c
