// What an expression text of JavaScript or TypeScript means in the whole workspace.
//
// Levels 1 and 2 of the resolver. Reads level 0 of other files only (names, packages, parents,
// types and bases as text), so its answers do not depend on the order in which files are linked.
#pragma once

#include "base/block_id.h"
#include "ingest/expression_text.h"
#include "ingest/resolver.h"
#include "ingest/symbol.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kausal::ingest::javascript {

/// What an expression may be.
struct Value {
    enum class Kind : uint8_t {
        Namespace,  // symbol: the file whose exports are the members
        Class,      // symbol: the class or enumeration itself
        Super,      // symbol: the class whose bases are meant
        Instance,   // symbol: of this class, interface, alias or constructor function
        Callable,   // symbol: function or method; owner: what it was reached through, if anything
        Object,     // symbol: the constant, field or TypeScript namespace whose members are meant
        External,   // name: outside of the tree
        ExternalInstance,  // name: of its type
    };
    Kind kind = Kind::External;
    const Symbol* symbol = nullptr;
    const Symbol* owner = nullptr;
    std::string_view name{};
    std::string_view arguments{};  // of a generic type, as texts
    friend bool operator==(const Value&, const Value&) = default;
};

struct Values {
    std::vector<Value> items;
    bool has_unknown = false;  // it may be something else too
};

/// A definition that a name or member stands for.
struct Target {
    const Symbol* symbol = nullptr;  // null: outside of the tree
    std::string_view external{};
    std::string_view arguments{};   // of the generic type outside whose member it is
    const Symbol* owner = nullptr;  // what it was looked up in
    bool is_inherited = false;
    bool is_member_of_value = false;
    bool is_named = false;  // through module and name alone
};
struct Targets {
    std::vector<Target> items;
    bool has_unknown = false;
};

/// Threads: confined. Borrows the source; symbols and views are valid as long as both live.
class Evaluator {
  public:
    Evaluator(const WorkspaceConfig& config, const FileFacts& facts, SymbolSource& source)
        : config_(config), language_(facts.language), source_(source) {}

    [[nodiscard]] const Values& values_of(std::string_view text);
    /// The definitions that the last name of `text` stands for.
    [[nodiscard]] Targets targets_of(std::string_view text);
    [[nodiscard]] Targets member_targets(const Value& value, std::string_view name);
    /// Member of instances of a type along its bases; `starts_at_bases` leaves the type itself out.
    [[nodiscard]] Targets member_of_type(const Symbol& type, std::string_view name,
                                         bool starts_at_bases, bool is_static);
    [[nodiscard]] const Values& bases_of(const Symbol& type);
    void add_called(const Value& value, bool is_new, Values& into);
    void add_value_of(const Target& target, Values& into);
    /// The file that a path of the texts names; null when it is not in the tree.
    [[nodiscard]] const Symbol* file_of(std::string_view path);

    /// The name of a member of something outside of the tree that only a call there yields:
    /// "re.match().group"; empty when the expression does not start outside.
    [[nodiscard]] std::string outside_path(std::string_view text);

  private:
    static constexpr size_t kDepthMax = 24;
    static constexpr size_t kBasesMax = 64;

    struct Hash {
        using is_transparent = void;
        size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    [[nodiscard]] Values evaluate(std::string_view text);
    [[nodiscard]] Values evaluate_type(std::string_view type);
    [[nodiscard]] Targets path_targets(std::string_view text);
    [[nodiscard]] bool add_export(const Symbol& file, std::string_view name, Targets& into);
    void add_default(const Symbol& file, Targets& into);
    void add_inner(const Targets& outer, std::string_view rest, Targets& into);
    bool add_type_member(const Symbol& type, std::string_view name, bool is_own_level,
                         bool is_static, std::vector<const Symbol*>& seen, Targets& into);
    void add_external_member(const Value& value, std::string_view name, Targets& into);
    void add_callable_member(const Value& value, std::string_view name, Targets& into);
    bool add_part_members(const Value& value, std::string_view name, Targets& into);
    void add_external_call(const Value& value, bool is_new, Values& into);
    void add_container_call(const Value& value, Values& into);
    void add_indexed(const Value& value, Values& into);
    void add_iterated(const Value& value, Values& into);
    void add_position(const Value& value, size_t position, Values& into);
    void add_text(std::string_view text, Values& into);
    [[nodiscard]] const Symbol* file_at(std::string_view path);
    [[nodiscard]] const Symbol* file_exactly(std::string_view path);
    [[nodiscard]] const Symbol* package_file(std::string_view specifier);
    [[nodiscard]] std::vector<const Symbol*> children(const Symbol& parent, const BlockId& id,
                                                      std::string_view name);
    [[nodiscard]] bool derives_from(const Symbol& type, const Symbol& base);
    [[nodiscard]] std::string_view keep(std::string text);

    const WorkspaceConfig& config_;
    format::Language language_;
    SymbolSource& source_;
    size_t depth_ = 0;
    std::deque<std::string> kept_;
    std::unordered_map<std::string, Values, Hash, std::equal_to<>> values_;
    std::unordered_map<std::string, const Symbol*, Hash, std::equal_to<>> files_;
    std::unordered_map<const Symbol*, Values> bases_;
};

/// The getter of an accessor; marked when it is declared.
[[nodiscard]] bool is_getter(const Symbol& symbol) noexcept;
[[nodiscard]] bool is_setter(const Symbol& symbol) noexcept;

}  // namespace kausal::ingest::javascript
