// What can be said about files without knowing the Vfs behind them.
#include "io/vfs.h"

namespace kausal::io {

Result<std::string> read_file(Directory& directory, std::string_view name, uint64_t size_max) {
    std::unique_ptr<File> file = KAUSAL_TRY(directory.open(name, {}));
    const uint64_t size = KAUSAL_TRY(file->size());
    if (size > size_max) {
        return fail(ErrorCode::Invalid, std::string(name) + ": " + std::to_string(size) +
                                            " bytes, more than " + std::to_string(size_max));
    }
    std::string content;
    content.resize(static_cast<size_t>(size));
    const MutableBytes into(reinterpret_cast<std::byte*>(content.data()), content.size());
    // Another process may have cut the file meanwhile; what was read is then the content.
    content.resize(KAUSAL_TRY(file->read_at(0, into)));
    return content;
}

}  // namespace kausal::io
