// A Vfs in front of another one that counts the calls which change something and can make one fail.
//
// Test double. Usage: run a scenario once without a fault and read `calls`; then run it again for
// every n up to that number with `fail_at = n`. `sticky` lets every later changing call fail as
// well, which is what a dead disk or a lost power supply looks like. Threads: calls may come from
// several threads; the plan is set up before and read after.
#pragma once

#include "base/mutex.h"
#include "io/vfs.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kausal::test {

/// Shared by all objects of one FaultVfs and by the test.
struct FaultPlan {
    uint64_t fail_at = 0;  // 1 is the first changing call; 0: none fails
    ErrorCode code = ErrorCode::Unavailable;
    bool sticky = false;
    bool partial_writes = false;          // a failing write first writes half of its bytes
    std::optional<uint64_t> space_bytes;  // writes and reservations beyond fail with NoSpace
    bool records_trace = false;

    uint64_t calls = 0;
    uint64_t failures = 0;
    std::vector<std::string> trace;  // "operation name", in order
    Mutex mutex;

    /// Counts one changing call and decides its fate.
    [[nodiscard]] Status next(std::string_view operation, std::string_view name,
                              uint64_t bytes = 0) {
        const MutexLock lock(mutex);
        ++calls;
        std::string text = std::string(operation) + " " + std::string(name);
        const bool fails = fail_at != 0 && (sticky ? calls >= fail_at : calls == fail_at);
        if (records_trace) trace.push_back(text);
        if (fails) {
            ++failures;
            return {code, text + ": injected failure of call " + std::to_string(calls)};
        }
        if (space_bytes) {
            if (bytes > *space_bytes) {
                ++failures;
                return {ErrorCode::NoSpace, text + ": injected end of space"};
            }
            *space_bytes -= bytes;
        }
        return {};
    }
};

class FaultFile final : public io::File {
  public:
    FaultFile(std::unique_ptr<io::File> inner, std::string_view name,
              std::shared_ptr<FaultPlan> plan)
        : inner_(std::move(inner)), name_(name), plan_(std::move(plan)) {}

    Result<size_t> read_at(uint64_t offset, MutableBytes into) override {
        return inner_->read_at(offset, into);
    }
    using File::write_at;
    Status write_at(uint64_t offset, std::span<const ByteView> parts) override {
        std::string bytes;
        for (const ByteView part : parts) bytes += as_text(part);
        Status fate = plan_->next("write", name_, growth(offset + bytes.size()));
        if (fate.is_ok()) return inner_->write_at(offset, parts);
        if (plan_->partial_writes) {
            KAUSAL_TRY(inner_->write_at(offset, as_bytes(bytes).first(bytes.size() / 2)));
        }
        return fate;
    }
    Result<uint64_t> size() override { return inner_->size(); }
    Status truncate(uint64_t size) override {
        KAUSAL_TRY(plan_->next("truncate", name_));
        return inner_->truncate(size);
    }
    Status allocate(uint64_t offset, uint64_t size) override {
        KAUSAL_TRY(plan_->next("allocate", name_, growth(offset + size)));
        return inner_->allocate(offset, size);
    }
    Status sync(io::SyncMode mode) override {
        KAUSAL_TRY(plan_->next("sync", name_));
        return inner_->sync(mode);
    }
    Result<std::unique_ptr<io::Mapping>> map_readonly(uint64_t offset, uint64_t size) override {
        return inner_->map_readonly(offset, size);
    }
    Status close() override { return inner_->close(); }

  private:
    [[nodiscard]] uint64_t growth(uint64_t end) {
        const Result<uint64_t> size = inner_->size();
        return size && end > *size ? end - *size : 0;
    }

    std::unique_ptr<io::File> inner_;
    std::string name_;
    std::shared_ptr<FaultPlan> plan_;  // the test and all objects of the Vfs own it
};

class FaultDirectory final : public io::Directory {
  public:
    FaultDirectory(std::unique_ptr<io::Directory> inner, std::shared_ptr<FaultPlan> plan)
        : inner_(std::move(inner)), plan_(std::move(plan)) {}

    Result<std::unique_ptr<io::File>> open(std::string_view name, io::OpenFlags flags) override {
        if (flags.create) KAUSAL_TRY(plan_->next("create", name));
        std::unique_ptr<io::File> file = KAUSAL_TRY(inner_->open(name, flags));
        return std::make_unique<FaultFile>(std::move(file), name, plan_);
    }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) override {
        std::unique_ptr<io::Directory> opened = KAUSAL_TRY(inner_->open_directory(name));
        return std::make_unique<FaultDirectory>(std::move(opened), plan_);
    }
    Result<std::vector<io::DirectoryEntry>> list() override { return inner_->list(); }
    Result<io::FileInfo> info(std::string_view name) override { return inner_->info(name); }
    Status sync() override {
        KAUSAL_TRY(plan_->next("sync", "directory"));
        return inner_->sync();
    }
    Status rename(std::string_view from, io::Directory& target, std::string_view to,
                  bool no_replace) override {
        KAUSAL_TRY(plan_->next("rename", std::string(from) + " " + std::string(to)));
        auto& into = dynamic_cast<FaultDirectory&>(target);
        return inner_->rename(from, *into.inner_, to, no_replace);
    }
    Status unlink(std::string_view name) override {
        KAUSAL_TRY(plan_->next("unlink", name));
        return inner_->unlink(name);
    }
    Status make_directory(std::string_view name) override {
        KAUSAL_TRY(plan_->next("mkdir", name));
        return inner_->make_directory(name);
    }
    Status remove_directory(std::string_view name) override {
        KAUSAL_TRY(plan_->next("rmdir", name));
        return inner_->remove_directory(name);
    }
    Result<std::string> read_link(std::string_view name) override {
        return inner_->read_link(name);
    }
    Result<std::unique_ptr<io::Lock>> lock(std::string_view name,
                                           std::string_view holder) override {
        KAUSAL_TRY(plan_->next("lock", name));
        return inner_->lock(name, holder);
    }

  private:
    std::unique_ptr<io::Directory> inner_;
    std::shared_ptr<FaultPlan> plan_;  // the test and all objects of the Vfs own it
};

class FaultVfs final : public io::Vfs {
  public:
    FaultVfs(io::Vfs& inner, std::shared_ptr<FaultPlan> plan)
        : inner_(inner), plan_(std::move(plan)) {}

    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view path) override {
        std::unique_ptr<io::Directory> opened = KAUSAL_TRY(inner_.open_directory(path));
        return std::make_unique<FaultDirectory>(std::move(opened), plan_);
    }
    Status make_directories(std::string_view path) override {
        KAUSAL_TRY(plan_->next("mkdirs", path));
        return inner_.make_directories(path);
    }
    Result<std::string> canonical(std::string_view path) override { return inner_.canonical(path); }
    Result<io::FileInfo> info(std::string_view path) override { return inner_.info(path); }
    Result<uint64_t> free_bytes(std::string_view path) override { return inner_.free_bytes(path); }

  private:
    io::Vfs& inner_;
    std::shared_ptr<FaultPlan> plan_;  // the test and all objects of the Vfs own it
};

}  // namespace kausal::test
