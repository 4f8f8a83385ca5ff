// Takes definitions out of facts that a finish hook finds to be none.
#pragma once

#include "ingest/facts.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace kausal::ingest {

/// Removes the marked definitions; what stood in them belongs to what is around them. `more_locals`
/// are locals that are not yet part of the facts.
inline void remove_definitions(FileFacts& facts, const std::vector<bool>& marked,
                               std::vector<LocalFact>& more_locals) {
    if (std::find(marked.begin(), marked.end(), true) == marked.end()) return;
    auto& definitions = facts.definitions;
    std::vector<uint32_t> moved(definitions.size(), kNone);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < definitions.size(); ++i) {
        if (!marked[i]) moved[i] = kept++;
    }
    const auto place = [&](uint32_t index) {
        while (index != kNone && marked[index]) index = definitions[index].container;
        return index == kNone ? kNone : moved[index];
    };
    for (auto& reference : facts.references) {
        if (reference.definition != kNone && marked[reference.definition])
            reference.is_in_declaration = false;
        reference.definition = place(reference.definition);
    }
    for (auto& local : facts.locals) local.definition = place(local.definition);
    for (auto& local : more_locals) local.definition = place(local.definition);
    for (auto& import : facts.imports) import.definition = place(import.definition);
    // Containers are looked up in the old order, so they are all found before any definition moves.
    std::vector<uint32_t> containers(definitions.size());
    for (uint32_t i = 0; i < definitions.size(); ++i)
        containers[i] = place(definitions[i].container);
    for (uint32_t i = 0; i < definitions.size(); ++i) {
        if (marked[i]) continue;
        definitions[i].container = containers[i];
        if (moved[i] != i) definitions[moved[i]] = definitions[i];
    }
    definitions.resize(kept);
}

}  // namespace kausal::ingest
