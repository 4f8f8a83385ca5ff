// Reads files of a listed tree and says which of them are source text that can be parsed.
#pragma once

#include "base/status.h"
#include "ingest/file_list.h"
#include "ingest/file_state.h"
#include "ingest/language.h"
#include "io/vfs.h"

#include <memory>
#include <string>
#include <string_view>

namespace kausal::ingest {

/// What was found when a file was looked at.
struct SourceFile {
    const LanguageRules* rules = nullptr;  // null: opaque or failed, `reason` says why
    FileOutcome outcome = FileOutcome::Opaque;
    std::string reason;
    uint64_t content_hash = 0;  // of the bytes on disk; 0 when they were not needed
    std::string text;           // with ill-formed UTF-8 bytes replaced one by one by '?'
};

/// Threads: confined; keeps the folder of the last file open.
class SourceReader {
  public:
    SourceReader(io::Vfs& vfs, std::string_view root, uint64_t size_max, bool header_is_cpp)
        : vfs_(vfs), root_(root), size_max_(size_max), header_is_cpp_(header_is_cpp) {}

    /// Never fails: what cannot be read is an outcome.
    void read(const ListedFile& file, SourceFile& into);
    /// The bytes of a small file as they are.
    [[nodiscard]] Result<std::string> read_all(const ListedFile& file, uint64_t size_max);

  private:
    [[nodiscard]] Result<io::Directory*> folder_of(std::string_view disk_path);
    void read_text(const ListedFile& file, SourceFile& into);

    io::Vfs& vfs_;
    std::string root_;
    uint64_t size_max_;
    bool header_is_cpp_;
    std::string folder_path_;
    std::unique_ptr<io::Directory> folder_;
};

/// Replaces every byte that is not part of well-formed UTF-8 by '?', so that offsets stay.
void mask_invalid_utf8(std::string& text);

}  // namespace kausal::ingest
