// The walk over a source tree: level by level, the folders of one level in parallel.
#include "ingest/file_list.h"

#include "base/hash.h"
#include "base/utf8.h"
#include "format/block_record.h"
#include "ingest/ignore_rules.h"

#include <algorithm>
#include <memory>

namespace kausal::ingest {
namespace {

constexpr uint64_t kIgnoreFileBytesMax = 4u << 20;

using ScopePointer = std::shared_ptr<const IgnoreScope>;

struct Folder {
    std::string path;  // on disk, relative; "" or "a/b/"
    ScopePointer scope;
};

struct FolderResult {
    std::vector<ListedFile> files;
    std::vector<Folder> folders;
};

bool is_private_folder(std::string_view name) {
    return name == ".git" || name == ".hg" || name == ".svn" || name == ".kausal";
}

/// The rules of one folder, strongest first: .ignore, .gitignore, then .git/info/exclude.
Result<std::vector<IgnoreFile>> read_rules(io::Directory& directory, bool has_ignore,
                                           bool has_gitignore, bool has_git) {
    std::vector<IgnoreFile> files;
    const auto read = [&](io::Directory& from, std::string_view name) {
        auto text = io::read_file(from, name, kIgnoreFileBytesMax);
        // An ignore file that cannot be read ignores nothing; the walk still shows everything.
        if (!text) return;
        IgnoreFile file(*text);
        if (!file.is_empty()) files.push_back(std::move(file));
    };
    if (has_ignore) read(directory, ".ignore");
    if (has_gitignore) read(directory, ".gitignore");
    if (has_git) {
        if (auto git = directory.open_directory(".git")) {
            if (auto info = (*git)->open_directory("info")) read(**info, "exclude");
        }
    }
    return files;
}

class TreeWalk {
  public:
    TreeWalk(io::Vfs& vfs, io::Executor& executor, std::string_view root,
             const ListOptions& options)
        : vfs_(vfs), executor_(executor), root_(root), options_(options) {}

    Result<std::vector<ListedFile>> run();

  private:
    Result<ScopePointer> outer_scope();
    Status visit(const Folder& folder, FolderResult& result) const;
    static void add_file(const std::string& disk_path, io::FileInfo info, std::string reason,
                         FolderResult& result);

    io::Vfs& vfs_;
    io::Executor& executor_;
    std::string root_;
    ListOptions options_;
};

/// Rules of the repository's folders around the root, when the root lies inside a repository.
Result<ScopePointer> TreeWalk::outer_scope() {
    std::vector<std::pair<std::string, std::string>>
        folders;  // absolute path, way down to the root
    std::string path = root_;
    std::string prefix;
    bool is_found = false;
    for (;;) {
        auto directory = vfs_.open_directory(path.empty() ? "/" : path);
        if (!directory) break;
        if (!prefix.empty()) folders.emplace_back(path, prefix);
        is_found = (*directory)->info(".git").has_value();
        const size_t slash = path.rfind('/');
        if (is_found || slash == std::string::npos) break;
        prefix = path.substr(slash + 1) + "/" + prefix;
        path.resize(slash);
        if (prefix == "/") break;
    }
    ScopePointer scope;
    if (!is_found) return scope;
    for (size_t i = folders.size(); i-- > 0;) {
        auto directory =
            KAUSAL_TRY(vfs_.open_directory(folders[i].first.empty() ? "/" : folders[i].first));
        auto files = KAUSAL_TRY(read_rules(*directory, true, true, i + 1 == folders.size()));
        if (files.empty()) continue;
        scope = std::make_shared<IgnoreScope>(scope, "", folders[i].second, std::move(files));
    }
    return scope;
}

void TreeWalk::add_file(const std::string& disk_path, io::FileInfo info, std::string reason,
                        FolderResult& result) {
    ListedFile file;
    file.info = info;
    file.reason = std::move(reason);
    file.path = disk_path;
    if (!is_utf8(disk_path)) {
        file.on_disk = disk_path;
        // Two such names may be repaired to the same text; the hash keeps them apart.
        file.path = utf8_repaired(disk_path) + "#" + std::to_string(hash64(disk_path));
    }
    if (file.path.size() > format::kUriSizeMax) {
        file.on_disk = disk_path;
        const std::string hash = "...#" + std::to_string(hash64(disk_path));
        file.path = utf8_repaired(file.path.substr(0, 1000)) + hash;
        file.reason = "path of " + std::to_string(disk_path.size()) + " bytes is too long";
    }
    result.files.push_back(std::move(file));
}

Status TreeWalk::visit(const Folder& folder, FolderResult& result) const {
    if (options_.cancel != nullptr && options_.cancel->load(std::memory_order_relaxed))
        return {ErrorCode::Cancelled, "indexing was cancelled"};
    const std::string absolute =
        folder.path.empty() ? root_ : root_ + "/" + folder.path.substr(0, folder.path.size() - 1);
    auto directory = vfs_.open_directory(absolute);
    if (!directory && folder.path.empty()) return std::move(directory).error();
    Result<std::vector<io::DirectoryEntry>> entries =
        directory ? (*directory)->list() : std::unexpected(directory.error());
    if (!entries) {
        if (folder.path.empty()) return std::move(entries).error();
        // A folder that vanished meanwhile is simply not there.
        if (entries.error().code() == ErrorCode::NotFound) return Status::ok();
        io::FileInfo info;
        info.kind = io::EntryKind::Directory;
        add_file(folder.path, info, "folder cannot be read", result);
        return Status::ok();
    }
    bool has_ignore = false;
    bool has_gitignore = false;
    bool has_git = false;
    for (const io::DirectoryEntry& entry : *entries) {
        has_ignore = has_ignore || entry.name == ".ignore";
        has_gitignore = has_gitignore || entry.name == ".gitignore";
        has_git = has_git || (entry.name == ".git" && entry.kind == io::EntryKind::Directory);
    }
    ScopePointer scope = folder.scope;
    if (has_ignore || has_gitignore || has_git) {
        auto rules = KAUSAL_TRY(read_rules(**directory, has_ignore, has_gitignore, has_git));
        if (!rules.empty())
            scope = std::make_shared<IgnoreScope>(scope, folder.path, "", std::move(rules));
    }
    for (const io::DirectoryEntry& entry : *entries) {
        if (is_private_folder(entry.name)) continue;
        std::string path = folder.path + entry.name;
        const bool is_folder = entry.kind == io::EntryKind::Directory;
        if (scope && scope->ignores(path, is_folder)) continue;
        if (is_folder) {
            result.folders.push_back({path + "/", scope});
            continue;
        }
        auto info = (*directory)->info(entry.name);
        if (!info) {
            if (info.error().code() == ErrorCode::NotFound) continue;
            add_file(path, {}, "cannot be read", result);
        } else if (info->kind == io::EntryKind::Symlink) {
            add_file(path, *info, "symlink", result);
        } else if (info->kind == io::EntryKind::File) {
            add_file(path, *info, "", result);
        } else {
            add_file(path, *info, "not a regular file", result);
        }
    }
    return Status::ok();
}

Result<std::vector<ListedFile>> TreeWalk::run() {
    std::vector<Folder> level{{"", KAUSAL_TRY(outer_scope())}};
    std::vector<ListedFile> files;
    while (!level.empty()) {
        std::vector<FolderResult> results(level.size());
        const auto one = [&](size_t, size_t index) { return visit(level[index], results[index]); };
        if (level.size() < 8 || options_.worker_count < 2) {
            for (size_t i = 0; i < level.size(); ++i) KAUSAL_TRY(one(0, i));
        } else {
            KAUSAL_TRY(io::parallel_for(executor_, level.size(), options_.worker_count, one));
        }
        std::vector<Folder> next;
        for (FolderResult& result : results) {
            std::move(result.files.begin(), result.files.end(), std::back_inserter(files));
            std::move(result.folders.begin(), result.folders.end(), std::back_inserter(next));
        }
        level = std::move(next);
    }
    std::sort(files.begin(), files.end(),
              [](const ListedFile& a, const ListedFile& b) { return a.path < b.path; });
    return files;
}

}  // namespace

Result<std::vector<ListedFile>> list_files(io::Vfs& vfs, io::Executor& executor,
                                           std::string_view root, const ListOptions& options) {
    const io::FileInfo info = KAUSAL_TRY(vfs.info(root));
    if (info.kind != io::EntryKind::Directory)
        return fail(ErrorCode::Invalid, std::string(root) + " is not a folder");
    return TreeWalk(vfs, executor, root, options).run();
}

}  // namespace kausal::ingest
