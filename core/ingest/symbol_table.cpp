// Indexes over all symbols, by sorting hashes once.
#include "ingest/symbol_table.h"

#include "base/hash.h"
#include "format/block_record.h"
#include "ingest/resolution.h"

#include <algorithm>

namespace kausal::ingest {
namespace {

uint64_t name_hash(LanguageFamily family, std::string_view name) {
    return hash64(name, static_cast<uint64_t>(family) + 1);
}
uint64_t member_hash(LanguageFamily family, const BlockId& parent, std::string_view name) {
    return hash_mix(name_hash(family, name), parent.low);
}
uint64_t package_hash(LanguageFamily family, std::string_view package, std::string_view name) {
    return hash_mix(name_hash(family, name), hash64(package));
}

}  // namespace

void SymbolIndex::clear() {
    entries_.clear();
    symbols_.clear();
    slots_.clear();
}

template <typename Same>
void SymbolIndex::build(Same same) {
    const auto before = [&](const Entry& a, const Entry& b) {
        if (a.hash != b.hash) return a.hash < b.hash;
        if (a.symbol->name != b.symbol->name) return a.symbol->name < b.symbol->name;
        if (a.symbol->id != b.symbol->id) return a.symbol->id < b.symbol->id;
        return a.symbol->path < b.symbol->path;
    };
    std::sort(entries_.begin(), entries_.end(), before);
    symbols_.reserve(entries_.size());
    size_t capacity = 16;
    while (capacity < entries_.size() * 2) capacity *= 2;
    slots_.assign(capacity, {});
    const size_t mask = capacity - 1;
    for (size_t i = 0; i < entries_.size();) {
        const Entry& head = entries_[i];
        Slot slot{head.hash, static_cast<uint32_t>(symbols_.size()), 0};
        for (; i < entries_.size() && entries_[i].hash == head.hash &&
               same(*entries_[i].symbol, *head.symbol);
             ++i) {
            if (slot.count != 0 && symbols_.back()->id == entries_[i].symbol->id) continue;
            symbols_.push_back(entries_[i].symbol);
            ++slot.count;
        }
        size_t at = slot.hash & mask;
        while (slots_[at].count != 0) at = (at + 1) & mask;
        slots_[at] = slot;
    }
    entries_.clear();
    entries_.shrink_to_fit();
}

template <typename Fits>
std::span<const Symbol* const> SymbolIndex::find(uint64_t hash, Fits fits) const {
    if (slots_.empty()) return {};
    const size_t mask = slots_.size() - 1;
    for (size_t at = hash & mask; slots_[at].count != 0; at = (at + 1) & mask) {
        const Slot& slot = slots_[at];
        if (slot.hash == hash && fits(*symbols_[slot.first]))
            return std::span(symbols_).subspan(slot.first, slot.count);
    }
    return {};
}

void SymbolTable::add(const FileSymbols& symbols) {
    for (const Symbol& symbol : symbols.symbols) all_.push_back(&symbol);
}

void SymbolTable::add_file(const FileSymbols& symbols) {
    for (size_t i = 0; i < symbols.symbols.size() && i <= symbols.file_index; ++i)
        all_.push_back(&symbols.symbols[i]);
}

void SymbolTable::build_names() {
    names_.clear();
    packages_.clear();
    ids_.clear();
    for (const Symbol* symbol : all_) {
        const LanguageFamily family = family_of(symbol->language);
        ids_.add(symbol->id.low, symbol);
        if (symbol->name.empty()) continue;
        names_.add(name_hash(family, symbol->name), symbol);
        packages_.add(package_hash(family, symbol->package, symbol->name), symbol);
    }
    names_.build([](const Symbol& a, const Symbol& b) { return a.name == b.name; });
    packages_.build([](const Symbol& a, const Symbol& b) {
        return a.name == b.name && a.package == b.package;
    });
    ids_.build([](const Symbol& a, const Symbol& b) { return a.id == b.id; });
}

void SymbolTable::build_members() {
    members_.clear();
    for (const Symbol* symbol : all_) {
        if (symbol->name.empty()) continue;
        members_.add(member_hash(family_of(symbol->language), symbol->parent, symbol->name),
                     symbol);
    }
    members_.build(
        [](const Symbol& a, const Symbol& b) { return a.name == b.name && a.parent == b.parent; });
}

std::span<const Symbol* const> SymbolTable::named(LanguageFamily family,
                                                  std::string_view name) const {
    return names_.find(name_hash(family, name),
                       [&](const Symbol& symbol) { return symbol.name == name; });
}

std::span<const Symbol* const> SymbolTable::members(LanguageFamily family, const BlockId& parent,
                                                    std::string_view name) const {
    return members_.find(member_hash(family, parent, name), [&](const Symbol& symbol) {
        return symbol.parent == parent && symbol.name == name;
    });
}

std::span<const Symbol* const> SymbolTable::in_package(LanguageFamily family,
                                                       std::string_view package,
                                                       std::string_view name) const {
    return packages_.find(package_hash(family, package, name), [&](const Symbol& symbol) {
        return symbol.name == name && symbol.package == package;
    });
}

const Symbol* SymbolTable::by_id(const BlockId& id) const {
    const auto found = ids_.find(id.low, [&](const Symbol& symbol) { return symbol.id == id; });
    return found.empty() ? nullptr : found.front();
}

bool NameRecorder::insert(uint64_t key) {
    if (count_ * 2 >= slots_.size()) {
        std::vector<uint64_t> old = std::move(slots_);
        slots_.assign(old.empty() ? 512 : old.size() * 2, 0);
        const size_t mask = slots_.size() - 1;
        for (const uint64_t kept : old) {
            if (kept == 0) continue;
            size_t at = kept & mask;
            while (slots_[at] != 0) at = (at + 1) & mask;
            slots_[at] = kept;
        }
    }
    if (key == 0) key = 1;
    const size_t mask = slots_.size() - 1;
    size_t at = key & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask) {
        if (slots_[at] == key) return false;
    }
    slots_[at] = key;
    ++count_;
    return true;
}

void NameRecorder::add(LanguageFamily family, std::string_view name) {
    if (insert(dependency_key(family, name)) && keeps_names_) names_.emplace_back(name);
}

void NameRecorder::add_key(uint64_t key) {
    (void)insert(key);
}

std::vector<uint64_t> NameRecorder::keys() const {
    std::vector<uint64_t> keys;
    keys.reserve(count_);
    for (const uint64_t key : slots_) {
        if (key != 0) keys.push_back(key);
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}

std::vector<std::string> NameRecorder::names() const {
    std::vector<std::string> names = names_;
    std::sort(names.begin(), names.end());
    return names;
}

void NameRecorder::clear() {
    std::fill(slots_.begin(), slots_.end(), 0);
    count_ = 0;
    names_.clear();
}

std::vector<LinkedSymbol> link_symbols(const WorkspaceConfig& config, const FileFacts& facts,
                                       const FileSymbols& symbols, SymbolSource& source) {
    FileSymbols linked = symbols;
    link_owners(facts, linked, source);
    resolver_of(family_of(facts.language)).link_types(config, facts, linked, source);
    std::vector<LinkedSymbol> links;
    for (uint32_t i = 0; i < linked.symbols.size(); ++i) {
        Symbol& after = linked.symbols[i];
        const Symbol& before = symbols.symbols[i];
        if (after.parent == before.parent && after.type_id == before.type_id &&
            after.base_ids == before.base_ids)
            continue;
        links.push_back({i, after.parent, after.type_id, std::move(after.base_ids)});
    }
    return links;
}

void apply_links(const std::vector<LinkedSymbol>& links, FileSymbols& symbols) {
    for (const LinkedSymbol& link : links) {
        Symbol& symbol = symbols.symbols[link.index];
        symbol.parent = link.parent;
        symbol.type_id = link.type_id;
        symbol.base_ids = link.base_ids;
    }
}

}  // namespace kausal::ingest
