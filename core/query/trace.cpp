// Builds the tree of callers or callees in preorder, each block expanded once; see trace.h.
#include "query/trace.h"

#include "query/symbol_steps.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace kausal::query {

namespace {

/// A row while the tree is built: rows stand in order of creation, children name their parent.
struct TreeNode {
    TraceRow row;
    std::vector<uint32_t> children;
};

class Tracer {
  public:
    Tracer(const GraphView& view, const TraceRequest& request, const Budget& budget)
        : view_(&view), request_(&request), meter_(budget) {
        const bool is_callers = request.direction == TraceDirection::Callers;
        plan_ =
            is_callers ? caller_plan(request.with_dispatch) : callee_plan(request.with_dispatch);
        plan_.with_candidates = request.with_candidates;
    }

    Result<TraceAnswer> run() {
        std::optional<BlockRow> target = KAUSAL_TRY(view_->row(request_->target));
        if (!target) {
            return fail(ErrorCode::NotFound, "no block " + request_->target.to_hex());
        }
        TreeNode root;
        root.row.block = std::move(*target);
        nodes_.push_back(std::move(root));
        if (request_->all_paths) {
            KAUSAL_TRY(expand_everywhere());
        } else {
            KAUSAL_TRY(expand_once());
        }
        KAUSAL_TRY(meter_.status());
        TraceAnswer answer;
        answer.unknown = KAUSAL_TRY(unknown());
        answer.rows = preorder();
        answer.truncation = meter_.truncation();
        return answer;
    }

  private:
    using Steps = std::shared_ptr<const std::vector<Step>>;

    /// The children of a block, in the order in which they are shown.
    Result<Steps> steps_of(const BlockRow& block) {
        const auto known = steps_.find(block.id);
        if (known != steps_.end()) return known->second;
        std::vector<Step> steps = KAUSAL_TRY(steps_from(*view_, block, plan_));
        const bool is_callers = request_->direction == TraceDirection::Callers;
        std::sort(steps.begin(), steps.end(), [&](const Step& left, const Step& right) {
            if (!is_callers && first_site(left) != first_site(right)) {
                return first_site(left) < first_site(right);
            }
            if (left.block.id != right.block.id) {
                return graph::comes_before(left.block, right.block);
            }
            return left.is_candidate < right.is_candidate;
        });
        // Shared by the memo and by the loop that walks it while the memo may grow.
        auto shared = std::make_shared<const std::vector<Step>>(std::move(steps));
        steps_.emplace(block.id, shared);
        return shared;
    }

    static uint32_t first_site(const Step& step) {
        uint32_t site = step.edges.front().site_offset;
        for (const format::EdgeRecord& edge : step.edges) site = std::min(site, edge.site_offset);
        return site;
    }

    /// Breadth first, so that each block is expanded where it is shallowest.
    Status expand_once() {
        std::unordered_set<BlockId, BlockIdHash> seen{nodes_.front().row.block.id};
        for (uint32_t next = 0; next < nodes_.size(); ++next) {
            if (nodes_[next].row.is_repeated || nodes_[next].row.is_cycle) continue;
            if (!meter_.take_node()) return Status::ok();
            const BlockRow block = nodes_[next].row.block;
            const Steps steps = KAUSAL_TRY(steps_of(block));
            if (is_at_end(next, *steps)) continue;
            for (const Step& step : *steps) {
                if (!add_child(next, step)) return Status::ok();
                TraceRow& row = nodes_.back().row;
                row.is_cycle = is_above(next, step.block.id);
                row.is_repeated = !seen.insert(step.block.id).second && !row.is_cycle;
            }
        }
        return Status::ok();
    }

    /// Depth first along every way that does not meet itself.
    Status expand_everywhere() {
        std::vector<uint32_t> stack{0};
        while (!stack.empty()) {
            const uint32_t at = stack.back();
            stack.pop_back();
            if (nodes_[at].row.is_cycle) continue;
            if (!meter_.take_node()) return Status::ok();
            const BlockRow block = nodes_[at].row.block;
            const Steps steps = KAUSAL_TRY(steps_of(block));
            if (is_at_end(at, *steps)) continue;
            for (const Step& step : *steps) {
                if (!add_child(at, step)) return Status::ok();
                nodes_.back().row.is_cycle = is_above(at, step.block.id);
            }
            const std::vector<uint32_t>& children = nodes_[at].children;
            stack.insert(stack.end(), children.rbegin(), children.rend());
        }
        return Status::ok();
    }

    bool is_at_end(uint32_t at, const std::vector<Step>& steps) {
        if (nodes_[at].row.depth < request_->depth) return false;
        if (!steps.empty()) {
            nodes_[at].row.has_more = true;
            meter_.truncation().add(Limit::Depth);
        }
        return true;
    }

    /// False when there is no room for another row.
    bool add_child(uint32_t parent, const Step& step) {
        if (!meter_.has_room(nodes_.size())) return false;
        TreeNode node;
        node.row.block = step.block;
        node.row.depth = nodes_[parent].row.depth + 1;
        node.row.parent_row = parent;
        node.row.edges = step.edges;
        node.row.is_candidate = step.is_candidate;
        node.row.is_dispatch = step.is_dispatch;
        nodes_[parent].children.push_back(static_cast<uint32_t>(nodes_.size()));
        nodes_.push_back(std::move(node));
        return true;
    }

    bool is_above(uint32_t at, const BlockId& id) const {
        for (uint32_t node = at; node != kNoRow; node = nodes_[node].row.parent_row) {
            if (nodes_[node].row.block.id == id) return true;
        }
        return false;
    }

    std::vector<TraceRow> preorder() {
        std::vector<TraceRow> rows;
        rows.reserve(nodes_.size());
        std::vector<uint32_t> place(nodes_.size(), kNoRow);
        std::vector<uint32_t> stack{0};
        while (!stack.empty()) {
            const uint32_t at = stack.back();
            stack.pop_back();
            place[at] = static_cast<uint32_t>(rows.size());
            TreeNode& node = nodes_[at];
            if (node.row.parent_row != kNoRow) node.row.parent_row = place[node.row.parent_row];
            rows.push_back(std::move(node.row));
            stack.insert(stack.end(), node.children.rbegin(), node.children.rend());
        }
        return rows;
    }

    Result<Unknown> unknown() const {
        std::vector<BlockRow> blocks{nodes_.front().row.block};
        if (request_->direction == TraceDirection::Callers) return unknown_uses_of(*view_, blocks);
        for (size_t i = 1; i < nodes_.size(); ++i) {
            const TraceRow& row = nodes_[i].row;
            const bool is_open = row.is_repeated || row.is_cycle || row.has_more;
            if (!is_open && row.block.kind != format::BlockKind::UnresolvedName) {
                blocks.push_back(row.block);
            }
        }
        return unknown_inside(*view_, blocks, graph::call_edges());
    }

    const GraphView* view_;
    const TraceRequest* request_;
    Meter meter_;
    StepPlan plan_;
    std::vector<TreeNode> nodes_;
    std::unordered_map<BlockId, Steps, BlockIdHash> steps_;
};

}  // namespace

Result<TraceAnswer> trace(const GraphView& view, const TraceRequest& request,
                          const Budget& budget) {
    if (request.depth == 0 || request.depth > kTraceDepthMax) {
        return fail(ErrorCode::Invalid,
                    "depth " + std::to_string(request.depth) + " is not in 1..1000");
    }
    return Tracer(view, request, budget).run();
}

}  // namespace kausal::query
