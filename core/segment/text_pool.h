// Distinct short texts (names, URIs), numbered in order of first sight. Private to the room.
#pragma once

#include "base/hash.h"
#include "segment/segment_layout.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::segment {

/// Threads: confined.
class TextPool {
  public:
    TextPool() : slots_(kSlotCountMin, 0) { offsets_.push_back(0); }

    /// The number of `text`; kNone32 for the empty text, which is not kept.
    [[nodiscard]] uint32_t intern(std::string_view text);
    [[nodiscard]] size_t size() const noexcept { return offsets_.size() - 1; }
    [[nodiscard]] std::string_view text(uint32_t number) const noexcept {
        const uint64_t first = offsets_[number];
        return std::string_view(bytes_).substr(first, offsets_[number + 1] - first);
    }
    [[nodiscard]] size_t memory_bytes() const noexcept {
        return bytes_.capacity() + (offsets_.capacity() + slots_.capacity()) * sizeof(uint64_t);
    }

  private:
    static constexpr size_t kSlotCountMin = 64;
    static constexpr uint64_t kTagMask = 0xffffffff'00000000ULL;
    void grow();

    std::string bytes_;
    std::vector<uint64_t> offsets_;
    std::vector<uint64_t> slots_;  // 0 free; else half of the hash, and number + 1
};

/// Orders texts by ASCII-folded bytes, then by bytes.
[[nodiscard]] bool is_before_folded(std::string_view left, std::string_view right) noexcept;
/// -1, 0 or 1 by ASCII-folded bytes alone.
[[nodiscard]] int compare_folded(std::string_view left, std::string_view right) noexcept;

}  // namespace kausal::segment
