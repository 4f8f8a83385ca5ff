// What an expression text means in the whole workspace: modules, classes, instances, functions.
//
// Levels 1 and 2 of the Python resolver. Reads level 0 of other files only (names, packages,
// parents, types and bases as text), so its answers do not depend on the order in which files are
// linked.
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

namespace kausal::ingest::python {

/// What an expression may be.
struct Value {
    enum class Kind : uint8_t {
        Module,    // symbol: the module
        Class,     // symbol: the class itself
        Super,     // symbol: the class whose bases are meant
        Instance,  // symbol: of this class
        Callable,  // symbol: function or method; owner: the class it was reached through, if any
        External,  // name: absolute name outside of the tree
        ExternalInstance,  // name: of its type
    };
    Kind kind = Kind::External;
    const Symbol* symbol = nullptr;
    const Symbol* owner = nullptr;
    std::string_view name{};
    std::string_view arguments{};  // of a generic type, as texts
    friend bool operator==(const Value&, const Value&) = default;
};

/// All that an expression may be, as far as is known.
struct Values {
    std::vector<Value> items;
    bool has_unknown = false;  // it may be something else too
};

/// A definition that a name or member stands for.
struct Target {
    const Symbol* symbol = nullptr;  // null: outside of the tree
    std::string_view external{};
    std::string_view arguments{};   // of the generic type outside whose member it is
    const Symbol* owner = nullptr;  // the class that it was looked up in
    bool is_inherited = false;
    bool is_member_of_value = false;  // reached through an instance or class
    bool is_super = false;
};
struct Targets {
    std::vector<Target> items;
    bool has_unknown = false;
};

/// Threads: confined. Borrows the source; symbols and views are valid as long as both live.
class Evaluator {
  public:
    Evaluator(const WorkspaceConfig& config, std::string_view path, SymbolSource& source)
        : config_(config), path_(path), source_(source) {}

    [[nodiscard]] const Values& values_of(std::string_view text);
    /// The definitions that the last name of `text` stands for.
    [[nodiscard]] Targets targets_of(std::string_view text);
    /// Member of a class along its bases; `starts_at_bases` leaves the class itself out.
    [[nodiscard]] Targets member_of_class(const Symbol& type, std::string_view name,
                                          bool starts_at_bases);
    /// The bases of a class in order, resolved.
    [[nodiscard]] const Values& bases_of(const Symbol& type);
    /// What calling the value yields.
    void add_called(const Value& value, Values& into);
    void add_value_of(const Target& target, Values& into);

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
    [[nodiscard]] Targets path_targets(std::string_view dotted);
    [[nodiscard]] Targets member_targets(const Value& value, std::string_view name);
    void add_module_member(const Symbol& module, std::string_view name, Targets& into);
    void add_external_member(const Value& value, std::string_view name, Targets& into);
    bool add_class_member(const Symbol& type, std::string_view name, bool is_own_level,
                          std::vector<const Symbol*>& seen, Targets& into);
    void add_indexed(const Value& value, Values& into);
    void add_iterated(const Value& value, Values& into);
    void add_position(const Value& value, size_t position, Values& into);
    void add_call_of_member(const Value& value, std::string_view member, Values& into);
    void add_text(std::string_view text, Values& into);
    void add_external_call(const Value& value, Values& into);
    [[nodiscard]] const Symbol* module_named(std::string_view dotted);
    [[nodiscard]] const Symbol* module_below_root(std::string_view dotted);
    [[nodiscard]] const Symbol* script_module(std::string_view name);
    [[nodiscard]] bool is_package_folder(std::string_view folder);
    [[nodiscard]] std::vector<const Symbol*> children(const Symbol& parent, const BlockId& id,
                                                      std::string_view name);
    [[nodiscard]] bool derives_from(const Symbol& type, const Symbol& base);
    [[nodiscard]] std::string_view keep(std::string text);

    const WorkspaceConfig& config_;
    std::string_view path_;
    SymbolSource& source_;
    size_t depth_ = 0;
    std::deque<std::string> kept_;
    std::unordered_map<std::string, Values, Hash, std::equal_to<>> values_;
    std::unordered_map<std::string, const Symbol*, Hash, std::equal_to<>> modules_;
    std::unordered_map<const Symbol*, Values> bases_;
};

[[nodiscard]] bool has_mark(const Symbol& symbol, std::string_view decorator) noexcept;

}  // namespace kausal::ingest::python
