// Walks expression nodes into chains of links.
#include "ingest/expression_chain.h"

#include "ingest/source_text.h"

#include <algorithm>

namespace kausal::ingest {
namespace {

// Deeper expressions cut: the walk is recursive and the chain keeps its last links only.
constexpr size_t kDepthMax = 48;

TSFieldId field_id(const TSLanguage* grammar, std::string_view name) {
    if (name.empty()) return 0;
    return ts_language_field_id_for_name(grammar, name.data(), static_cast<uint32_t>(name.size()));
}

/// The child in `field`, or the first named child when there is no field.
NodeIndex child_of(const FlatTree& tree, NodeIndex node, TSFieldId field) {
    return field != 0 ? tree.child_by_field(node, field) : tree.first_child(node);
}

}  // namespace

void ExpressionTable::set(const TSLanguage* grammar, std::string_view node, Entry entry,
                          TreeNeeds& needs) {
    if (node.empty()) return;
    // One visible name may stand for several symbols of the grammar.
    for (size_t number = 0; number < entries_.size(); ++number) {
        const auto symbol = static_cast<TSSymbol>(number);
        const char* name = ts_language_symbol_name(grammar, symbol);
        if (name == nullptr || node != name) continue;
        entries_[symbol] = entry;
        needs.need_fields(symbol);
    }
}

ExpressionTable::ExpressionTable(const LanguageRules& rules, TreeNeeds& needs) {
    const TSLanguage* grammar = rules.grammar();
    entries_.resize(ts_language_symbol_count(grammar));
    const ExpressionRules& expressions = rules.expressions;
    type_makers_ = expressions.type_makers;
    arguments_field_ = field_id(grammar, "arguments");
    for (const auto& access : expressions.accesses) {
        set(grammar, access.node,
            {Kind::Access, access.flags, field_id(grammar, access.object_field),
             field_id(grammar, access.member_field)},
            needs);
    }
    for (const auto& call : expressions.calls) {
        set(grammar, call.node,
            {Kind::Call, static_cast<uint8_t>(call.flags | ChainLink::kCall),
             field_id(grammar, call.callee_field), 0},
            needs);
    }
    for (const auto& inner : expressions.transparents) {
        set(grammar, inner.node,
            {inner.is_cast ? Kind::Cast : Kind::Transparent, 0, field_id(grammar, inner.field), 0},
            needs);
    }
    for (const auto node : expressions.indexes) set(grammar, node, {Kind::Index, 0, 0, 0}, needs);
    for (const auto node : expressions.identifiers)
        set(grammar, node, {Kind::Identifier, 0, 0, 0}, needs);
    for (const auto node : expressions.selfs)
        set(grammar, node, {Kind::Self, ChainLink::kSelf, 0, 0}, needs);
    for (const auto node : expressions.supers)
        set(grammar, node, {Kind::Super, ChainLink::kSuper, 0, 0}, needs);
}

void ChainBuilder::add_opaque(NodeIndex node) {
    links_.push_back(
        {facts_->intern(tree_->type(node)), ChainLink::kOpaque, (*tree_)[node].byte_first});
}

void ChainBuilder::flag_last(NodeIndex node, uint8_t flags) {
    // Calling the result of a call names nothing.
    if (links_.empty() || (links_.back().flags & ChainLink::kCall & flags) != 0) {
        links_.push_back({facts_->intern(tree_->type(node)),
                          static_cast<uint8_t>(ChainLink::kOpaque | flags),
                          (*tree_)[node].byte_first});
        return;
    }
    links_.back().flags |= flags;
}

void ChainBuilder::add_named(NodeIndex node, uint8_t flags) {
    links_.push_back(
        {facts_->intern(folded(tree_->text(node), scratch_)), flags, (*tree_)[node].byte_first});
}

/// `new(T)`: the chain is the type that the function makes.
bool ChainBuilder::add_made_type(NodeIndex call, NodeIndex callee) {
    const auto makers = table_->type_makers();
    if (makers.empty() || table_->arguments_field() == 0 || callee == kNoNode) return false;
    if (std::find(makers.begin(), makers.end(), tree_->text(callee)) == makers.end()) return false;
    const NodeIndex list = tree_->child_by_field(call, table_->arguments_field());
    const NodeIndex type = list == kNoNode ? kNoNode : tree_->first_child(list);
    if (type == kNoNode) return false;
    add_named(type, ChainLink::kCast);
    return true;
}

void ChainBuilder::add_access(NodeIndex node, const ExpressionTable::Entry& entry, size_t depth) {
    NodeIndex object = kNoNode;
    NodeIndex member = kNoNode;
    if (entry.first == 0 && entry.second == 0) {
        tree_->for_each_child(node, [&](NodeIndex child) {
            if (!tree_->is_named(child) || tree_->is_extra(child)) return;
            if (object == kNoNode) object = child;
            member = child;
        });
        if (object == member) object = kNoNode;
    } else {
        member = child_of(*tree_, node, entry.second);
        if (entry.first != 0) object = tree_->child_by_field(node, entry.first);
    }
    if (member == kNoNode) return add_opaque(node);
    if (object != kNoNode) add(object, depth + 1);
    const size_t before = links_.size();
    if (table_->of((*tree_)[member].symbol).kind == ExpressionTable::Kind::Opaque) {
        add_named(member, 0);
    } else {
        add(member, depth + 1);
    }
    for (size_t i = before; i < links_.size(); ++i) links_[i].flags |= entry.flags;
}

void ChainBuilder::add(NodeIndex node, size_t depth) {
    using Kind = ExpressionTable::Kind;
    if (node == kNoNode) return;
    if (depth > kDepthMax) return add_opaque(node);
    const ExpressionTable::Entry& entry = table_->of((*tree_)[node].symbol);
    NodeIndex inner = kNoNode;
    switch (entry.kind) {
        case Kind::Identifier:
        case Kind::Self:
        case Kind::Super:
            return add_named(node, entry.flags);
        case Kind::Access:
            return add_access(node, entry, depth);
        case Kind::Call:
            inner = child_of(*tree_, node, entry.first);
            if (add_made_type(node, inner)) return;
            add(inner, depth + 1);
            return flag_last(node, entry.flags);
        case Kind::Index:
            add(tree_->first_child(node), depth + 1);
            return flag_last(node, ChainLink::kIndex);
        case Kind::Transparent:
            inner = child_of(*tree_, node, entry.first);
            if (inner == kNoNode) return add_opaque(node);
            return add(inner, depth + 1);
        case Kind::Cast:
            inner = child_of(*tree_, node, entry.first);
            if (inner == kNoNode) return add_opaque(node);
            return add_named(inner, ChainLink::kCast);
        case Kind::Opaque:
            return add_opaque(node);
    }
}

const std::vector<ChainBuilder::Link>& ChainBuilder::links_of(NodeIndex node) {
    links_.clear();
    add(node, 0);
    if (links_.empty()) add_opaque(node);
    if (links_.size() > kChainLinksMax) {
        links_.erase(links_.begin(), links_.end() - static_cast<ptrdiff_t>(kChainLinksMax));
        links_.front() = {0, ChainLink::kOpaque, links_.front().offset};
    }
    return links_;
}

Chain ChainBuilder::store(size_t without) {
    Chain chain;
    if (links_.size() <= without) return chain;
    chain.first = static_cast<uint32_t>(facts_->links.size());
    chain.count = static_cast<uint32_t>(links_.size() - without);
    for (size_t i = 0; i < chain.count; ++i)
        facts_->links.push_back({links_[i].name, links_[i].flags});
    return chain;
}

}  // namespace kausal::ingest
