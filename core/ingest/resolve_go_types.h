// Go types as text: what an index, a range, a call or a dereference of them yields.
//
// Step of the Go resolver. Stated types stay text ("map[string]*net/http.Server") until a name in
// them is needed; package qualifiers are replaced by import paths as soon as the file is known, so
// that a text means the same in every file. Unqualified names belong to the package the text was
// written in.
#pragma once

#include "ingest/facts.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest::go {

/// The name in a type: import path (empty: the package of the text) and type name.
struct TypeName {
    std::string_view path;
    std::string_view name;
    std::string_view arguments;  // between the brackets of an instantiation, may be empty
};

/// Without leading `*`, `&`, `...` and enclosing parentheses.
[[nodiscard]] std::string_view without_pointers(std::string_view type) noexcept;
/// The named type behind pointers; an empty name for types without one.
[[nodiscard]] TypeName name_of(std::string_view type) noexcept;
/// Element of a slice, array, map or channel behind pointers; empty for others.
[[nodiscard]] std::string_view element_of(std::string_view type) noexcept;
/// Key of a map; empty for others.
[[nodiscard]] std::string_view key_of(std::string_view type) noexcept;
/// Results of a function type; empty for other types and for none.
[[nodiscard]] std::string_view results_of(std::string_view type) noexcept;
/// Value `position` of a result text: "T" or "(n int, err error)"; empty when there is none.
[[nodiscard]] std::string_view result_at(std::string_view results, size_t position) noexcept;
/// Pieces between top-level commas, or other separators.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view list, char separator = ',');
/// The fields of "struct{a, b T; C}"; `name` is empty for embedded types. Nothing for other types.
struct StructField {
    std::string_view name;
    std::string_view type;
};
[[nodiscard]] std::vector<StructField> fields_of(std::string_view type);
/// Innermost named type: of elements, of results, behind pointers. For links between types.
[[nodiscard]] TypeName innermost_name(std::string_view type) noexcept;

/// The name under which an import is usually used: last component without a version.
[[nodiscard]] std::string_view usual_package_name(std::string_view path) noexcept;
/// Whether `local` may stand for an import without alias of a package that is not in the tree.
[[nodiscard]] bool may_be_named(std::string_view path, std::string_view local) noexcept;
/// The import that declares `local` as far as the file alone tells; null when there is none.
[[nodiscard]] const ImportFact* import_named(const FileFacts& facts,
                                             std::string_view local) noexcept;
/// Replaces the package qualifiers of a type text by import paths.
[[nodiscard]] std::string with_import_paths(const FileFacts& facts, std::string_view type);
/// Result and parameter texts that can be compared across packages: no names, no qualifiers.
[[nodiscard]] std::string comparable_results(std::string_view results);

/// Path of the pseudo import that carries a file's build constraint as its name.
inline constexpr std::string_view kConstraintPath = "go:build";

/// Whether a file takes part in a build for an operating system and processor.
struct BuildTarget {
    std::string_view os = "linux";
    std::string_view arch = "amd64";
};
/// What the file's own name and constraint ask for; linux and amd64 where they do not say.
[[nodiscard]] BuildTarget target_of(std::string_view path, std::string_view constraint) noexcept;
/// Whether the names of two files alone tell that no build has both.
[[nodiscard]] bool exclude_each_other(std::string_view path, std::string_view other) noexcept;
[[nodiscard]] bool builds_for(const BuildTarget& target, std::string_view path,
                              std::string_view constraint) noexcept;

}  // namespace kausal::ingest::go
