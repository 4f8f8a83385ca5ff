// What the Rust standard library says of its own names: the prelude, the wrappers that receivers
// hide in, and the methods that every type may have through a trait of the library.
#pragma once

#include <cstdint>
#include <string_view>

namespace kausal::ingest::rust {

/// Something that stands around a type. What a method call does to it is in `wrapper_method`.
enum class Layer : uint8_t {
    None = 0,
    Pointer,  // Box, Rc, Arc, Pin, guards: methods of the inner type are called through it
    Option,
    Result,
    List,  // Vec, slices, arrays, sets
    Map,   // of its values
    Iterator,
    Lock,   // Mutex, RwLock, RefCell
    Guard,  // what locking gives: a result of a pointer, or the pointer itself
    Weak,
    Once,   // cells that are set once
    Entry,  // of a map
    Other,  // a wrapper whose methods lead nowhere
};

/// The layer that a type of this name is, and which of its generic arguments is inside.
struct Wrapper {
    Layer layer = Layer::None;
    uint8_t argument = 0;
    std::string_view path{};  // "std::sync::Arc"
};
[[nodiscard]] Wrapper wrapper_of(std::string_view name);

/// What a method of a layer gives.
struct WrapperMethod {
    enum class Gives : uint8_t { Unknown, Same, Inner, Wrapped } gives = Gives::Unknown;
    Layer layer = Layer::None;  // Wrapped: the layer around the inner type
    bool is_known = false;      // the table has it
};
[[nodiscard]] WrapperMethod wrapper_method(Layer layer, std::string_view method);
/// Does the method hand the inner value to a closure, as `map` and `filter` do?
[[nodiscard]] bool passes_inner(std::string_view method);
/// Is it a method of the library's own types, which a trait of the tree rarely means to replace?
[[nodiscard]] bool is_library_method(std::string_view method);
[[nodiscard]] std::string_view layer_path(Layer layer);  // "std::option::Option"

/// The path of a name that needs no import: "std::option::Option" for "Option"; empty for others.
[[nodiscard]] std::string_view prelude_path(std::string_view name);
[[nodiscard]] bool is_primitive_type(std::string_view name);
/// Is it a constructor that the prelude has: Some, None, Ok, Err?
[[nodiscard]] bool is_prelude_variant(std::string_view name);
/// The library's trait with a method of this name that any type may implement or derive:
/// "std::clone::Clone" for "clone"; empty for others.
[[nodiscard]] std::string_view library_trait_of(std::string_view method);
/// Does the library's trait of this simple name ("Iterator", "Write") give its implementors the
/// method?
[[nodiscard]] bool is_provided_by(std::string_view trait, std::string_view method);
[[nodiscard]] std::string_view library_trait_path(std::string_view trait);
[[nodiscard]] bool is_library_macro(std::string_view name);

}  // namespace kausal::ingest::rust
