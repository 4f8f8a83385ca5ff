// What the facts of one Python file say on their own: modules, decorators, receivers.
//
// Shared by the finish hook of the language and by the resolver. Reads nothing but the file's facts
// and its path.
#pragma once

#include "ingest/facts.h"
#include "ingest/resolver.h"

#include <string>
#include <string_view>

namespace kausal::ingest::python {

/// test_x.py, x_test.py, conftest.py.
[[nodiscard]] bool is_test_path(std::string_view path) noexcept;
/// Decorators that change how a function is called but not by whom: property, functools.*,
/// typing.*.
[[nodiscard]] bool is_plain_decorator(std::string_view module, std::string_view name) noexcept;
/// Name of the first parameter without stars and type; empty when there is none.
[[nodiscard]] std::string_view first_parameter(const FileFacts& facts,
                                               const DefinitionFact& definition) noexcept;
/// A method without receiver: decorated with staticmethod (and not with classmethod).
[[nodiscard]] bool is_static_method(const FileFacts& facts,
                                    const DefinitionFact& definition) noexcept;
/// A method whose receiver is the class: classmethods, __new__ and its like.
[[nodiscard]] bool is_class_method(const FileFacts& facts,
                                   const DefinitionFact& definition) noexcept;

/// Dotted name under which imports find the file: its path below the longest matching python root.
[[nodiscard]] std::string module_of_path(const WorkspaceConfig& config, std::string_view path);
/// Whether the file stands for a package.
[[nodiscard]] bool is_package_path(std::string_view path) noexcept;
/// Absolute dotted name of an import: of the module, or of the member when there is one. Empty when
/// a relative import climbs above its root.
[[nodiscard]] std::string import_target(const FileFacts& facts, std::string_view module,
                                        const ImportFact& import);
/// The name that an import binds in its scope; empty for wildcards.
[[nodiscard]] std::string_view import_local_name(const FileFacts& facts,
                                                 const ImportFact& import) noexcept;

}  // namespace kausal::ingest::python
