// Names, expressions and types of one JavaScript or TypeScript file as absolute text
// (expression_text.h).
//
// Level 0 of the resolver. Names of the text:
//   path#a.b      what the file `path` defines as a, and b inside of it; or exports as a, when the
//   path is
//                 that of an import: without extension, resolved when the text is evaluated
//   path#*        the module as a namespace;  path#default, path#export= its default and whole
//   export ~package#a    the same of a package import !name         a global of the language or its
//   hosts
#pragma once

#include "ingest/expression_text.h"
#include "ingest/facts.h"
#include "ingest/name_buckets.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kausal::ingest::javascript {

struct Place {
    uint32_t scope = kNone;  // definition; kNone = file level
    uint32_t offset = 0;
};

/// Threads: confined. Borrows the facts.
class FileScope {
  public:
    explicit FileScope(const FileFacts& facts);

    struct Name {
        enum class Kind : uint8_t { Unknown, Local, Definition, Import, Global };
        Kind kind = Kind::Unknown;
        std::string text;             // empty: nothing is known of its value
        uint32_t definition = kNone;  // of this file, when the name is one's
    };
    [[nodiscard]] Name name_at(NameIndex name, const Place& place, bool is_type);
    /// A dotted name, as types are named: "NS.Foo".
    [[nodiscard]] Name dotted_at(std::string_view dotted, const Place& place, bool is_type);
    [[nodiscard]] std::string chain_text(const Chain& chain, const Place& place);
    /// A type as the value of something that has it.
    /// What `this` is at a place.
    [[nodiscard]] std::string this_text(const Place& place);
    [[nodiscard]] std::string type_text(std::string_view written, const Place& place);
    [[nodiscard]] std::string base_text(std::string_view written, const Place& place);
    /// What a variable or field holds, or a function returns: stated, else inferred.
    [[nodiscard]] std::string value_text(uint32_t definition);
    [[nodiscard]] std::string qualified(uint32_t definition) const;
    [[nodiscard]] const std::string& path() const { return path_; }
    /// Absolute text of an import: of the member, of the module when `whole`.
    [[nodiscard]] std::string import_text(const ImportFact& import, bool whole) const;
    /// The class whose bases `super` means at a place; kNone for none.
    [[nodiscard]] uint32_t class_of_super(const Place& place) const;
    /// What this file exports under names of its own: "name=text", "*=path#*".
    [[nodiscard]] std::vector<std::string> exports();

  private:
    static constexpr size_t kDepthMax = 12;
    struct Closure {
        uint32_t definition = kNone;
        uint32_t first = 0;
        uint32_t end = 0;
        bool has_this = false;
        uint32_t parent = kNone;  // the closure around, in the same definition
    };

    [[nodiscard]] bool is_function(uint32_t definition) const;
    [[nodiscard]] NameIndex index_of(std::string_view name) const;
    [[nodiscard]] bool is_in_closure(uint32_t definition, uint32_t offset, bool with_this) const;
    bool find_in(uint32_t scope, NameIndex name, const Place& place, bool is_type, Name& found);
    [[nodiscard]] uint32_t definition_in(uint32_t scope, NameIndex name, const Place& place,
                                         bool is_type) const;
    /// The innermost anonymous function of a definition around a place; null for none. What is
    /// declared there is seen there only.
    [[nodiscard]] const Closure* closure_at(uint32_t definition, uint32_t offset) const;
    [[nodiscard]] const Closure* closure_of(const LocalFact& local) const;
    [[nodiscard]] std::optional<std::string> imported_text(uint32_t scope, NameIndex name,
                                                           const Closure* hidden) const;
    [[nodiscard]] const LocalFact* local_in(uint32_t scope, NameIndex name, const Place& place,
                                            uint32_t& index) const;
    [[nodiscard]] std::string local_text(uint32_t index);
    [[nodiscard]] std::string compute_local(uint32_t index);
    [[nodiscard]] bool is_unpacked(uint32_t index) const;
    [[nodiscard]] bool is_empty_value(const Chain& chain) const;
    [[nodiscard]] std::string link_text(const ChainLink& link, const Place& place);
    [[nodiscard]] std::string returned_text(uint32_t definition);
    [[nodiscard]] std::string stored_text(uint32_t definition);
    [[nodiscard]] std::string type_text(std::string_view written, const Place& place, size_t depth);
    [[nodiscard]] std::string named_type(std::string_view name, std::string_view arguments,
                                         const Place& place, size_t depth);
    [[nodiscard]] std::string imported_type(std::string_view expression) const;
    /// "path#" of a module specifier.
    [[nodiscard]] std::string module_text(std::string_view specifier) const;
    [[nodiscard]] std::string queried_type(std::string_view expression, const Place& place);
    [[nodiscard]] std::string united_type(const std::vector<std::string_view>& parts,
                                          const Place& place, size_t depth);
    [[nodiscard]] std::string arguments_text(const std::vector<std::string_view>& parts,
                                             const Place& place, size_t depth);
    [[nodiscard]] std::string constructed_type(std::string_view expression, const Place& place,
                                               size_t depth);
    [[nodiscard]] std::string function_type(std::string_view type, const Place& place,
                                            size_t depth);

    const FileFacts& facts_;
    std::string path_;  // escaped
    size_t depth_ = 0;
    NameBuckets definitions_;
    NameBuckets locals_;
    NameBuckets imports_;
    std::vector<Closure> closures_;  // by (definition, first)
    std::vector<std::optional<std::string>> local_texts_;
    std::vector<bool> is_in_progress_;
    std::unordered_map<std::string_view, NameIndex> names_;
    NameIndex return_name_ = 0;
    NameIndex arrow_name_ = 0;
};

/// A file's path as the texts spell it.
[[nodiscard]] std::string escape_path(std::string_view path);

}  // namespace kausal::ingest::javascript
