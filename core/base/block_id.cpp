// Making, printing and reading of block ids.
#include "base/block_id.h"

#include "base/coding.h"

namespace kausal {

BlockId BlockId::of(std::string_view workspace, uint16_t kind, std::string_view symbol) {
    std::string identity;
    identity.reserve(workspace.size() + symbol.size() + 8);
    put_string(identity, workspace);
    put_fixed<uint16_t>(identity, kind);
    identity.append(symbol);
    const Hash128 hash = hash128(as_bytes(identity), 0x6b617573616c6964ULL);
    // Zero is reserved for "no block"; a symbol that hashes there is moved by one.
    BlockId id{hash.high, hash.low};
    if (!id.is_valid()) id.low = 1;
    return id;
}

void BlockId::store(std::byte* to) const noexcept {
    store_fixed(to, __builtin_bswap64(high));
    store_fixed(to + 8, __builtin_bswap64(low));
}

BlockId BlockId::load(const std::byte* from) noexcept {
    return {__builtin_bswap64(load_fixed<uint64_t>(from)),
            __builtin_bswap64(load_fixed<uint64_t>(from + 8))};
}

std::string BlockId::to_hex() const {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text(32, '0');
    for (size_t i = 0; i < 16; ++i) {
        text[i] = kDigits[(high >> (60 - 4 * i)) & 0xf];
        text[16 + i] = kDigits[(low >> (60 - 4 * i)) & 0xf];
    }
    return text;
}

std::optional<BlockId> BlockId::from_hex(std::string_view hex) noexcept {
    if (hex.size() != 32) return std::nullopt;
    BlockId id;
    for (size_t i = 0; i < 32; ++i) {
        const char c = hex[i];
        uint64_t digit = 0;
        if (c >= '0' && c <= '9') {
            digit = static_cast<uint64_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<uint64_t>(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            digit = static_cast<uint64_t>(c - 'A' + 10);
        } else {
            return std::nullopt;
        }
        uint64_t& half = i < 16 ? id.high : id.low;
        half = (half << 4) | digit;
    }
    return id;
}

}  // namespace kausal
