// Error objects, argument checks and the reading of sized structs.
#include "guard.h"

#include "base/utf8.h"
#include "objects.h"

#include <algorithm>
#include <cstring>
#include <memory>

namespace kausal::capi {
namespace {

// Its address is the handle of every out-of-memory error. It is in no chunk of the handle table.
const char kNoMemoryError = 0;
constexpr const char* kNoMemoryText = "out of memory";

kausal_error_t* no_memory_handle() noexcept {
    return reinterpret_cast<kausal_error_t*>(const_cast<char*>(&kNoMemoryError));
}

}  // namespace

kausal_status_t report_no_memory(kausal_error_t** err) noexcept {
    if (err != nullptr) *err = no_memory_handle();
    return KAUSAL_ERR_NO_MEMORY;
}

kausal_status_t report(kausal_error_t** err, const Status& status) noexcept {
    if (err == nullptr) return static_cast<kausal_status_t>(status.code());
    try {
        auto object = std::make_shared<ErrorObject>(status);
        *err = static_cast<kausal_error_t*>(
            HandleTable::instance().add(HandleType::Error, std::move(object)));
    } catch (...) {
        *err = no_memory_handle();
    }
    return static_cast<kausal_status_t>(status.code());
}

Result<std::string_view> text_argument(const char* data, size_t size, std::string_view argument) {
    if (data == nullptr && size != 0) return fail(missing(argument));
    if (size > kTextArgumentMax) {
        return fail(ErrorCode::Invalid, std::string(argument) + " is longer than " +
                                            std::to_string(kTextArgumentMax) + " bytes");
    }
    return size == 0 ? std::string_view() : std::string_view(data, size);
}

Result<std::string_view> name_argument(const char* data, size_t size, std::string_view argument) {
    if (data == nullptr) return fail(missing(argument));
    const std::string_view text = KAUSAL_TRY(text_argument(data, size, argument));
    if (text.empty()) return fail(ErrorCode::Invalid, std::string(argument) + " is empty");
    if (!is_utf8(text)) return fail(ErrorCode::Invalid, std::string(argument) + " is not UTF-8");
    return text;
}

Status read_struct(const void* from, void* into, size_t own_size, std::string_view argument) {
    uint32_t size = 0;
    std::memcpy(&size, from, sizeof size);
    if (size < sizeof size || size > 4096) {
        return {ErrorCode::Invalid, std::string(argument) + " has an impossible struct_size of " +
                                        std::to_string(size)};
    }
    const auto* bytes = static_cast<const char*>(from);
    for (size_t i = own_size; i < size; ++i) {
        if (bytes[i] != 0) {
            return {ErrorCode::Invalid,
                    std::string(argument) + " has fields that this version does not know"};
        }
    }
    std::memcpy(into, from, std::min<size_t>(size, own_size));
    const auto kept = static_cast<uint32_t>(own_size);
    std::memcpy(into, &kept, sizeof kept);
    return {};
}

Status write_struct(const void* from, void* into, size_t own_size, std::string_view argument) {
    uint32_t size = 0;
    std::memcpy(&size, into, sizeof size);
    if (size < sizeof size || size > 4096) {
        return {ErrorCode::Invalid, std::string(argument) + " has an impossible struct_size of " +
                                        std::to_string(size)};
    }
    std::memset(into, 0, size);
    std::memcpy(into, from, std::min<size_t>(size, own_size));
    std::memcpy(into, &size, sizeof size);
    return {};
}

}  // namespace kausal::capi

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

extern "C" {

kausal_status_t kausal_error_code(const kausal_error_t* error) {
    if (error == no_memory_handle()) return KAUSAL_ERR_NO_MEMORY;
    return guard_value<kausal_status_t>(KAUSAL_ERR_HANDLE, [&] {
        auto object = HandleTable::instance().find(HandleType::Error, error);
        if (object == nullptr) return KAUSAL_ERR_HANDLE + 0;
        return static_cast<kausal_status_t>(static_cast<const ErrorObject&>(*object).code);
    });
}

const char* kausal_error_message(const kausal_error_t* error) {
    if (error == no_memory_handle()) return kNoMemoryText;
    return guard_value<const char*>("", [&]() -> const char* {
        auto object = HandleTable::instance().find(HandleType::Error, error);
        if (object == nullptr) return "";
        return static_cast<const ErrorObject&>(*object).message.c_str();
    });
}

void kausal_error_destroy(kausal_error_t* error) {
    guard_value(0, [&] {
        (void)HandleTable::instance().remove(HandleType::Error, error);
        return 0;
    });
}

}  // extern "C"
