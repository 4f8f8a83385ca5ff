// Turns the symbols of one file, its facts and its text into the blocks that the graph stores.
//
// Blocks of a file depend on its text, its path and the links of its symbols only, so that a clean
// index and a sync write the same bytes.
#pragma once

#include "base/status.h"
#include "format/block_record.h"
#include "ingest/facts.h"
#include "ingest/file_state.h"
#include "ingest/symbol.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

/// Threads: confined. Emitted records are valid during the call only.
class BlockMaker {
  public:
    using Emit = std::function<Status(const format::BlockRecord& record)>;

    explicit BlockMaker(std::string_view workspace);

    /// The blocks of all definitions and of the file.
    [[nodiscard]] Status file_blocks(const FileFacts& facts, const FileSymbols& symbols,
                                     std::string_view text, const FileState& state,
                                     const Emit& emit);
    /// The block of a file without symbols.
    [[nodiscard]] Status opaque_block(std::string_view path, const FileState& state,
                                      const Emit& emit);
    /// The block of a symbol that stands beside the file's own (FileSymbols after file_index).
    [[nodiscard]] Status module_block(const Symbol& symbol, const Emit& emit);
    [[nodiscard]] Status facts_block(std::string_view path, format::Language language,
                                     std::string_view encoded, std::vector<uint64_t> keys,
                                     const Emit& emit);
    /// An external symbol or an unresolved name.
    [[nodiscard]] Status outside_block(const BlockId& id, format::BlockKind kind,
                                       format::Language language, std::string_view name,
                                       const Emit& emit);
    /// What the ingest room keeps for itself: state of files, configuration.
    [[nodiscard]] Status private_block(const BlockId& id, std::string_view name,
                                       std::string_view metadata, const Emit& emit);

  private:
    [[nodiscard]] format::BlockRecord record_of(const Symbol& symbol);
    void write_skeleton(const FileFacts& facts, std::string_view text, uint32_t container,
                        uint32_t first, uint32_t end);
    void write_metadata(const FileFacts& facts, const DefinitionFact& definition);
    void write_file_metadata(const FileState& state, const FileFacts* facts);

    std::string workspace_;
    uint64_t workspace_number_;
    std::string binding_;
    std::string doc_;
    std::string metadata_;
    std::string content_;
    std::vector<uint32_t> child_first_;  // by definition, then of the file itself
    std::vector<uint32_t> next_sibling_;
};

[[nodiscard]] BlockId file_block_id(std::string_view workspace, std::string_view path);
[[nodiscard]] BlockId facts_block_id(std::string_view workspace, std::string_view path);

/// The text of a doc comment without its marks: `///`, `/** */`, `#`, `"""`.
[[nodiscard]] std::string doc_text(std::string_view comment);

}  // namespace kausal::ingest
