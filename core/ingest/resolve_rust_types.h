// Rust's types as far as receivers need them: the layers around a type (`Option<Arc<T>>`), and the
// type inside. For one file being linked or bound.
#pragma once

#include "ingest/resolve_rust_library.h"
#include "ingest/resolve_rust_paths.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kausal::ingest::rust {

/// Layers from the outermost on. At most 12; deeper ones are dropped.
class Layers {
  public:
    [[nodiscard]] Layer top() const { return static_cast<Layer>(bits_ & 15); }
    [[nodiscard]] bool is_empty() const { return bits_ == 0; }
    void pop() { bits_ >>= 4; }
    void push(Layer layer) { bits_ = (bits_ << 4 & kMask) | static_cast<uint64_t>(layer); }

  private:
    static constexpr uint64_t kMask = 0xffff'ffff'ffff;
    uint64_t bits_ = 0;
};

struct Type {
    Layers layers;
    const Symbol* symbol = nullptr;  // type or trait of the tree
    std::string_view external{};     // path of a type outside; "str", "u32" for primitives
    std::string_view tuple{};        // "(A, B)" as written
    uint32_t definition = kNone;     // where `tuple` is written
    std::string_view module{};       // where `tuple` is written, when that is another file
    const std::vector<Found>* bounds = nullptr;  // of a type parameter or of `impl A + B`: traits
    bool is_self = false;                        // `Self` of a trait

    [[nodiscard]] bool is_known() const {
        return symbol != nullptr || !external.empty() || !tuple.empty() || bounds != nullptr ||
               !layers.is_empty();
    }
};

/// "<T: A, U>" of a definition's signature, empty when it has none.
[[nodiscard]] std::string_view type_parameters_of(std::string_view signature,
                                                  std::string_view name);
/// Top-level parts of "A, B<C, D>, (E, F)".
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text, char separator = ',');
/// Without references, lifetimes, `mut`, `dyn`, `impl`, raw pointers.
[[nodiscard]] std::string_view bare_type(std::string_view text);
/// The text between the outer angle brackets of "A::B<C, D>"; empty when there are none.
[[nodiscard]] std::string_view arguments_of(std::string_view text);

/// Threads: confined to the linking or binding of one file.
class Types {
  public:
    enum class Level : uint8_t { Link, Bind };
    Types(Paths& paths, Level level);

    /// The type that `text` means inside a definition of this file.
    [[nodiscard]] Type parse(std::string_view text, uint32_t definition);
    /// What `Self` is inside a definition; unknown outside of impl blocks and traits.
    [[nodiscard]] Type self_type(uint32_t definition);
    /// The stated type of a field, constant or alias, the result of a function. `receiver` stands
    /// for `Self` (may be null), `definition` is where it is asked.
    [[nodiscard]] Type type_of(const Symbol& symbol, const Type* receiver, uint32_t definition);
    /// One layer less: what iteration, `?` or a pattern such as Some(x) gives.
    [[nodiscard]] Type unwrapped(const Type& type, uint32_t definition);
    /// What `Deref` gives; unknown when the type does not implement it.
    [[nodiscard]] Type deref_target(const Symbol& type);
    [[nodiscard]] Type associated(const Symbol& type, std::string_view name, uint32_t definition);
    [[nodiscard]] Type tuple_element(const Type& type, size_t index);
    /// Resolves aliases of the tree (`type Result<T> = ...`) as far as their text tells.
    [[nodiscard]] Type expanded(const Symbol& alias, std::string_view arguments,
                                uint32_t definition);
    /// The types of a tuple struct's fields.
    [[nodiscard]] Type positional_field(const Symbol& type, size_t index, uint32_t definition);

  private:
    struct TypeParameter {
        std::string_view name;
        std::string_view bounds;
    };
    struct Key {
        const char* text;
        size_t size;
        uint32_t definition;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        size_t operator()(const Key& key) const noexcept {
            return std::hash<const void*>()(key.text) * 31 + key.definition;
        }
    };

    [[nodiscard]] Type parse_new(std::string_view text, uint32_t definition);
    [[nodiscard]] Type parse_path(std::string_view text, uint32_t definition);
    [[nodiscard]] Type parse_bounds(std::string_view text, uint32_t definition);
    [[nodiscard]] bool find_parameter(std::string_view name, uint32_t definition,
                                      std::string& bounds);
    [[nodiscard]] const std::vector<TypeParameter>& parameters_of(uint32_t definition);
    /// A type as the file of another module wrote it.
    [[nodiscard]] Type foreign_type(std::string_view text, std::string_view module);
    [[nodiscard]] Layers layers_of(std::string_view text, const Symbol* leaf);
    [[nodiscard]] bool is_tree_type(std::string_view name);

    Paths& paths_;
    Level level_;
    std::unordered_map<Key, Type, KeyHash> parsed_;
    std::unordered_map<uint32_t, std::vector<TypeParameter>> parameters_;
    std::vector<uint32_t> impl_parameters_;  // locals named "<T>"
    std::deque<std::vector<Found>> bounds_;
    uint32_t depth_ = 0;
};

}  // namespace kausal::ingest::rust
