// The symbols of a workspace as a sync sees them: what the graph stores, read by name when asked
// for, under the symbols of the files that this sync has at hand.
#pragma once

#include "base/status.h"
#include "ingest/symbol.h"
#include "ingest/symbol_table.h"
#include "storage/snapshot.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kausal::ingest {

/// What lies over the stored symbols. Threads: confined while filled, then shared.
struct SymbolOverlay {
    SymbolTable table;
    std::unordered_set<std::string> paths;             // files whose stored symbols do not count
    std::unordered_set<BlockId, BlockIdHash> modules;  // modules whose stored symbol does not count
};

/// True for symbols that stand beside their file (modules): they have no lines.
[[nodiscard]] bool is_module_record(const format::BlockRecord& record);
/// True for kinds that a symbol may have.
[[nodiscard]] bool is_symbol_kind(format::BlockKind kind);

/// The SymbolSource of one worker. At level 1 it shows what level 0 knows: no links, no members.
/// Failures to read are kept for `status`. Threads: confined.
class StoredSource final : public SymbolSource {
  public:
    StoredSource(const storage::Snapshot& snapshot, const SymbolOverlay& overlay,
                 std::string_view workspace, int level);

    /// For the next file.
    void start(LanguageFamily family, NameRecorder& names) {
        family_ = family;
        names_ = &names;
    }
    [[nodiscard]] const Status& status() const { return status_; }

    [[nodiscard]] std::span<const Symbol* const> named(std::string_view name) override;
    [[nodiscard]] std::span<const Symbol* const> members(const BlockId& parent,
                                                         std::string_view name) override;
    [[nodiscard]] std::span<const Symbol* const> in_package(std::string_view package,
                                                            std::string_view name) override;
    [[nodiscard]] const Symbol* by_id(const BlockId& id) override;

  private:
    struct Named {
        std::vector<const Symbol*> all;
        std::unordered_map<BlockId, std::vector<const Symbol*>, BlockIdHash> by_parent;
        std::unordered_map<std::string, std::vector<const Symbol*>> by_package;
    };
    [[nodiscard]] Named& load(std::string_view name);
    /// The stored symbol of an id; null when it does not count or does not exist.
    [[nodiscard]] const Symbol* stored(const BlockId& id);

    const storage::Snapshot& snapshot_;
    const SymbolOverlay& overlay_;
    std::string workspace_;
    uint64_t workspace_number_;
    int level_;
    LanguageFamily family_ = LanguageFamily::C;
    NameRecorder* names_ = nullptr;
    std::unordered_map<std::string, std::unique_ptr<Named>> by_name_[kLanguageFamilyCount];
    std::unordered_map<BlockId, std::unique_ptr<Symbol>, BlockIdHash> by_id_;
    Status status_;
};

}  // namespace kausal::ingest
