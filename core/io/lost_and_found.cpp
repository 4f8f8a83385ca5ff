// Copies, moves and unique names in lost+found/.
#include "io/lost_and_found.h"

#include <algorithm>
#include <functional>

namespace kausal::io {
namespace {

constexpr uint64_t kCopySize = uint64_t{256} << 10;
constexpr int kNameAttemptsMax = 100'000;

Result<std::unique_ptr<Directory>> open_lost_and_found(Directory& directory) {
    Status made = directory.make_directory(kLostAndFoundName);
    if (made.is_ok()) {
        made = directory.sync();
    } else if (made.code() == ErrorCode::Conflict) {
        made = {};
    }
    KAUSAL_TRY(std::move(made));
    return directory.open_directory(kLostAndFoundName);
}

/// Calls `attempt` with `base`, then `base`.1, `base`.2 ... until it does not fail with Conflict;
/// returns the name that was free.
Result<std::string> with_free_name(const std::string& base,
                                   const std::function<Status(const std::string&)>& attempt) {
    for (int number = 0; number < kNameAttemptsMax; ++number) {
        std::string name = number == 0 ? base : base + "." + std::to_string(number);
        Status status = attempt(name);
        if (status.code() == ErrorCode::Conflict) continue;
        KAUSAL_TRY(std::move(status));
        return name;
    }
    return fail(ErrorCode::Conflict, base + ": every name in lost+found is taken");
}

std::string path_of(const std::string& name) {
    return std::string(kLostAndFoundName) + "/" + name;
}

}  // namespace

Result<std::string> keep_bytes(Directory& directory, File& file, std::string_view name,
                               uint64_t from, uint64_t until) {
    const std::unique_ptr<Directory> kept = KAUSAL_TRY(open_lost_and_found(directory));
    std::unique_ptr<File> copy;
    const std::string free_name = KAUSAL_TRY(with_free_name(
        std::string(name) + "-from-" + std::to_string(from), [&](const std::string& candidate) {
            auto opened = kept->open(candidate, {.create = true, .exclusive = true, .write = true});
            if (!opened) return std::move(opened).error();
            copy = std::move(*opened);
            return Status();
        }));
    std::string buffer(static_cast<size_t>(std::min(kCopySize, until - from)), '\0');
    for (uint64_t at = from; at < until;) {
        const auto wanted = static_cast<size_t>(std::min<uint64_t>(buffer.size(), until - at));
        const MutableBytes into(reinterpret_cast<std::byte*>(buffer.data()), wanted);
        const size_t count = KAUSAL_TRY(file.read_at(at, into));
        if (count == 0) break;
        KAUSAL_TRY(copy->write_at(at - from, ByteView(into).first(count)));
        at += count;
    }
    KAUSAL_TRY(copy->sync(SyncMode::Full));
    KAUSAL_TRY(copy->close());
    KAUSAL_TRY(kept->sync());
    return path_of(free_name);
}

Result<std::string> keep_file(Directory& directory, std::string_view name) {
    const std::unique_ptr<Directory> kept = KAUSAL_TRY(open_lost_and_found(directory));
    const std::string free_name =
        KAUSAL_TRY(with_free_name(std::string(name), [&](const std::string& candidate) {
            return directory.rename(name, *kept, candidate, true);
        }));
    KAUSAL_TRY(kept->sync());
    KAUSAL_TRY(directory.sync());
    return path_of(free_name);
}

Result<uint64_t> end_of_content(File& file, uint64_t from, uint64_t until) {
    std::string buffer(static_cast<size_t>(std::min(kCopySize, until - from)), '\0');
    // Backwards: the zeros of reserved space are at the end and usually the longer part.
    while (until > from) {
        const auto wanted = static_cast<size_t>(std::min<uint64_t>(buffer.size(), until - from));
        const uint64_t at = until - wanted;
        const MutableBytes into(reinterpret_cast<std::byte*>(buffer.data()), wanted);
        const size_t count = KAUSAL_TRY(file.read_at(at, into));
        const size_t last = std::string_view(buffer.data(), count).find_last_not_of('\0');
        if (last != std::string_view::npos) return at + last + 1;
        until = at;
    }
    return from;
}

}  // namespace kausal::io
