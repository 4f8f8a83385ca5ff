// What the Python resolver knows of names outside every tree: built-ins and the standard library.
#pragma once

#include <cstdint>
#include <string_view>

namespace kausal::ingest::python {

[[nodiscard]] bool is_builtin(std::string_view name) noexcept;
/// Top-level module of the standard library.
[[nodiscard]] bool is_standard_module(std::string_view name) noexcept;
/// Expression text of what a call of that absolute name returns; empty when not known.
[[nodiscard]] std::string_view external_result(std::string_view callee) noexcept;
/// Whether calling that absolute name constructs a value of it, by list and by convention.
[[nodiscard]] bool is_external_class(std::string_view name) noexcept;

/// How a generic type of typing, collections or the built-ins holds its arguments.
enum class ContainerShape : uint8_t {
    None,
    Sequence,  // indexed and iterated: argument 0
    Bag,       // iterated: argument 0
    Stream,    // iterated or entered: argument 0
    Mapping,   // iterated: argument 0; indexed: argument 1
    Tuple,     // by position
    Callable,  // called: argument 0
};
[[nodiscard]] ContainerShape container_shape(std::string_view name) noexcept;

}  // namespace kausal::ingest::python
