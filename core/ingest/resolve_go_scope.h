// What a name, a type or an expression means at a place in one Go file.
//
// Step of the Go resolver: package scope across files, imports, receiver types, embedding. Every
// answer is backed by what is written; what is not known is said to be unknown.
#pragma once

#include "ingest/facts.h"
#include "ingest/resolution.h"
#include "ingest/resolve_go_types.h"
#include "ingest/resolver.h"
#include "ingest/symbol.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kausal::ingest::go {

/// Import path of the package that a file belongs to. `clause` is the name in its package clause.
/// External tests end in "_test", programs in "#main": nothing imports those.
[[nodiscard]] std::string package_of(const WorkspaceConfig& config, std::string_view path,
                                     std::string_view clause);
/// The package as it is spelled in qualified names.
[[nodiscard]] std::string_view shown_package(std::string_view package) noexcept;

/// What an expression is.
struct Value {
    enum class Kind : uint8_t {
        Unknown,
        Package,  // text: import path, in the tree
        Type,     // text: the type
        Typed,    // a value of the type in text
        Callee,   // symbol: function, method; text: of a member of the universe
        Outside,  // text: qualified name of something outside the tree
    };
    Kind kind = Kind::Unknown;
    std::string_view text;
    std::string_view package;        // that unqualified names in text belong to
    const Symbol* symbol = nullptr;  // the function, method, variable or field, if it is one
    bool is_guess = false;           // Outside: its type is not known, only where it comes from
    bool is_promoted = false;        // reached through embedding
};

/// Threads: confined. Borrows everything; answers are valid as long as it lives.
class Scope {
  public:
    Scope(const WorkspaceConfig& config, const FileFacts& facts, SymbolSource& source);

    [[nodiscard]] const std::string& package() const { return package_; }
    /// The tree's package behind an import path as seen from `from`; empty when it is not in the
    /// tree.
    [[nodiscard]] std::string_view package_behind(std::string_view path, std::string_view from);
    /// One symbol at package level, the variant that builds with this file; `others` receives the
    /// rest.
    [[nodiscard]] const Symbol* member_of_package(std::string_view package, std::string_view name,
                                                  std::vector<const Symbol*>* others = nullptr);
    [[nodiscard]] const Symbol* type_named(const TypeName& name, std::string_view package);
    /// Method or field of a named type, its own or promoted.
    struct Member {
        const Symbol* symbol = nullptr;
        std::string_view type;     // of an embedded field that is named itself
        std::string_view package;  // of `type`
        std::string_view outside;  // an embedded type outside the tree may have it
        bool is_promoted = false;
    };
    [[nodiscard]] Member member_of_type(const Symbol& type, std::string_view name);
    /// Method or field that the type declares itself.
    [[nodiscard]] const Symbol* own_member(const Symbol& type, std::string_view name);

    [[nodiscard]] Value name_at(NameIndex name, uint32_t offset);
    [[nodiscard]] Value chain_at(const Chain& chain, uint32_t offset);
    [[nodiscard]] Value member(const Value& of, std::string_view name);
    [[nodiscard]] bool is_local(NameIndex name, uint32_t offset) const;
    /// The module symbol that stands for a package in import edges: the first file's by path.
    [[nodiscard]] const Symbol* module_of(std::string_view package);
    [[nodiscard]] std::string_view keep(std::string text);
    /// Whether symbols of that file can be seen from this one.
    [[nodiscard]] bool sees(const Symbol& symbol) const;

  private:
    static constexpr size_t kDepthMax = 12;

    struct TextHash {
        size_t operator()(const std::pair<std::string_view, std::string_view>& key) const noexcept {
            return std::hash<std::string_view>{}(key.first) * 31 ^
                   std::hash<std::string_view>{}(key.second);
        }
    };
    struct MemberKeyHash {
        size_t operator()(const std::pair<const Symbol*, std::string_view>& key) const noexcept {
            return std::hash<const void*>{}(key.first) * 31 ^
                   std::hash<std::string_view>{}(key.second);
        }
    };

    [[nodiscard]] const Symbol* best_of(std::vector<const Symbol*>& found,
                                        std::vector<const Symbol*>* others);
    [[nodiscard]] Value local_value(const LocalFact& local);
    [[nodiscard]] Value compute_local(const LocalFact& local);
    [[nodiscard]] Value value_of_symbol(const Symbol& symbol);
    [[nodiscard]] Value typed(std::string_view text, std::string_view package);
    [[nodiscard]] Value called(const Value& value, size_t position);
    [[nodiscard]] Value indexed(const Value& value);
    [[nodiscard]] Value iterated(const Value& value, size_t position);
    /// Follows named types to the type they are made of; empty when unknown.
    [[nodiscard]] Value underlying(const Value& value);
    /// Field or promoted method of a struct that has no name.
    [[nodiscard]] Value nameless_member(const Value& of, std::string_view name);
    [[nodiscard]] Value link_value(Value value, const ChainLink& link, size_t position);
    [[nodiscard]] const Symbol* dot_imported(std::string_view name);
    /// A type that a function of this file declares, when only one has this name.
    [[nodiscard]] const Symbol* inner_type(std::string_view name);
    [[nodiscard]] Member promoted_member(const Symbol& type, std::string_view name);

    const WorkspaceConfig& config_;
    const FileFacts& facts_;
    SymbolSource& source_;
    LocalScopes locals_;
    std::string package_;
    BuildTarget target_;
    bool is_test_file_ = false;
    size_t depth_ = 0;
    std::deque<std::string> kept_;
    std::unordered_map<std::pair<std::string_view, std::string_view>, std::string_view, TextHash>
        packages_;
    std::unordered_map<std::pair<std::string_view, std::string_view>, std::vector<const Symbol*>,
                       TextHash>
        package_members_;
    std::unordered_map<std::pair<const Symbol*, std::string_view>, Member, MemberKeyHash> members_;
    std::unordered_map<std::pair<const Symbol*, std::string_view>, const Symbol*, MemberKeyHash>
        own_members_;
    std::unordered_map<const LocalFact*, Value> local_values_;
    std::unordered_map<std::string_view, uint32_t> inner_types_;  // of functions, by name
};

}  // namespace kausal::ingest::go
