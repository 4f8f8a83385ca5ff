// Names, expressions and types of one Python file as absolute text (expression_text.h).
//
// Level 0 of the Python resolver: reads the facts of the file and its path, nothing else, so that
// what it writes into a symbol means the same wherever it is read.
#pragma once

#include "ingest/expression_text.h"
#include "ingest/facts.h"
#include "ingest/name_buckets.h"
#include "ingest/resolver.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kausal::ingest::python {

/// Where a name is used: the scope whose names are visible, and how far the code has come.
struct Place {
    uint32_t scope = kNone;  // definition; kNone = file level
    uint32_t offset = 0;
};

/// Threads: confined. Borrows the facts.
class FileScope {
  public:
    FileScope(const WorkspaceConfig& config, const FileFacts& facts);

    [[nodiscard]] const std::string& module() const { return module_; }
    [[nodiscard]] Place place_of(const ReferenceFact& reference) const;
    [[nodiscard]] Place place_of(const LocalFact& local) const;

    /// What a name binds to.
    struct Name {
        enum class Kind : uint8_t { Unknown, Local, Definition, Import, Builtin, Wildcard };
        Kind kind = Kind::Unknown;
        std::string text;  // empty: nothing is known of its value
    };
    [[nodiscard]] Name name_at(NameIndex name, const Place& place);
    /// Empty when nothing is known.
    [[nodiscard]] std::string chain_text(const Chain& chain, const Place& place);
    /// An annotation as the value that a name so annotated has.
    [[nodiscard]] std::string type_text(std::string_view written, uint32_t scope);
    /// A base class: its absolute name, "?" when it cannot be told.
    [[nodiscard]] std::string base_text(std::string_view written, uint32_t scope);
    /// What a variable or field holds, or a function returns: stated, else inferred.
    [[nodiscard]] std::string value_text(uint32_t definition);
    /// The class that a definition is in; kNone for none.
    [[nodiscard]] uint32_t class_around(uint32_t definition) const;
    /// Names of the decorators that change what a name means: property, setter, classmethod, ...
    [[nodiscard]] std::vector<std::string> decorators_of(uint32_t definition) const;
    [[nodiscard]] std::string qualified(uint32_t definition) const;

  private:
    static constexpr size_t kDepthMax = 12;

    [[nodiscard]] bool is_function(uint32_t definition) const;
    [[nodiscard]] NameIndex index_of(std::string_view name);
    bool find_in(uint32_t scope, NameIndex name, const Place& place, Name& found);
    bool add_members(uint32_t scope, NameIndex name, Alternatives& into, Name& found) const;
    [[nodiscard]] std::string locals_text(NameIndex name, uint32_t scope, const Place& place,
                                          bool& has_any);
    [[nodiscard]] std::string local_text(uint32_t index);
    [[nodiscard]] std::string compute_local(uint32_t index);
    [[nodiscard]] bool is_parameter(const LocalFact& local) const;
    [[nodiscard]] std::string default_text(const LocalFact& local);
    [[nodiscard]] bool is_unpacked(uint32_t index) const;
    [[nodiscard]] bool is_none(const Chain& chain) const;
    [[nodiscard]] std::string link_text(const ChainLink& link, const Place& place);
    [[nodiscard]] std::string returned_text(uint32_t definition);
    [[nodiscard]] std::string stored_text(uint32_t definition);
    void add_stored(NameIndex name, uint32_t owner, bool is_attribute, Alternatives& into);
    [[nodiscard]] std::string generic_text(std::string_view name, std::string_view arguments,
                                           uint32_t scope, size_t depth);
    [[nodiscard]] std::string type_text(std::string_view written, uint32_t scope, size_t depth);
    [[nodiscard]] std::string type_name(std::string_view dotted, uint32_t scope);

    const FileFacts& facts_;
    std::string module_;
    bool has_wildcard_ = false;
    size_t depth_ = 0;
    NameBuckets definitions_;
    NameBuckets locals_;
    NameBuckets imports_;
    std::vector<NameIndex> import_names_;
    std::vector<std::vector<uint32_t>> decorators_;  // of definitions: references
    std::vector<std::optional<std::string>> local_texts_;
    std::vector<bool> is_in_progress_;  // locals
    std::unordered_map<std::string_view, NameIndex> names_;
    NameIndex return_name_ = 0;
    NameIndex yield_name_ = 0;
};

}  // namespace kausal::ingest::python
