// Reading symbols from block heads, by name.
#include "ingest/stored_symbols.h"

#include "graph/identity.h"
#include "ingest/block_maker.h"
#include "ingest/resolver.h"

#include <algorithm>

namespace kausal::ingest {

bool is_symbol_kind(format::BlockKind kind) {
    return kind >= format::BlockKind::File && kind <= format::BlockKind::Macro;
}

bool is_module_record(const format::BlockRecord& record) {
    return record.line_first == 0 && record.kind != format::BlockKind::File;
}

StoredSource::StoredSource(const storage::Snapshot& snapshot, const SymbolOverlay& overlay,
                           std::string_view workspace, int level)
    : snapshot_(snapshot),
      overlay_(overlay),
      workspace_(workspace),
      workspace_number_(graph::workspace_number(workspace)),
      level_(level) {}

const Symbol* StoredSource::stored(const BlockId& id) {
    const auto [at, is_new] = by_id_.try_emplace(id);
    if (!is_new) return at->second.get();
    auto pin = snapshot_.get(id, storage::BlockParts::Head);
    if (!pin) {
        status_ = std::move(pin).error();
        return nullptr;
    }
    if (!*pin) return nullptr;
    const format::BlockRecord& record = (*pin)->record;
    // Opaque files have no symbols: they carry no binding.
    if (record.workspace != workspace_number_ || !is_symbol_kind(record.kind) ||
        record.binding.empty())
        return nullptr;
    const bool is_hidden = is_module_record(record)
                               ? overlay_.modules.contains(id)
                               : overlay_.paths.contains(std::string(record.uri));
    if (is_hidden) return nullptr;
    auto symbol = Symbol::from_record(record);
    if (!symbol) {
        status_ = std::move(symbol).error();
        return nullptr;
    }
    symbol->file = file_block_id(workspace_, symbol->path);
    if (level_ == 1) {
        symbol->type_id = {};
        symbol->base_ids.clear();
    }
    at->second = std::make_unique<Symbol>(std::move(*symbol));
    return at->second.get();
}

StoredSource::Named& StoredSource::load(std::string_view name) {
    names_->add(family_, name);
    auto& cache = by_name_[static_cast<size_t>(family_)];
    auto& named = cache[std::string(name)];
    if (named) return *named;
    named = std::make_unique<Named>();
    const auto over = overlay_.table.named(family_, name);
    named->all.assign(over.begin(), over.end());
    if (name.empty()) return *named;
    std::vector<BlockId> ids;
    Status status = snapshot_.find_names(name, storage::NameMatch::Exact,
                                         [&](std::string_view, const BlockId& id) {
                                             ids.push_back(id);
                                             return true;
                                         });
    if (!status.is_ok()) status_ = std::move(status);
    for (const BlockId& id : ids) {
        const Symbol* symbol = stored(id);
        if (symbol != nullptr && family_of(symbol->language) == family_)
            named->all.push_back(symbol);
    }
    std::sort(named->all.begin(), named->all.end(),
              [](const Symbol* a, const Symbol* b) { return a->id < b->id; });
    return *named;
}

std::span<const Symbol* const> StoredSource::named(std::string_view name) {
    return load(name).all;
}

std::span<const Symbol* const> StoredSource::members(const BlockId& parent, std::string_view name) {
    Named& named = load(name);
    // Members are known when every file is linked, not before.
    if (level_ == 1) return {};
    if (named.by_parent.empty()) {
        for (const Symbol* symbol : named.all) named.by_parent[symbol->parent].push_back(symbol);
    }
    const auto found = named.by_parent.find(parent);
    if (found == named.by_parent.end()) return {};
    return found->second;
}

std::span<const Symbol* const> StoredSource::in_package(std::string_view package,
                                                        std::string_view name) {
    Named& named = load(name);
    if (named.by_package.empty()) {
        for (const Symbol* symbol : named.all) named.by_package[symbol->package].push_back(symbol);
    }
    const auto found = named.by_package.find(std::string(package));
    if (found == named.by_package.end()) return {};
    return found->second;
}

const Symbol* StoredSource::by_id(const BlockId& id) {
    const Symbol* symbol = overlay_.table.by_id(id);
    if (symbol == nullptr) symbol = stored(id);
    if (symbol != nullptr) names_->add(family_, symbol->name);
    return symbol;
}

}  // namespace kausal::ingest
