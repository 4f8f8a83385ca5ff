// Executes patterns over a flat tree by backtracking with explicit continuations.
//
// Every way to match the captured parts of a pattern is one match, as in the grammar library; parts
// without captures are matched once. Optional parts are taken wherever they fit.
#include "ingest/query_program.h"

#include <algorithm>

namespace kausal::ingest {
namespace {

using Kind = QueryNode::Kind;

void mark_needs(const QueryNode& node, TSSymbol parent, bool has_parent, TreeNeeds& needs) {
    const bool asks_field = node.field != 0 || !node.absent_fields.empty();
    if (!node.absent_fields.empty()) {
        if (node.kind == Kind::Symbol) {
            needs.need_fields(node.symbol);
        } else {
            needs.need_all_fields();
        }
    }
    if (asks_field && node.field != 0) {
        if (has_parent) {
            needs.need_fields(parent);
        } else {
            needs.need_all_fields();
        }
    }
    if (node.kind == Kind::Symbol) needs.keep_token(node.symbol);
    for (const QueryNode& child : node.children) {
        if (node.kind == Kind::Alternation) {
            mark_needs(child, parent, has_parent, needs);
        } else {
            mark_needs(child, node.symbol, node.kind == Kind::Symbol, needs);
        }
    }
}

void root_symbols(const QueryNode& node, std::vector<TSSymbol>& symbols, bool& is_any) {
    if (node.kind == Kind::Symbol) {
        symbols.push_back(node.symbol);
    } else if (node.kind == Kind::Alternation) {
        for (const QueryNode& branch : node.children) root_symbols(branch, symbols, is_any);
    } else {
        is_any = true;
    }
}

}  // namespace

Result<QueryProgram> QueryProgram::compile(const TSLanguage* grammar, std::string_view text,
                                           TreeNeeds& needs) {
    QueryProgram program;
    program.patterns_ = KAUSAL_TRY(parse_query(grammar, text));
    program.by_symbol_.resize(size_t{ts_language_symbol_count(grammar)} + 1);
    for (uint32_t i = 0; i < program.patterns_.size(); ++i) {
        const QueryNode& root = program.patterns_[i].root;
        mark_needs(root, 0, false, needs);
        std::vector<TSSymbol> symbols;
        bool is_any = false;
        root_symbols(root, symbols, is_any);
        if (is_any) {
            program.by_any_.push_back(i);
            continue;
        }
        std::sort(symbols.begin(), symbols.end());
        symbols.erase(std::unique(symbols.begin(), symbols.end()), symbols.end());
        // Error nodes have a number above all others; they share the last list.
        for (const TSSymbol symbol : symbols)
            program.by_symbol_[std::min(size_t{symbol}, program.by_symbol_.size() - 1)].push_back(
                i);
    }
    return program;
}

void QueryProgram::run(const FlatTree& tree, MatchSink& sink) {
    tree_ = &tree;
    sink_ = &sink;
    const auto try_pattern = [&](uint32_t index, NodeIndex node) {
        pattern_index_ = index;
        pattern_ = &patterns_[index];
        bound_.clear();
        if (fits(pattern_->root, node)) (void)enter(pattern_->root, node, nullptr);
    };
    for (NodeIndex node = 0; node < tree.size(); ++node) {
        const size_t symbol = std::min(size_t{tree[node].symbol}, by_symbol_.size() - 1);
        for (const uint32_t index : by_symbol_[symbol]) try_pattern(index, node);
        for (const uint32_t index : by_any_) try_pattern(index, node);
    }
}

bool QueryProgram::fits(const QueryNode& element, NodeIndex node) const {
    const FlatNode& flat = (*tree_)[node];
    if (element.field != 0 && element.field != flat.field) return false;
    switch (element.kind) {
        case Kind::Symbol:
            if (flat.symbol != element.symbol) return false;
            break;
        case Kind::AnyNamed:
            if ((flat.flags & FlatNode::kNamed) == 0 || (flat.flags & FlatNode::kExtra) != 0)
                return false;
            break;
        case Kind::Any:
            break;
        case Kind::Alternation:
            return std::any_of(element.children.begin(), element.children.end(),
                               [&](const QueryNode& branch) { return fits(branch, node); });
    }
    for (const TSFieldId field : element.absent_fields) {
        if (tree_->child_by_field(node, field) != kNoNode) return false;
    }
    return true;
}

/// Matches below `node`, which fits, then goes on with `after`.
bool QueryProgram::enter(const QueryNode& element, NodeIndex node, const Frame* after) {
    const size_t bound_before = bound_.size();
    for (const uint32_t capture : element.captures) bound_.push_back({capture, node});
    bool has_emitted = false;
    if (element.kind == Kind::Alternation) {
        for (const QueryNode& branch : element.children) {
            if (fits(branch, node)) has_emitted = enter(branch, node, after);
            if (has_emitted) break;
        }
    } else if (!element.children.empty()) {
        Frame frame;
        frame.pattern = &element;
        frame.parent = node;
        frame.child = node + 1;
        frame.up = after;
        has_emitted = advance(frame);
    } else {
        has_emitted = after == nullptr ? emit() : advance(*after);
    }
    bound_.resize(bound_before);
    return has_emitted;
}

bool QueryProgram::advance(const Frame& frame) {
    if (frame.element == frame.pattern->children.size())
        return frame.up == nullptr ? emit() : advance(*frame.up);
    const QueryNode& element = frame.pattern->children[frame.element];
    const NodeIndex end = (*tree_)[frame.parent].after;
    bool has_emitted = false;
    for (NodeIndex child = frame.child; child < end; child = (*tree_)[child].after) {
        if (fits(element, child)) has_emitted = advance_from(frame, element, child) || has_emitted;
        if (has_emitted && (!element.has_captures || element.is_repeated)) break;
        // An anchor lets nothing named stand before; comments may stand anywhere.
        if (element.is_adjacent && tree_->is_named(child) && !tree_->is_extra(child)) break;
    }
    if (!has_emitted && element.is_optional) {
        Frame next = frame;
        ++next.element;
        has_emitted = advance(next);
    }
    return has_emitted;
}

bool QueryProgram::advance_from(const Frame& frame, const QueryNode& element, NodeIndex child) {
    const FlatTree& tree = *tree_;
    const NodeIndex end = tree[frame.parent].after;
    if (element.is_last) {
        for (NodeIndex later = tree[child].after; later < end; later = tree[later].after) {
            if (tree.is_named(later) && !tree.is_extra(later)) return false;
        }
    }
    Frame next = frame;
    next.child = tree[child].after;
    // A repeated part takes as many as it can before the next part has its turn.
    if (!element.is_repeated) ++next.element;
    return enter(element, child, &next);
}

bool QueryProgram::holds(const QueryPredicate& predicate) const {
    for (const Bound& bound : bound_) {
        if (bound.capture != predicate.capture) continue;
        const std::string_view text = tree_->text(bound.node);
        bool is_met = false;
        switch (predicate.kind) {
            case QueryPredicate::Kind::Match:
                is_met =
                    regexec(predicate.regex.get(), std::string(text).c_str(), 0, nullptr, 0) == 0;
                break;
            case QueryPredicate::Kind::HasParent: {
                const NodeIndex parent = (*tree_)[bound.node].parent;
                is_met = parent != kNoNode &&
                         std::find(predicate.symbols.begin(), predicate.symbols.end(),
                                   (*tree_)[parent].symbol) != predicate.symbols.end();
                break;
            }
            case QueryPredicate::Kind::Equal:
            case QueryPredicate::Kind::AnyOf:
                is_met = std::find(predicate.texts.begin(), predicate.texts.end(), text) !=
                         predicate.texts.end();
                for (const Bound& other : bound_) {
                    if (other.capture == predicate.other_capture)
                        is_met = is_met || tree_->text(other.node) == text;
                }
                break;
        }
        if (is_met == predicate.is_negated) return false;
    }
    return true;
}

bool QueryProgram::emit() {
    for (const QueryPredicate& predicate : pattern_->predicates) {
        if (!holds(predicate)) return false;
    }
    captures_.clear();
    for (const Bound& bound : bound_)
        captures_.push_back({pattern_->captures[bound.capture], bound.node});
    sink_->match(pattern_index_, captures_);
    return true;
}

}  // namespace kausal::ingest
