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

LookupIndex::LookupIndex(const memory::SubsystemArena& memory, size_t lane)
    : memory_(memory),
      lane_(lane),
      arena_(memory.lane(lane)),
      names_(arena_),
      uris_(arena_),
      names_by_text_(arena_),
      uris_by_text_(arena_),
      keys_(arena_),
      ordered_names_(arena_),
      ordered_uris_(arena_) {}

Status LookupIndex::catch_up(const Memtable& memtable, uint64_t visible) {
    const uint64_t wanted = std::min(visible, memtable.last_sequence());
    if (complete_up_to_.load(std::memory_order_acquire) >= wanted) return Status::ok();
    MutexLock lock(mutex_);
    const uint32_t count = memtable.versions_.size();
    while (versions_done_ < count) {
        KAUSAL_TRY(index(*memtable.versions_.at(versions_done_)));
        ++versions_done_;
    }
    memory_.publish(lane_);
    if (complete_up_to_.load(std::memory_order_relaxed) < wanted) {
        complete_up_to_.store(wanted, std::memory_order_release);
    }
    return Status::ok();
}

Status LookupIndex::index(const BlockVersion& version) {
    if (version.is_tombstone) return Status::ok();
    format::BlockRecord record;
    KAUSAL_TRY(format::decode_head(version.head(), record));
    if (!record.name.empty()) index_text(record.name, version, names_by_text_, names_);
    if (!record.uri.empty()) index_text(record.uri, version, uris_by_text_, uris_);
    format::index_keys(record, block_keys_);
    for (const uint64_t key : block_keys_) {
        const uint64_t hash = hash_mix(key, 0);
        KeyEntry* entry = keys_.find(hash, [&](const KeyEntry& at) { return at.key == key; });
        if (entry == nullptr) {
            entry = arena_.make<KeyEntry>(key);
            keys_.insert(hash, entry);
        }
        add(entry->newest, version);
    }
    return Status::ok();
}

void LookupIndex::index_text(std::string_view text, const BlockVersion& version,
                             PointerIndex<TextEntry>& by_text, ChunkedArray<TextEntry*>& entries) {
    const uint64_t hash = hash64(text);
    TextEntry* entry = by_text.find(hash, [&](const TextEntry& at) { return at.text == text; });
    if (entry == nullptr) {
        entry = arena_.make<TextEntry>(text);
        by_text.insert(hash, entry);
        entries.push(entry);
    }
    add(entry->newest, version);
}

void LookupIndex::add(std::atomic<const LookupPosting*>& list, const BlockVersion& version) {
    auto* posting = arena_.make<LookupPosting>();
    posting->version = &version;
    posting->next = list.load(std::memory_order_relaxed);
    list.store(posting, std::memory_order_release);
}

// Sorted first, so that neighbours are inserted one after the other while their surroundings are
// still in the cache.
template <typename Order>
void LookupIndex::put_in_order(const ChunkedArray<TextEntry*>& entries, Order& order,
                               std::atomic<uint32_t>& count_in_order) {
    if (count_in_order.load(std::memory_order_acquire) >= entries.size()) return;
    MutexLock lock(mutex_);
    const uint32_t count = entries.size();
    std::vector<const TextEntry*> fresh;
    for (uint32_t at = count_in_order.load(std::memory_order_relaxed); at < count; ++at) {
        fresh.push_back(entries.at(at));
    }
    std::sort(fresh.begin(), fresh.end(), [](const TextEntry* left, const TextEntry* right) {
        return typename Order::ItemLess()(*left, *right);
    });
    for (const TextEntry* entry : fresh) order.insert(entry);
    memory_.publish(lane_);
    count_in_order.store(count, std::memory_order_release);
}

const LookupIndex::Names::Node* LookupIndex::seek_name(std::string_view name) {
    put_in_order(names_, ordered_names_, names_in_order_);
    return ordered_names_.seek(
        [name](const TextEntry& entry) { return compare_folded(entry.text, name) < 0; });
}

const LookupIndex::Uris::Node* LookupIndex::seek_uri(std::string_view uri) {
    put_in_order(uris_, ordered_uris_, uris_in_order_);
    return ordered_uris_.seek([uri](const TextEntry& entry) { return entry.text < uri; });
}

const TextEntry* LookupIndex::find_name(std::string_view name) const {
    return names_by_text_.find(hash64(name), [&](const TextEntry& at) { return at.text == name; });
}

const TextEntry* LookupIndex::find_uri(std::string_view uri) const {
    return uris_by_text_.find(hash64(uri), [&](const TextEntry& at) { return at.text == uri; });
}

void LookupIndex::find_key(uint64_t key, uint64_t visible,
                           std::vector<const BlockVersion*>& into) const {
    const KeyEntry* entry =
        keys_.find(hash_mix(key, 0), [&](const KeyEntry& at) { return at.key == key; });
    if (entry == nullptr) return;
    for (const LookupPosting* posting = entry->newest.load(std::memory_order_acquire);
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
