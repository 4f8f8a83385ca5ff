// A language's query file, compiled, and its execution over one tree.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include <tree_sitter/api.h>

#include "base/status.h"
#include "ingest/capture.h"
#include "ingest/language.h"

namespace kausal::ingest {

/// Threads: `compile` shared; a program is confined (it holds its cursor).
class QueryProgram {
  public:
    /// Errors: Internal, with the line of the query file that is wrong.
    [[nodiscard]] static Result<std::unique_ptr<QueryProgram>> compile(const LanguageRules& rules);
    virtual ~QueryProgram() = default;
    using MatchVisitor = std::function<void(uint32_t pattern, std::span<const Capture>)>;
    using CommentVisitor = std::function<void(TSNode)>;
    virtual void run(TSNode root, std::string_view source, const MatchVisitor& on_match,
                     const CommentVisitor& on_comment) = 0;
};

}  // namespace kausal::ingest
