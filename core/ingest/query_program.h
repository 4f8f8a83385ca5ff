// A language's query file, compiled, and its execution over one tree.
//
// The file is the usual tree-sitter query language (the subset that language.h names). It is
// executed here rather than by the grammar library's engine because that engine costs about as much
// as parsing itself: it keeps all unfinished matches of all patterns at every node, while these
// patterns are told apart by the symbol of their root and then checked downwards on the flat tree.
#pragma once

#include "base/status.h"
#include "ingest/capture.h"
#include "ingest/flat_tree.h"
#include "ingest/query_syntax.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// Receives the matches of one tree.
class MatchSink {
  public:
    virtual ~MatchSink() = default;
    virtual void match(uint32_t pattern, std::span<const Capture> captures) = 0;
};

/// Threads: confined (it holds the state of a run).
class QueryProgram {
  public:
    /// Marks in `needs` what the patterns look at. Errors: Internal, with the line that is wrong.
    [[nodiscard]] static Result<QueryProgram> compile(const TSLanguage* grammar,
                                                      std::string_view text, TreeNeeds& needs);
    void run(const FlatTree& tree, MatchSink& sink);

  private:
    /// Where matching goes on: the elements of `pattern` from `element` on, among the children of
    /// `parent` from `child` on; after the last one, `up`.
    struct Frame {
        const QueryNode* pattern = nullptr;
        uint32_t element = 0;
        NodeIndex parent = 0;
        NodeIndex child = 0;
        bool is_adjacent = false;  // nothing named may stand between the last match and the next
        const Frame* up = nullptr;
    };
    [[nodiscard]] bool advance(const Frame& frame);
    [[nodiscard]] bool advance_from(const Frame& frame, const QueryNode& element, NodeIndex child);
    [[nodiscard]] bool enter(const QueryNode& element, NodeIndex node, const Frame* after);
    [[nodiscard]] bool fits(const QueryNode& element, NodeIndex node) const;
    [[nodiscard]] bool emit();
    [[nodiscard]] bool holds(const QueryPredicate& predicate) const;

    std::vector<QueryPattern> patterns_;
    std::vector<std::vector<uint32_t>> by_symbol_;  // symbol -> patterns
    std::vector<uint32_t> by_any_;                  // patterns whose root may be any node

    // State of a run.
    const FlatTree* tree_ = nullptr;
    MatchSink* sink_ = nullptr;
    const QueryPattern* pattern_ = nullptr;
    uint32_t pattern_index_ = 0;
    struct Bound {
        uint32_t capture;  // index into QueryPattern::captures
        NodeIndex node;
    };
    std::vector<Bound> bound_;
    std::vector<Capture> captures_;
};

}  // namespace kausal::ingest
