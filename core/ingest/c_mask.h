// Hides from the parser what the C preprocessor would have taken away.
//
// Step before parsing C and C++. The grammars know conditionals only around whole items, and no
// macros in declarations; both are everywhere in real code and cost whole functions. What is hidden
// becomes blanks, so that every offset and line stays as it is:
//   * branches of a conditional that cut a statement, a list or a pair of braces: all but the first
//   * the dead branch of `#if 0`
//   * macros that decorate a declaration: `class EXPORT Slice {`, `API int f(void) GUARDED_BY(x);`
// It is a guess by form alone and never removes a name that is declared.
#pragma once

#include <string>
#include <string_view>

namespace kausal::ingest {

/// Fills `masked` and returns true when there was something to hide.
[[nodiscard]] bool mask_preprocessor(std::string_view source, std::string& masked);

}  // namespace kausal::ingest
