// All symbols of a workspace in memory, found by name, by parent and name, by package and name, by
// id.
//
// Serves a full index, where every file's symbols are at hand. Level 1 of all files is collected
// while level 0 stays untouched, and applied in one step, so that no file sees another one half
// linked.
#pragma once

#include "base/block_id.h"
#include "ingest/resolver.h"
#include "ingest/symbol.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kausal::ingest {

/// What level 1 found for one symbol.
struct LinkedSymbol {
    uint32_t index = 0;  // into FileSymbols::symbols
    BlockId parent;
    BlockId type_id;
    std::vector<BlockId> base_ids;
};

/// Runs level 1 of one file on a copy and returns what differs from level 0. Reads `source` only.
[[nodiscard]] std::vector<LinkedSymbol> link_symbols(const WorkspaceConfig& config,
                                                     const FileFacts& facts,
                                                     const FileSymbols& symbols,
                                                     SymbolSource& source);
void apply_links(const std::vector<LinkedSymbol>& links, FileSymbols& symbols);

/// Runs of symbols that share a key. Threads: confined while built, then shared.
class SymbolIndex {
  public:
    void clear();
    void add(uint64_t hash, const Symbol* symbol) { entries_.push_back({hash, symbol}); }
    /// `same` tells whether two symbols with the same hash have the same key; symbols of one id
    /// count once, as the one with the smallest path.
    template <typename Same>
    void build(Same same);
    template <typename Fits>
    [[nodiscard]] std::span<const Symbol* const> find(uint64_t hash, Fits fits) const;

  private:
    struct Entry {
        uint64_t hash;
        const Symbol* symbol;
    };
    struct Slot {
        uint64_t hash = 0;
        uint32_t first = 0;
        uint32_t count = 0;  // 0 = free
    };
    std::vector<Entry> entries_;
    std::vector<const Symbol*> symbols_;
    std::vector<Slot> slots_;
};

/// Threads: confined while filled, then shared.
class SymbolTable {
  public:
    /// What is added must stay where it is.
    void add(const Symbol& symbol) { all_.push_back(&symbol); }
    void add(const FileSymbols& symbols);
    /// Without the modules that stand beside the file.
    void add_file(const FileSymbols& symbols);
    void build_names();    // after level 0
    void build_members();  // after level 1, which sets the parents

    [[nodiscard]] std::span<const Symbol* const> named(LanguageFamily family,
                                                       std::string_view name) const;
    [[nodiscard]] std::span<const Symbol* const> members(LanguageFamily family,
                                                         const BlockId& parent,
                                                         std::string_view name) const;
    [[nodiscard]] std::span<const Symbol* const> in_package(LanguageFamily family,
                                                            std::string_view package,
                                                            std::string_view name) const;
    [[nodiscard]] const Symbol* by_id(const BlockId& id) const;

  private:
    std::vector<const Symbol*> all_;
    SymbolIndex names_;
    SymbolIndex members_;
    SymbolIndex packages_;
    SymbolIndex ids_;
};

/// The key of a name that a file waits for: an extra key of the file's facts block.
[[nodiscard]] inline uint64_t dependency_key(LanguageFamily family, std::string_view name) {
    // Key spaces 1 to 15 belong to the rooms below.
    return format::hash_key(static_cast<uint16_t>(16 + static_cast<uint16_t>(family)), name);
}

/// Records the names that one file's binding asks for, as keys. Threads: confined.
class NameRecorder {
  public:
    explicit NameRecorder(bool keeps_names = false) : keeps_names_(keeps_names) {}
    void add(LanguageFamily family, std::string_view name);
    void add_key(uint64_t key);
    /// Sorted and unique.
    [[nodiscard]] std::vector<uint64_t> keys() const;
    /// With keeps_names: the names themselves, sorted and unique.
    [[nodiscard]] std::vector<std::string> names() const;
    void clear();

  private:
    bool insert(uint64_t key);

    bool keeps_names_;
    std::vector<uint64_t> slots_;  // open addressing, 0 = free
    size_t count_ = 0;
    std::vector<std::string> names_;
};

/// A SymbolSource over a table.
class TableSource final : public SymbolSource {
  public:
    TableSource(const SymbolTable& table, LanguageFamily family, NameRecorder& names)
        : table_(table), family_(family), names_(names) {}
    [[nodiscard]] std::span<const Symbol* const> named(std::string_view name) override {
        names_.add(family_, name);
        return table_.named(family_, name);
    }
    [[nodiscard]] std::span<const Symbol* const> members(const BlockId& parent,
                                                         std::string_view name) override {
        names_.add(family_, name);
        return table_.members(family_, parent, name);
    }
    [[nodiscard]] std::span<const Symbol* const> in_package(std::string_view package,
                                                            std::string_view name) override {
        names_.add(family_, name);
        return table_.in_package(family_, package, name);
    }
    [[nodiscard]] const Symbol* by_id(const BlockId& id) override {
        const Symbol* symbol = table_.by_id(id);
        if (symbol != nullptr) names_.add(family_, symbol->name);
        return symbol;
    }

  private:
    const SymbolTable& table_;
    LanguageFamily family_;
    NameRecorder& names_;
};

}  // namespace kausal::ingest
