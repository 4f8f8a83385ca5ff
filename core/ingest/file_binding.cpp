// Collects what a resolver emits and adds the structure.
#include "ingest/file_binding.h"

#include "base/assert.h"
#include "graph/identity.h"
#include "ingest/resolution.h"
#include "ingest/source_text.h"

#include <algorithm>

namespace kausal::ingest {
namespace {

using format::Certainty;
using format::EdgeRecord;
using format::EdgeType;
using format::Provenance;

class RecordSink final : public EdgeSink {
  public:
    RecordSink(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
               OutsideBlocks& outside, std::vector<EdgeRecord>& edges)
        : config_(config), facts_(facts), symbols_(symbols), outside_(outside), edges_(edges) {}

    void add(const BoundEdge& edge) override {
        if (!KAUSAL_ASSERT(edge.source < symbols_.symbols.size())) return;
        if (!edge.target.is_valid() || edge.type == EdgeType::Invalid) return;
        EdgeRecord record;
        record.source = symbols_.symbols[edge.source].id;
        record.target = edge.target;
        record.type = edge.type;
        record.certainty = edge.certainty;
        record.provenance = edge.provenance;
        // 255 means certain, and only facts are.
        record.confidence = edge.certainty == Certainty::Resolved
                                ? uint8_t{255}
                                : std::min(edge.confidence, uint8_t{254});
        record.site_offset = edge.site_offset;
        record.site_line = edge.site_line;
        edges_.push_back(record);
    }
    BlockId external(std::string_view name) override {
        return outside_block(format::BlockKind::ExternalSymbol, name);
    }
    BlockId unresolved(std::string_view name) override {
        return outside_block(format::BlockKind::UnresolvedName, name);
    }

  private:
    BlockId outside_block(format::BlockKind kind, std::string_view name) {
        std::string cut;
        if (name.size() > format::kNameSizeMax) {
            cut = shortened(name, format::kNameSizeMax);
            name = cut;
        }
        const BlockId id = kind == format::BlockKind::ExternalSymbol
                               ? graph::external_symbol_id(config_.name, facts_.language, name)
                               : graph::unresolved_name_id(config_.name, facts_.language, name);
        const auto [at, is_new] = outside_.try_emplace(id);
        if (is_new) at->second = {kind, graph::language_family(facts_.language), std::string(name)};
        return id;
    }

    const WorkspaceConfig& config_;
    const FileFacts& facts_;
    const FileSymbols& symbols_;
    OutsideBlocks& outside_;
    std::vector<EdgeRecord>& edges_;
};

EdgeRecord structure_edge(const BlockId& from, EdgeType type, const BlockId& to) {
    EdgeRecord edge;
    edge.source = from;
    edge.target = to;
    edge.type = type;
    edge.provenance = Provenance::Syntax;
    return edge;
}

void add_structure(const WorkspaceConfig& config, const FileSymbols& symbols, SymbolSource& source,
                   std::vector<EdgeRecord>& edges) {
    const BlockId workspace = graph::workspace_id(config.name);
    const BlockId file = symbols.symbols[symbols.file_index].id;
    const auto add = [&](const BlockId& from, EdgeType type, const BlockId& to) {
        edges.push_back(structure_edge(from, type, to));
    };
    std::unordered_map<BlockId, format::BlockKind, BlockIdHash> kinds;
    for (const Symbol& symbol : symbols.symbols) kinds.emplace(symbol.id, symbol.kind);
    for (size_t i = 0; i < symbols.symbols.size(); ++i) {
        const Symbol& symbol = symbols.symbols[i];
        // Modules are shared by files; whoever writes their block adds what contains them.
        if (i <= symbols.file_index && symbol.parent != workspace && symbol.parent != symbol.id)
            add(symbol.parent, EdgeType::Contains, symbol.id);
        if (i < symbols.file_index) {
            add(symbol.id, EdgeType::DefinedIn, file);
        } else if (i > symbols.file_index) {
            add(file, EdgeType::DefinedIn, symbol.id);
        }
        if (symbol.kind != format::BlockKind::Method) continue;
        const auto known = kinds.find(symbol.parent);
        bool is_in_type = known != kinds.end() && is_type(known->second);
        if (known == kinds.end()) {
            const Symbol* parent = source.by_id(symbol.parent);
            is_in_type = parent != nullptr && is_type(parent->kind);
        }
        if (is_in_type) add(symbol.id, EdgeType::MethodOf, symbol.parent);
    }
}

void sort_and_unite(std::vector<EdgeRecord>& edges) {
    std::sort(edges.begin(), edges.end(), [](const EdgeRecord& a, const EdgeRecord& b) {
        const auto order = format::key_of(a) <=> format::key_of(b);
        if (order != 0) return order < 0;
        if (a.certainty != b.certainty) return a.certainty > b.certainty;
        if (a.confidence != b.confidence) return a.confidence > b.confidence;
        return a.provenance < b.provenance;
    });
    const auto last =
        std::unique(edges.begin(), edges.end(), [](const EdgeRecord& a, const EdgeRecord& b) {
            return format::key_of(a) == format::key_of(b);
        });
    edges.erase(last, edges.end());
}

}  // namespace

EdgeRecord module_edge(const Symbol& module) {
    return structure_edge(module.parent, EdgeType::Contains, module.id);
}

std::vector<EdgeRecord> bind_file(const WorkspaceConfig& config, const FileFacts& facts,
                                  const FileSymbols& symbols, SymbolSource& source,
                                  OutsideBlocks& outside, BindingCounts& counts) {
    std::vector<EdgeRecord> edges;
    OutsideBlocks named;
    RecordSink sink(config, facts, symbols, named, edges);
    resolver_of(family_of(facts.language)).bind(config, facts, symbols, source, sink);
    for (const EdgeRecord& edge : edges) {
        if (edge.certainty == Certainty::Candidate) {
            ++counts.candidate;
        } else if (edge.provenance == Provenance::External) {
            ++counts.external;
        } else {
            ++counts.resolved;
        }
        // A resolver may ask for an outside block and then not use it; only used ones are made.
        if (const auto found = named.find(edge.target); found != named.end())
            outside.try_emplace(found->first, found->second);
    }
    add_structure(config, symbols, source, edges);
    sort_and_unite(edges);
    return edges;
}

}  // namespace kausal::ingest
