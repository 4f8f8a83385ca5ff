// A file system in memory that knows what a crash would leave.
//
// Test double. Every file and directory has a present image and a durable one; `sync` copies the
// first into the second. `crash` throws the present away: DropUnsynced keeps only what was synced,
// KeepAll keeps everything, and Mixed decides per changed 512-byte sector, per size and per
// directory entry from a seed. Syncing a file does not make its name durable. Threads: confined.
#pragma once

#include "io/vfs.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>

namespace kausal::test {

enum class CrashKind : uint8_t { DropUnsynced, KeepAll, Mixed };

struct MemoryNode {
    using Entries = std::map<std::string, std::shared_ptr<MemoryNode>, std::less<>>;
    bool is_directory = false;
    std::string content;
    std::string content_durable;
    Entries entries;
    Entries entries_durable;

    void crash(CrashKind kind, std::mt19937_64& random, std::set<MemoryNode*>& seen) {
        if (!seen.insert(this).second) return;
        if (is_directory) {
            crash_entries(kind, random);
            for (auto& [name, node] : entries) node->crash(kind, random, seen);
        } else {
            crash_content(kind, random);
        }
        content_durable = content;
        entries_durable = entries;
    }

  private:
    void crash_content(CrashKind kind, std::mt19937_64& random) {
        if (kind == CrashKind::DropUnsynced) content = content_durable;
        if (kind != CrashKind::Mixed) return;
        constexpr size_t sector_size = 512;
        std::string mixed = random() % 2 == 0 ? content : content_durable;
        const std::string source[2] = {content, content_durable};
        for (size_t at = 0; at < mixed.size(); at += sector_size) {
            const std::string& chosen = source[random() % 2];
            const size_t size = std::min(sector_size, mixed.size() - at);
            for (size_t i = at; i < at + size; ++i) mixed[i] = i < chosen.size() ? chosen[i] : '\0';
        }
        content = mixed;
    }
    void crash_entries(CrashKind kind, std::mt19937_64& random) {
        if (kind == CrashKind::DropUnsynced) entries = entries_durable;
        if (kind != CrashKind::Mixed) return;
        std::set<std::string> names;
        for (const auto& [name, node] : entries) names.insert(name);
        for (const auto& [name, node] : entries_durable) names.insert(name);
        Entries mixed;
        for (const std::string& name : names) {
            const Entries& chosen = random() % 2 == 0 ? entries : entries_durable;
            if (const auto found = chosen.find(name); found != chosen.end()) mixed.insert(*found);
        }
        entries = std::move(mixed);
    }
};

inline Status memory_error(ErrorCode code, std::string_view name) {
    return {code, std::string(name) + ": in-memory file system"};
}

class MemoryFile final : public io::File {
  public:
    explicit MemoryFile(std::shared_ptr<MemoryNode> node) : node_(std::move(node)) {}
    Result<size_t> read_at(uint64_t offset, MutableBytes into) override {
        const std::string& content = node_->content;
        if (offset >= content.size()) return size_t{0};
        const size_t count = std::min<size_t>(into.size(), content.size() - offset);
        std::memcpy(into.data(), content.data() + offset, count);
        return count;
    }
    using File::write_at;
    Status write_at(uint64_t offset, std::span<const ByteView> parts) override {
        for (const ByteView part : parts) {
            if (node_->content.size() < offset + part.size()) {
                node_->content.resize(offset + part.size());
            }
            if (!part.empty())
                std::memcpy(node_->content.data() + offset, part.data(), part.size());
            offset += part.size();
        }
        return {};
    }
    Result<uint64_t> size() override { return node_->content.size(); }
    Status truncate(uint64_t size) override {
        node_->content.resize(size);
        return {};
    }
    Status allocate(uint64_t offset, uint64_t size) override {
        if (node_->content.size() < offset + size) node_->content.resize(offset + size);
        return {};
    }
    Status sync(io::SyncMode) override {
        node_->content_durable = node_->content;
        return {};
    }
    Result<std::unique_ptr<io::Mapping>> map_readonly(uint64_t offset, uint64_t size) override {
        class Copy final : public io::Mapping {
          public:
            explicit Copy(std::string bytes) : bytes_(std::move(bytes)) {}
            ByteView bytes() const noexcept override { return as_bytes(bytes_); }

          private:
            std::string bytes_;
        };
        if (offset + size > node_->content.size()) {
            return fail(memory_error(ErrorCode::Invalid, "mapping"));
        }
        return std::make_unique<Copy>(node_->content.substr(offset, size));
    }
    Status close() override { return {}; }

  private:
    std::shared_ptr<MemoryNode> node_;  // the directory owns it too
};

class MemoryDirectory final : public io::Directory {
  public:
    explicit MemoryDirectory(std::shared_ptr<MemoryNode> node) : node_(std::move(node)) {}

    Result<std::unique_ptr<io::File>> open(std::string_view name, io::OpenFlags flags) override {
        auto found = node_->entries.find(name);
        if (found != node_->entries.end() && flags.create && flags.exclusive) {
            return fail(memory_error(ErrorCode::Conflict, name));
        }
        if (found == node_->entries.end()) {
            if (!flags.create) return fail(memory_error(ErrorCode::NotFound, name));
            found = node_->entries.emplace(name, std::make_shared<MemoryNode>()).first;
        }
        if (found->second->is_directory) return fail(memory_error(ErrorCode::Invalid, name));
        return std::make_unique<MemoryFile>(found->second);
    }
    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view name) override {
        const auto found = node_->entries.find(name);
        if (found == node_->entries.end()) return fail(memory_error(ErrorCode::NotFound, name));
        if (!found->second->is_directory) return fail(memory_error(ErrorCode::Invalid, name));
        return std::make_unique<MemoryDirectory>(found->second);
    }
    Result<std::vector<io::DirectoryEntry>> list() override {
        std::vector<io::DirectoryEntry> entries;
        for (const auto& [name, node] : node_->entries) {
            entries.push_back(
                {name, node->is_directory ? io::EntryKind::Directory : io::EntryKind::File});
        }
        return entries;
    }
    Result<io::FileInfo> info(std::string_view name) override {
        const auto found = node_->entries.find(name);
        if (found == node_->entries.end()) return fail(memory_error(ErrorCode::NotFound, name));
        io::FileInfo result;
        result.kind = found->second->is_directory ? io::EntryKind::Directory : io::EntryKind::File;
        result.size_bytes = found->second->content.size();
        return result;
    }
    Status sync() override {
        node_->entries_durable = node_->entries;
        return {};
    }
    Status rename(std::string_view from, io::Directory& target, std::string_view to,
                  bool no_replace) override {
        auto& into = dynamic_cast<MemoryDirectory&>(target).node_->entries;
        const auto found = node_->entries.find(from);
        if (found == node_->entries.end()) return memory_error(ErrorCode::NotFound, from);
        if (no_replace && into.contains(to)) return memory_error(ErrorCode::Conflict, to);
        const std::shared_ptr<MemoryNode> node = found->second;
        node_->entries.erase(found);
        into.insert_or_assign(std::string(to), node);
        return {};
    }
    Status unlink(std::string_view name) override {
        const auto found = node_->entries.find(name);
        if (found == node_->entries.end()) return memory_error(ErrorCode::NotFound, name);
        if (found->second->is_directory) return memory_error(ErrorCode::Invalid, name);
        node_->entries.erase(found);
        return {};
    }
    Status make_directory(std::string_view name) override {
        if (node_->entries.contains(name)) return memory_error(ErrorCode::Conflict, name);
        auto made = std::make_shared<MemoryNode>();
        made->is_directory = true;
        node_->entries.emplace(name, std::move(made));
        return {};
    }
    Status remove_directory(std::string_view name) override {
        const auto found = node_->entries.find(name);
        if (found == node_->entries.end()) return memory_error(ErrorCode::NotFound, name);
        if (!found->second->is_directory) return memory_error(ErrorCode::Invalid, name);
        if (!found->second->entries.empty()) return memory_error(ErrorCode::Conflict, name);
        node_->entries.erase(found);
        return {};
    }
    Result<std::string> read_link(std::string_view name) override {
        return fail(memory_error(ErrorCode::Invalid, name));
    }
    /// Held until the returned object goes or the machine crashes.
    Result<std::unique_ptr<io::Lock>> lock(std::string_view name,
                                           std::string_view holder) override {
        class Held final : public io::Lock {
          public:
            explicit Held(std::shared_ptr<MemoryNode> node) : node_(std::move(node)) {}
            Held(const Held&) = delete;
            Held& operator=(const Held&) = delete;
            ~Held() override { node_->content.clear(); }

          private:
            std::shared_ptr<MemoryNode> node_;  // the directory owns it too
        };
        auto& node = node_->entries[std::string(name)];
        if (node == nullptr) node = std::make_shared<MemoryNode>();
        if (!node->content.empty()) return fail(ErrorCode::Locked, node->content);
        node->content = holder.empty() ? "unnamed" : std::string(holder);
        return std::make_unique<Held>(node);
    }

  private:
    std::shared_ptr<MemoryNode> node_;  // its parent's entries own it too
};

class MemoryVfs final : public io::Vfs {
  public:
    MemoryVfs() { root_->is_directory = true; }

    Result<std::unique_ptr<io::Directory>> open_directory(std::string_view path) override {
        std::shared_ptr<MemoryNode> node = find(path);
        if (node == nullptr) return fail(memory_error(ErrorCode::NotFound, path));
        if (!node->is_directory) return fail(memory_error(ErrorCode::Invalid, path));
        return std::make_unique<MemoryDirectory>(std::move(node));
    }
    /// Durable at once, as the real one promises.
    Status make_directories(std::string_view path) override {
        std::shared_ptr<MemoryNode> node = root_;
        for (const std::string& part : parts_of(path)) {
            std::shared_ptr<MemoryNode>& next = node->entries[part];
            if (next == nullptr) {
                next = std::make_shared<MemoryNode>();
                next->is_directory = true;
                node->entries_durable[part] = next;
            }
            if (!next->is_directory) return memory_error(ErrorCode::Invalid, path);
            node = next;
        }
        return {};
    }
    Result<std::string> canonical(std::string_view path) override {
        if (find(path) == nullptr) return fail(memory_error(ErrorCode::NotFound, path));
        std::string text;
        for (const std::string& part : parts_of(path)) text += "/" + part;
        return text.empty() ? "/" : text;
    }
    Result<io::FileInfo> info(std::string_view path) override {
        const std::shared_ptr<MemoryNode> node = find(path);
        if (node == nullptr) return fail(memory_error(ErrorCode::NotFound, path));
        io::FileInfo result;
        result.kind = node->is_directory ? io::EntryKind::Directory : io::EntryKind::File;
        result.size_bytes = node->content.size();
        return result;
    }
    Result<uint64_t> free_bytes(std::string_view) override { return uint64_t{1} << 40; }

    /// Only after every object made by this Vfs is gone.
    void crash(CrashKind kind, uint64_t seed = 0) {
        std::mt19937_64 random(seed);
        std::set<MemoryNode*> seen;
        root_->crash(kind, random, seen);
    }
    /// The content of a file, to look at or to damage; it must exist.
    [[nodiscard]] std::string& content(std::string_view path) { return find(path)->content; }
    [[nodiscard]] bool exists(std::string_view path) { return find(path) != nullptr; }
    /// A second file system with the same content; nothing is shared.
    [[nodiscard]] std::unique_ptr<MemoryVfs> clone() const {
        auto copy = std::make_unique<MemoryVfs>();
        std::map<const MemoryNode*, std::shared_ptr<MemoryNode>> made;
        copy->root_ = clone_node(root_, made);
        return copy;
    }

  private:
    using Made = std::map<const MemoryNode*, std::shared_ptr<MemoryNode>>;
    static std::shared_ptr<MemoryNode> clone_node(const std::shared_ptr<MemoryNode>& node,
                                                  Made& made) {
        std::shared_ptr<MemoryNode>& copy = made[node.get()];
        if (copy != nullptr) return copy;
        copy = std::make_shared<MemoryNode>();
        std::shared_ptr<MemoryNode> result = copy;
        result->is_directory = node->is_directory;
        result->content = node->content;
        result->content_durable = node->content_durable;
        for (const auto& [name, entry] : node->entries) {
            result->entries[name] = clone_node(entry, made);
        }
        for (const auto& [name, entry] : node->entries_durable) {
            result->entries_durable[name] = clone_node(entry, made);
        }
        return result;
    }
    static std::vector<std::string> parts_of(std::string_view path) {
        std::vector<std::string> parts;
        while (!path.empty()) {
            const size_t slash = std::min(path.find('/'), path.size());
            if (slash > 0) parts.emplace_back(path.substr(0, slash));
            path.remove_prefix(std::min(slash + 1, path.size()));
        }
        return parts;
    }
    [[nodiscard]] std::shared_ptr<MemoryNode> find(std::string_view path) const {
        std::shared_ptr<MemoryNode> node = root_;
        for (const std::string& part : parts_of(path)) {
            const auto found = node->entries.find(part);
            if (found == node->entries.end()) return nullptr;
            node = found->second;
        }
        return node;
    }

    std::shared_ptr<MemoryNode> root_ = std::make_shared<MemoryNode>();  // shared with open handles
};

}  // namespace kausal::test
