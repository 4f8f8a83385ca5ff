// A syntax tree as one array in pre-order: what the query programs and the fact builder walk.
//
// One pass over the parser's tree fills it; after that a node is 24 bytes, a child or parent is an
// index away, and the look-ups that dominate extraction touch no pointer of the parser. Anonymous
// tokens that no rule names are left out.
#pragma once

#include <tree_sitter/api.h>

#include <cstdint>
#include <string_view>
#include <vector>

namespace kausal::ingest {

using NodeIndex = uint32_t;
inline constexpr NodeIndex kNoNode = 0xffffffff;

struct FlatNode {
    enum Flags : uint8_t { kNamed = 1, kExtra = 2, kError = 4 };
    uint32_t byte_first = 0;
    uint32_t byte_end = 0;
    NodeIndex parent = kNoNode;
    NodeIndex after = 0;  // the node that follows this one and all below it
    TSSymbol symbol = 0;
    TSFieldId field = 0;  // in its parent; only where the parent is marked in TreeNeeds
    uint8_t flags = 0;
};
static_assert(sizeof(FlatNode) == 24);

/// What the rules of a language look at, by symbol.
class TreeNeeds {
  public:
    TreeNeeds() = default;
    explicit TreeNeeds(const TSLanguage* grammar)
        : keeps_(ts_language_symbol_count(grammar)), has_fields_(keeps_.size()) {}
    void keep_token(TSSymbol symbol) {
        if (symbol < keeps_.size()) keeps_[symbol] = true;
    }
    void need_fields(TSSymbol parent) {
        if (parent < has_fields_.size()) has_fields_[parent] = true;
    }
    void need_all_fields() { has_fields_.assign(has_fields_.size(), true); }
    [[nodiscard]] bool keeps(TSSymbol symbol) const {
        return symbol < keeps_.size() && keeps_[symbol];
    }
    [[nodiscard]] bool has_fields(TSSymbol parent) const {
        return parent < has_fields_.size() && has_fields_[parent];
    }

  private:
    std::vector<bool> keeps_;
    std::vector<bool> has_fields_;
};

/// Threads: confined; reused from file to file.
class FlatTree {
  public:
    /// `grammar` outlives the tree; `source` is the text that was parsed.
    void fill(const TSLanguage* grammar, TSNode root, const TreeNeeds& needs,
              std::string_view source);

    [[nodiscard]] NodeIndex size() const { return static_cast<NodeIndex>(nodes_.size()); }
    [[nodiscard]] const FlatNode& operator[](NodeIndex node) const { return nodes_[node]; }
    [[nodiscard]] std::string_view text(NodeIndex node) const {
        return source_.substr(nodes_[node].byte_first,
                              nodes_[node].byte_end - nodes_[node].byte_first);
    }
    [[nodiscard]] std::string_view source() const { return source_; }
    /// The grammar's word for the node.
    [[nodiscard]] std::string_view type(NodeIndex node) const {
        const char* name = ts_language_symbol_name(grammar_, nodes_[node].symbol);
        return name == nullptr ? "ERROR" : name;
    }
    [[nodiscard]] bool is_named(NodeIndex node) const {
        return (nodes_[node].flags & FlatNode::kNamed) != 0;
    }
    [[nodiscard]] bool is_extra(NodeIndex node) const {
        return (nodes_[node].flags & FlatNode::kExtra) != 0;
    }
    [[nodiscard]] NodeIndex child_by_field(NodeIndex node, TSFieldId field) const;
    /// The first named child that is no comment.
    [[nodiscard]] NodeIndex first_child(NodeIndex node) const;
    [[nodiscard]] bool has_named_children(NodeIndex node) const;
    /// Calls `visit(child)` for the children of `node` in order.
    template <typename Visit>
    void for_each_child(NodeIndex node, Visit visit) const {
        for (NodeIndex child = node + 1; child < nodes_[node].after; child = nodes_[child].after)
            visit(child);
    }
    /// Outermost error and missing nodes, in order.
    [[nodiscard]] const std::vector<NodeIndex>& errors() const { return errors_; }

  private:
    const TSLanguage* grammar_ = nullptr;
    std::string_view source_;
    std::vector<FlatNode> nodes_;
    std::vector<NodeIndex> errors_;
};

}  // namespace kausal::ingest
