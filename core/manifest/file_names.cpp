// Fixed-width names, so that byte order of names is order of numbers.
#include "manifest/file_names.h"

#include "manifest/manifest.h"

namespace kausal::manifest {
namespace {

constexpr size_t kDigits = 16;

std::string hex(uint64_t number) {
    static constexpr char kHexDigits[] = "0123456789abcdef";
    std::string text(kDigits, '0');
    for (size_t i = kDigits; i > 0; --i, number >>= 4) text[i - 1] = kHexDigits[number & 15];
    return text;
}

}  // namespace

std::string manifest_file_name(uint64_t manifest_id) {
    return std::string(kManifestPrefix) + hex(manifest_id);
}

std::string segment_file_name(uint64_t file_id) {
    return hex(file_id).append(kSegmentFileSuffix);
}

std::optional<uint64_t> number_in_name(std::string_view name, std::string_view prefix,
                                       std::string_view suffix) noexcept {
    if (name.size() != prefix.size() + kDigits + suffix.size() || !name.starts_with(prefix) ||
        !name.ends_with(suffix)) {
        return std::nullopt;
    }
    uint64_t number = 0;
    for (const char digit : name.substr(prefix.size(), kDigits)) {
        if (digit >= '0' && digit <= '9') {
            number = number << 4 | static_cast<uint64_t>(digit - '0');
        } else if (digit >= 'a' && digit <= 'f') {
            number = number << 4 | static_cast<uint64_t>(digit - 'a' + 10);
        } else {
            return std::nullopt;
        }
    }
    return number;
}

}  // namespace kausal::manifest
