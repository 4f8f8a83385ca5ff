// A language as data: a grammar, one query file, and a table of node names for expressions.
//
// The query file (queries/<name>.scm, compiled into the library) says which nodes are definitions,
// references, imports, bases and locals by these captures. One match describes one thing:
//
//   @def.module @def.class @def.struct @def.interface @def.enum @def.union @def.alias @def.function
//   @def.method @def.constructor @def.field @def.variable @def.constant @def.member @def.macro
//                 the whole node of a definition (outermost wrapper that belongs to it: export
//                 statement, decorated definition, template declaration)
//     @name       its name (an identifier, or a qualified name whose last component is the name;
//     what
//                 stands before the last component becomes DefinitionFact::scope)
//     @body       its body; the signature ends where the body starts
//     @parameters its parameter list
//     @type       stated type, result type, aliased type
//     @value      initialiser of a variable without a stated type
//     @scope      written owner: receiver type, impl target
//     @trait      Rust: the trait of the impl block
//     @flag.exported @flag.static @flag.abstract @flag.declaration @flag.override @flag.test
//     @flag.entry @flag.reflected    any node whose presence sets the flag
//   @container    a node that owns the definitions inside it without being one (Rust impl, Go
//                 receiver-less groups, C++ extern "C"): @scope and @trait give what they inherit
//   @base.extends @base.implements   a type expression; belongs to the innermost enclosing type
//   @local        a node that declares local names: with @name, and @type or @value or @iterable;
//                 visible from the end of the node to the end of the innermost @block around it
//                 (parameters: the whole function body)
//   @block        a node that ends the visibility of locals
//   @call         a call: @callee (the expression that is called) and @arguments
//   @new          a construction: @callee (the type expression) and @arguments
//   @macro        a macro invocation: @callee
//   @type.ref     a type named somewhere else than in the captures above
//   @decorator    a decorator or annotation: @callee
//   @mention      an identifier or dotted name read as a value
//   @import       an import statement or one clause of it: @path, @name, @alias, @wildcard,
//   @static,
//                 @default, @namespace, @typeonly, @reexport, @system, @module
//
// Predicates #eq? #match? #any-of? and their negations are honoured. What a query cannot say (C
// declarators, for one) the hooks below add.
#pragma once

#include "format/block_record.h"
#include "ingest/facts.h"
#include "ingest/symbol.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

struct TSLanguage;
struct TSNode;

namespace kausal::ingest {

/// How expressions become chains (ChainLink): node type names of the grammar. Empty names are
/// unused.
struct ExpressionRules {
    /// Member access a.b: node type, field of the object, field of the member, flags of the link.
    /// Without both fields: the first and the last named child.
    struct Access {
        std::string_view node;
        std::string_view object_field;
        std::string_view member_field;
        uint8_t flags = 0;  // ChainLink::kScope for ::
    };
    std::span<const Access> accesses;
    /// Calls f(x): node type and field of the callee.
    struct Call {
        std::string_view node;
        std::string_view callee_field;
        uint8_t flags = 0;  // ChainLink::kNew for constructions
    };
    std::span<const Call> calls;
    /// Nodes that stand for one of their children: parentheses, await, dereference, try, as-casts.
    struct Transparent {
        std::string_view node;
        std::string_view field;  // empty: the first named child
        bool is_cast = false;    // then the chain is one kCast link named by the type field
    };
    std::span<const Transparent> transparents;
    std::span<const std::string_view> indexes;      // subscripts, object in the first child
    std::span<const std::string_view> identifiers;  // plain names
    std::span<const std::string_view> selfs;
    std::span<const std::string_view> supers;
    /// Functions whose first argument is the type of what they make: such a call becomes one kCast
    /// link named by that argument, e.g. `new(T)` of Go.
    std::span<const std::string_view> type_makers;
};

struct LanguageRules {
    format::Language language = format::Language::None;
    LanguageFamily family = LanguageFamily::C;
    const TSLanguage* (*grammar)() = nullptr;
    std::string_view query;                          // text of the .scm file
    std::span<const std::string_view> extensions;    // ".cpp", ".hpp"; matched without case for C
    std::span<const std::string_view> file_names;    // exact, e.g. "Jakefile"
    std::span<const std::string_view> interpreters;  // of a #! line
    std::span<const std::string_view> comments;      // node types
    bool keeps_arguments = false;  // ReferenceFact::arguments, for overloads told apart by type
    bool has_docstrings = false;   // first string of a body is the doc
    ExpressionRules expressions;
    /// Optional: fills `prepared` with a text of the same size and lines that the grammar
    /// understands better, and returns true; false when the source is fine as it is. Everything
    /// below sees that text.
    bool (*prepare)(std::string_view source, std::string& prepared) = nullptr;
    /// Optional: corrects or completes the facts of one file after the query ran, with the tree at
    /// hand. `source` is the file's text.
    void (*finish)(const TSNode& root, std::string_view source, FileFacts& facts) = nullptr;
};

/// All languages, by number. Threads: shared, immutable.
[[nodiscard]] std::span<const LanguageRules> all_languages();
[[nodiscard]] const LanguageRules* rules_of(format::Language language);
/// The language of a file by its name and first line; null for none. `.h` is C++ when
/// `header_is_cpp` (decided per workspace by what its sources are), else C.
[[nodiscard]] const LanguageRules* detect_language(std::string_view path,
                                                   std::string_view first_line, bool header_is_cpp);
/// Whether the text of a `.h` is C++ in a tree whose headers are C else: namespaces, templates,
/// classes with access words.
[[nodiscard]] bool is_cpp_header(std::string_view text) noexcept;

// One table per language, each in its own file language_<name>.cpp.
[[nodiscard]] const LanguageRules& c_language();
[[nodiscard]] const LanguageRules& cpp_language();
[[nodiscard]] const LanguageRules& go_language();
[[nodiscard]] const LanguageRules& rust_language();
[[nodiscard]] const LanguageRules& java_language();
[[nodiscard]] const LanguageRules& python_language();
[[nodiscard]] const LanguageRules& javascript_language();
[[nodiscard]] const LanguageRules& typescript_language();
[[nodiscard]] const LanguageRules& tsx_language();

}  // namespace kausal::ingest
