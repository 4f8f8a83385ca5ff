// What a JavaScript or TypeScript file's facts and path say on their own: module paths, modifiers.
//
// Shared by the finish hook of the languages and by the resolver.
#pragma once

#include "ingest/facts.h"

#include <string>
#include <string_view>

namespace kausal::ingest::javascript {

/// *.test.ts, *.spec.js, anything under __tests__.
[[nodiscard]] bool is_test_path(std::string_view path) noexcept;
/// Takes quotes away.
[[nodiscard]] std::string_view unquoted(std::string_view text) noexcept;
/// Whether a specifier names a file rather than a package: ./x, ../x, /x.
[[nodiscard]] bool is_relative(std::string_view specifier) noexcept;
/// `specifier` seen from the folder of `path`, without dots: "src/a", "./../b" -> "b"; "." for the
/// root. Empty when it leaves the workspace.
[[nodiscard]] std::string join_path(std::string_view path, std::string_view specifier);
/// The name of a module's value as a whole: `module.exports = x`, `export = x`.
inline constexpr std::string_view kWholeExport = "export=";
/// The alias that an import fact gives an export: "module.exports" and "=" are kWholeExport.
[[nodiscard]] std::string_view export_name(const FileFacts& facts,
                                           const ImportFact& import) noexcept;
/// A word in front of the name in a definition's signature: "static", "get", "private", ...
[[nodiscard]] bool has_modifier(const FileFacts& facts, const DefinitionFact& definition,
                                std::string_view word) noexcept;
/// Whether a function has a `this` of its own: everything but arrow functions.
[[nodiscard]] bool has_own_this(const FileFacts& facts, const DefinitionFact& definition) noexcept;

/// Whether the stated type is that of the variable that holds a function, `const f: T = () => {}`,
/// and not that of the function's result.
[[nodiscard]] bool has_variable_type(const FileFacts& facts,
                                     const DefinitionFact& definition) noexcept;

}  // namespace kausal::ingest::javascript
