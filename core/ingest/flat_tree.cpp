// One walk over the parser's tree.
//
// It reads the parser's own subtrees, in the layout of the release that is pinned and compiled in:
// the public cursor works out parent, position and alias anew at each step, which took four times
// as long. A test holds the result against the cursor.
#include "ingest/flat_tree.h"

#include <language.h>
#include <subtree.h>

namespace kausal::ingest {
namespace {

class TreeWalk {
  public:
    TreeWalk(const TSLanguage* grammar, const TreeNeeds& needs, bool has_error,
             std::vector<FlatNode>& nodes, std::vector<NodeIndex>& errors)
        : grammar_(grammar), needs_(needs), has_error_(has_error), nodes_(nodes), errors_(errors) {}
    void run(TSNode root);

  private:
    /// The children of one subtree that are still to come. Hidden subtrees are levels, too; what is
    /// in them belongs to the visible node above.
    struct Level {
        const Subtree* next = nullptr;
        const Subtree* end = nullptr;
        uint32_t byte_at = 0;  // where the next child begins, its padding included
        bool is_first = true;  // the padding of the first child stands before the parent
        bool is_visible = false;
        bool wants_fields = false;
        TSFieldId field = 0;      // of a hidden subtree in its parent
        uint32_t structural = 0;  // children so far that are no extras
        uint32_t production = 0;
        NodeIndex node = kNoNode;
    };
    void open(Subtree subtree, uint32_t byte_first, NodeIndex node, bool is_visible,
              bool wants_fields, TSFieldId field);
    void visit(Level& level);
    void add(Subtree subtree, TSSymbol alias, uint32_t byte_first, NodeIndex parent,
             TSFieldId field);
    [[nodiscard]] TSFieldId field_of(const Level& level, uint32_t structural) const;
    [[nodiscard]] bool is_inside_error(NodeIndex node) const;

    const TSLanguage* grammar_;
    const TreeNeeds& needs_;
    bool has_error_;
    std::vector<FlatNode>& nodes_;
    std::vector<NodeIndex>& errors_;
    std::vector<Level> levels_;
};

void TreeWalk::open(Subtree subtree, uint32_t byte_first, NodeIndex node, bool is_visible,
                    bool wants_fields, TSFieldId field) {
    const Subtree* children = ts_subtree_children(subtree);
    Level level;
    level.next = children;
    level.end = children + ts_subtree_child_count(subtree);
    level.byte_at = byte_first;
    level.is_visible = is_visible;
    level.wants_fields = wants_fields;
    level.field = field;
    level.production = ts_subtree_production_id(subtree);
    level.node = node;
    levels_.push_back(level);
}

TSFieldId TreeWalk::field_of(const Level& level, uint32_t structural) const {
    const TSFieldMapEntry* entry = nullptr;
    const TSFieldMapEntry* end = nullptr;
    ts_language_field_map(grammar_, level.production, &entry, &end);
    for (; entry < end; ++entry) {
        if (!entry->inherited && entry->child_index == structural) return entry->field_id;
    }
    return level.field;
}

bool TreeWalk::is_inside_error(NodeIndex node) const {
    for (NodeIndex up = node; up != kNoNode; up = nodes_[up].parent) {
        if ((nodes_[up].flags & FlatNode::kError) != 0) return true;
    }
    return false;
}

void TreeWalk::add(Subtree subtree, TSSymbol alias, uint32_t byte_first, NodeIndex parent,
                   TSFieldId field) {
    const TSSymbol symbol =
        ts_language_public_symbol(grammar_, alias != 0 ? alias : ts_subtree_symbol(subtree));
    const bool is_named =
        alias != 0 ? ts_language_symbol_metadata(grammar_, alias).named : ts_subtree_named(subtree);
    const bool is_missing = has_error_ && ts_subtree_missing(subtree);
    if (!is_named && field == 0 && !needs_.keeps(symbol)) {
        // A token that the parser made up; only its place is of interest.
        if (is_missing) errors_.push_back(parent);
        return;
    }
    const auto index = static_cast<NodeIndex>(nodes_.size());
    uint8_t flags = is_named ? FlatNode::kNamed : 0;
    if (ts_subtree_extra(subtree)) flags |= FlatNode::kExtra;
    if (is_missing || (has_error_ && symbol == ts_builtin_sym_error)) {
        flags |= FlatNode::kError;
        if (!is_inside_error(parent)) errors_.push_back(index);
    }
    nodes_.push_back({byte_first, byte_first + ts_subtree_size(subtree).bytes, parent, index + 1,
                      symbol, field, flags});
    if (ts_subtree_visible_child_count(subtree) > 0)
        open(subtree, byte_first, index, true, needs_.has_fields(symbol), 0);
}

/// Takes the next child of `level`, which is gone when this opens another one.
void TreeWalk::visit(Level& level) {
    const Subtree child = *level.next++;
    if (!level.is_first) level.byte_at += ts_subtree_padding(child).bytes;
    level.is_first = false;
    const uint32_t byte_first = level.byte_at;
    level.byte_at += ts_subtree_size(child).bytes;
    TSSymbol alias = 0;
    TSFieldId field = 0;
    if (!ts_subtree_extra(child)) {
        const uint32_t structural = level.structural++;
        alias = ts_language_alias_at(grammar_, level.production, structural);
        if (level.wants_fields) field = field_of(level, structural);
    }
    if (alias != 0 || ts_subtree_visible(child)) {
        add(child, alias, byte_first, level.node, field);
    } else if (ts_subtree_visible_child_count(child) > 0) {
        open(child, byte_first, level.node, false, level.wants_fields, field);
    }
}

void TreeWalk::run(TSNode root) {
    add(*static_cast<const Subtree*>(root.id), 0, ts_node_start_byte(root), kNoNode, 0);
    while (!levels_.empty()) {
        Level& level = levels_.back();
        if (level.next != level.end) {
            visit(level);
            continue;
        }
        if (level.is_visible) nodes_[level.node].after = static_cast<NodeIndex>(nodes_.size());
        levels_.pop_back();
    }
}

}  // namespace

void FlatTree::fill(const TSLanguage* grammar, TSNode root, const TreeNeeds& needs,
                    std::string_view source) {
    grammar_ = grammar;
    source_ = source;
    nodes_.clear();
    errors_.clear();
    TreeWalk(grammar, needs, ts_node_has_error(root), nodes_, errors_).run(root);
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
