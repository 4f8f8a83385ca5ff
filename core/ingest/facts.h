// What one parse of one file found, before any name is bound: the contract between the extractors
// (tree to facts) and the resolvers (facts to edges).
//
// Facts depend on the bytes of the file, its path and the language's query file, on nothing else:
// no other file, no clock, no thread. They are stored in a block of kind FileFacts, so that a file
// can be bound again without being parsed again. Strings are interned per file; a NameIndex of 0 is
// the empty string. docs/format/facts.md has the encoding.
#pragma once

#include "base/coding.h"
#include "base/status.h"
#include "format/block_record.h"
#include "format/edge_record.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kausal::ingest {

using NameIndex = uint32_t;
inline constexpr uint32_t kNone = 0xffffffff;

/// Byte range (half open) and 1-based inclusive lines.
struct SourceRange {
    uint32_t byte_first = 0;
    uint32_t byte_end = 0;
    uint32_t line_first = 0;
    uint32_t line_last = 0;
};

/// One link of a dotted expression: `a.b().c` is {a}, {b, call}, {c}.
struct ChainLink {
    enum Flags : uint8_t {
        kCall = 1,   // the link is called
        kIndex = 2,  // the link is subscripted: a[i]
        kSelf = 4,   // this, self
        kSuper = 8,
        kNew = 16,     // constructed: new T(...), T{...}
        kScope = 32,   // reached with a scope operator (::) rather than member access
        kOpaque = 64,  // an expression that names nothing (literal, lambda, arithmetic)
        kCast = 128,   // the name is the type that the expression is cast or asserted to
    };
    NameIndex name = 0;
    uint8_t flags = 0;
};

/// Where something is a chain: `count` links from FileFacts::links[first].
struct Chain {
    uint32_t first = 0;
    uint32_t count = 0;
};

/// A type named by another type: its text as written (generic arguments, pointers and all).
struct BaseFact {
    NameIndex type = 0;
    bool implements = false;  // implements, trait for type; else extends, embeds
};

/// A definition (or a declaration without a body).
struct DefinitionFact {
    format::BlockKind kind = format::BlockKind::Function;
    uint32_t flags = 0;          // format::BlockFlags that syntax alone tells
    uint32_t container = kNone;  // index of the enclosing definition
    NameIndex name = 0;
    NameIndex scope = 0;        // written qualifier: C++ `A::B` in `void A::B::f()`, Go receiver
                                // type, Rust impl target; empty otherwise
    NameIndex trait_scope = 0;  // Rust: the trait in `impl Trait for Type`
    NameIndex type = 0;         // declared type of a variable or field, result type of a function,
                                // aliased type of an alias; text as written, empty when not stated
    Chain value;                // initialiser of a variable without a stated type
    uint16_t parameter_count = 0;
    uint16_t parameter_count_min = 0;  // without those that have defaults
    bool is_variadic = false;
    NameIndex parameters = 0;  // text of the parameter list, white space folded
    SourceRange range;         // whole definition, decorators and attributes included
    uint32_t name_offset = 0;
    uint32_t body_first = 0;  // where the body starts; byte_end when there is none
    NameIndex signature = 0;  // source up to the body on one line
    SourceRange doc;          // doc comment or docstring; empty range when none
    uint32_t base_first = 0;  // into FileFacts::bases
    uint32_t base_count = 0;
};

/// A name declared inside a function: parameter, local, loop variable, caught exception, receiver.
struct LocalFact {
    uint32_t definition = kNone;  // the function it lives in
    NameIndex name = 0;
    NameIndex type = 0;          // as written; empty when not stated
    Chain value;                 // initialiser when the type is not stated
    bool is_iteration = false;   // the value is the container iterated over
    uint32_t visible_first = 0;  // byte range in which it is visible
    uint32_t visible_end = 0;
    uint8_t position = 0;  // in a multi-value binding: which of the values
    /// Positions of names taken out of an object by a pattern: `{name}`; `{key: name}` and the
    /// like.
    static constexpr uint8_t kMember = 255;
    static constexpr uint8_t kInnerPart = 254;
    /// Rust: the position of the first part of a tuple that is taken apart.
    static constexpr uint8_t kTupleFirst = 2;
};

enum class ReferenceRole : uint8_t {
    Call = 0,       // name(...) with receiver chain
    New = 1,        // construction; name is the type
    Type = 2,       // a type named in a declaration, cast, generic argument
    Mention = 3,    // an identifier read or passed as a value; once per definition and name
    Decorator = 4,  // decorator, annotation, attribute, derive
    Macro = 5,      // macro invocation: name!(...), or a call that looks like one
};

struct ReferenceFact {
    ReferenceRole role = ReferenceRole::Call;
    bool is_in_declaration = false;  // part of the signature rather than of the body
    uint8_t argument_count = 255;    // 255 unknown
    uint32_t definition = kNone;     // innermost definition that contains it; kNone = file level
    NameIndex name = 0;              // last component: what is called or named
    Chain receiver;                  // everything before it, empty for a plain name
    Chain arguments;      // with LanguageRules::keeps_arguments: the chain of each argument
                          // and, after each, a link without name and flags
    uint32_t offset = 0;  // of the name
    uint32_t line = 0;
};

struct ImportFact {
    enum Flags : uint8_t {
        kWildcard = 1,    // from m import *, import p.*, use m::*, import . "p"
        kReExport = 2,    // pub use, export ... from
        kStatic = 4,      // import static
        kSystem = 8,      // #include <...>
        kDefault = 16,    // import X from "m"
        kNamespace = 32,  // import * as X from "m"; import m (Python: binds the module itself)
        kTypeOnly = 64,
        kModule = 128,  // Rust `mod x;`
    };
    NameIndex path = 0;   // module, package or file path as written, without quotes
    NameIndex name = 0;   // the imported member; empty for the module itself
    NameIndex alias = 0;  // the local name when it differs; "_" and "." kept as written
    uint8_t flags = 0;
    uint8_t relative_level = 0;   // Python: leading dots
    uint32_t definition = kNone;  // the function it is local to
    uint32_t offset = 0;
    uint32_t line = 0;
};

/// All that one file said. Threads: confined while made, then immutable.
class FileFacts {
  public:
    FileFacts() { names_.emplace_back(); }

    format::Language language = format::Language::None;
    std::string path;       // relative to the workspace root, '/' separated
    NameIndex package = 0;  // package clause (Go, Java), namespace of the whole file; else empty
    std::vector<DefinitionFact> definitions;  // parents before children, in order of position
    std::vector<BaseFact> bases;
    std::vector<ChainLink> links;
    std::vector<LocalFact> locals;          // in order of visible_first
    std::vector<ReferenceFact> references;  // in order of offset
    std::vector<ImportFact> imports;        // in order of offset
    uint32_t line_count = 0;
    uint32_t error_count = 0;           // syntax errors that the parser stepped over
    bool is_generated = false;          // the file says that a program wrote it
    std::vector<uint32_t> error_lines;  // of the first kErrorLinesMax of them
    static constexpr size_t kErrorLinesMax = 5;

    [[nodiscard]] NameIndex intern(std::string_view text);
    [[nodiscard]] std::string_view text(NameIndex index) const { return names_[index]; }
    [[nodiscard]] size_t name_count() const noexcept { return names_.size(); }

    /// Appends the stored form.
    void encode(std::string& out) const;
    /// Errors: Corrupt (every index and range inside is checked), NewerFormat.
    [[nodiscard]] static Result<FileFacts> decode(std::string_view bytes);

  private:
    friend class FactsReader;
    void grow_slots();
    /// Takes `count` texts as names 1 to count without looking whether they repeat.
    [[nodiscard]] bool adopt_names(Decoder& in, uint32_t count);

    // Views into `storage_`, whose buffers never move.
    std::vector<std::string_view> names_;
    std::vector<std::unique_ptr<char[]>> storage_;
    size_t storage_left_ = 0;
    char* storage_at_ = nullptr;
    // Open addressing into names_ (0 = free) with the hash beside it; empty until the first intern,
    // so that decoded facts, which are only read, never pay for it.
    struct Slot {
        uint32_t hash = 0;
        NameIndex name = 0;
    };
    std::vector<Slot> slots_;
};

}  // namespace kausal::ingest
