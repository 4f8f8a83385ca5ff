// The blocked Bloom filter: placement of bits and the arithmetic of its rate.
//
// One hash picks the block; the bits inside come from a second one by repeated multiplication, nine
// bits at a time, so that the two choices are independent and every probe is a full-width mix.
#include "segment/filter.h"

#include "base/coding.h"
#include "base/hash.h"

#include <algorithm>
#include <cmath>

namespace kausal::segment {
namespace {

constexpr size_t kBitsPerBlock = kFilterBlockSize * 8;
constexpr uint64_t kBlockSeed = 0x2545f4914f6cdd1dULL;
constexpr uint64_t kBitSeed = 0x9e3779b97f4a7c15ULL;

[[nodiscard]] uint64_t mix(uint64_t x) noexcept {
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    x ^= x >> 32;
    return x;
}

[[nodiscard]] uint64_t block_hash(const BlockId& id) noexcept {
    return mix(id.low + mix(id.high ^ kBlockSeed));
}

/// Calls `visit(word, mask)` for every bit of `id`, until it returns false.
template <typename Visit>
bool for_each_bit(const BlockId& id, uint32_t probe_count, Visit&& visit) noexcept {
    uint64_t bits = mix(id.high + mix(id.low ^ kBitSeed));
    for (uint32_t probe = 0; probe < probe_count; ++probe) {
        // Seven probes of nine bits use up 63 bits; more are rare and take a fresh mix.
        if (probe != 0 && probe % 7 == 0) bits = mix(bits + kBitSeed);
        const auto bit = static_cast<uint32_t>((bits >> (9 * (probe % 7))) & (kBitsPerBlock - 1));
        if (!visit(bit / 64, uint64_t{1} << (bit % 64))) return false;
    }
    return true;
}

}  // namespace

size_t filter_size_bytes(uint64_t key_count, double bits_per_key) noexcept {
    const double bits = static_cast<double>(key_count) * std::clamp(bits_per_key, 1.0, 64.0);
    const auto blocks = static_cast<size_t>(std::ceil(bits / static_cast<double>(kBitsPerBlock)));
    return std::max<size_t>(blocks, 1) * kFilterBlockSize;
}

uint32_t filter_probe_count(double bits_per_key) noexcept {
    // The best count for a plain filter, less a little: crowded blocks suffer from more bits.
    const double best = std::clamp(bits_per_key, 1.0, 64.0) * 0.693 * 0.9;
    return static_cast<uint32_t>(std::clamp(std::lround(best), 1L, 16L));
}

double filter_false_positive_rate(double bits_per_key) noexcept {
    const double mean = static_cast<double>(kBitsPerBlock) / std::clamp(bits_per_key, 1.0, 64.0);
    const auto probes = static_cast<double>(filter_probe_count(bits_per_key));
    const double slot_free = 1.0 - 1.0 / static_cast<double>(kBitsPerBlock);
    // Keys per block follow a Poisson distribution; sum the rate of a block over its load.
    double rate = 0;
    double log_weight = -mean;
    for (int load = 0; load < 4096; ++load) {
        if (load > 0) log_weight += std::log(mean) - std::log(static_cast<double>(load));
        const double filled = 1.0 - std::pow(slot_free, static_cast<double>(load) * probes);
        rate += std::exp(log_weight) * std::pow(filled, probes);
    }
    return rate;
}

size_t filter_block_offset(const BlockId& id, size_t size_bytes) noexcept {
    const uint64_t blocks = size_bytes / kFilterBlockSize;
    // The high half of the product is uniform over the blocks, without a division.
    __extension__ using Wide = unsigned __int128;
    const auto block = static_cast<uint64_t>((static_cast<Wide>(block_hash(id)) * blocks) >> 64);
    return static_cast<size_t>(block) * kFilterBlockSize;
}

bool filter_may_contain(const std::byte* block, const BlockId& id, uint32_t probe_count) noexcept {
    return for_each_bit(id, probe_count, [&](uint32_t word, uint64_t mask) {
        return (load_fixed<uint64_t>(block + size_t{word} * 8) & mask) != 0;
    });
}

std::vector<std::byte> build_filter(std::span<const BlockId> ids, double bits_per_key) {
    std::vector<std::byte> bytes(filter_size_bytes(ids.size(), bits_per_key));
    const uint32_t probe_count = filter_probe_count(bits_per_key);
    for (const BlockId& id : ids) {
        std::byte* block = bytes.data() + filter_block_offset(id, bytes.size());
        for_each_bit(id, probe_count, [&](uint32_t word, uint64_t mask) {
            std::byte* at = block + size_t{word} * 8;
            store_fixed(at, load_fixed<uint64_t>(at) | mask);
            return true;
        });
    }
    return bytes;
}

}  // namespace kausal::segment
