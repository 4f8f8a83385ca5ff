// Expressions as chains of names: `a.b().c` is {a}, {b, call}, {c}.
//
// The node names come from a language's ExpressionRules and are turned into the grammar's numbers
// once, so that the work per node is a table look-up.
#pragma once

#include "ingest/facts.h"
#include "ingest/flat_tree.h"
#include "ingest/language.h"

#include <tree_sitter/api.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// Longer chains keep their last links; what stands before them becomes one opaque link.
inline constexpr size_t kChainLinksMax = 16;

/// What a node is to an expression, by symbol number. Threads: shared once made.
class ExpressionTable {
  public:
    /// Marks in `needs` the nodes whose children are found by field.
    ExpressionTable(const LanguageRules& rules, TreeNeeds& needs);

    enum class Kind : uint8_t {
        Opaque,
        Access,
        Call,
        Transparent,
        Cast,
        Index,
        Identifier,
        Self,
        Super
    };
    struct Entry {
        Kind kind = Kind::Opaque;
        uint8_t flags = 0;
        TSFieldId first = 0;   // object, callee, inner expression or type
        TSFieldId second = 0;  // member
    };
    [[nodiscard]] const Entry& of(TSSymbol symbol) const {
        return symbol < entries_.size() ? entries_[symbol] : opaque_;
    }

    /// Names of functions whose first argument is a type.
    [[nodiscard]] std::span<const std::string_view> type_makers() const { return type_makers_; }
    [[nodiscard]] TSFieldId arguments_field() const { return arguments_field_; }

  private:
    void set(const TSLanguage* grammar, std::string_view node, Entry entry, TreeNeeds& needs);
    std::span<const std::string_view> type_makers_;
    TSFieldId arguments_field_ = 0;
    std::vector<Entry> entries_;
    Entry opaque_;
};

/// Threads: confined. Borrows the tree for the time between `reset` calls.
class ChainBuilder {
  public:
    struct Link {
        NameIndex name = 0;
        uint8_t flags = 0;
        uint32_t offset = 0;  // of the name
    };
    void reset(const ExpressionTable& table, const FlatTree& tree, FileFacts& facts) {
        table_ = &table;
        tree_ = &tree;
        facts_ = &facts;
    }
    /// The links of an expression or type node; valid until the next call. Never empty.
    [[nodiscard]] const std::vector<Link>& links_of(NodeIndex node);
    /// Appends all links but the last `without` to the facts.
    [[nodiscard]] Chain store(size_t without);
    [[nodiscard]] Chain chain_of(NodeIndex node) {
        (void)links_of(node);
        return store(0);
    }

  private:
    void add(NodeIndex node, size_t depth);
    void add_access(NodeIndex node, const ExpressionTable::Entry& entry, size_t depth);
    void add_named(NodeIndex node, uint8_t flags);
    void add_opaque(NodeIndex node);
    [[nodiscard]] bool add_made_type(NodeIndex call, NodeIndex callee);
    void flag_last(NodeIndex node, uint8_t flags);

    const ExpressionTable* table_ = nullptr;
    const FlatTree* tree_ = nullptr;
    FileFacts* facts_ = nullptr;
    std::vector<Link> links_;
    std::string scratch_;
};

}  // namespace kausal::ingest
