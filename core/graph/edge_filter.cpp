// The named sets of edge types; see edge_filter.h.
#include "graph/edge_filter.h"

namespace kausal::graph {

using format::EdgeType;

const EdgeTypeSet& call_edges() {
    static const EdgeTypeSet set{EdgeType::Calls, EdgeType::CallsMethod, EdgeType::CallsFunction};
    return set;
}

const EdgeTypeSet& dependency_edges() {
    static const EdgeTypeSet set{
        EdgeType::Calls,     EdgeType::CallsMethod, EdgeType::CallsFunction, EdgeType::References,
        EdgeType::Imports,   EdgeType::Extends,     EdgeType::Implements,    EdgeType::Overrides,
        EdgeType::DependsOn, EdgeType::Tests};
    return set;
}

}  // namespace kausal::graph
