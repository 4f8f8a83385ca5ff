// Making owned bytes; see owned_bytes.h.
#include "memory/owned_bytes.h"

#include <cstring>
#include <new>

namespace kausal::memory {

Result<OwnedBytes> OwnedBytes::try_make(size_t size) {
    OwnedBytes owned;
    if (size == 0) return owned;
    if (size > size_t{PTRDIFF_MAX}) return fail(Status(ErrorCode::NoMemory));
    owned.data_.reset(new (std::nothrow) std::byte[size]);
    if (owned.data_ == nullptr) return fail(Status(ErrorCode::NoMemory));
    owned.size_ = size;
    return owned;
}

Result<OwnedBytes> OwnedBytes::try_copy(ByteView bytes) {
    OwnedBytes owned = KAUSAL_TRY(try_make(bytes.size()));
    if (!bytes.empty()) std::memcpy(owned.data_.get(), bytes.data(), bytes.size());
    return owned;
}

}  // namespace kausal::memory
