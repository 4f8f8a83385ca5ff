// One walk over the parser's tree.
#include "ingest/flat_tree.h"

namespace kausal::ingest {

void FlatTree::fill(const TSLanguage* grammar, TSNode root, const TreeNeeds& needs,
                    std::string_view source) {
    grammar_ = grammar;
    source_ = source;
    nodes_.clear();
    errors_.clear();
    const bool has_error = ts_node_has_error(root);
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    NodeIndex parent = kNoNode;
    bool wants_fields = false;
    for (;;) {
        const TSNode node = ts_tree_cursor_current_node(&cursor);
        const TSSymbol symbol = ts_node_symbol(node);
        const bool is_named = ts_node_is_named(node);
        bool is_kept = is_named || needs.keeps(symbol);
        TSFieldId field = 0;
        if (wants_fields) {
            field = ts_tree_cursor_current_field_id(&cursor);
            is_kept = is_kept || field != 0;
        }
        if (is_kept) {
            const auto index = static_cast<NodeIndex>(nodes_.size());
            uint8_t flags = is_named ? FlatNode::kNamed : 0;
            if (ts_node_is_extra(node)) flags |= FlatNode::kExtra;
            if (has_error && (ts_node_is_error(node) || ts_node_is_missing(node))) {
                flags |= FlatNode::kError;
                bool is_inside = false;
                for (NodeIndex up = parent; up != kNoNode && !is_inside; up = nodes_[up].parent)
                    is_inside = (nodes_[up].flags & FlatNode::kError) != 0;
                if (!is_inside) errors_.push_back(index);
            }
            const uint32_t first = ts_node_start_byte(node);
            nodes_.push_back(
                {first, ts_node_end_byte(node), parent, index + 1, symbol, field, flags});
            if (ts_tree_cursor_goto_first_child(&cursor)) {
                parent = index;
                wants_fields = needs.has_fields(symbol);
                continue;
            }
        } else if (has_error && ts_node_is_missing(node)) {
            // A token that the parser made up; only its place is of interest.
            errors_.push_back(parent);
        }
        while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
            if (!ts_tree_cursor_goto_parent(&cursor)) {
                ts_tree_cursor_delete(&cursor);
                nodes_.front().after = static_cast<NodeIndex>(nodes_.size());
                return;
            }
            nodes_[parent].after = static_cast<NodeIndex>(nodes_.size());
            parent = nodes_[parent].parent;
            wants_fields = parent != kNoNode && needs.has_fields(nodes_[parent].symbol);
        }
    }
}

NodeIndex FlatTree::child_by_field(NodeIndex node, TSFieldId field) const {
    for (NodeIndex child = node + 1; child < nodes_[node].after; child = nodes_[child].after) {
        if (nodes_[child].field == field) return child;
    }
    return kNoNode;
}

NodeIndex FlatTree::first_child(NodeIndex node) const {
    for (NodeIndex child = node + 1; child < nodes_[node].after; child = nodes_[child].after) {
        if (is_named(child) && !is_extra(child)) return child;
    }
    return kNoNode;
}

bool FlatTree::has_named_children(NodeIndex node) const {
    return first_child(node) != kNoNode;
}

}  // namespace kausal::ingest
