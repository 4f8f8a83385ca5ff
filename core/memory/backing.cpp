// The backing allocator that asks the C++ runtime.
#include "memory/backing.h"

#include <cstdint>
#include <new>

namespace kausal::memory {
namespace {

class SystemBacking final : public BackingAllocator {
  public:
    void* allocate(size_t size, size_t alignment) noexcept override {
        // The library rounds a size up to the alignment and may wrap; no system has that much.
        if (size > size_t{PTRDIFF_MAX} - alignment) return nullptr;
        return ::operator new(size, std::align_val_t{alignment}, std::nothrow);
    }
    void release(void* data, size_t /*size*/, size_t alignment) noexcept override {
        ::operator delete(data, std::align_val_t{alignment});
    }
};

}  // namespace

BackingAllocator& system_backing() noexcept {
    static SystemBacking backing;
    return backing;
}

}  // namespace kausal::memory
