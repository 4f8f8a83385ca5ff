// Comparing two readings of the same facts; see cross_check.h.
//
// Names, URIs and edges are compared as multisets, by the sum of a 64-bit hash per item: two passes
// in different orders need no memory that way. Keys cannot be listed, so they are collected from
// the blocks and each is looked up once.
#include "storage/cross_check.h"

#include "base/coding.h"
#include "base/hash.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace kausal::storage {
namespace {

/// A multiset by count and sum of hashes.
struct Fingerprint {
    uint64_t count = 0;
    uint64_t sum = 0;
    void add(uint64_t hash) noexcept {
        ++count;
        sum += hash;
    }
    friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

struct KeyedBlock {
    uint64_t key = 0;
    BlockId id;
    friend auto operator<=>(const KeyedBlock&, const KeyedBlock&) = default;
};

uint64_t hash_of(std::string_view text, const BlockId& id) noexcept {
    return hash_mix(hash64(text), hash_mix(id.high, id.low));
}

uint64_t hash_of(const format::EdgeRecord& edge) noexcept {
    std::byte bytes[48] = {};
    edge.source.store(bytes);
    edge.target.store(bytes + 16);
    store_fixed(bytes + 32, static_cast<uint16_t>(edge.type));
    store_fixed(bytes + 34, static_cast<uint8_t>(edge.certainty));
    store_fixed(bytes + 35, static_cast<uint8_t>(edge.provenance));
    store_fixed(bytes + 36, edge.confidence);
    store_fixed(bytes + 40, edge.site_offset);
    store_fixed(bytes + 44, edge.site_line);
    return hash64(ByteView(bytes));
}

/// Keeps a failure to read as a finding when it is damage.
Status as_finding(Status status, VerifyReport& report) {
    if (status.code() != ErrorCode::Corrupt) return status;
    report.findings.push_back({"", 0, std::string(status.message())});
    return Status::ok();
}

struct Disagreement {
    std::string_view left;
    std::string_view right;
};

void compare(const Fingerprint& left, const Fingerprint& right, const Disagreement& words,
             VerifyReport& report) {
    if (left == right) return;
    report.findings.push_back({"", 0,
                               std::string(words.left) + " and " + std::string(words.right) +
                                   " disagree (" + std::to_string(left.count) + " and " +
                                   std::to_string(right.count) + " entries)"});
}

Status check_edges(const SnapshotView& snapshot, VerifyReport& report) {
    Fingerprint outgoing;
    Fingerprint incoming;
    KAUSAL_TRY(snapshot.scan_edges([&](const format::EdgeRecord& edge) {
        outgoing.add(hash_of(edge));
        return true;
    }));
    KAUSAL_TRY(snapshot.scan_edges_by_target([&](const format::EdgeRecord& edge) {
        incoming.add(hash_of(edge));
        return true;
    }));
    compare(outgoing, incoming, {"outgoing edges", "incoming edges"}, report);
    return Status::ok();
}

Status check_keys(const SnapshotView& snapshot, std::vector<KeyedBlock>& keys,
                  VerifyReport& report) {
    std::sort(keys.begin(), keys.end());
    std::vector<BlockId> found;
    for (auto first = keys.begin(); first != keys.end();) {
        const uint64_t key = first->key;
        const auto last = std::find_if(first, keys.end(),
                                       [key](const KeyedBlock& keyed) { return keyed.key != key; });
        found.clear();
        KAUSAL_TRY(snapshot.find_key(key, found));
        const bool is_same =
            std::ranges::equal(std::ranges::subrange(first, last), found, {}, &KeyedBlock::id);
        if (!is_same) {
            report.findings.push_back({"", 0,
                                       "key " + std::to_string(key) +
                                           ": blocks and index disagree (" +
                                           std::to_string(last - first) + " and " +
                                           std::to_string(found.size()) + " blocks)"});
        }
        first = last;
    }
    return Status::ok();
}

Status check_lookups(const SnapshotView& snapshot, VerifyReport& report) {
    Fingerprint block_names;
    Fingerprint block_uris;
    std::vector<KeyedBlock> keys;
    std::vector<uint64_t> block_keys;
    KAUSAL_TRY(snapshot.scan_blocks(format::BlockKind::Invalid, BlockParts::Head,
                                    [&](const BlockPin& block) {
                                        const format::BlockRecord& record = block.record;
                                        if (!record.name.empty())
                                            block_names.add(hash_of(record.name, record.id));
                                        if (!record.uri.empty())
                                            block_uris.add(hash_of(record.uri, record.id));
                                        format::index_keys(record, block_keys);
                                        for (const uint64_t key : block_keys)
                                            keys.push_back({key, record.id});
                                        return true;
                                    }));
    Fingerprint index_names;
    Fingerprint index_uris;
    KAUSAL_TRY(snapshot.find_names("", NameMatch::FoldedPrefix,
                                   [&](std::string_view name, const BlockId& id) {
                                       index_names.add(hash_of(name, id));
                                       return true;
                                   }));
    KAUSAL_TRY(snapshot.find_uris("", true, [&](std::string_view uri, const BlockId& id) {
        index_uris.add(hash_of(uri, id));
        return true;
    }));
    compare(block_names, index_names, {"blocks", "the index of names"}, report);
    compare(block_uris, index_uris, {"blocks", "the index of URIs"}, report);
    return check_keys(snapshot, keys, report);
}

}  // namespace

Status cross_check(const SnapshotView& snapshot, VerifyReport& report) {
    KAUSAL_TRY(as_finding(check_edges(snapshot, report), report));
    return as_finding(check_lookups(snapshot, report), report);
}

}  // namespace kausal::storage
