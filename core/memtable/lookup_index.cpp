// Catching up with the writer, and the lookups; see lookup_index.h.
#include "memtable/lookup_index.h"

#include "base/hash.h"
#include "format/block_record.h"
#include "memtable/memtable.h"

#include <algorithm>

namespace kausal::memtable {
namespace {

bool is_newest(const BlockVersion& version, uint64_t visible) noexcept {
    return version.sequence <= visible && version.node->version_at(visible) == &version;
}

}  // namespace

int compare_folded(std::string_view left, std::string_view right) noexcept {
    const size_t common = std::min(left.size(), right.size());
    for (size_t i = 0; i < common; ++i) {
        const auto left_letter = static_cast<unsigned char>(fold_letter(left[i]));
        const auto right_letter = static_cast<unsigned char>(fold_letter(right[i]));
        if (left_letter != right_letter) return left_letter < right_letter ? -1 : 1;
    }
    if (left.size() == right.size()) return 0;
    return left.size() < right.size() ? -1 : 1;
}

LookupIndex::LookupIndex()
    : arena_(memory::Arena::create()),
      names_(*arena_),
      uris_(*arena_),
      keys_(*arena_),
      name_positions_(*arena_),
      uri_positions_(*arena_),
      key_positions_(*arena_),
      ordered_names_(*arena_),
      ordered_uris_(*arena_) {}

Status LookupIndex::catch_up(const Memtable& memtable, uint64_t visible) {
    const uint64_t wanted = std::min(visible, memtable.last_sequence());
    if (complete_up_to_.load(std::memory_order_acquire) >= wanted) return Status::ok();
    MutexLock lock(mutex_);
    const uint32_t count = memtable.versions_.size();
    while (versions_done_ < count) {
        KAUSAL_TRY(index(*memtable.versions_.at(versions_done_)));
        ++versions_done_;
    }
    memory_bytes_.store(arena_->bytes_reserved(), std::memory_order_relaxed);
    if (complete_up_to_.load(std::memory_order_relaxed) < wanted) {
        complete_up_to_.store(wanted, std::memory_order_release);
    }
    return Status::ok();
}

Status LookupIndex::index(const BlockVersion& version) {
    if (version.is_tombstone) return Status::ok();
    format::BlockRecord record;
    KAUSAL_TRY(format::decode_head(version.head(), record));
    if (!record.name.empty()) {
        const uint64_t hash = hash64(record.name);
        uint32_t at = name_positions_.find(
            hash, [&](uint32_t position) { return names_.at(position).text == record.name; });
        if (at == PositionIndex::kNone) {
            at = names_.push(record.name);
            add(names_.at(at).newest, version);
            name_positions_.insert(hash, at);
            ordered_names_.insert(&names_.at(at));
        } else {
            add(names_.at(at).newest, version);
        }
    }
    if (!record.uri.empty()) {
        const uint64_t hash = hash64(record.uri);
        uint32_t at = uri_positions_.find(
            hash, [&](uint32_t position) { return uris_.at(position).text == record.uri; });
        if (at == PositionIndex::kNone) {
            at = uris_.push(record.uri);
            add(uris_.at(at).newest, version);
            uri_positions_.insert(hash, at);
            ordered_uris_.insert(&uris_.at(at));
        } else {
            add(uris_.at(at).newest, version);
        }
    }
    const auto add_key = [&](uint64_t key) {
        const uint64_t hash = hash_mix(key, 0);
        uint32_t at = key_positions_.find(
            hash, [&](uint32_t position) { return keys_.at(position).key == key; });
        if (at == PositionIndex::kNone) {
            at = keys_.push(key);
            key_positions_.insert(hash, at);
        }
        add(keys_.at(at).newest, version);
    };
    if (!record.qualified_name.empty()) {
        const uint64_t key =
            format::hash_key(format::kKeySpaceQualifiedName, record.qualified_name);
        if (!std::binary_search(record.keys.begin(), record.keys.end(), key)) add_key(key);
    }
    for (const uint64_t key : record.keys) add_key(key);
    return Status::ok();
}

void LookupIndex::add(std::atomic<const LookupPosting*>& list, const BlockVersion& version) {
    auto* posting = arena_->make<LookupPosting>();
    posting->version = &version;
    posting->next = list.load(std::memory_order_relaxed);
    list.store(posting, std::memory_order_release);
}

const LookupIndex::Names::Node* LookupIndex::seek_name(std::string_view name) const {
    return ordered_names_.seek(
        [name](const TextEntry& entry) { return compare_folded(entry.text, name) < 0; });
}

const LookupIndex::Uris::Node* LookupIndex::seek_uri(std::string_view uri) const {
    return ordered_uris_.seek([uri](const TextEntry& entry) { return entry.text < uri; });
}

const TextEntry* LookupIndex::find_name(std::string_view name) const {
    const uint32_t at = name_positions_.find(
        hash64(name), [&](uint32_t position) { return names_.at(position).text == name; });
    return at == PositionIndex::kNone ? nullptr : &names_.at(at);
}

const TextEntry* LookupIndex::find_uri(std::string_view uri) const {
    const uint32_t at = uri_positions_.find(
        hash64(uri), [&](uint32_t position) { return uris_.at(position).text == uri; });
    return at == PositionIndex::kNone ? nullptr : &uris_.at(at);
}

void LookupIndex::find_key(uint64_t key, uint64_t visible,
                           std::vector<const BlockVersion*>& into) const {
    const uint32_t at = key_positions_.find(
        hash_mix(key, 0), [&](uint32_t position) { return keys_.at(position).key == key; });
    if (at == PositionIndex::kNone) return;
    for (const LookupPosting* posting = keys_.at(at).newest.load(std::memory_order_acquire);
         posting != nullptr; posting = posting->next) {
        if (is_newest(*posting->version, visible)) into.push_back(posting->version);
    }
}

void LookupIndex::collect(const TextEntry& entry, uint64_t visible,
                          std::vector<const BlockVersion*>& into) {
    for (const LookupPosting* posting = entry.newest.load(std::memory_order_acquire);
         posting != nullptr; posting = posting->next) {
        if (is_newest(*posting->version, visible)) into.push_back(posting->version);
    }
}

}  // namespace kausal::memtable
