// Types of Rust expressions and the functions that calls mean, for one file being bound.
#pragma once

#include "ingest/facts.h"
#include "ingest/resolution.h"
#include "ingest/resolve_rust_types.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kausal::ingest::rust {

/// What a call or a path turned out to mean.
struct Meaning {
    const Symbol* symbol = nullptr;
    std::string external;                  // path outside of the tree
    std::vector<const Symbol*> ambiguous;  // several fit and nothing tells them apart
    format::Provenance how = format::Provenance::Unknown;
    Type result;              // of the call
    bool is_missing = false;  // the receiver's type is known and nothing of that name belongs to it
    bool is_local = false;    // a local: a closure is called

    [[nodiscard]] bool is_decided() const {
        return symbol != nullptr || !external.empty() || !ambiguous.empty();
    }
};

/// What a chain of links stands for: a value, or a module or type that a path names.
struct Value {
    Type type{};
    Found path{};  // module, type or item
    bool is_path = false;
};

/// Threads: confined to the binding of one file.
class Values {
  public:
    Values(const FileFacts& facts, Paths& paths, Types& types)
        : facts_(facts), paths_(paths), types_(types), locals_(facts) {}

    /// `definition` and `offset`: where the chain is written.
    [[nodiscard]] Value value_of(const Chain& chain, uint32_t count, uint32_t definition,
                                 uint32_t offset);
    [[nodiscard]] Meaning method(const Type& receiver, std::string_view name,
                                 uint8_t argument_count, uint32_t definition);
    /// A function named by a path: `f`, `m::f`, `Type::f`, `Trait::f`, `<T as Trait>::f`.
    [[nodiscard]] Meaning function(const std::vector<std::string_view>& segments,
                                   uint8_t argument_count, uint32_t definition);
    [[nodiscard]] Meaning call(const ReferenceFact& reference);
    [[nodiscard]] const LocalFact* local(NameIndex name, uint32_t offset) const {
        return locals_.find(name, offset);
    }
    /// Remembers what a bound call gives, for the chains that go on from it. In order of place.
    void keep_result(const ReferenceFact& reference, const Meaning& meaning) {
        results_.push_back({&reference, meaning.result});
    }
    /// A field, by name or position.
    [[nodiscard]] const Symbol* field(const Type& receiver, std::string_view name);

  private:
    struct BoundResult {
        const ReferenceFact* reference = nullptr;
        Type result;
    };
    /// The result of the call that the first `count` links of a chain end in; null when not bound.
    [[nodiscard]] const Type* bound_result(const Chain& chain, uint32_t count,
                                           uint32_t offset) const;
    [[nodiscard]] Type pattern_type(const LocalFact& local);
    [[nodiscard]] Type closure_parameter_type(const LocalFact& local, uint32_t offset);
    /// `Arc::new(x)` gives what x is, wrapped.
    void add_wrapped_result(Meaning& meaning, const ReferenceFact& reference);
    [[nodiscard]] Type first_argument(const ReferenceFact& reference);
    [[nodiscard]] Type local_type(const LocalFact& local);
    [[nodiscard]] Meaning call_meaning(const ReferenceFact& reference);
    [[nodiscard]] Type opaque_type(std::string_view node) const;
    [[nodiscard]] Type field_type(const Type& receiver, std::string_view name, uint32_t definition);
    [[nodiscard]] Value leading_path(const Chain& chain, uint32_t count, uint32_t definition,
                                     uint32_t offset, uint32_t& used);
    /// Of a struct expression, by the path in front of its braces.
    [[nodiscard]] Value built_value(std::vector<std::string_view> segments, uint32_t definition);
    [[nodiscard]] Value path_value(const std::vector<std::string_view>& segments, Space space,
                                   uint32_t definition);
    [[nodiscard]] Type link_type(const Type& receiver, const ChainLink& link, uint32_t definition);
    [[nodiscard]] Type path_item_type(const Found& found, uint32_t definition);
    [[nodiscard]] Type subscripted(const Type& type, uint32_t definition);

    /// Methods of a type of the tree, of its traits, through Deref.
    [[nodiscard]] Meaning type_method(const Type& receiver, std::string_view name,
                                      uint8_t argument_count, uint32_t definition);
    [[nodiscard]] Meaning trait_method(const Symbol& trait, std::string_view name);
    [[nodiscard]] Meaning bound_method(const Type& receiver, std::string_view name,
                                       uint32_t definition);
    /// A trait of the tree that is in scope and has the method.
    [[nodiscard]] const Symbol* extension_method(std::string_view name, uint32_t definition);
    [[nodiscard]] Meaning layered_method(const Type& receiver, std::string_view name,
                                         uint32_t definition);
    [[nodiscard]] Meaning pick(std::vector<const Symbol*>& methods, uint8_t argument_count,
                               uint32_t definition);
    [[nodiscard]] Meaning bracketed_function(std::string_view bracketed, std::string_view name,
                                             uint8_t argument_count, uint32_t definition);
    [[nodiscard]] Meaning associated_function(const Type& type, std::string_view name,
                                              uint8_t argument_count, uint32_t definition,
                                              format::Provenance how);
    void add_result(Meaning& meaning, const Type* receiver, uint32_t definition);

    const FileFacts& facts_;
    Paths& paths_;
    Types& types_;
    LocalScopes locals_;
    std::vector<BoundResult> results_;
    std::unordered_map<const LocalFact*, Type> local_types_;
    std::unordered_map<std::string_view, std::vector<const Symbol*>> trait_methods_;
    uint32_t depth_ = 0;
};

}  // namespace kausal::ingest::rust
