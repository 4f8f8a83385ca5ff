// Types of Java expressions and the methods that calls mean, for one file being bound.
#pragma once

#include "ingest/facts.h"
#include "ingest/resolution.h"
#include "ingest/resolve_java_types.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kausal::ingest::java {

/// What a chain of links stands for.
struct Value {
    Type type{};
    bool is_type_name = false;   // the type itself, not an instance of it
    bool is_super = false;       // the instance seen as its base types
    std::string_view package{};  // a dotted name that is no type so far
};

/// A call to be found.
struct Invocation {
    std::string_view name;
    uint8_t argument_count = 255;
    Chain arguments{};  // as ReferenceFact::arguments
    uint32_t offset = 0;
    const Symbol* scope = nullptr;  // innermost definition
};

struct MethodFound {
    const Symbol* symbol = nullptr;
    const Type* owner = nullptr;           // the type that declares it
    uint32_t depth = 0;                    // 0 = in the receiver's type itself
    std::vector<const Symbol*> ambiguous;  // several fit and nothing tells them apart
    const Type* outside = nullptr;         // first base type that is outside of the tree
    bool has_unknown_base = false;         // a base that could not be resolved
    format::Provenance how = format::Provenance::ReceiverType;

    [[nodiscard]] bool is_decided() const { return symbol != nullptr || !ambiguous.empty(); }
};

/// Threads: confined to the binding of one file.
class Expressions {
  public:
    Expressions(const FileFacts& facts, Types& types)
        : facts_(facts), types_(types), locals_(facts) {}

    /// The value of the first `count` links of a chain written at `offset` inside `scope`.
    [[nodiscard]] Value value_of(const Chain& chain, uint32_t count, const Symbol* scope,
                                 uint32_t offset);
    [[nodiscard]] Value name_value(std::string_view name, NameIndex index, const Symbol* scope,
                                   uint32_t offset);
    /// Remembers what a bound call gives, for the calls that go on from it. In order of place.
    void keep_result(const ReferenceFact& reference, const MethodFound& found, const Type* receiver,
                     const Invocation& call);
    /// A method of a receiver's type. `skip_self` starts at the base types.
    [[nodiscard]] MethodFound find_method(const Type& receiver, const Invocation& call,
                                          bool skip_self);
    /// A call without receiver: enclosing types, then static imports.
    [[nodiscard]] MethodFound find_unqualified(const Invocation& call);
    [[nodiscard]] MethodFound find_constructor(const Symbol& type, const Invocation& call);

    /// The type around a definition; null outside of all.
    [[nodiscard]] const Symbol* enclosing_type(const Symbol* scope);
    [[nodiscard]] Type superclass(const Symbol* scope);
    [[nodiscard]] Member find_field_in_scopes(std::string_view name, const Symbol* scope);
    /// A record's component that `name()` reads; null when there is none.
    [[nodiscard]] const Symbol* record_component(const Type& type, const Invocation& call);

  private:
    struct BoundResult {
        const ReferenceFact* reference = nullptr;
        Type result;
    };
    /// The result of the call that the first `count` links of a chain end in; null when not bound.
    [[nodiscard]] const Type* bound_result(const Chain& chain, uint32_t count,
                                           uint32_t offset) const;
    [[nodiscard]] Value first_value(const ChainLink& link, const Symbol* scope, uint32_t offset);
    [[nodiscard]] Value next_value(const Value& value, const ChainLink& link, const Symbol* scope,
                                   uint32_t offset);
    [[nodiscard]] Value opaque_value(std::string_view node);
    [[nodiscard]] Type local_type(const LocalFact& local, const Symbol* scope);
    [[nodiscard]] Type lambda_parameter_type(const LocalFact& local, const Symbol* scope);
    [[nodiscard]] Type result_of(const MethodFound& found, const Type* receiver,
                                 const Invocation& call);
    [[nodiscard]] Type outside_result(const Type& type, std::string_view name);
    /// Methods of bases that the found one does not override join it when its parameters do not
    /// fit.
    void consider_inherited(const Type& receiver, const Invocation& call, MethodFound& found);
    /// Picks from the methods of one name in one type; false when none takes so many arguments.
    bool choose(std::vector<const Symbol*>& methods, const Invocation& call, MethodFound& found);
    /// The best method and those that an argument of unknown type could choose instead.
    [[nodiscard]] static std::vector<const Symbol*> undecided_among(
        const std::vector<const Symbol*>& possible, const Symbol& best,
        const std::vector<Value>& arguments);
    [[nodiscard]] std::vector<Value> argument_values(const Invocation& call);
    [[nodiscard]] int fit(const Symbol& method, const std::vector<Value>& arguments);
    [[nodiscard]] int fit_one(const Symbol& method, std::string_view parameter,
                              const Value& argument);

    const FileFacts& facts_;
    Types& types_;
    LocalScopes locals_;
    std::vector<BoundResult> results_;  // in order of offset
    std::unordered_map<const LocalFact*, Type> local_types_;
    uint32_t depth_ = 0;
};

}  // namespace kausal::ingest::java
