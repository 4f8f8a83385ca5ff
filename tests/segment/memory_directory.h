// A directory of files in memory, so that tests can change any byte between writing and reading.
#pragma once

#include "io/vfs.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace kausal::test {

/// The bytes of one file, shared by its directory and everything that has it open.
struct MemoryContent {
    std::vector<std::byte> bytes;
    bool is_synced = false;
};

/// What the directory should do wrong.
struct MemoryFaults {
    bool can_map = true;
    uint64_t space_bytes = ~uint64_t{0};  // writes beyond this offset fail with NoSpace
    bool sync_fails = false;
};

class MemoryMapping final : public io::Mapping {
  public:
    explicit MemoryMapping(const std::vector<std::byte>& bytes)
        : words_(bytes.size() / 8 + 1), size_(bytes.size()) {
        if (size_ != 0) std::memcpy(words_.data(), bytes.data(), size_);
    }
    [[nodiscard]] ByteView bytes() const noexcept override {
        return {reinterpret_cast<const std::byte*>(words_.data()), size_};
    }

  private:
    std::vector<uint64_t> words_;
    size_t size_;
};

class MemoryFile final : public io::File {
  public:
    MemoryFile(std::shared_ptr<MemoryContent> content, const MemoryFaults& faults)
        : content_(std::move(content)), faults_(faults) {}
    using io::File::write_at;

    [[nodiscard]] Result<size_t> read_at(uint64_t offset, MutableBytes into) override {
        const std::vector<std::byte>& bytes = content_->bytes;
        if (offset >= bytes.size()) return size_t{0};
        const size_t size = std::min(into.size(), bytes.size() - static_cast<size_t>(offset));
        std::memcpy(into.data(), bytes.data() + offset, size);
        return size;
    }
    [[nodiscard]] Status write_at(uint64_t offset, std::span<const ByteView> parts) override {
        for (const ByteView part : parts) {
            if (offset + part.size() > faults_.space_bytes) return Status(ErrorCode::NoSpace);
            std::vector<std::byte>& bytes = content_->bytes;
            if (bytes.size() < offset + part.size()) bytes.resize(offset + part.size());
            std::ranges::copy(part, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
            offset += part.size();
        }
        content_->is_synced = false;
        return {};
    }
    [[nodiscard]] Result<uint64_t> size() override { return content_->bytes.size(); }
    [[nodiscard]] Status truncate(uint64_t size) override {
        content_->bytes.resize(static_cast<size_t>(size));
        return {};
    }
    [[nodiscard]] Status allocate(uint64_t, uint64_t) override { return {}; }
    [[nodiscard]] Status sync(io::SyncMode) override {
        if (faults_.sync_fails) return Status(ErrorCode::Unavailable);
        content_->is_synced = true;
        return {};
    }
    [[nodiscard]] Result<std::unique_ptr<io::Mapping>> map_readonly(uint64_t, uint64_t) override {
        if (!faults_.can_map) return fail(ErrorCode::Unsupported, "mapping");
        return std::make_unique<MemoryMapping>(content_->bytes);
    }
    [[nodiscard]] Status close() override { return {}; }

  private:
    std::shared_ptr<MemoryContent> content_;
    const MemoryFaults& faults_;
};

class MemoryDirectory final : public io::Directory {
  public:
    [[nodiscard]] MemoryContent& content(std::string_view name) {
        return *files_.at(std::string(name));
    }
    [[nodiscard]] bool has(std::string_view name) const {
        return files_.contains(std::string(name));
    }
    void put(std::string_view name, std::vector<std::byte> bytes) {
        auto& file = files_[std::string(name)];
        if (!file) file = std::make_shared<MemoryContent>();
        file->bytes = std::move(bytes);
    }
    MemoryFaults faults;

    [[nodiscard]] Result<std::unique_ptr<io::File>> open(std::string_view name,
                                                         io::OpenFlags flags) override {
        const auto found = files_.find(std::string(name));
        if (found == files_.end() && !flags.create) return fail(ErrorCode::NotFound, "absent");
        if (found != files_.end() && flags.exclusive) return fail(ErrorCode::Conflict, "exists");
        auto& file = files_[std::string(name)];
        if (!file) file = std::make_shared<MemoryContent>();
        return std::make_unique<MemoryFile>(file, faults);
    }
    [[nodiscard]] Result<std::unique_ptr<io::Directory>> open_directory(std::string_view) override {
        return fail(ErrorCode::Unsupported, "no folders in memory");
    }
    [[nodiscard]] Result<std::vector<io::DirectoryEntry>> list() override {
        std::vector<io::DirectoryEntry> entries;
        for (const auto& [name, content] : files_) {
            entries.push_back({name, io::EntryKind::File});
        }
        return entries;
    }
    [[nodiscard]] Result<io::FileInfo> info(std::string_view name) override {
        io::FileInfo info;
        info.kind = io::EntryKind::File;
        info.size_bytes = content(name).bytes.size();
        return info;
    }
    [[nodiscard]] Status sync() override { return {}; }
    [[nodiscard]] Status rename(std::string_view, io::Directory&, std::string_view, bool) override {
        return Status(ErrorCode::Unsupported);
    }
    [[nodiscard]] Status unlink(std::string_view name) override {
        return files_.erase(std::string(name)) != 0 ? Status() : Status(ErrorCode::NotFound);
    }
    [[nodiscard]] Status make_directory(std::string_view) override {
        return Status(ErrorCode::Unsupported);
    }
    [[nodiscard]] Status remove_directory(std::string_view) override {
        return Status(ErrorCode::Unsupported);
    }
    [[nodiscard]] Result<std::string> read_link(std::string_view) override {
        return fail(ErrorCode::Unsupported, "no links in memory");
    }
    [[nodiscard]] Result<std::unique_ptr<io::Lock>> lock(std::string_view,
                                                         std::string_view) override {
        return fail(ErrorCode::Unsupported, "no locks in memory");
    }

  private:
    std::map<std::string, std::shared_ptr<MemoryContent>, std::less<>> files_;
};

}  // namespace kausal::test
