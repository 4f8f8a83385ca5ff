// Liveness from the roots and how far its absence can be trusted; see dead.h.
#include "query/dead.h"

#include "base/hash.h"
#include "graph/identity.h"
#include "query/dense_graph.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace kausal::query {

using format::BlockKind;
using format::EdgeType;

namespace {

/// How a block is reached. Possible: from what a guess or an unresolved name may reach. Likely:
/// from what is visible outside or answers to a base that is not in the graph.
enum Reach : uint8_t { kLive = 1, kPossible = 2, kLikely = 4 };

/// What must be known of a block besides its edges.
struct Node {
    BlockKind kind = BlockKind::Invalid;
    uint32_t flags = 0;
    uint64_t workspace = 0;
    uint64_t name_hash = 0;  // name and language family
    uint64_t twin_hash = 0;  // what declarations and definitions share; 0 for none
    BlockId parent;
    bool is_judged = false;         // the request asks about it
    bool is_implicit = false;       // called by the language itself when its type is used
    bool is_operator = false;       // of C++: used by expressions that do not name it
    bool overrides_known = false;   // it overrides a method of the graph
    bool has_outside_base = false;  // a type that extends or implements something external
};

bool is_use(EdgeType type) noexcept {
    switch (type) {
        case EdgeType::Contains:
        case EdgeType::ChangedIn:
        case EdgeType::CoChanged:
            return false;
        default:
            // A method or member in use keeps its type in use (method_of, defined_in).
            return true;
    }
}

bool is_default_kind(BlockKind kind) noexcept {
    return graph::is_callable_kind(kind) || graph::is_type_kind(kind) ||
           kind == BlockKind::Constant || kind == BlockKind::Variable;
}

/// `operator==`, `operator bool`, but not `operators`.
bool is_operator_name(std::string_view name) noexcept {
    constexpr std::string_view keyword = "operator";
    if (!name.starts_with(keyword) || name.size() == keyword.size()) return false;
    const char next = name[keyword.size()];
    const bool is_word = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z') ||
                         (next >= '0' && next <= '9') || next == '_';
    return !is_word;
}

uint64_t family_number(format::Language language) noexcept {
    return static_cast<uint64_t>(graph::language_family(language));
}

class DeadSearch {
  public:
    DeadSearch(const GraphView& view, const DeadRequest& request, const Budget& budget)
        : view_(&view), request_(&request), meter_(budget) {
        filter_.workspace = request.workspace;
        filter_.kinds = request.kinds;
        filter_.path_prefix = request.path_prefix;
        filter_.flags_none = format::kBlockDeclaration;
    }

    Result<DeadAnswer> run() {
        const bool is_complete = KAUSAL_TRY(read()) && mark_all();
        KAUSAL_TRY(meter_.status());
        DeadAnswer answer;
        answer.roots = root_count_;
        if (is_complete && root_count_ > 0) KAUSAL_TRY(make_rows(answer));
        KAUSAL_TRY(meter_.status());
        answer.unknown = KAUSAL_TRY(unknown_files(*view_, request_->workspace));
        answer.truncation = meter_.truncation();
        return answer;
    }

  private:
    Result<bool> read() {
        graph::EdgeFilter edges;
        edges.candidates = true;
        const bool is_complete = KAUSAL_TRY(graph_.read(
            *view_, edges,
            [&](uint32_t, const format::BlockRecord& head) { nodes_.push_back(node_of(head)); },
            meter_));
        if (!is_complete) return false;
        graph_.index_incoming();
        reach_.assign(nodes_.size(), 0);
        group_twins();
        for (uint32_t node = 0; node < nodes_.size(); ++node) look_at_edges(node);
        const graph::TroubledFilesRef files = KAUSAL_TRY(view_->troubled_sources());
        for (const graph::TroubledFile& file : *files) troubled_.insert(file.workspace);
        return true;
    }

    Node node_of(const format::BlockRecord& head) const {
        Node node;
        node.kind = head.kind;
        node.flags = head.flags;
        node.workspace = head.workspace;
        node.parent = head.parent;
        const uint64_t family = family_number(head.language);
        node.name_hash = hash64(head.name, family);
        if (!head.qualified_name.empty() && graph::is_definition_kind(head.kind)) {
            node.twin_hash = hash_mix(hash64(head.qualified_name, family), head.workspace);
            // A function with internal linkage is another one in every file.
            const bool is_local = (head.flags & format::kBlockStatic) != 0 &&
                                  head.kind == BlockKind::Function &&
                                  graph::language_family(head.language) == format::Language::C;
            if (is_local) node.twin_hash = hash64(head.uri, node.twin_hash);
        }
        const bool is_asked = request_->kinds.empty() ? is_default_kind(head.kind) : true;
        node.is_judged = is_asked && filter_.accepts(head);
        const bool is_dunder = head.name.starts_with("__") && head.name.ends_with("__");
        node.is_implicit = (head.flags & format::kBlockConstructor) != 0 || is_dunder ||
                           head.name.starts_with('~');
        node.is_operator = graph::language_family(head.language) == format::Language::C &&
                           is_operator_name(head.name);
        return node;
    }

    void group_twins() {
        std::vector<std::pair<uint64_t, uint32_t>> order;
        for (uint32_t node = 0; node < nodes_.size(); ++node) {
            if (nodes_[node].twin_hash != 0) order.emplace_back(nodes_[node].twin_hash, node);
        }
        std::sort(order.begin(), order.end());
        for (size_t first = 0; first < order.size();) {
            size_t end = first;
            bool has_declaration = false;
            for (; end < order.size() && order[end].first == order[first].first; ++end) {
                const uint32_t flags = nodes_[order[end].second].flags;
                has_declaration = has_declaration || (flags & format::kBlockDeclaration) != 0;
            }
            if (has_declaration && end - first > 1) {
                std::vector<uint32_t>& group = twins_[order[first].first];
                for (size_t i = first; i < end; ++i) group.push_back(order[i].second);
            }
            first = end;
        }
    }

    void look_at_edges(uint32_t index) {
        Node& node = nodes_[index];
        bool acts = false;
        for (const DenseArc& arc : graph_.out(index)) {
            if (!arc.is_resolved) continue;
            const bool is_external = nodes_[arc.node].kind == BlockKind::ExternalSymbol;
            node.overrides_known =
                node.overrides_known || (arc.type == EdgeType::Overrides && !is_external);
            const bool is_base = arc.type == EdgeType::Extends || arc.type == EdgeType::Implements;
            node.has_outside_base = node.has_outside_base || (is_base && is_external);
            acts =
                acts || graph::call_edges().contains(arc.type) || arc.type == EdgeType::References;
        }
        // Code outside of functions runs when the file or module is used.
        const bool is_top_level = node.kind == BlockKind::File || node.kind == BlockKind::Module;
        const bool is_flagged =
            (node.flags & (format::kBlockEntryPoint | format::kBlockReflected)) != 0 ||
            (request_->tests_are_roots && (node.flags & format::kBlockTest) != 0) ||
            (request_->is_library && (node.flags & format::kBlockExported) != 0 &&
             graph::is_definition_kind(node.kind));
        if (is_flagged || is_top_level) roots_.push_back(index);
        if (is_flagged || (is_top_level && acts)) ++root_count_;
        if (node.kind == BlockKind::UnresolvedName && !graph_.in(index).empty()) {
            unresolved_names_.insert(node.name_hash);
        }
    }

    [[nodiscard]] bool is_unresolved(uint32_t index) const {
        return unresolved_names_.contains(nodes_[index].name_hash) &&
               graph::is_definition_kind(nodes_[index].kind);
    }
    [[nodiscard]] bool has_reach(uint32_t index, uint8_t bits) const {
        return (reach_[index] & bits) != 0;
    }

    /// Certain liveness first, then what may follow from guesses and from the outside. False when
    /// the meter said stop.
    bool mark_all() {
        if (!mark(roots_, kLive)) return false;
        std::vector<uint32_t> possible;
        std::vector<uint32_t> likely;
        for (uint32_t index = 0; index < nodes_.size(); ++index) {
            if (has_reach(index, kLive)) {
                for (const DenseArc& arc : graph_.out(index)) {
                    if (!arc.is_resolved && is_use(arc.type)) possible.push_back(arc.node);
                }
                continue;
            }
            const Node& node = nodes_[index];
            if (is_unresolved(index) || is_usable_operator(index)) possible.push_back(index);
            const bool is_open = (node.flags & format::kBlockExported) != 0 ||
                                 ((node.flags & format::kBlockOverride) != 0) ||
                                 answers_outside_base(index);
            if (is_open) likely.push_back(index);
        }
        return mark(possible, kPossible) && mark(likely, kLikely);
    }

    /// `a == b` may use it whenever there are values of its type; free ones are asked by all.
    [[nodiscard]] bool is_usable_operator(uint32_t index) const {
        const Node& node = nodes_[index];
        if (!node.is_operator) return false;
        const uint32_t parent = node.parent.is_valid() ? graph_.node_of(node.parent) : kNoNode;
        return parent == kNoNode || !graph::is_type_kind(nodes_[parent].kind) ||
               has_reach(parent, kLive);
    }

    /// A method of a type whose base is outside may be called from there.
    [[nodiscard]] bool answers_outside_base(uint32_t index) const {
        if (nodes_[index].kind != BlockKind::Method || !nodes_[index].parent.is_valid())
            return false;
        const uint32_t type = graph_.node_of(nodes_[index].parent);
        return type != kNoNode && nodes_[type].has_outside_base;
    }

    bool mark(const std::vector<uint32_t>& seeds, Reach bit) {
        std::vector<uint32_t> queue;
        const auto reach = [&](uint32_t index) {
            if (has_reach(index, kLive | bit)) return;
            reach_[index] |= bit;
            queue.push_back(index);
        };
        for (const uint32_t seed : seeds) reach(seed);
        while (!queue.empty()) {
            if (!meter_.keep_going()) return false;
            const uint32_t index = queue.back();
            queue.pop_back();
            const Node& node = nodes_[index];
            for (const DenseArc& arc : graph_.out(index)) {
                const bool counts = arc.is_resolved || bit != kLive;
                if (counts && is_use(arc.type)) reach(arc.node);
                if (arc.type == EdgeType::Contains && is_alive_with_type(arc.node, node, bit)) {
                    reach(arc.node);
                }
            }
            for (const DenseArc& arc : graph_.in(index)) {
                const bool counts = arc.is_resolved || bit != kLive;
                if (counts && arc.type == EdgeType::Overrides) reach(arc.node);
                if (arc.type == EdgeType::MethodOf && is_alive_with_type(arc.node, node, bit)) {
                    reach(arc.node);
                }
            }
            if (node.parent.is_valid()) {
                const uint32_t parent = graph_.node_of(node.parent);
                if (parent != kNoNode) reach(parent);
            }
            const auto group = twins_.find(node.twin_hash);
            if (group == twins_.end()) continue;
            for (const uint32_t twin : group->second) reach(twin);
        }
        return true;
    }

    /// Members that run without being named: constructors and the like, and overrides of methods
    /// that are not in the graph; operators may.
    [[nodiscard]] bool is_alive_with_type(uint32_t member, const Node& type, Reach bit) const {
        if (!graph::is_type_kind(type.kind)) return false;
        const Node& node = nodes_[member];
        const bool is_outside_override =
            (node.flags & format::kBlockOverride) != 0 && !node.overrides_known;
        return node.is_implicit || is_outside_override || (node.is_operator && bit != kLive);
    }

    DeadRow judge(uint32_t index) const {
        DeadRow row;
        const Node& node = nodes_[index];
        bool has_guess = false;
        for (const DenseArc& arc : graph_.in(index)) {
            if (!is_use(arc.type) || arc.node == index) continue;
            const bool is_alive = has_reach(arc.node, kLive | kPossible);
            has_guess = has_guess || (!arc.is_resolved && is_alive);
            row.is_used_by_dead =
                row.is_used_by_dead || (arc.is_resolved && !has_reach(arc.node, kLive));
        }
        row.certainty = DeadCertainty::Certain;
        row.confidence = 100;
        const auto doubt = [&](DeadCertainty certainty, uint8_t confidence,
                               std::string_view reason) {
            row.certainty = std::min(row.certainty, certainty);
            row.confidence = std::min(row.confidence, confidence);
            row.reasons.emplace_back(reason);
        };
        if (has_guess) doubt(DeadCertainty::Possible, 20, "a guess leads to it");
        if (is_unresolved(index)) {
            doubt(DeadCertainty::Possible, 30, "an unresolved site carries its name");
        }
        if (node.is_operator && has_reach(index, kPossible)) {
            doubt(DeadCertainty::Possible, 30, "operators are used without being named");
        }
        if (has_reach(index, kPossible) && row.reasons.empty()) {
            doubt(DeadCertainty::Possible, 40, "something that may be alive uses it");
        }
        const size_t before = row.reasons.size();
        if ((node.flags & format::kBlockExported) != 0) {
            doubt(DeadCertainty::Likely, 70, "it is visible outside");
        }
        if ((node.flags & format::kBlockOverride) != 0 || answers_outside_base(index)) {
            doubt(DeadCertainty::Likely, 70, "it may answer calls on a base type");
        }
        if (has_reach(index, kLikely) && row.reasons.size() == before) {
            doubt(DeadCertainty::Likely, 75, "something visible outside uses it");
        }
        if (troubled_.contains(node.workspace)) {
            doubt(DeadCertainty::Likely, 80, "some source files were not understood");
        }
        return row;
    }

    Status make_rows(DeadAnswer& answer) {
        std::vector<std::pair<uint8_t, uint32_t>> dead;  // (100 - confidence, node)
        for (uint32_t index = 0; index < nodes_.size(); ++index) {
            if (has_reach(index, kLive)) ++answer.blocks_live;
            if (!nodes_[index].is_judged) continue;
            ++answer.blocks_judged;
            if (has_reach(index, kLive)) continue;
            const uint8_t confidence = judge(index).confidence;
            if (confidence < request_->confidence_min) continue;
            dead.emplace_back(static_cast<uint8_t>(100 - confidence), index);
        }
        std::sort(dead.begin(), dead.end());
        for (const auto& [doubt, index] : dead) {
            if (!meter_.has_room(answer.rows.size()) || !meter_.keep_going()) break;
            std::optional<BlockRow> block = KAUSAL_TRY(view_->row(graph_.id_of(index)));
            if (!block) continue;
            DeadRow row = judge(index);
            row.block = std::move(*block);
            answer.rows.push_back(std::move(row));
        }
        std::sort(answer.rows.begin(), answer.rows.end(),
                  [](const DeadRow& left, const DeadRow& right) {
                      if (left.confidence != right.confidence) {
                          return left.confidence > right.confidence;
                      }
                      return graph::comes_before(left.block, right.block);
                  });
        return Status::ok();
    }

    const GraphView* view_;
    const DeadRequest* request_;
    Meter meter_;
    graph::BlockFilter filter_;
    DenseGraph graph_;
    std::vector<Node> nodes_;
    std::vector<uint8_t> reach_;
    std::vector<uint32_t> roots_;
    uint64_t root_count_ = 0;
    std::unordered_map<uint64_t, std::vector<uint32_t>> twins_;
    std::unordered_set<uint64_t> unresolved_names_;
    std::set<uint64_t> troubled_;  // workspaces with source files that were not understood
};

}  // namespace

std::string_view dead_certainty_name(DeadCertainty certainty) noexcept {
    switch (certainty) {
        case DeadCertainty::Possible:
            return "possible";
        case DeadCertainty::Likely:
            return "likely";
        case DeadCertainty::Certain:
            return "certain";
    }
    return "possible";
}

Result<DeadAnswer> dead_code(const GraphView& view, const DeadRequest& request,
                             const Budget& budget) {
    if (request.confidence_min > 100) {
        return fail(ErrorCode::Invalid,
                    "confidence of " + std::to_string(request.confidence_min) + " percent");
    }
    return DeadSearch(view, request, budget).run();
}

}  // namespace kausal::query
