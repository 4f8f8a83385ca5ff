// Level 2 of C and C++: the references of one file to edges.
#pragma once

#include "ingest/facts.h"
#include "ingest/resolver.h"
#include "ingest/symbol.h"

namespace kausal::ingest::c {

/// Marks virtual methods in Symbol::alias_of, which methods have no other use for.
inline constexpr std::string_view kVirtual = "virtual";

void bind_file(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
               SymbolSource& source, EdgeSink& sink);

}  // namespace kausal::ingest::c
