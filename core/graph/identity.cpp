// Identities and index keys of graph records; see identity.h.
#include "graph/identity.h"

#include <algorithm>

namespace kausal::graph {

using format::BlockKind;
using format::Language;

namespace {

/// Length of the component separator at `at`, 0 where there is none.
size_t separator_size(std::string_view text, size_t at) noexcept {
    const char c = text[at];
    if (c == '.' || c == '/' || c == '#') return 1;
    if (c == ':' && at + 1 < text.size() && text[at + 1] == ':') return 2;
    return 0;
}

/// Takes the last component off `text`; what is left ends before its separator.
std::string_view take_last(std::string_view& text) noexcept {
    for (size_t at = text.size(); at > 0; --at) {
        const size_t size = separator_size(text, at - 1);
        if (size == 0) continue;
        const std::string_view component = text.substr(at - 1 + size);
        text = text.substr(0, at - 1);
        return component;
    }
    const std::string_view component = text;
    text = {};
    return component;
}

void add_key(format::BlockRecord& record, uint16_t space, std::string_view text) {
    const uint64_t key = format::hash_key(space, text);
    const auto at = std::lower_bound(record.keys.begin(), record.keys.end(), key);
    if (at == record.keys.end() || *at != key) record.keys.insert(at, key);
}

std::string family_symbol(Language language, std::string_view name) {
    std::string symbol(format::language_name(language_family(language)));
    symbol += ':';
    symbol += name;
    return symbol;
}

}  // namespace

Language language_family(Language language) noexcept {
    switch (language) {
        case Language::Cpp:
            return Language::C;
        case Language::TypeScript:
        case Language::Tsx:
            return Language::JavaScript;
        default:
            return language;
    }
}

BlockId workspace_id(std::string_view workspace_name) {
    return BlockId::of(workspace_name, static_cast<uint16_t>(BlockKind::Workspace), "");
}

uint64_t workspace_number(std::string_view workspace_name) {
    return workspace_id(workspace_name).high;
}

BlockId unresolved_name_id(std::string_view workspace_name, Language language,
                           std::string_view name) {
    return BlockId::of(workspace_name, static_cast<uint16_t>(BlockKind::UnresolvedName),
                       family_symbol(language, name));
}

BlockId external_symbol_id(std::string_view workspace_name, Language language,
                           std::string_view symbol) {
    return BlockId::of(workspace_name, static_cast<uint16_t>(BlockKind::ExternalSymbol),
                       family_symbol(language, symbol));
}

void prepare_record(format::BlockRecord& record) {
    if (record.kind == BlockKind::Workspace) add_key(record, kKeySpaceRegistry, "workspace");
    if (record.uri.starts_with("kausal:edge-type/")) {
        add_key(record, kKeySpaceRegistry, "edge-type");
    }
    if ((record.flags & format::kBlockPartial) != 0) {
        add_key(record, kKeySpaceFileState, kPartialState);
    }
    if ((record.flags & format::kBlockOpaque) != 0) {
        add_key(record, kKeySpaceFileState, kOpaqueState);
        if (record.language != Language::None) {
            add_key(record, kKeySpaceFileState, kOpaqueSourceState);
        }
    }
}

std::string_view last_component(std::string_view qualified_name) noexcept {
    return take_last(qualified_name);
}

bool ends_with_components(std::string_view qualified_name, std::string_view tail) noexcept {
    if (tail.empty()) return false;
    while (true) {
        if (take_last(qualified_name) != take_last(tail)) return false;
        if (tail.empty()) return true;
        if (qualified_name.empty()) return false;
    }
}

}  // namespace kausal::graph
