// The state of an open segment: its mapping, its footer, and which chunks have been checked.
// Private to the room.
//
// Everything that looks at bytes of the data part asks `bytes_at` or `elements` first; a null
// answer means damage, and `damage` then says where. Indices are checked by the caller against the
// footer's counts; offsets read from the file are checked against the heap here.
#pragma once

#include "segment/segment_layout.h"
#include "segment/segment_reader.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace kausal::segment {

/// The largest frame that a block within its bounds can need; guards allocations.
inline constexpr uint64_t kFrameRawSizeMax =
    format::kContentSizeMax + 2 * uint64_t{format::kTextSizeMax} + 64;

struct SegmentReader::State {
    std::string name;
    uint64_t file_id = 0;
    format::DatabaseUuid uuid;
    FrameCache* cache = nullptr;
    std::unique_ptr<io::Mapping> mapping;
    std::unique_ptr<uint64_t[]> copy;  // instead of a mapping, where files cannot be mapped
    ByteView bytes;                    // the whole file
    Footer footer;
    SegmentInfo info;
    uint32_t id_count = 0;
    /// One bit per chunk that matched its checksum, and per chunk of the checksums themselves.
    /// Threads: shared; bits are only ever set.
    std::unique_ptr<std::atomic<uint64_t>[]> checked_chunks;
    std::unique_ptr<std::atomic<uint64_t>[]> checked_checksums;

    [[nodiscard]] static bool is_set(const std::atomic<uint64_t>* bits, uint64_t bit) noexcept {
        return (bits[bit / 64].load(std::memory_order_acquire) >> (bit % 64) & 1) != 0;
    }
    [[nodiscard]] bool check_chunk(uint64_t chunk) const noexcept;
    [[nodiscard]] bool check_checksums(uint64_t part) const noexcept;
    /// Compares against the checksum whatever was found before.
    [[nodiscard]] bool chunk_matches(uint64_t chunk) const noexcept;
    [[nodiscard]] bool checksums_match(uint64_t part) const noexcept;

    /// True when the checksums of all chunks that hold [offset, offset + size) match.
    [[nodiscard]] bool is_sound(uint64_t offset, uint64_t size) const noexcept {
        if (size == 0) return true;
        const uint64_t last = (offset + size - 1) / kChunkSize;
        for (uint64_t chunk = offset / kChunkSize; chunk <= last; ++chunk) {
            if (!is_set(checked_chunks.get(), chunk) && !check_chunk(chunk)) return false;
        }
        return true;
    }
    /// `count` entries of a section from `index` on, or null when they are damaged. The caller has
    /// checked that they lie in the section.
    template <typename T>
    [[nodiscard]] const T* elements(SectionKind kind, uint64_t index,
                                    uint64_t count = 1) const noexcept {
        const uint64_t offset = footer.section(kind).offset + index * sizeof(T);
        if (!is_sound(offset, count * sizeof(T))) [[unlikely]]
            return nullptr;
        return reinterpret_cast<const T*>(bytes.data() + offset);
    }
    /// Bytes of the heap; Corrupt when the range leaves it or is damaged.
    [[nodiscard]] Result<std::string_view> heap(uint64_t offset, uint64_t size) const;
    template <typename T>
    [[nodiscard]] Result<const T*> heap_elements(uint64_t offset, uint64_t count) const {
        if (offset % alignof(T) != 0) return fail(corrupt("misaligned array in the heap"));
        const std::string_view range = KAUSAL_TRY(heap(offset, count * sizeof(T)));
        return reinterpret_cast<const T*>(range.data());
    }

    /// A Corrupt status that names the file.
    [[nodiscard]] Status corrupt(std::string_view what) const;
    /// The same for a range of a section in which `elements` found damage.
    [[nodiscard]] Status damage(SectionKind kind) const;
    [[nodiscard]] Status check_ordinal(uint32_t ordinal) const;

    [[nodiscard]] Result<const RowEntry*> row(uint32_t ordinal) const;
    [[nodiscard]] Result<RowEntry> put_row(uint32_t ordinal) const;
    [[nodiscard]] Result<FrameEntry> frame(uint32_t number) const;
    [[nodiscard]] Result<PartitionEntry> partition(uint32_t number) const;
    struct IdRange {
        uint32_t low = 0;
        uint32_t high = 0;
    };
    [[nodiscard]] Result<IdRange> id_range(const BlockId& id) const;
    void prefetch_row(const BlockId& id, IdRange range) const noexcept;
    /// The first ordinal in `range` whose id is not below `id`.
    [[nodiscard]] Result<uint32_t> search_ids(const BlockId& id, IdRange range) const;
    struct EdgeRange {
        uint32_t first = 0;
        uint32_t count = 0;
    };
    [[nodiscard]] Result<EdgeRange> edge_range(uint32_t ordinal, Direction direction) const;

    [[nodiscard]] Status load(io::Directory& directory);
    [[nodiscard]] Status load_footer();
};

/// One text lookup (names or URIs) of a segment. Owner: the reader's state.
class TextLookupView {
  public:
    using State = SegmentReader::State;
    [[nodiscard]] static TextLookupView names(const State& state) noexcept {
        return {state, state.footer.name_count, state.footer.named_count, SectionKind::NameOffsets};
    }
    [[nodiscard]] static TextLookupView uris(const State& state) noexcept {
        return {state, state.footer.uri_count, state.footer.located_count, SectionKind::UriOffsets};
    }
    [[nodiscard]] uint64_t count() const noexcept { return count_; }
    [[nodiscard]] Result<std::string_view> text(uint64_t index) const;
    [[nodiscard]] Result<std::span<const uint32_t>> ordinals(uint64_t index) const;
    /// The first index whose text is not before `text` by `is_before(stored, text)`.
    template <typename IsBefore>
    [[nodiscard]] Result<uint64_t> lower_bound(IsBefore&& is_before) const {
        uint64_t low = 0;
        uint64_t high = count_;
        while (low < high) {
            const uint64_t middle = low + (high - low) / 2;
            const std::string_view stored = KAUSAL_TRY(text(middle));
            if (is_before(stored)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

  private:
    TextLookupView(const State& state, uint64_t count, uint64_t ordinal_count,
                   SectionKind first) noexcept
        : state_(&state), count_(count), ordinal_count_(ordinal_count), first_(first) {}
    // The four sections of a lookup have consecutive numbers.
    [[nodiscard]] SectionKind section(uint32_t which) const noexcept {
        return static_cast<SectionKind>(static_cast<uint32_t>(first_) + which);
    }

    const State* state_;
    uint64_t count_;
    uint64_t ordinal_count_;
    SectionKind first_;
};
static_assert(static_cast<uint32_t>(SectionKind::NameOrdinals) ==
              static_cast<uint32_t>(SectionKind::NameOffsets) + 3);
static_assert(static_cast<uint32_t>(SectionKind::UriOrdinals) ==
              static_cast<uint32_t>(SectionKind::UriOffsets) + 3);

}  // namespace kausal::segment
