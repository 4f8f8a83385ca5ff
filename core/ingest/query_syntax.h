// The query language as a tree of patterns: what query_program.h executes.
#pragma once

#include "base/status.h"
#include "ingest/capture.h"

#include <tree_sitter/api.h>

#include <cstdint>
#include <memory>
#include <regex.h>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// A node, an alternation of nodes, or a wildcard, with what must stand below it.
struct QueryNode {
    enum class Kind : uint8_t { Symbol, AnyNamed, Any, Alternation } kind = Kind::Symbol;
    TSSymbol symbol = 0;
    TSFieldId field = 0;                   // that the node must stand in; 0 = none asked for
    bool is_optional = false;              // ? and *
    bool is_repeated = false;              // * and the second half of +
    bool is_adjacent = false;              // an anchor stands before it
    bool is_last = false;                  // an anchor stands after it
    bool has_captures = false;             // itself or below
    std::vector<uint32_t> captures;        // into QueryPattern::captures
    std::vector<TSFieldId> absent_fields;  // !field
    std::vector<QueryNode> children;       // of an alternation: its branches
};

struct QueryPredicate {
    enum class Kind : uint8_t { Equal, Match, AnyOf, HasParent } kind = Kind::Equal;
    bool is_negated = false;
    uint32_t capture = 0;
    int64_t other_capture = -1;
    std::vector<std::string> texts;
    std::vector<TSSymbol> symbols;   // HasParent
    std::shared_ptr<regex_t> regex;  // shared by the copies of a program; freed with the last
};

struct QueryPattern {
    QueryNode root;
    uint32_t line = 0;  // in the query file
    std::vector<std::string> capture_names;
    std::vector<CaptureKind> captures;
    std::vector<QueryPredicate> predicates;
};

/// Errors: Internal, with the line and what is wrong there.
[[nodiscard]] Result<std::vector<QueryPattern>> parse_query(const TSLanguage* grammar,
                                                            std::string_view text);

}  // namespace kausal::ingest
