// Which knob values make sense.
#include "memory/pool_config.h"

#include <bit>
#include <string>

namespace kausal::memory {
namespace {

struct Range {
    size_t least;
    size_t most;
};

Status check_range(std::string_view knob, size_t value, Range range) {
    if (value >= range.least && value <= range.most) return {};
    return {ErrorCode::Invalid, std::string(knob) + " is " + std::to_string(value) +
                                    ", allowed are " + std::to_string(range.least) + " to " +
                                    std::to_string(range.most)};
}

Status check_power_of_two(std::string_view knob, size_t value, Range range) {
    KAUSAL_TRY(check_range(knob, value, range));
    if (std::has_single_bit(value)) return {};
    return {ErrorCode::Invalid,
            std::string(knob) + " is " + std::to_string(value) + ", not a power of two"};
}

// Bounds that keep every product of two knobs far from wrapping around.
constexpr Range kCounts{1, size_t{1} << 24};
constexpr Range kIdleCounts{0, size_t{1} << 20};

}  // namespace

Status check(const FixedPoolConfig& config) {
    KAUSAL_TRY(check_power_of_two("slot_alignment", config.slot_alignment, {8, 4096}));
    KAUSAL_TRY(check_power_of_two("slab_bytes", config.slab_bytes, {4096, size_t{16} << 20}));
    // At least a few slots fit beside the slab's own data.
    KAUSAL_TRY(check_range("slot_bytes", config.slot_bytes, {1, config.slab_bytes / 4}));
    KAUSAL_TRY(check_range("slot_alignment", config.slot_alignment, {8, config.slab_bytes / 4}));
    KAUSAL_TRY(check_range("slab_count_max", config.slab_count_max, kCounts));
    KAUSAL_TRY(check_range("magazine_count_max", config.magazine_count_max, {1, 4096}));
    KAUSAL_TRY(check_range("growth.slabs_first", config.growth.slabs_first, {1, 4096}));
    KAUSAL_TRY(check_range("growth.factor", config.growth.factor, {1, 16}));
    return check_range("growth.slabs_max", config.growth.slabs_max,
                       {config.growth.slabs_first, 4096});
}

Status check(const ObjectPoolConfig& config) {
    KAUSAL_TRY(check_range("live_count_max", config.live_count_max, kCounts));
    KAUSAL_TRY(check_range("idle_count_max", config.idle_count_max, kIdleCounts));
    return check_range("object_bytes", config.object_bytes, {0, size_t{1} << 40});
}

Status check(const IoBufferPoolConfig& config) {
    KAUSAL_TRY(check_power_of_two("page_bytes", config.page_bytes, {512, size_t{1} << 20}));
    KAUSAL_TRY(
        check_range("buffer_bytes", config.buffer_bytes, {config.page_bytes, size_t{1} << 30}));
    if (config.buffer_bytes % config.page_bytes != 0) {
        return {ErrorCode::Invalid, "buffer_bytes is " + std::to_string(config.buffer_bytes) +
                                        ", not a multiple of page_bytes " +
                                        std::to_string(config.page_bytes)};
    }
    KAUSAL_TRY(check_range("live_count_max", config.live_count_max, kCounts));
    return check_range("idle_count_max", config.idle_count_max, kIdleCounts);
}

Status check(const EmbeddingSlabsConfig& config) {
    KAUSAL_TRY(check_range("row_bytes", config.row_bytes, {1, kEmbeddingSlabBytes / 4}));
    return check_range("slab_count_max", config.slab_count_max, kCounts);
}

Status check(const MemoryConfig& config) {
    const BudgetLimits limits = config.budget;
    if (limits.soft_bytes != 0 && limits.hard_bytes != 0) {
        KAUSAL_TRY(check_range("budget.soft_bytes", limits.soft_bytes, {1, limits.hard_bytes}));
    }
    KAUSAL_TRY(check(config.handles));
    KAUSAL_TRY(check(config.query_scratch));
    KAUSAL_TRY(check(config.io_buffers));
    return check(config.embeddings);
}

}  // namespace kausal::memory
