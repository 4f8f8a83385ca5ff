// What the JavaScript resolver knows of names outside every tree: globals of the language and its
// hosts.
#pragma once

#include <cstdint>
#include <string_view>

namespace kausal::ingest::javascript {

[[nodiscard]] bool is_global(std::string_view name) noexcept;
/// Expression text of what a call of that name returns; empty when not known.
[[nodiscard]] std::string_view external_result(std::string_view callee) noexcept;

/// How a generic type of the language holds its arguments.
enum class ContainerShape : uint8_t {
    None,
    Array,         // indexed and iterated: argument 0
    Bag,           // iterated: argument 0
    Map,           // iterated: pairs; get() yields argument 1
    Record,        // indexed: argument 1
    Tuple,         // by position
    Promise,       // awaited: argument 0
    Function,      // called: argument 0
    Constructor,   // constructed: argument 0
    Intersection,  // all arguments at once
};
[[nodiscard]] ContainerShape container_shape(std::string_view name) noexcept;

}  // namespace kausal::ingest::javascript
