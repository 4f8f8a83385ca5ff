// The words for block kinds and languages, as answers and queries spell them. Not part of any file.
#include "format/block_record.h"

#include <array>

namespace kausal::format {
namespace {

constexpr std::array<std::string_view, 24> kKindNames = {
    "invalid",         "workspace",  "file",        "module",    "function",
    "method",          "class",      "struct",      "interface", "enum",
    "union",           "type_alias", "constant",    "variable",  "field",
    "enum_member",     "macro",      "doc_section", "commit",    "external_symbol",
    "unresolved_name", "file_facts", "row",         "record"};
static_assert(kKindNames.size() == static_cast<size_t>(BlockKind::Record) + 1);

constexpr std::array<std::string_view, 10> kLanguageNames = {
    "none", "c", "c++", "go", "rust", "java", "python", "javascript", "typescript", "tsx"};
static_assert(kLanguageNames.size() == static_cast<size_t>(Language::Tsx) + 1);

}  // namespace

std::string_view kind_name(BlockKind kind) noexcept {
    if (kind >= BlockKind::UserFirst) return "user";
    const auto number = static_cast<size_t>(kind);
    return number < kKindNames.size() ? kKindNames[number] : kKindNames[0];
}

BlockKind kind_from_name(std::string_view name) noexcept {
    for (size_t number = 1; number < kKindNames.size(); ++number) {
        if (kKindNames[number] == name) return static_cast<BlockKind>(number);
    }
    return name == "user" ? BlockKind::UserFirst : BlockKind::Invalid;
}

std::string_view language_name(Language language) noexcept {
    const auto number = static_cast<size_t>(language);
    return number < kLanguageNames.size() ? kLanguageNames[number] : kLanguageNames[0];
}

Language language_from_name(std::string_view name) noexcept {
    for (size_t number = 1; number < kLanguageNames.size(); ++number) {
        if (kLanguageNames[number] == name) return static_cast<Language>(number);
    }
    return Language::None;
}

}  // namespace kausal::format
