// Names, URIs and keys of a memtable's blocks, built by readers when they first ask.
//
// The writer only lists the versions it applies; the first lookup of a snapshot indexes what has
// been listed since the last one. That keeps three hash inserts and two ordered inserts per block
// out of the commit path, and out of loads that are flushed before anyone looks. Readers that are
// up to date take no lock; those that must catch up wait for each other, never for the writer,
// which takes no part. An entry points at the version it comes from and counts only while that
// version is the newest one the reader may see, so an entry of a superseded or later version needs
// no removal.
#pragma once

#include "base/mutex.h"
#include "base/status.h"
#include "memory/arena_coordinator.h"
#include "memtable/chunked_array.h"
#include "memtable/ordered_index.h"
#include "memtable/pointer_index.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace kausal::memtable {

class Memtable;
struct BlockVersion;

/// ASCII letters to lower case, other bytes as they are.
[[nodiscard]] constexpr char fold_letter(char letter) noexcept {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + ('a' - 'A')) : letter;
}
/// Negative, zero or positive, by the folded bytes (unsigned).
[[nodiscard]] int compare_folded(std::string_view left, std::string_view right) noexcept;

/// The versions that carry one name, URI or key; newest last applied first.
struct LookupPosting {
    const BlockVersion* version = nullptr;
    const LookupPosting* next = nullptr;
};
struct TextEntry {
    explicit TextEntry(std::string_view its_text) noexcept : text(its_text) {}
    const std::string_view text;
    std::atomic<const LookupPosting*> newest{nullptr};
};
struct KeyEntry {
    explicit KeyEntry(uint64_t its_key) noexcept : key(its_key) {}
    const uint64_t key;
    std::atomic<const LookupPosting*> newest{nullptr};
};

/// By folded bytes, then by the bytes.
struct NameLess {
    [[nodiscard]] bool operator()(const TextEntry& left, const TextEntry& right) const noexcept {
        const int folded = compare_folded(left.text, right.text);
        return folded != 0 ? folded < 0 : left.text < right.text;
    }
};
struct UriLess {
    [[nodiscard]] bool operator()(const TextEntry& left, const TextEntry& right) const noexcept {
        return left.text < right.text;
    }
};

/// Threads: shared.
class LookupIndex {
  public:
    using Names = OrderedIndex<TextEntry, NameLess>;
    using Uris = OrderedIndex<TextEntry, UriLess>;

    /// Writes to a lane of the memtable's arena, which outlives it.
    LookupIndex(const memory::SubsystemArena& memory, size_t lane);
    LookupIndex(const LookupIndex&) = delete;
    LookupIndex& operator=(const LookupIndex&) = delete;

    /// Indexes every version up to `visible` at least. Errors: Corrupt.
    [[nodiscard]] Status catch_up(const Memtable& memtable, uint64_t visible);

    // The next two put names and URIs in order first, up to what is indexed.

    /// First entry whose folded name is not below folded `name`; follow `successor()` from there.
    [[nodiscard]] const Names::Node* seek_name(std::string_view name);
    /// First entry whose URI is not below `uri`.
    [[nodiscard]] const Uris::Node* seek_uri(std::string_view uri);
    /// The entry of exactly this text, or null.
    [[nodiscard]] const TextEntry* find_name(std::string_view name) const;
    [[nodiscard]] const TextEntry* find_uri(std::string_view uri) const;
    /// Appends the live versions under `key`.
    void find_key(uint64_t key, uint64_t visible, std::vector<const BlockVersion*>& into) const;
    /// Appends the versions of an entry that are the newest of their block at `visible`.
    static void collect(const TextEntry& entry, uint64_t visible,
                        std::vector<const BlockVersion*>& into);

    [[nodiscard]] uint32_t name_count() const noexcept { return names_.size(); }
    [[nodiscard]] std::string_view name_at(uint32_t position) const noexcept {
        return names_.at(position)->text;
    }

  private:
    [[nodiscard]] Status index(const BlockVersion& version) KAUSAL_REQUIRES(mutex_);
    void index_text(std::string_view text, const BlockVersion& version,
                    PointerIndex<TextEntry>& by_text, ChunkedArray<TextEntry*>& entries)
        KAUSAL_REQUIRES(mutex_);
    void add(std::atomic<const LookupPosting*>& list, const BlockVersion& version)
        KAUSAL_REQUIRES(mutex_);
    template <typename Order>
    void put_in_order(const ChunkedArray<TextEntry*>& entries, Order& order,
                      std::atomic<uint32_t>& count_in_order);

    Mutex mutex_;
    const memory::SubsystemArena& memory_;
    const size_t lane_;
    memory::Arena& arena_;            // written under mutex_
    ChunkedArray<TextEntry*> names_;  // in order of appearance
    ChunkedArray<TextEntry*> uris_;
    PointerIndex<TextEntry> names_by_text_;
    PointerIndex<TextEntry> uris_by_text_;
    PointerIndex<KeyEntry> keys_;
    Names ordered_names_;
    Uris ordered_uris_;
    std::atomic<uint32_t> names_in_order_{0};  // how many of names_ are in ordered_names_
    std::atomic<uint32_t> uris_in_order_{0};
    std::atomic<uint64_t> complete_up_to_{0};  // a sequence number
    uint32_t versions_done_ KAUSAL_GUARDED_BY(mutex_) = 0;
    std::vector<uint64_t> block_keys_ KAUSAL_GUARDED_BY(mutex_);
};

}  // namespace kausal::memtable
