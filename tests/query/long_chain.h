// A chain or ring of any length that needs no memory: every read is computed.
//
// Block i calls block i + 1; node numbers of the topology run against the order of ids.
#pragma once

#include "graph/graph_view.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace kausal::test {

inline constexpr uint64_t kChainLow = 0x1234;
inline BlockId chain_id(uint32_t index) {
    return BlockId{uint64_t{index} + 1, kChainLow};
}

class ChainSnapshot final : public storage::Snapshot {
  public:
    ChainSnapshot(uint32_t length, bool is_ring) : length_(length), is_ring_(is_ring) {}

    [[nodiscard]] uint32_t length() const { return length_; }
    [[nodiscard]] bool index_of(const BlockId& id, uint32_t& index) const {
        if (id.low != kChainLow || id.high == 0 || id.high > length_) return false;
        index = static_cast<uint32_t>(id.high - 1);
        return true;
    }
    /// The neighbour of a block, or nothing at an end of the chain.
    [[nodiscard]] bool neighbour_of(uint32_t index, storage::Direction direction,
                                    uint32_t& other) const {
        const bool is_out = direction == storage::Direction::Out;
        const bool is_end = is_out ? index + 1 == length_ : index == 0;
        if (is_end && !is_ring_) return false;
        other = is_out ? (index + 1) % length_ : (index + length_ - 1) % length_;
        return true;
    }
    static storage::BlockPin pin(uint32_t index) {
        storage::BlockPin pin;
        pin.record.id = chain_id(index);
        pin.record.kind = format::BlockKind::Function;
        pin.record.language = format::Language::Go;
        pin.record.name = "link";
        return pin;
    }
    static format::EdgeRecord edge(uint32_t from, uint32_t to) {
        format::EdgeRecord record;
        record.source = chain_id(from);
        record.target = chain_id(to);
        record.type = format::EdgeType::CallsFunction;
        return record;
    }

    uint64_t sequence() const noexcept override { return 1; }
    Result<std::optional<storage::BlockPin>> get(const BlockId& id,
                                                 storage::BlockParts) const override {
        uint32_t index = 0;
        if (!index_of(id, index)) return std::nullopt;
        return pin(index);
    }
    Result<bool> contains(const BlockId& id) const override {
        uint32_t index = 0;
        return index_of(id, index);
    }
    Status edges(const BlockId& id, storage::Direction direction,
                 std::vector<format::EdgeRecord>& into) const override {
        uint32_t index = 0;
        uint32_t other = 0;
        if (!index_of(id, index) || !neighbour_of(index, direction, other)) return Status::ok();
        into.push_back(direction == storage::Direction::Out ? edge(index, other)
                                                            : edge(other, index));
        return Status::ok();
    }
    Status find_names(std::string_view, storage::NameMatch, const NameVisitor&) const override {
        return Status::ok();
    }
    Status scan_names(const std::function<bool(std::string_view)>&) const override {
        return Status::ok();
    }
    Status find_uris(std::string_view, bool, const NameVisitor&) const override {
        return Status::ok();
    }
    Status find_key(uint64_t, std::vector<BlockId>&) const override { return Status::ok(); }
    Status scan_blocks(format::BlockKind, storage::BlockParts, const BlockId& first,
                       const BlockVisitor& visit) const override {
        for (uint32_t i = 0; i < length_; ++i) {
            if (chain_id(i) >= first && !visit(pin(i))) break;
        }
        return Status::ok();
    }
    Status scan_edges(const BlockId& first, const EdgeVisitor& visit) const override {
        uint32_t other = 0;
        for (uint32_t i = 0; i < length_; ++i) {
            if (!neighbour_of(i, storage::Direction::Out, other)) break;
            if (chain_id(i) >= first && !visit(edge(i, other))) break;
        }
        return Status::ok();
    }
    using storage::Snapshot::scan_blocks;
    using storage::Snapshot::scan_edges;
    const std::vector<const storage::TextSource*>& text_sources() const override {
        return text_sources_;
    }
    std::unique_ptr<storage::Topology> topology() const override;

  private:
    uint32_t length_;
    bool is_ring_;
    std::vector<const storage::TextSource*> text_sources_;
};

class ChainTopology final : public storage::Topology {
  public:
    explicit ChainTopology(const ChainSnapshot& snapshot) : snapshot_(&snapshot) {}
    Result<uint32_t> node_of(const BlockId& id) override {
        uint32_t index = 0;
        if (!snapshot_->index_of(id, index)) return snapshot_->length();
        return snapshot_->length() - 1 - index;
    }
    BlockId id_of(uint32_t node) const override { return chain_id(snapshot_->length() - 1 - node); }
    uint32_t node_limit() const override { return snapshot_->length() + 1; }
    Status neighbours(uint32_t node, storage::Direction direction,
                      std::vector<Neighbour>& into) override {
        into.clear();
        uint32_t other = 0;
        const uint32_t index = snapshot_->length() - 1 - node;
        if (!snapshot_->neighbour_of(index, direction, other)) return Status::ok();
        Neighbour neighbour;
        neighbour.node = snapshot_->length() - 1 - other;
        neighbour.type = format::EdgeType::CallsFunction;
        into.push_back(neighbour);
        return Status::ok();
    }

  private:
    const ChainSnapshot* snapshot_;
};

inline std::unique_ptr<storage::Topology> ChainSnapshot::topology() const {
    return std::make_unique<ChainTopology>(*this);
}

inline graph::GraphView long_chain(uint32_t length, bool is_ring = false) {
    return graph::GraphView(std::make_shared<ChainSnapshot>(length, is_ring));
}

}  // namespace kausal::test
