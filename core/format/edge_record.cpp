// The words for edge types and provenances, and what makes an edge acceptable.
#include "format/edge_record.h"

#include <array>
#include <string>

namespace kausal::format {
namespace {

constexpr std::array<std::string_view, 16> kTypeNames = {
    "invalid",    "imports", "defined_in", "references", "contains",     "extends",
    "implements", "calls",   "depends_on", "method_of",  "calls_method", "calls_function",
    "overrides",  "tests",   "changed_in", "co_changed"};
static_assert(kTypeNames.size() == static_cast<size_t>(EdgeType::CoChanged) + 1);

constexpr std::array<std::string_view, 14> kProvenanceNames = {
    "unknown",  "syntax",     "scope",    "import", "package", "receiver_type", "inheritance",
    "dispatch", "name_match", "external", "user",   "scip",    "history",       "arity"};
static_assert(kProvenanceNames.size() == static_cast<size_t>(Provenance::Arity) + 1);

[[nodiscard]] bool is_known_type(EdgeType type) noexcept {
    return (type > EdgeType::Invalid && type <= EdgeType::CoChanged) || type >= EdgeType::UserFirst;
}

}  // namespace

Status validate(const EdgeKey& key) {
    if (!key.source.is_valid() || !key.target.is_valid()) {
        return {ErrorCode::Invalid, "edge endpoint is zero"};
    }
    if (!is_known_type(key.type)) {
        return {ErrorCode::Invalid,
                "edge type " + std::to_string(static_cast<uint16_t>(key.type)) + " is not known"};
    }
    return {};
}

Status validate(const EdgeRecord& edge) {
    if (edge.certainty != Certainty::Candidate && edge.certainty != Certainty::Resolved) {
        return {ErrorCode::Invalid, "edge certainty is not known"};
    }
    if (static_cast<uint8_t>(edge.provenance) > kProvenanceMax) {
        return {ErrorCode::Invalid, "edge provenance " +
                                        std::to_string(static_cast<uint8_t>(edge.provenance)) +
                                        " is above " + std::to_string(kProvenanceMax)};
    }
    return validate(key_of(edge));
}

std::string_view edge_type_name(EdgeType type) noexcept {
    if (type >= EdgeType::UserFirst) return "user";
    const auto number = static_cast<size_t>(type);
    return number < kTypeNames.size() ? kTypeNames[number] : kTypeNames[0];
}

EdgeType edge_type_from_name(std::string_view name) noexcept {
    for (size_t number = 1; number < kTypeNames.size(); ++number) {
        if (kTypeNames[number] == name) return static_cast<EdgeType>(number);
    }
    return EdgeType::Invalid;
}

std::string_view provenance_name(Provenance provenance) noexcept {
    const auto number = static_cast<size_t>(provenance);
    return number < kProvenanceNames.size() ? kProvenanceNames[number] : kProvenanceNames[0];
}

}  // namespace kausal::format
