// One file's bytes to its facts, with the tree-sitter grammar and query of its language.
#pragma once

#include "base/status.h"
#include "ingest/facts.h"
#include "ingest/language.h"

#include <cstdint>
#include <memory>
#include <string_view>

namespace kausal::ingest {

/// Holds a parser and cursors, which are costly to make. Threads: confined; one per worker.
class Extractor {
  public:
    [[nodiscard]] static std::unique_ptr<Extractor> create();
    virtual ~Extractor() = default;
    /// Errors: Unsupported (the parse took longer than the limit), Internal (grammar mismatch). A
    /// file with syntax errors is no error: FileFacts::error_count tells.
    [[nodiscard]] virtual Result<FileFacts> extract(const LanguageRules& rules,
                                                    std::string_view path,
                                                    std::string_view source) = 0;
};

}  // namespace kausal::ingest
