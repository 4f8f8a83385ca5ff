// Small graphs by hand: names become ids, edges are one call each.
#pragma once

#include "graph/graph_view.h"
#include "graph/identity.h"
#include "graph/memory_snapshot.h"

#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace kausal::test {

/// The id of the test block `symbol`.
inline BlockId id_of(std::string_view symbol) {
    return BlockId::of("test", 0, symbol);
}

class GraphBuilder {
  public:
    explicit GraphBuilder(std::string_view workspace = "test")
        : workspace_(graph::workspace_number(workspace)), workspace_name_(workspace) {}

    /// A block to be filled in; call `add` with it. Name = last component of `symbol`.
    format::BlockRecord block(std::string_view symbol,
                              format::BlockKind kind = format::BlockKind::Function) {
        format::BlockRecord record;
        record.id = id_of(symbol);
        record.kind = kind;
        record.language = format::Language::Cpp;
        record.workspace = workspace_;
        record.qualified_name = keep(symbol);
        record.name = kind == format::BlockKind::File
                          ? file_name(record.qualified_name)
                          : graph::last_component(record.qualified_name);
        record.uri = kind == format::BlockKind::File ? record.qualified_name : "main.cc";
        return record;
    }
    GraphBuilder& add(format::BlockRecord record) {
        graph::prepare_record(record);
        state_.put_block(record);
        return *this;
    }
    GraphBuilder& add(std::string_view symbol, format::BlockKind kind = format::BlockKind::Function,
                      uint32_t flags = 0) {
        format::BlockRecord record = block(symbol, kind);
        record.flags = flags;
        return add(std::move(record));
    }
    /// The gathering block of an unresolved name; returns its id.
    BlockId unresolved(std::string_view name, format::Language language = format::Language::Cpp) {
        format::BlockRecord record;
        record.id = graph::unresolved_name_id(workspace_name_, language, name);
        record.kind = format::BlockKind::UnresolvedName;
        record.language = graph::language_family(language);
        record.workspace = workspace_;
        record.name = keep(name);
        record.qualified_name = record.name;
        add(record);
        return record.id;
    }
    GraphBuilder& edge(std::string_view source, std::string_view target,
                       format::EdgeType type = format::EdgeType::CallsFunction, uint32_t line = 0) {
        return edge(id_of(source), id_of(target), type, line);
    }
    GraphBuilder& edge(const BlockId& source, const BlockId& target, format::EdgeType type,
                       uint32_t line = 0) {
        format::EdgeRecord record;
        record.source = source;
        record.target = target;
        record.type = type;
        record.provenance = format::Provenance::Scope;
        record.site_offset = line * 10;
        record.site_line = line;
        state_.put_edge(record);
        return *this;
    }
    GraphBuilder& guess(const BlockId& source, const BlockId& target, uint8_t confidence = 100,
                        uint32_t line = 0,
                        format::EdgeType type = format::EdgeType::CallsFunction) {
        format::EdgeRecord record;
        record.source = source;
        record.target = target;
        record.type = type;
        record.certainty = format::Certainty::Candidate;
        record.provenance = format::Provenance::NameMatch;
        record.confidence = confidence;
        record.site_offset = line * 10;
        record.site_line = line;
        state_.put_edge(record);
        return *this;
    }
    GraphBuilder& guess(std::string_view source, std::string_view target, uint8_t confidence = 100,
                        uint32_t line = 0) {
        return guess(id_of(source), id_of(target), confidence, line);
    }

    /// Text that lives as long as the builder.
    std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }
    [[nodiscard]] MemoryState& state() { return state_; }
    [[nodiscard]] uint64_t workspace() const { return workspace_; }
    /// The number of the commit that all of this is from.
    GraphBuilder& commit(uint64_t sequence) {
        state_.sequence = sequence;
        return *this;
    }
    [[nodiscard]] graph::GraphView view() const {
        return graph::GraphView(std::make_shared<MemorySnapshot>(state_));
    }

  private:
    static std::string_view file_name(std::string_view path) {
        const size_t slash = path.rfind('/');
        return slash == std::string_view::npos ? path : path.substr(slash + 1);
    }
    uint64_t workspace_;
    std::string workspace_name_;
    MemoryState state_;
    std::deque<std::string> texts_;
};

}  // namespace kausal::test
