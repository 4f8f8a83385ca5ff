// CRC-32C (Castagnoli), the checksum of log and manifest records.
//
// Uses the SSE4.2 instruction where the processor has it and a sliced table elsewhere; both give
// the same values (RFC 3720, appendix B.4).
#pragma once

#include "base/bytes.h"

#include <cstdint>

namespace kausal {

/// CRC of `bytes`, continued from `crc` (0 to start).
[[nodiscard]] uint32_t crc32c(ByteView bytes, uint32_t crc = 0) noexcept;
/// The table version, for the differential test.
[[nodiscard]] uint32_t crc32c_portable(ByteView bytes, uint32_t crc = 0) noexcept;

}  // namespace kausal
