// A database in sorted vectors, for tests: the contract of storage::Snapshot with nothing clever in
// it.
//
// It serves as the ground of unit tests and as the oracle of tests on the real engine. Text lives
// in two sources so that searches have to merge, and superseded versions stay in them as stale
// documents. Topology numbers nodes in a scrambled order, so that answers cannot lean on numbering.
#pragma once

#include "base/status.h"
#include "format/block_record.h"
#include "format/edge_record.h"
#include "format/tokenizer.h"
#include "format/write_batch.h"
#include "storage/snapshot.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kausal::test {

/// A block that owns its text.
struct OwnedBlock {
    explicit OwnedBlock(const format::BlockRecord& from, uint64_t at_version)
        : name(from.name),
          qualified_name(from.qualified_name),
          uri(from.uri),
          signature(from.signature),
          doc(from.doc),
          metadata(from.metadata),
          content(from.content),
          record(from),
          version(at_version) {
        record.name = name;
        record.qualified_name = qualified_name;
        record.uri = uri;
        record.signature = signature;
        record.doc = doc;
        record.metadata = metadata;
        record.content = content;
    }
    OwnedBlock(const OwnedBlock&) = delete;
    OwnedBlock& operator=(const OwnedBlock&) = delete;
    std::string name, qualified_name, uri, signature, doc, metadata, content;
    format::BlockRecord record;
    uint64_t version;
};

inline std::string folded(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

/// What a database holds. Copied by snapshots of a MemoryEngine, built by tests.
struct MemoryState {
    uint64_t sequence = 0;
    std::map<BlockId, std::shared_ptr<const OwnedBlock>> blocks;
    std::map<format::EdgeKey, format::EdgeRecord> edges;
    std::vector<std::shared_ptr<const OwnedBlock>> superseded;

    void put_block(const format::BlockRecord& record) {
        auto& slot = blocks[record.id];
        if (slot) superseded.push_back(slot);
        slot = std::make_shared<const OwnedBlock>(record, sequence);
    }
    void delete_block(const BlockId& id) {
        const auto at = blocks.find(id);
        if (at == blocks.end()) return;
        superseded.push_back(at->second);
        blocks.erase(at);
    }
    void put_edge(const format::EdgeRecord& edge) { edges[format::key_of(edge)] = edge; }
    void delete_edge(const format::EdgeKey& key) { edges.erase(key); }
};

class MemoryTextSource final : public storage::TextSource {
  public:
    void add(const std::shared_ptr<const OwnedBlock>& block, bool is_live) {
        const auto document = static_cast<uint32_t>(documents_.size());
        Document entry{.block = block->record.id, .kind = block->record.kind, .is_live = is_live};
        for (const format::TermCount& term : counter_.count(block->record, entry.lengths)) {
            Posting posting;
            posting.document = document;
            std::copy_n(term.counts, format::kTextFieldCount, posting.counts);
            postings_[term.term].push_back(posting);
        }
        for (size_t f = 0; f < format::kTextFieldCount; ++f) totals_[f] += entry.lengths[f];
        documents_.push_back(entry);
    }
    uint32_t document_count() const override { return static_cast<uint32_t>(documents_.size()); }
    uint64_t total_length(format::TextField field) const override {
        return totals_[static_cast<size_t>(field)];
    }
    uint32_t length(uint32_t document, format::TextField field) const override {
        return documents_.at(document).lengths[static_cast<size_t>(field)];
    }
    BlockId block(uint32_t document) const override { return documents_.at(document).block; }
    format::BlockKind kind(uint32_t document) const override {
        return documents_.at(document).kind;
    }
    uint32_t document_frequency(format::TermHash term) const override {
        const auto at = postings_.find(term);
        return at == postings_.end() ? 0 : static_cast<uint32_t>(at->second.size());
    }
    Status postings(format::TermHash term, std::vector<Posting>& into) const override {
        const auto at = postings_.find(term);
        if (at != postings_.end()) {
            into.insert(into.end(), at->second.begin(), at->second.end());
        }
        return Status::ok();
    }
    bool is_live(uint32_t document) const override { return documents_.at(document).is_live; }

  private:
    struct Document {
        BlockId block;
        format::BlockKind kind = format::BlockKind::Invalid;
        bool is_live = true;
        uint32_t lengths[format::kTextFieldCount] = {};
    };
    std::vector<Document> documents_;
    std::unordered_map<format::TermHash, std::vector<Posting>> postings_;
    uint64_t totals_[format::kTextFieldCount] = {};
    format::TermCounter counter_;
};

class MemorySnapshot final : public storage::Snapshot,
                             public std::enable_shared_from_this<MemorySnapshot> {
  public:
    explicit MemorySnapshot(MemoryState state) : state_(std::move(state)) {
        for (const auto& [key, edge] : state_.edges) out_.push_back(edge);
        in_ = out_;
        std::sort(in_.begin(), in_.end(), [](const auto& a, const auto& b) {
            return std::tie(a.target, a.type, a.source, a.site_offset) <
                   std::tie(b.target, b.type, b.source, b.site_offset);
        });
        for (const auto& [id, block] : state_.blocks) {
            names_.emplace_back(folded(block->name), block->name, id);
            uris_.emplace_back(block->uri, id);
            keys_.emplace_back(
                format::hash_key(format::kKeySpaceQualifiedName, block->qualified_name), id);
            for (const uint64_t key : block->record.keys) keys_.emplace_back(key, id);
        }
        std::sort(names_.begin(), names_.end());
        std::sort(uris_.begin(), uris_.end());
        std::sort(keys_.begin(), keys_.end());
        fill_text();
    }

    uint64_t sequence() const noexcept override { return state_.sequence; }
    const MemoryState& state() const noexcept { return state_; }
    /// Blocks that were read, for tests of what an answer costs.
    uint64_t get_count() const noexcept { return get_count_; }

    Result<std::optional<storage::BlockPin>> get(const BlockId& id,
                                                 storage::BlockParts) const override {
        ++get_count_;
        const auto at = state_.blocks.find(id);
        if (at == state_.blocks.end()) return std::nullopt;
        return pin_of(at->second);
    }
    Result<bool> contains(const BlockId& id) const override { return state_.blocks.contains(id); }

    Status edges(const BlockId& id, storage::Direction direction,
                 std::vector<format::EdgeRecord>& into) const override {
        const auto [first, last] = range_of(id, direction);
        into.insert(into.end(), first, last);
        return Status::ok();
    }

    Status find_names(std::string_view name, storage::NameMatch match,
                      const NameVisitor& visit) const override {
        const std::string low = folded(name);
        auto at = std::lower_bound(names_.begin(), names_.end(), low,
                                   [](const auto& entry, const std::string& wanted) {
                                       return std::get<0>(entry) < wanted;
                                   });
        for (; at != names_.end() && std::get<0>(*at).starts_with(low); ++at) {
            const auto& [folded_name, own, id] = *at;
            const bool is_prefix = match == storage::NameMatch::Prefix;
            if (match == storage::NameMatch::Exact && own != name) continue;
            if (match == storage::NameMatch::FoldedExact && folded_name != low) continue;
            if (is_prefix && !own.starts_with(name)) continue;
            if (!visit(own, id)) break;
        }
        return Status::ok();
    }
    Status scan_names(const std::function<bool(std::string_view)>& visit) const override {
        for (const auto& entry : names_) {
            if (!visit(std::get<1>(entry))) break;
        }
        return Status::ok();
    }
    Status find_uris(std::string_view uri, bool prefix, const NameVisitor& visit) const override {
        auto at = std::lower_bound(
            uris_.begin(), uris_.end(), uri,
            [](const auto& entry, std::string_view wanted) { return entry.first < wanted; });
        for (; at != uris_.end() && std::string_view(at->first).starts_with(uri); ++at) {
            if (!prefix && at->first != uri) break;
            if (!visit(at->first, at->second)) break;
        }
        return Status::ok();
    }
    Status find_key(uint64_t key, std::vector<BlockId>& into) const override {
        auto at = std::lower_bound(keys_.begin(), keys_.end(), std::pair(key, BlockId{}));
        for (; at != keys_.end() && at->first == key; ++at) into.push_back(at->second);
        return Status::ok();
    }
    using Snapshot::scan_blocks;
    using Snapshot::scan_edges;
    Status scan_blocks(format::BlockKind kind, storage::BlockParts, const BlockId& first,
                       const BlockVisitor& visit) const override {
        for (const auto& [id, block] : state_.blocks) {
            if (id < first) continue;
            if (kind != format::BlockKind::Invalid && block->record.kind != kind) continue;
            if (!visit(pin_of(block))) break;
        }
        return Status::ok();
    }
    Status scan_edges(const BlockId& first, const EdgeVisitor& visit) const override {
        for (const format::EdgeRecord& edge : out_) {
            if (edge.source < first) continue;
            if (!visit(edge)) break;
        }
        return Status::ok();
    }
    const std::vector<const storage::TextSource*>& text_sources() const override {
        return text_sources_;
    }
    std::unique_ptr<storage::Topology> topology() const override;

    /// The edges of a block as a range, for the topology.
    using EdgeIterator = std::vector<format::EdgeRecord>::const_iterator;
    std::pair<EdgeIterator, EdgeIterator> range_of(const BlockId& id,
                                                   storage::Direction direction) const {
        if (direction == storage::Direction::Out) {
            return {std::lower_bound(out_.begin(), out_.end(), id,
                                     [](const auto& e, const BlockId& w) { return e.source < w; }),
                    std::upper_bound(out_.begin(), out_.end(), id,
                                     [](const BlockId& w, const auto& e) { return w < e.source; })};
        }
        return {std::lower_bound(in_.begin(), in_.end(), id,
                                 [](const auto& e, const BlockId& w) { return e.target < w; }),
                std::upper_bound(in_.begin(), in_.end(), id,
                                 [](const BlockId& w, const auto& e) { return w < e.target; })};
    }

  private:
    static storage::BlockPin pin_of(const std::shared_ptr<const OwnedBlock>& block) {
        storage::BlockPin pin;
        pin.record = block->record;
        pin.version = block->version;
        pin.head_owner = block;
        return pin;
    }
    void fill_text() {
        for (const auto& block : state_.superseded) {
            texts_[block->record.id.low % 2].add(block, false);
        }
        for (const auto& [id, block] : state_.blocks) texts_[id.low % 2].add(block, true);
        text_sources_ = {&texts_[0], &texts_[1]};
    }

    mutable std::atomic<uint64_t> get_count_ = 0;
    MemoryState state_;
    std::vector<format::EdgeRecord> out_;
    std::vector<format::EdgeRecord> in_;
    std::vector<std::tuple<std::string, std::string, BlockId>> names_;
    std::vector<std::pair<std::string, BlockId>> uris_;
    std::vector<std::pair<uint64_t, BlockId>> keys_;
    MemoryTextSource texts_[2];
    std::vector<const storage::TextSource*> text_sources_;
};

class MemoryTopology final : public storage::Topology {
  public:
    explicit MemoryTopology(std::shared_ptr<const MemorySnapshot> snapshot)
        : snapshot_(std::move(snapshot)) {
        // Numbers run against the order of ids, and every third id is left for first sight.
        for (auto at = snapshot_->state().blocks.rbegin(); at != snapshot_->state().blocks.rend();
             ++at) {
            if (at->first.low % 3 != 0) (void)node_of(at->first);
        }
    }
    Result<uint32_t> node_of(const BlockId& id) override {
        const auto [at, is_new] = nodes_.try_emplace(id, static_cast<uint32_t>(ids_.size()));
        if (is_new) ids_.push_back(id);
        return at->second;
    }
    BlockId id_of(uint32_t node) const override { return ids_.at(node); }
    uint32_t node_limit() const override { return static_cast<uint32_t>(ids_.size()); }
    Status neighbours(uint32_t node, storage::Direction direction,
                      std::vector<Neighbour>& into) override {
        into.clear();
        const auto [first, last] = snapshot_->range_of(ids_.at(node), direction);
        for (auto edge = first; edge != last; ++edge) {
            const bool is_out = direction == storage::Direction::Out;
            Neighbour neighbour;
            neighbour.node = KAUSAL_TRY(node_of(is_out ? edge->target : edge->source));
            neighbour.type = edge->type;
            neighbour.certainty = edge->certainty;
            neighbour.provenance = edge->provenance;
            neighbour.confidence = edge->confidence;
            neighbour.site_offset = edge->site_offset;
            neighbour.site_line = edge->site_line;
            into.push_back(neighbour);
        }
        return Status::ok();
    }

  private:
    std::shared_ptr<const MemorySnapshot> snapshot_;
    std::unordered_map<BlockId, uint32_t, BlockIdHash> nodes_;
    std::vector<BlockId> ids_;
};

inline std::unique_ptr<storage::Topology> MemorySnapshot::topology() const {
    return std::make_unique<MemoryTopology>(shared_from_this());
}

}  // namespace kausal::test
