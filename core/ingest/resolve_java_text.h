// Java types as text: what their parts are.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace kausal::ingest::java {

/// The parts of a type as written: "java.util.Map.Entry<K, V>[]".
struct TypeText {
    std::string_view name;
    std::string_view arguments;
    uint8_t dimensions = 0;
};
[[nodiscard]] TypeText split_type(std::string_view text);
/// Top-level parts of "A, Map<B, C>": "A" and "Map<B, C>".
[[nodiscard]] std::vector<std::string_view> split_arguments(std::string_view text);
/// The names of "<T extends Foo & Bar, U>" with their first bounds ("" for none).
[[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> split_type_parameters(
    std::string_view text);
[[nodiscard]] bool is_primitive(std::string_view name);

}  // namespace kausal::ingest::java
