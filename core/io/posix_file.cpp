// Positioned reads and writes, space and syncs of one file.
//
// Short transfers and EINTR end here: above this file a transfer is whole or an error.
#include "io/posix_file.h"

#include "io/posix_error.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <limits>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace kausal::io::posix {
namespace {

constexpr size_t kPartsPerCall = 64;
constexpr auto kOffsetMax = static_cast<uint64_t>(std::numeric_limits<off_t>::max());

class PosixMapping final : public Mapping {
  public:
    PosixMapping(void* address, size_t size) noexcept : address_(address), size_(size) {}
    PosixMapping(const PosixMapping&) = delete;
    PosixMapping& operator=(const PosixMapping&) = delete;
    ~PosixMapping() override {
        if (size_ > 0) ::munmap(address_, size_);
    }
    [[nodiscard]] ByteView bytes() const noexcept override {
        return {static_cast<const std::byte*>(address_), size_};
    }

  private:
    void* address_;
    size_t size_;
};

class PosixFile final : public File {
  public:
    PosixFile(Descriptor descriptor, std::string_view name)
        : descriptor_(std::move(descriptor)), name_(name) {}

    Result<size_t> read_at(uint64_t offset, MutableBytes into) override;
    Status write_at(uint64_t offset, std::span<const ByteView> parts) override;
    Result<uint64_t> size() override;
    Status truncate(uint64_t size) override;
    Status allocate(uint64_t offset, uint64_t size) override;
    Status sync(SyncMode mode) override;
    Result<std::unique_ptr<Mapping>> map_readonly(uint64_t offset, uint64_t size) override;
    Status close() override;

  private:
    /// Closed, or Invalid when the range does not fit a file offset.
    [[nodiscard]] Status check(uint64_t offset, uint64_t size) const;

    Descriptor descriptor_;
    std::string name_;
};

Status PosixFile::check(uint64_t offset, uint64_t size) const {
    if (!descriptor_.is_open()) return {ErrorCode::Closed, name_ + ": file is closed"};
    if (offset > kOffsetMax || size > kOffsetMax - offset) {
        return {ErrorCode::Invalid, name_ + ": offset " + std::to_string(offset) + " plus " +
                                        std::to_string(size) + " bytes exceeds the largest file"};
    }
    return {};
}

Result<size_t> PosixFile::read_at(uint64_t offset, MutableBytes into) {
    KAUSAL_TRY(check(offset, into.size()));
    size_t done = 0;
    while (done < into.size()) {
        const ssize_t count = retried([&] {
            return ::pread(descriptor_.get(), into.data() + done, into.size() - done,
                           static_cast<off_t>(offset + done));
        });
        if (count < 0) return fail(system_error(errno, "read", name_));
        if (count == 0) break;
        done += static_cast<size_t>(count);
    }
    return done;
}

Status PosixFile::write_at(uint64_t offset, std::span<const ByteView> parts) {
    uint64_t total = 0;
    for (const ByteView part : parts) total += part.size();
    KAUSAL_TRY(check(offset, total));
    return write_all(descriptor_.get(), offset, parts, name_);
}

Result<uint64_t> PosixFile::size() {
    KAUSAL_TRY(check(0, 0));
    struct stat facts = {};
    if (::fstat(descriptor_.get(), &facts) != 0) return fail(system_error(errno, "stat", name_));
    return static_cast<uint64_t>(facts.st_size);
}

Status PosixFile::truncate(uint64_t size) {
    KAUSAL_TRY(check(size, 0));
    if (retried([&] { return ::ftruncate(descriptor_.get(), static_cast<off_t>(size)); }) != 0) {
        return system_error(errno, "truncate", name_);
    }
    return {};
}

Status PosixFile::allocate(uint64_t offset, uint64_t size) {
    KAUSAL_TRY(check(offset, size));
    if (size == 0) return {};
#if defined(__linux__)
    const int outcome = retried([&] {
        return ::fallocate(descriptor_.get(), 0, static_cast<off_t>(offset),
                           static_cast<off_t>(size));
    });
    if (outcome == 0) return {};
    if (errno != EOPNOTSUPP && errno != ENOSYS) return system_error(errno, "allocate", name_);
#endif
    // The C library's emulation writes a byte per block, which costs more than growing later.
    return {ErrorCode::Unsupported, "allocate " + name_ + ": not offered by this file system"};
}

Status PosixFile::sync(SyncMode mode) {
    KAUSAL_TRY(check(0, 0));
    return sync_descriptor(descriptor_.get(), mode, name_);
}

Result<std::unique_ptr<Mapping>> PosixFile::map_readonly(uint64_t offset, uint64_t size) {
    KAUSAL_TRY(check(offset, size));
    const auto page_size = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
    if (offset % page_size != 0) {
        return fail(ErrorCode::Invalid,
                    name_ + ": mapping at unaligned offset " + std::to_string(offset));
    }
    // Touching a page behind the end would raise SIGBUS in the host, so it is refused here.
    const uint64_t file_size = KAUSAL_TRY(this->size());
    if (offset > file_size || size > file_size - offset) {
        return fail(ErrorCode::Invalid, name_ + ": mapping of " + std::to_string(size) +
                                            " bytes at " + std::to_string(offset) +
                                            " passes the end at " + std::to_string(file_size));
    }
    if (size == 0) return std::make_unique<PosixMapping>(nullptr, 0);
    void* address = ::mmap(nullptr, static_cast<size_t>(size), PROT_READ, MAP_SHARED,
                           descriptor_.get(), static_cast<off_t>(offset));
    if (address == MAP_FAILED) return fail(system_error(errno, "map", name_));
    return std::make_unique<PosixMapping>(address, static_cast<size_t>(size));
}

Status PosixFile::close() {
    KAUSAL_TRY(check(0, 0));
    // After EINTR the descriptor is gone on Linux and must not be closed again.
    if (::close(descriptor_.release()) != 0 && errno != EINTR) {
        return system_error(errno, "close", name_);
    }
    return {};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        if (value_ >= 0) ::close(value_);
        value_ = other.release();
    }
    return *this;
}

Descriptor::~Descriptor() {
    if (value_ >= 0) ::close(value_);
}

std::unique_ptr<File> make_file(Descriptor descriptor, std::string_view name) {
    return std::make_unique<PosixFile>(std::move(descriptor), name);
}

Status sync_descriptor(int descriptor, SyncMode mode, std::string_view name) {
#if defined(__APPLE__)
    // fsync leaves the data in the device's cache there; a device without the command gets fsync.
    if (retried([&] { return ::fcntl(descriptor, F_FULLFSYNC); }) != -1) return {};
    const int outcome = retried([&] { return ::fsync(descriptor); });
    (void)mode;
#else
    const int outcome = retried(
        [&] { return mode == SyncMode::Data ? ::fdatasync(descriptor) : ::fsync(descriptor); });
#endif
    if (outcome != 0) return system_error(errno, "sync", name);
    return {};
}

Status write_all(int descriptor, uint64_t offset, std::span<const ByteView> parts,
                 std::string_view name) {
    const auto write = [descriptor](std::span<const iovec> vectors, uint64_t at) {
        return ::pwritev(descriptor, vectors.data(), static_cast<int>(vectors.size()),
                         static_cast<off_t>(at));
    };
    return write_all(write, offset, parts, name);
}

Status write_all(const WriteCall& write, uint64_t offset, std::span<const ByteView> parts,
                 std::string_view name) {
    size_t part = 0;       // first part that is not written whole
    size_t part_done = 0;  // bytes of it that are
    while (true) {
        while (part < parts.size() && part_done == parts[part].size()) {
            ++part;
            part_done = 0;
        }
        if (part == parts.size()) return {};
        std::array<iovec, kPartsPerCall> vectors;
        const size_t count = std::min(parts.size() - part, kPartsPerCall);
        for (size_t i = 0; i < count; ++i) {
            const ByteView rest = parts[part + i].subspan(i == 0 ? part_done : 0);
            vectors[i] = {const_cast<std::byte*>(rest.data()), rest.size()};
        }
        const ssize_t written =
            retried([&] { return write(std::span(vectors).first(count), offset); });
        if (written < 0) return system_error(errno, "write", name);
        offset += static_cast<uint64_t>(written);
        auto left = static_cast<size_t>(written);
        while (left > 0) {
            const size_t step = std::min(left, parts[part].size() - part_done);
            left -= step;
            part_done += step;
            if (part_done == parts[part].size()) {
                ++part;
                part_done = 0;
            }
        }
    }
}

}  // namespace kausal::io::posix
