// Marks memory that nobody may touch, where the build can tell: under the address sanitizer a use
// after release stops the run. In other builds this costs nothing.
//
// Regions start and end at multiples of 8 bytes, the granularity of the sanitizer's shadow; then
// neighbours may be marked by different threads at the same time.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#define KAUSAL_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define KAUSAL_POISON 1
#endif
#endif

#if defined(KAUSAL_POISON)
#include <sanitizer/asan_interface.h>
#endif

namespace kausal::memory {

inline void poison([[maybe_unused]] const void* data, [[maybe_unused]] size_t size) noexcept {
#if defined(KAUSAL_POISON)
    __asan_poison_memory_region(data, size);
#endif
}
inline void unpoison([[maybe_unused]] const void* data, [[maybe_unused]] size_t size) noexcept {
#if defined(KAUSAL_POISON)
    __asan_unpoison_memory_region(data, size);
#endif
}

}  // namespace kausal::memory
