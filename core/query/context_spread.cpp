// Forward push; see context_spread.h.
#include "query/context_spread.h"

#include "query/symbol_graph.h"

#include <algorithm>
#include <deque>
#include <map>

namespace kausal::query {

using format::Certainty;
using format::EdgeRecord;
using format::EdgeType;
using storage::Direction;

namespace {

constexpr double kKept = 0.2;       // of what reaches a block
constexpr double kShareMin = 1e-4;  // smaller shares stay where they are
constexpr uint32_t kPushesMax = 4096;
constexpr double kGuessFactor = 0.3;

/// What an edge passes on, along it and against it.
double edge_weight(const EdgeRecord& edge, Direction direction) noexcept {
    const bool is_along = direction == Direction::Out;
    double weight = 0;
    switch (edge.type) {
        case EdgeType::Calls:
        case EdgeType::CallsMethod:
        case EdgeType::CallsFunction:
            weight = is_along ? 1.0 : 0.6;
            break;
        case EdgeType::Extends:
        case EdgeType::Implements:
        case EdgeType::Overrides:
            weight = 0.7;
            break;
        case EdgeType::References:
        case EdgeType::DependsOn:
            weight = is_along ? 0.6 : 0.4;
            break;
        case EdgeType::Contains:
            weight = is_along ? 0.3 : 0.5;
            break;
        case EdgeType::MethodOf:
        case EdgeType::DefinedIn:
            weight = is_along ? 0.5 : 0.3;
            break;
        case EdgeType::Tests:
            weight = 0.4;
            break;
        case EdgeType::CoChanged:
            weight = 0.3;
            break;
        case EdgeType::Imports:
            weight = 0.2;
            break;
        default:
            return 0;
    }
    if (edge.certainty == Certainty::Candidate) weight *= kGuessFactor * edge.confidence / 255.0;
    return weight;
}

struct State {
    double kept = 0;
    double waiting = 0;
    double best_gift = 0;
    EdgeRecord edge;
    BlockId from;
};

struct Way {
    uint32_t node = 0;
    double weight = 0;
    EdgeRecord edge;
};

class Spreader {
  public:
    Spreader(const GraphView& view, Meter& meter) : graph_(view), meter_(&meter) {}

    Result<std::vector<SpreadNode>> run(const std::vector<SpreadSeed>& seeds) {
        double total = 0;
        for (const SpreadSeed& seed : seeds) total += seed.weight;
        for (const SpreadSeed& seed : seeds) {
            const uint32_t node = KAUSAL_TRY(graph_.node_of(seed.id));
            give(node, seed.weight / total);
        }
        for (uint32_t pushes = 0; !queue_.empty() && pushes < kPushesMax; ++pushes) {
            if (!meter_->take_node()) break;
            const uint32_t node = queue_.front();
            queue_.pop_front();
            KAUSAL_TRY(push(node));
        }
        return ordered();
    }

  private:
    void give(uint32_t node, double share) {
        State& state = states_[node];
        const bool was_small = state.waiting < kShareMin;
        state.waiting += share;
        if (was_small && state.waiting >= kShareMin) queue_.push_back(node);
    }

    Status push(uint32_t node) {
        const double share = states_[node].waiting;
        states_[node].waiting = 0;
        states_[node].kept += kKept * share;
        const SymbolGraph::Symbol symbol = KAUSAL_TRY(graph_.symbol_of(node));
        // Files and modules would hand a little to everything in them; they keep what they get.
        const bool is_hub =
            symbol.kind == format::BlockKind::File || symbol.kind == format::BlockKind::Module;
        if (!symbol.is_shown || is_hub || !graph::is_definition_kind(symbol.kind)) {
            return Status::ok();
        }
        const std::vector<Way> ways = KAUSAL_TRY(ways_from(symbol));
        double total = 0;
        for (const Way& way : ways) total += way.weight;
        const BlockId here = graph_.id_of(node);
        for (const Way& way : ways) {
            if (way.weight <= 0) continue;
            const double gift = (1.0 - kKept) * share * way.weight / total;
            give(way.node, gift);
            State& state = states_[way.node];
            if (gift <= state.best_gift) continue;
            state.best_gift = gift;
            state.edge = way.edge;
            state.from = here;
        }
        return Status::ok();
    }

    /// One way per neighbour, the heaviest edge of each, in order of id.
    Result<std::vector<Way>> ways_from(const SymbolGraph::Symbol& symbol) {
        std::map<BlockId, Way> ways;
        std::vector<Arc> arcs;
        graph::EdgeFilter filter;
        filter.candidates = true;
        for (const uint32_t face : symbol.faces) {
            for (const Direction direction : {Direction::Out, Direction::In}) {
                arcs.clear();
                KAUSAL_TRY(graph_.arcs(face, direction, filter, arcs));
                for (const Arc& arc : arcs) {
                    if (arc.node == symbol.faces.front()) continue;
                    const double weight = edge_weight(arc.edge, direction);
                    Way& way = ways[graph_.id_of(arc.node)];
                    if (weight <= way.weight) continue;
                    way = {.node = arc.node, .weight = weight, .edge = arc.edge};
                }
            }
        }
        std::vector<Way> ordered;
        ordered.reserve(ways.size());
        for (const auto& [id, way] : ways) ordered.push_back(way);
        return ordered;
    }

    [[nodiscard]] std::vector<SpreadNode> ordered() const {
        std::vector<SpreadNode> nodes;
        for (const auto& [node, state] : states_) {
            if (state.kept <= 0) continue;
            nodes.push_back({.id = graph_.id_of(node),
                             .score = state.kept,
                             .edge = state.edge,
                             .from = state.from});
        }
        std::sort(nodes.begin(), nodes.end(), [](const SpreadNode& a, const SpreadNode& b) {
            return a.score != b.score ? a.score > b.score : a.id < b.id;
        });
        return nodes;
    }

    SymbolGraph graph_;
    Meter* meter_;
    std::map<uint32_t, State> states_;
    std::deque<uint32_t> queue_;
};

}  // namespace

Result<std::vector<SpreadNode>> spread_relevance(const GraphView& view,
                                                 const std::vector<SpreadSeed>& seeds,
                                                 Meter& meter) {
    if (seeds.empty()) return std::vector<SpreadNode>();
    return Spreader(view, meter).run(seeds);
}

}  // namespace kausal::query
