// The 16-byte name of a block: derived from identity, uniformly distributed, printed as 32 hex
// digits.
#pragma once

#include "base/hash.h"

#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace kausal {

/// Bytes compare as they print: `high` first. All zero is invalid and means "no block".
struct BlockId {
    uint64_t high = 0;
    uint64_t low = 0;

    [[nodiscard]] bool is_valid() const noexcept { return (high | low) != 0; }
    friend auto operator<=>(const BlockId&, const BlockId&) = default;
    friend bool operator==(const BlockId&, const BlockId&) = default;

    /// The id of an identity: the same workspace, kind and canonical symbol give the same id in
    /// every process and for ever. `workspace` is its name, `kind` the block kind's number.
    [[nodiscard]] static BlockId of(std::string_view workspace, uint16_t kind,
                                    std::string_view symbol);
    /// 16 bytes, big-endian, so that byte order equals numeric order.
    void store(std::byte* to) const noexcept;
    [[nodiscard]] static BlockId load(const std::byte* from) noexcept;
    [[nodiscard]] std::string to_hex() const;
    /// Exactly 32 hex digits, or nothing.
    [[nodiscard]] static std::optional<BlockId> from_hex(std::string_view hex) noexcept;
};
static_assert(sizeof(BlockId) == 16);

/// For hash tables. Ids are uniform already, so half of one is a hash.
struct BlockIdHash {
    [[nodiscard]] size_t operator()(const BlockId& id) const noexcept {
        return static_cast<size_t>(id.low ^ (id.high >> 1));
    }
};

}  // namespace kausal
