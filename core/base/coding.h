// Little-endian integers, varints and length-prefixed strings, the alphabet of every on-disk
// format.
//
// Writers append to a std::string; `Decoder` reads with bounds checks and never past its view. A
// failed read leaves the decoder in the failed state, so that a caller may check once at the end.
#pragma once

#include "base/bytes.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace kausal {

static_assert(std::endian::native == std::endian::little,
              "the on-disk formats are little-endian; add byte swaps in coding.h for this target");

template <typename T>
[[nodiscard]] T load_fixed(const std::byte* from) noexcept {
    T value;
    std::memcpy(&value, from, sizeof(T));
    return value;
}
template <typename T>
void store_fixed(std::byte* to, T value) noexcept {
    std::memcpy(to, &value, sizeof(T));
}
template <typename T>
void put_fixed(std::string& out, T value) {
    char buffer[sizeof(T)];
    std::memcpy(buffer, &value, sizeof(T));
    out.append(buffer, sizeof(T));
}

/// LEB128, at most 10 bytes.
void put_varint(std::string& out, uint64_t value);
[[nodiscard]] constexpr uint64_t zigzag_encode(int64_t value) noexcept {
    return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
[[nodiscard]] constexpr int64_t zigzag_decode(uint64_t value) noexcept {
    return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
}
/// Varint length, then the bytes.
void put_string(std::string& out, std::string_view text);

/// Reads what the writers above wrote. Threads: confined. Holds a view; the owner is the caller's
/// buffer.
class Decoder {
  public:
    explicit Decoder(ByteView input) noexcept : at_(input.data()), end_(at_ + input.size()) {}
    explicit Decoder(std::string_view input) noexcept : Decoder(as_bytes(input)) {}

    template <typename T>
    [[nodiscard]] T fixed() noexcept {
        if (remaining() < sizeof(T)) return fail_with(T{});
        T value = load_fixed<T>(at_);
        at_ += sizeof(T);
        return value;
    }
    /// Rejects encodings longer than 10 bytes or over 64 bits.
    [[nodiscard]] uint64_t varint() noexcept;
    /// A varint that must fit 32 bits.
    [[nodiscard]] uint32_t varint32() noexcept;
    /// Length-prefixed bytes; the length is checked against what is left before it is used.
    [[nodiscard]] std::string_view string() noexcept;
    [[nodiscard]] std::string_view raw(size_t size) noexcept;
    void skip(size_t size) noexcept { (void)raw(size); }

    [[nodiscard]] size_t remaining() const noexcept { return static_cast<size_t>(end_ - at_); }
    [[nodiscard]] const std::byte* position() const noexcept { return at_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    /// True when nothing failed and nothing is left.
    [[nodiscard]] bool finished() const noexcept { return !failed_ && at_ == end_; }

  private:
    template <typename T>
    T fail_with(T value) noexcept {
        failed_ = true;
        at_ = end_;
        return value;
    }

    const std::byte* at_;
    const std::byte* end_;
    bool failed_ = false;
};

}  // namespace kausal
