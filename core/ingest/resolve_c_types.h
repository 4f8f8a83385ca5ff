// C and C++ types as text: names, template arguments, what wrappers of the standard library hold.
//
// Step of the C resolver. A type stays text until a name in it is needed; wrappers that only hold
// another type (smart pointers, containers) are looked through by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest::c {

/// Without qualifiers, class keys, pointers, references and arrays: "const std::vector<T>&" ->
/// "std::vector<T>".
[[nodiscard]] std::string_view plain_type(std::string_view type) noexcept;
/// Before the template arguments: "std::vector<T>" -> "std::vector".
[[nodiscard]] std::string_view head_of(std::string_view plain) noexcept;
/// Template argument `index`; empty when there is none.
[[nodiscard]] std::string_view argument_of(std::string_view plain, size_t index) noexcept;
/// "a::b<c>::d" -> {"a", "b<c>", "d"}.
[[nodiscard]] std::vector<std::string_view> components_of(std::string_view name);
/// Without template arguments anywhere: "a::b<c>::d" -> "a::b::d".
[[nodiscard]] std::string without_arguments(std::string_view name);

enum class Wrapper { None, Pointer, Sequence, Map };
/// What a template of the standard library is, with or without "std::".
[[nodiscard]] Wrapper wrapper_of(std::string_view head) noexcept;
/// The type that is behind all wrappers: "std::vector<std::unique_ptr<T>>" -> "T".
[[nodiscard]] std::string_view innermost_of(std::string_view type) noexcept;
/// Members of the standard wrappers themselves, which are never those of the type they hold.
[[nodiscard]] bool is_pointer_member(std::string_view name) noexcept;
/// Members of containers that give an element or an iterator to one.
[[nodiscard]] bool gives_element(std::string_view name) noexcept;

/// Types of a parameter list, one text each, in a form that can be compared: no names, no defaults.
[[nodiscard]] std::vector<std::string> parameter_types(std::string_view parameters);

/// Functions of the C library and of POSIX: a call of one goes there unless the tree declares its
/// own.
[[nodiscard]] bool is_library_function(std::string_view name) noexcept;

}  // namespace kausal::ingest::c
