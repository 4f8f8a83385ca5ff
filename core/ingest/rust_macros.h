// What Rust hides in macro arguments: calls among the tokens of an invocation, and whole items
// inside of conditional-compilation macros. The grammar leaves both as bare tokens.
#pragma once

#include "ingest/facts.h"

#include <string>
#include <string_view>

namespace kausal::ingest::rust {

/// Blanks the wrapping of macros that only switch items on and off (`cfg_if! { if #[cfg(x)] { ... }
/// }`, `cfg_io! { ... }`), so that the items inside are parsed. Same size and lines; false when
/// there is none.
[[nodiscard]] bool unwrap_conditional_items(std::string_view source, std::string& prepared);

/// Adds references for the calls that stand among the arguments of macro invocations inside of
/// functions: an identifier and a parenthesised list, with the dotted receiver before it.
void read_macro_arguments(std::string_view source, FileFacts& facts);

}  // namespace kausal::ingest::rust
