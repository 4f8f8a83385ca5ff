// Rust's names: modules from file paths, use trees, re-exports, paths of segments, for one file
// being linked or bound.
//
// A module is named by its path from the crate on, "regex::exec::tests". The package of an item is
// the module (or type, or function) it stands in, so that one look-up finds the items of a module.
// The symbol of a module keeps its crate in `type` and its re-exports in `bases`, as "name=path"
// and
// "*=path"; what a module imports for itself is seen in its own file only.
#pragma once

#include "format/edge_record.h"
#include "ingest/facts.h"
#include "ingest/resolver.h"
#include "ingest/symbol.h"

#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace kausal::ingest::rust {

/// The crate and module that a file is, by its path.
struct Place {
    std::string crate;   // "regex", "regex::tests::misc" for files that are crates of their own
    std::string module;  // starts with `crate`
};
[[nodiscard]] Place place_of(const WorkspaceConfig& config, std::string_view path);

enum class Space : uint8_t { Type, Value, Macro };

struct Found {
    const Symbol* symbol = nullptr;
    std::string_view external{};  // path outside of the tree
    format::Provenance how = format::Provenance::Unknown;
    bool has_twins = false;  // other items of that name stand beside it (conditional compilation)

    [[nodiscard]] bool is_known() const { return symbol != nullptr || !external.empty(); }
};

/// Segments of "a::B<C>::d" without their generic arguments; "<A as B>" is one segment.
[[nodiscard]] std::vector<std::string_view> split_segments(std::string_view path);
/// "B" of "B<C>", "B::<C>".
[[nodiscard]] std::string_view without_arguments(std::string_view segment);
[[nodiscard]] std::string_view parent_path(std::string_view path);
[[nodiscard]] std::string_view last_segment(std::string_view path);

/// Threads: confined to the linking or binding of one file.
class Paths {
  public:
    Paths(const WorkspaceConfig& config, const FileFacts& facts, const FileSymbols& symbols,
          SymbolSource& source);

    /// A path that stops at the first segment that is neither module nor crate.
    struct End {
        Found found;
        size_t used = 0;  // segments that `found` stands for
    };
    /// `definition`: where the path is written, kNone for the file's own module.
    [[nodiscard]] End resolve(std::span<const std::string_view> segments, uint32_t definition,
                              Space space);
    /// The whole path or nothing.
    [[nodiscard]] Found resolve_whole(std::string_view path, uint32_t definition, Space space);
    /// A type by the path that another module's file wrote, without what that file imports.
    [[nodiscard]] Found resolve_in_module(std::string_view path, std::string_view module,
                                          Space space);
    [[nodiscard]] Found resolve_import(size_t import, Space space);
    [[nodiscard]] bool is_trait_imported(const Symbol& trait, uint32_t definition);

    [[nodiscard]] const Symbol* by_id(const BlockId& id);
    [[nodiscard]] const Symbol& own(size_t index) const { return symbols_.symbols[index]; }
    [[nodiscard]] SymbolSource& source() { return source_; }
    [[nodiscard]] const FileFacts& facts() const { return facts_; }
    [[nodiscard]] const Place& place() const { return place_; }
    /// The module around one of the file's definitions.
    [[nodiscard]] std::string_view module_of(uint32_t definition) const;
    [[nodiscard]] std::string_view keep(std::string text) {
        return texts_.emplace_back(std::move(text));
    }

  private:
    /// With its hash, which the table of items would otherwise work out anew for each neighbour.
    struct Key {
        std::string_view module;
        std::string_view name;
        Space space;
        size_t hash;
        Key(std::string_view in_module, std::string_view item_name, Space item_space);
        [[nodiscard]] Key moved_to(std::string_view kept_module, std::string_view kept_name) const {
            Key key = *this;
            key.module = kept_module;
            key.name = kept_name;
            return key;
        }
        friend bool operator==(const Key& a, const Key& b) {
            return a.hash == b.hash && a.space == b.space && a.name == b.name &&
                   a.module == b.module;
        }
    };
    struct KeyHash {
        size_t operator()(const Key& key) const noexcept { return key.hash; }
    };
    /// A re-export of a module: "name=path", cut into its parts.
    struct Export {
        std::string_view name;
        std::vector<std::string_view> segments;
        std::string_view crate;
    };
    struct Module {
        std::vector<const Symbol*> symbols;  // the inline one, the file's, those of other versions
        std::vector<Export> exports;
    };
    /// Imports of one module or function of the file.
    struct Imports {
        std::unordered_map<std::string_view, std::vector<uint32_t>> named;
        std::vector<uint32_t> globs;
        std::vector<uint32_t> unnamed;  // `as _`
    };

    [[nodiscard]] Found first_segment(std::string_view name, uint32_t definition, Space space);
    [[nodiscard]] Found in_function(std::string_view name, uint32_t function, Space space);
    [[nodiscard]] Found item(std::string_view module, std::string_view name, Space space);
    [[nodiscard]] Found declared_item(std::string_view module, std::string_view name, Space space);
    [[nodiscard]] Found imported_item(uint32_t owner, std::string_view name, Space space);
    [[nodiscard]] Found exported_item(std::string_view module, std::string_view name, Space space);
    [[nodiscard]] Found exported_macro(std::string_view crate, std::string_view name);
    [[nodiscard]] Found glob_item(const Found& from, std::string_view name, Space space);
    [[nodiscard]] Found prelude(std::string_view name, Space space);
    [[nodiscard]] End walk(Found start, std::span<const std::string_view> segments, size_t used,
                           Space space);
    [[nodiscard]] End resolve_from(std::span<const std::string_view> segments,
                                   std::string_view module, std::string_view crate,
                                   uint32_t definition, bool is_own, Space space);
    [[nodiscard]] const Module& module_named(std::string_view path);
    [[nodiscard]] const Imports* imports_of(uint32_t owner) const;
    [[nodiscard]] uint32_t own_module(std::string_view module) const;

    const FileFacts& facts_;
    const FileSymbols& symbols_;
    SymbolSource& source_;
    Place place_;
    std::string_view folder_;  // of the crate, to choose among crates of one name
    std::unordered_map<BlockId, uint32_t, BlockIdHash> own_;
    std::unordered_map<std::string_view, uint32_t> own_modules_;  // path -> definition
    std::unordered_map<uint32_t, Imports> imports_;               // by owner
    std::vector<bool> resolving_;                                 // imports under way
    std::unordered_map<Key, Found, KeyHash> items_;
    std::unordered_map<std::string_view, Module> modules_;
    std::unordered_set<BlockId, BlockIdHash> imported_traits_;
    bool has_imported_traits_ = false;
    std::deque<std::string> texts_;
    uint32_t depth_ = 0;
};

}  // namespace kausal::ingest::rust
