// Walks expression nodes into chains of links.
#include "ingest/expression_chain.h"

#include <algorithm>

#include "ingest/source_text.h"

namespace kausal::ingest {
namespace {

// Deeper expressions cut: the walk is recursive and the chain keeps its last links only.
constexpr size_t kDepthMax = 48;

TSFieldId field_id(const TSLanguage* grammar, std::string_view name) {
    if (name.empty()) return 0;
    return ts_language_field_id_for_name(grammar, name.data(), static_cast<uint32_t>(name.size()));
}

/// The child in `field`, or the first named child when there is no field.
TSNode child_of(TSNode node, TSFieldId field) {
    if (field != 0) return ts_node_child_by_field_id(node, field);
    const uint32_t count = ts_node_named_child_count(node);
    for (uint32_t i = 0; i < count; ++i) {
        const TSNode child = ts_node_named_child(node, i);
        if (!ts_node_is_extra(child)) return child;
    }
    return TSNode{};
}

}  // namespace

void ExpressionTable::set(const TSLanguage* grammar, std::string_view node, Entry entry) {
    if (node.empty()) return;
    // One visible name may stand for several symbols of the grammar.
    for (TSSymbol symbol = 0; symbol < entries_.size(); ++symbol) {
        const char* name = ts_language_symbol_name(grammar, symbol);
        if (name != nullptr && node == name) entries_[symbol] = entry;
    }
}

ExpressionTable::ExpressionTable(const LanguageRules& rules) {
    const TSLanguage* grammar = rules.grammar();
    entries_.resize(ts_language_symbol_count(grammar));
    const ExpressionRules& expressions = rules.expressions;
    for (const auto& access : expressions.accesses) {
        set(grammar, access.node,
            {Kind::Access, access.flags, field_id(grammar, access.object_field),
             field_id(grammar, access.member_field)});
    }
    for (const auto& call : expressions.calls) {
        set(grammar, call.node,
            {Kind::Call, static_cast<uint8_t>(call.flags | ChainLink::kCall),
             field_id(grammar, call.callee_field), 0});
    }
    for (const auto& inner : expressions.transparents) {
        set(grammar, inner.node,
            {inner.is_cast ? Kind::Cast : Kind::Transparent, 0, field_id(grammar, inner.field), 0});
    }
    for (const auto node : expressions.indexes) set(grammar, node, {Kind::Index, 0, 0, 0});
    for (const auto node : expressions.identifiers) set(grammar, node, {Kind::Identifier, 0, 0, 0});
    for (const auto node : expressions.selfs)
        set(grammar, node, {Kind::Self, ChainLink::kSelf, 0, 0});
    for (const auto node : expressions.supers)
        set(grammar, node, {Kind::Super, ChainLink::kSuper, 0, 0});
}

void ChainBuilder::add_opaque(TSNode node) {
    links_.push_back(
        {facts_->intern(ts_node_type(node)), ChainLink::kOpaque, ts_node_start_byte(node)});
}

void ChainBuilder::flag_last(TSNode node, uint8_t flags) {
    // Calling the result of a call names nothing.
    if (links_.empty() || (links_.back().flags & ChainLink::kCall & flags) != 0) {
        links_.push_back({facts_->intern(ts_node_type(node)),
                          static_cast<uint8_t>(ChainLink::kOpaque | flags),
                          ts_node_start_byte(node)});
        return;
    }
    links_.back().flags |= flags;
}

void ChainBuilder::add(TSNode node, size_t depth) {
    using Kind = ExpressionTable::Kind;
    if (depth > kDepthMax || ts_node_is_null(node)) {
        if (!ts_node_is_null(node)) add_opaque(node);
        return;
    }
    const uint32_t first = ts_node_start_byte(node);
    const uint32_t end = ts_node_end_byte(node);
    const ExpressionTable::Entry& entry = table_->of(ts_node_symbol(node));
    switch (entry.kind) {
        case Kind::Identifier:
        case Kind::Self:
        case Kind::Super:
            links_.push_back(
                {facts_->intern(folded(source_.substr(first, end - first), scratch_)), entry.flags,
                 first});
            return;
        case Kind::Access: {
            const TSNode member = child_of(node, entry.second);
            if (ts_node_is_null(member)) return add_opaque(node);
            if (entry.first != 0) {
                const TSNode object = ts_node_child_by_field_id(node, entry.first);
                if (!ts_node_is_null(object)) add(object, depth + 1);
            }
            const size_t before = links_.size();
            if (table_->of(ts_node_symbol(member)).kind == Kind::Opaque) {
                const uint32_t start = ts_node_start_byte(member);
                const std::string_view text =
                    source_.substr(start, ts_node_end_byte(member) - start);
                links_.push_back({facts_->intern(folded(text, scratch_)), 0, start});
            } else {
                add(member, depth + 1);
            }
            for (size_t i = before; i < links_.size(); ++i) links_[i].flags |= entry.flags;
            return;
        }
        case Kind::Call:
            add(child_of(node, entry.first), depth + 1);
            return flag_last(node, entry.flags);
        case Kind::Index:
            add(child_of(node, 0), depth + 1);
            return flag_last(node, ChainLink::kIndex);
        case Kind::Transparent: {
            const TSNode inner = child_of(node, entry.first);
            if (ts_node_is_null(inner)) return add_opaque(node);
            return add(inner, depth + 1);
        }
        case Kind::Cast: {
            const TSNode type = child_of(node, entry.first);
            if (ts_node_is_null(type)) return add_opaque(node);
            const uint32_t start = ts_node_start_byte(type);
            const std::string_view text = source_.substr(start, ts_node_end_byte(type) - start);
            links_.push_back({facts_->intern(folded(text, scratch_)), ChainLink::kCast, start});
            return;
        }
        case Kind::Opaque:
            return add_opaque(node);
    }
}

const std::vector<ChainBuilder::Link>& ChainBuilder::links_of(TSNode node) {
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
