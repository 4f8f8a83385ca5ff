// The 16 random bytes that name a database for ever and seed the checksums of its files.
#pragma once

#include "base/coding.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

namespace kausal::format {

inline constexpr size_t kDatabaseUuidSize = 16;

/// All zero is invalid. Stored as two little-endian words, `low` first.
struct DatabaseUuid {
    uint64_t low = 0;
    uint64_t high = 0;

    [[nodiscard]] bool is_valid() const noexcept { return (low | high) != 0; }
    friend auto operator<=>(const DatabaseUuid&, const DatabaseUuid&) = default;

    void store(std::byte* to) const noexcept {
        store_fixed(to, low);
        store_fixed(to + sizeof(low), high);
    }
    [[nodiscard]] static DatabaseUuid load(const std::byte* from) noexcept {
        return {load_fixed<uint64_t>(from), load_fixed<uint64_t>(from + sizeof(uint64_t))};
    }
    /// 32 hex digits in stored byte order.
    [[nodiscard]] std::string to_hex() const {
        static constexpr char kDigits[] = "0123456789abcdef";
        std::byte bytes[kDatabaseUuidSize];
        store(bytes);
        std::string text;
        text.reserve(2 * kDatabaseUuidSize);
        for (const std::byte byte : bytes) {
            text += kDigits[std::to_integer<unsigned>(byte) >> 4];
            text += kDigits[std::to_integer<unsigned>(byte) & 15];
        }
        return text;
    }
};
static_assert(sizeof(DatabaseUuid) == kDatabaseUuidSize);

}  // namespace kausal::format
