// CRC-32C: hardware instruction with a table fallback chosen once per process.
#include "base/crc32c.h"

#include "base/coding.h"

#include <array>

namespace kausal {
namespace {

constexpr uint32_t kPolynomialReversed = 0x82f63b78;
using Tables = std::array<std::array<uint32_t, 256>, 8>;

constexpr Tables make_tables() {
    Tables tables{};
    for (uint32_t i = 0; i < 256; ++i) {
        uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? kPolynomialReversed : 0);
        tables[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; ++i) {
        for (size_t slice = 1; slice < 8; ++slice) {
            const uint32_t previous = tables[slice - 1][i];
            tables[slice][i] = (previous >> 8) ^ tables[0][previous & 0xff];
        }
    }
    return tables;
}
constexpr Tables kTables = make_tables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t crc32c_sse42(ByteView bytes, uint32_t crc) noexcept {
    uint64_t state = ~crc;
    const std::byte* at = bytes.data();
    size_t left = bytes.size();
    for (; left >= 8; at += 8, left -= 8) {
        state = __builtin_ia32_crc32di(state, load_fixed<uint64_t>(at));
    }
    auto tail = static_cast<uint32_t>(state);
    for (; left > 0; ++at, --left) tail = __builtin_ia32_crc32qi(tail, static_cast<uint8_t>(*at));
    return ~tail;
}
#endif

using Implementation = uint32_t (*)(ByteView, uint32_t) noexcept;

Implementation choose() noexcept {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return crc32c_sse42;
#endif
    return crc32c_portable;
}

}  // namespace

uint32_t crc32c_portable(ByteView bytes, uint32_t crc) noexcept {
    uint32_t state = ~crc;
    const std::byte* at = bytes.data();
    size_t left = bytes.size();
    for (; left >= 8; at += 8, left -= 8) {
        const uint64_t word = load_fixed<uint64_t>(at) ^ state;
        state = 0;
        for (size_t i = 0; i < 8; ++i) state ^= kTables[7 - i][(word >> (8 * i)) & 0xff];
    }
    for (; left > 0; ++at, --left) {
        state = (state >> 8) ^ kTables[0][(state ^ static_cast<uint32_t>(*at)) & 0xff];
    }
    return ~state;
}

uint32_t crc32c(ByteView bytes, uint32_t crc) noexcept {
    static const Implementation implementation = choose();
    return implementation(bytes, crc);
}

}  // namespace kausal
