// XXH3 from the system's xxHash library.
#include "base/hash.h"

#include <xxhash.h>

namespace kausal {

uint64_t hash64(ByteView bytes, uint64_t seed) noexcept {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(ByteView bytes, uint64_t seed) noexcept {
    const XXH128_hash_t value = XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed);
    return {value.low64, value.high64};
}

}  // namespace kausal
