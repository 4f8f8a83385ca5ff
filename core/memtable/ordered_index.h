// An ordered set of items, a skip list, for one writer and any number of lock-free readers.
//
// Items are never removed. A node is complete before the release store that links it, so a reader
// sees it whole or not at all.
#pragma once

#include "memory/arena.h"

#include <atomic>
#include <cstdint>

namespace kausal::memtable {

/// `Less(const Item&, const Item&)` orders the items; equal items must not be inserted twice.
/// Threads: `insert` confined to the writer, the rest shared.
template <typename Item, typename Less>
class OrderedIndex {
  public:
    using ItemLess = Less;
    struct Node {
        const Item* item = nullptr;
        std::atomic<Node*>* next = nullptr;  // one per level
        [[nodiscard]] const Node* successor() const noexcept {
            return next[0].load(std::memory_order_acquire);
        }
    };

    explicit OrderedIndex(memory::Arena& arena) : arena_(arena), head_(make_node(kLevelMax)) {
        for (Node*& before : before_) before = head_;
    }

    void insert(const Item* item) {
        // Items often come in order: as far as the path of the last insert leads towards the place
        // of this one, it is taken instead of a walk.
        Node* at = head_;
        bool is_on_path = true;
        for (uint32_t level = kLevelMax; level-- > 0;) {
            Node* last = before_[level];
            if (is_on_path && last != at) {
                is_on_path = less_(*last->item, *item);
                if (is_on_path) at = last;
            }
            for (Node* next = at->next[level].load(std::memory_order_relaxed);
                 next != nullptr && less_(*next->item, *item);
                 next = at->next[level].load(std::memory_order_relaxed)) {
                at = next;
                is_on_path = false;
            }
            before_[level] = at;
        }
        const uint32_t height = next_height();
        Node* node = make_node(height);
        node->item = item;
        for (uint32_t level = 0; level < height; ++level) {
            node->next[level].store(before_[level]->next[level].load(std::memory_order_relaxed),
                                    std::memory_order_relaxed);
        }
        for (uint32_t level = 0; level < height; ++level) {
            before_[level]->next[level].store(node, std::memory_order_release);
            before_[level] = node;
        }
    }

    /// The first node whose item is not `is_before`; null at the end. `is_before` must be true for
    /// a prefix of the order.
    template <typename IsBefore>
    [[nodiscard]] const Node* seek(IsBefore&& is_before) const {
        const Node* at = head_;
        for (uint32_t level = kLevelMax; level-- > 0;) {
            for (const Node* next = at->next[level].load(std::memory_order_acquire);
                 next != nullptr && is_before(*next->item);
                 next = at->next[level].load(std::memory_order_acquire)) {
                at = next;
            }
        }
        return at->successor();
    }

  private:
    static constexpr uint32_t kLevelMax = 12;

    Node* make_node(uint32_t height) {
        Node* node = arena_.make<Node>();
        node->next = arena_.make_array<std::atomic<Node*>>(height).data();
        return node;
    }

    /// One in four nodes reaches the next level. The sequence is fixed: order and content decide
    /// what readers see, the heights only how fast.
    uint32_t next_height() noexcept {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        uint32_t height = 1;
        for (uint64_t bits = state_; height < kLevelMax && (bits & 3) == 0; bits >>= 2) ++height;
        return height;
    }

    memory::Arena& arena_;
    Less less_;
    Node* head_;
    Node* before_[kLevelMax] = {};  // where the last insert took place, per level
    uint64_t state_ = 0x9e3779b97f4a7c15ULL;
};

}  // namespace kausal::memtable
