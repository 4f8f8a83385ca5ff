// Which types of a file satisfy which interfaces, and which methods stand for which.
#pragma once

#include "ingest/facts.h"
#include "ingest/resolve_go_scope.h"
#include "ingest/symbol.h"

namespace kausal::ingest::go {

/// A type is said to implement at most this many interfaces, and a method to stand for at most this
/// many, those of its own package first, then in order of id: one `String` method satisfies
/// thousands.
inline constexpr size_t kInterfacesMax = 24;

/// Emits `overrides` edges from the methods declared in this file to the interface methods they
/// satisfy, and `implements` edges from the types of this file to those interfaces. Method sets are
/// compared by name, parameter count and result types. An interface counts when its package is
/// imported by the tree's rules or not: satisfaction in Go is structural.
void bind_interfaces(const FileFacts& facts, const FileSymbols& symbols, SymbolSource& source,
                     Scope& scope, EdgeSink& sink);

}  // namespace kausal::ingest::go
