// Corrections of C and C++ facts that need no tree: what only looks like a definition, linkage,
// macros.
#pragma once

#include "ingest/facts.h"

#include <string_view>
#include <vector>

namespace kausal::ingest {

/// Removes the marked definitions; what stood in them belongs to what stood around them.
void remove_definitions(FileFacts& facts, const std::vector<bool>& removed);

/// Prototypes and variables inside of functions become locals, names that are keywords go: both
/// come from code that the grammar misreads.
void drop_inner_declarations(FileFacts& facts);

/// kBlockStatic, kBlockExported, kBlockDeclaration, kBlockEntryPoint from the words of the
/// signatures.
void set_linkage_flags(FileFacts& facts);

/// DefinitionFact::type of macros that a condition other than the include guard decides on.
inline constexpr std::string_view kConditional = "conditional";
void mark_conditional_macros(std::string_view source, FileFacts& facts);

/// What the bodies of macros call and name becomes references: their text is not parsed.
void add_macro_references(std::string_view source, FileFacts& facts);

/// Name of a link that stands for the global scope: `::f()` has it as receiver.
inline constexpr std::string_view kGlobalScope = "::";
/// `static struct type t;` before `static struct type t = {...};` of C announces it only.
void mark_tentative_definitions(FileFacts& facts);
/// Says in the receiver of a reference that `::` follows it: its last link is flagged kSuper, which
/// C++ has no other use for.
void mark_scope_operators(std::string_view source, FileFacts& facts);

/// The words before the name in a signature contain `word`.
[[nodiscard]] bool has_specifier(std::string_view signature, std::string_view name,
                                 std::string_view word) noexcept;

}  // namespace kausal::ingest
