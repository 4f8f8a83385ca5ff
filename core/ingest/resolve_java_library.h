// What the Java platform says of its own types: enough of it to follow receivers through
// collections, optionals, streams and strings of a library that is not in the linked tree.
//
// A table, not an index: an entry is used only when no type of that name is in the tree. Where it
// says nothing, the type of an expression stays unknown.
#pragma once

#include <string_view>

namespace kausal::ingest::java {

/// One type outside the tree.
struct LibraryType {
    std::string_view name;        // "java.util.Map"
    std::string_view parameters;  // "K,V"
    std::string_view bases;       // "java.util.Collection<E>;java.lang.Iterable<E>"
    /// " get=V forEach=void/E ": result types, and after a slash the type of a lambda's only
    /// parameter.
    std::string_view members;
};

/// Null for types that the table does not have.
[[nodiscard]] const LibraryType* library_type(std::string_view qualified_name);

struct LibraryMember {
    std::string_view result;  // empty when not in the table
    std::string_view lambda_parameter;
};
[[nodiscard]] LibraryMember library_member(const LibraryType& type, std::string_view name);

/// Is `name` a type of java.lang, which needs no import?
[[nodiscard]] bool is_java_lang(std::string_view name);
/// Is `name` a type of a package that wildcard imports often name? E.g. ("java.util", "List").
[[nodiscard]] bool is_library_type(std::string_view package, std::string_view name);
/// Is `name` a method that every object has?
[[nodiscard]] bool is_object_method(std::string_view name);
/// Is `name` a method that the compiler gives to every enum?
[[nodiscard]] bool is_enum_method(std::string_view name);

}  // namespace kausal::ingest::java
