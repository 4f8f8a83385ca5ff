// File facts to bytes and back (docs/format/facts.md).
//
// Positions are stored as differences from the previous record, since records are in order of
// position; a decoded value is checked against every table it points into, so that a reader of
// decoded facts needs no checks of its own.
#include "base/coding.h"
#include "ingest/facts.h"

#include <limits>

namespace kausal::ingest {
namespace {

constexpr uint8_t kFormat = 1;

void put_delta(std::string& out, uint32_t value, uint32_t& previous) {
    put_varint(out, zigzag_encode(static_cast<int64_t>(value) - static_cast<int64_t>(previous)));
    previous = value;
}

void put_range(std::string& out, const SourceRange& range, SourceRange& previous) {
    put_delta(out, range.byte_first, previous.byte_first);
    put_varint(out, range.byte_end - range.byte_first);
    put_delta(out, range.line_first, previous.line_first);
    put_varint(out, range.line_last - range.line_first);
}

/// kNone becomes 0, index i becomes i + 1.
void put_index(std::string& out, uint32_t index) {
    put_varint(out, index == kNone ? 0 : uint64_t{index} + 1);
}

void put_chain(std::string& out, const Chain& chain) {
    put_varint(out, chain.count);
    if (chain.count != 0) put_varint(out, chain.first);
}

void put_definitions(std::string& out, const FileFacts& facts) {
    put_varint(out, facts.definitions.size());
    SourceRange previous;
    uint32_t base_previous = 0;
    for (const DefinitionFact& definition : facts.definitions) {
        put_varint(out, static_cast<uint16_t>(definition.kind));
        put_varint(out, definition.flags);
        put_index(out, definition.container);
        put_varint(out, definition.name);
        put_varint(out, definition.scope);
        put_varint(out, definition.trait_scope);
        put_varint(out, definition.type);
        put_chain(out, definition.value);
        put_varint(out, definition.parameter_count);
        put_varint(out, definition.parameter_count_min);
        put_varint(out, definition.is_variadic ? 1 : 0);
        put_varint(out, definition.parameters);
        put_range(out, definition.range, previous);
        put_varint(out, definition.name_offset - definition.range.byte_first);
        put_varint(out, definition.body_first - definition.range.byte_first);
        put_varint(out, definition.signature);
        SourceRange place = definition.range;
        put_varint(out, definition.doc.byte_end > definition.doc.byte_first ? 1 : 0);
        if (definition.doc.byte_end > definition.doc.byte_first)
            put_range(out, definition.doc, place);
        put_delta(out, definition.base_first, base_previous);
        put_varint(out, definition.base_count);
    }
}

void put_locals(std::string& out, const FileFacts& facts) {
    put_varint(out, facts.locals.size());
    uint32_t previous = 0;
    for (const LocalFact& local : facts.locals) {
        put_index(out, local.definition);
        put_varint(out, local.name);
        put_varint(out, local.type);
        put_chain(out, local.value);
        put_varint(out, (local.is_iteration ? 1u : 0u) | (uint32_t{local.position} << 1));
        put_delta(out, local.visible_first, previous);
        put_varint(out, local.visible_end - local.visible_first);
    }
}

void put_references(std::string& out, const FileFacts& facts) {
    put_varint(out, facts.references.size());
    uint32_t offset = 0;
    uint32_t line = 0;
    for (const ReferenceFact& reference : facts.references) {
        put_varint(out, static_cast<uint32_t>(reference.role) << 1 |
                            (reference.is_in_declaration ? 1u : 0u));
        put_varint(out, reference.argument_count == 255 ? 0u : reference.argument_count + 1u);
        put_index(out, reference.definition);
        put_varint(out, reference.name);
        put_chain(out, reference.receiver);
        put_chain(out, reference.arguments);
        put_delta(out, reference.offset, offset);
        put_delta(out, reference.line, line);
    }
}

void put_imports(std::string& out, const FileFacts& facts) {
    put_varint(out, facts.imports.size());
    uint32_t offset = 0;
    uint32_t line = 0;
    for (const ImportFact& import : facts.imports) {
        put_varint(out, import.path);
        put_varint(out, import.name);
        put_varint(out, import.alias);
        put_varint(out, import.flags);
        put_varint(out, import.relative_level);
        put_index(out, import.definition);
        put_delta(out, import.offset, offset);
        put_delta(out, import.line, line);
    }
}

}  // namespace

/// Reads with the tables' sizes at hand. `ok` falls to false at the first value out of range.
class FactsReader {
  public:
    FactsReader(std::string_view bytes, FileFacts& facts) : in_(bytes), facts_(facts) {}

    [[nodiscard]] Status read();

  private:
    uint32_t number(uint32_t limit) {
        const uint32_t value = in_.varint32();
        if (value > limit) ok_ = false;
        return ok_ ? value : 0;
    }
    NameIndex name() { return number(static_cast<uint32_t>(facts_.name_count()) - 1); }
    /// A count of records that take at least `bytes_min` bytes each.
    uint32_t count(size_t bytes_min) {
        const uint32_t value = in_.varint32();
        if (value > in_.remaining() / bytes_min) ok_ = false;
        return ok_ ? value : 0;
    }
    uint32_t index(size_t limit) {
        const uint32_t value = in_.varint32();
        if (value > limit) ok_ = false;
        return ok_ && value != 0 ? value - 1 : kNone;
    }
    uint32_t delta(uint32_t& previous) {
        const int64_t value = static_cast<int64_t>(previous) + zigzag_decode(in_.varint());
        if (value < 0 || value > std::numeric_limits<uint32_t>::max()) ok_ = false;
        if (ok_) previous = static_cast<uint32_t>(value);
        return previous;
    }
    uint32_t after(uint32_t base) {
        const uint64_t value = uint64_t{base} + in_.varint32();
        if (value > std::numeric_limits<uint32_t>::max()) ok_ = false;
        return ok_ ? static_cast<uint32_t>(value) : base;
    }
    SourceRange range(SourceRange& previous) {
        SourceRange range;
        range.byte_first = delta(previous.byte_first);
        range.byte_end = after(range.byte_first);
        range.line_first = delta(previous.line_first);
        range.line_last = after(range.line_first);
        return range;
    }
    Chain chain() {
        Chain chain;
        chain.count = in_.varint32();
        if (chain.count == 0) return chain;
        chain.first = in_.varint32();
        if (chain.first > facts_.links.size() || chain.count > facts_.links.size() - chain.first) {
            ok_ = false;
            return {};
        }
        return chain;
    }

    void read_names();
    void read_links_and_bases();
    void read_definitions();
    void read_locals();
    void read_references();
    void read_imports();

    Decoder in_;
    FileFacts& facts_;
    bool ok_ = true;
};

void FactsReader::read_names() {
    const uint32_t names = count(2);
    if (ok_ && !facts_.adopt_names(in_, names)) ok_ = false;
}

void FactsReader::read_links_and_bases() {
    const uint32_t links = count(2);
    facts_.links.reserve(links);
    for (uint32_t i = 0; i < links; ++i) {
        ChainLink link;
        link.name = name();
        link.flags = static_cast<uint8_t>(number(255));
        facts_.links.push_back(link);
    }
    const uint32_t bases = count(1);
    facts_.bases.reserve(bases);
    for (uint32_t i = 0; i < bases; ++i) {
        BaseFact base;
        const uint32_t coded = in_.varint32();
        base.implements = (coded & 1) != 0;
        base.type = coded >> 1;
        if (base.type >= facts_.name_count()) {
            ok_ = false;
            base.type = 0;
        }
        facts_.bases.push_back(base);
    }
}

void FactsReader::read_definitions() {
    const uint32_t total = count(16);
    facts_.definitions.reserve(total);
    SourceRange previous;
    uint32_t base_previous = 0;
    for (uint32_t i = 0; i < total && ok_ && !in_.failed(); ++i) {
        DefinitionFact definition;
        definition.kind = static_cast<format::BlockKind>(number(0xffff));
        definition.flags = in_.varint32();
        definition.container = index(i);
        definition.name = name();
        definition.scope = name();
        definition.trait_scope = name();
        definition.type = name();
        definition.value = chain();
        definition.parameter_count = static_cast<uint16_t>(number(0xffff));
        definition.parameter_count_min = static_cast<uint16_t>(number(0xffff));
        definition.is_variadic = number(1) == 1;
        definition.parameters = name();
        definition.range = range(previous);
        definition.name_offset = after(definition.range.byte_first);
        definition.body_first = after(definition.range.byte_first);
        definition.signature = name();
        SourceRange place = definition.range;
        if (number(1) == 1) definition.doc = range(place);
        definition.base_first = delta(base_previous);
        definition.base_count = in_.varint32();
        if (definition.base_first > facts_.bases.size() ||
            definition.base_count > facts_.bases.size() - definition.base_first) {
            ok_ = false;
            definition.base_first = definition.base_count = 0;
        }
        facts_.definitions.push_back(definition);
    }
}

void FactsReader::read_locals() {
    const uint32_t total = count(7);
    facts_.locals.reserve(total);
    uint32_t previous = 0;
    for (uint32_t i = 0; i < total && ok_ && !in_.failed(); ++i) {
        LocalFact local;
        local.definition = index(facts_.definitions.size());
        local.name = name();
        local.type = name();
        local.value = chain();
        const uint32_t bits = number(511);
        local.is_iteration = (bits & 1) != 0;
        local.position = static_cast<uint8_t>(bits >> 1);
        local.visible_first = delta(previous);
        local.visible_end = after(local.visible_first);
        facts_.locals.push_back(local);
    }
}

void FactsReader::read_references() {
    const uint32_t total = count(8);
    facts_.references.reserve(total);
    uint32_t offset = 0;
    uint32_t line = 0;
    for (uint32_t i = 0; i < total && ok_ && !in_.failed(); ++i) {
        ReferenceFact reference;
        const uint32_t bits = number(2 * static_cast<uint32_t>(ReferenceRole::Macro) + 1);
        reference.role = static_cast<ReferenceRole>(bits >> 1);
        reference.is_in_declaration = (bits & 1) != 0;
        const uint32_t arguments = number(255);
        reference.argument_count = arguments == 0 ? 255 : static_cast<uint8_t>(arguments - 1);
        reference.definition = index(facts_.definitions.size());
        reference.name = name();
        reference.receiver = chain();
        reference.arguments = chain();
        reference.offset = delta(offset);
        reference.line = delta(line);
        facts_.references.push_back(reference);
    }
}

void FactsReader::read_imports() {
    const uint32_t total = count(8);
    facts_.imports.reserve(total);
    uint32_t offset = 0;
    uint32_t line = 0;
    for (uint32_t i = 0; i < total && ok_ && !in_.failed(); ++i) {
        ImportFact import;
        import.path = name();
        import.name = name();
        import.alias = name();
        import.flags = static_cast<uint8_t>(number(255));
        import.relative_level = static_cast<uint8_t>(number(255));
        import.definition = index(facts_.definitions.size());
        import.offset = delta(offset);
        import.line = delta(line);
        facts_.imports.push_back(import);
    }
}

Status FactsReader::read() {
    const auto version = in_.fixed<uint8_t>();
    if (version != kFormat) {
        return Status(version > kFormat ? ErrorCode::NewerFormat : ErrorCode::Corrupt,
                      "file facts have format " + std::to_string(version));
    }
    facts_.language = static_cast<format::Language>(in_.fixed<uint8_t>());
    facts_.path = in_.string();
    facts_.line_count = in_.varint32();
    facts_.error_count = in_.varint32();
    facts_.is_generated = number(1) == 1;
    const uint32_t error_lines = number(FileFacts::kErrorLinesMax);
    for (uint32_t i = 0; i < error_lines; ++i) facts_.error_lines.push_back(in_.varint32());
    read_names();
    facts_.package = name();
    read_links_and_bases();
    read_definitions();
    read_locals();
    read_references();
    read_imports();
    if (!ok_ || !in_.finished()) return Status(ErrorCode::Corrupt, "file facts are malformed");
    return Status::ok();
}

void FileFacts::encode(std::string& out) const {
    put_fixed<uint8_t>(out, kFormat);
    put_fixed<uint8_t>(out, static_cast<uint8_t>(language));
    put_string(out, path);
    put_varint(out, line_count);
    put_varint(out, error_count);
    put_varint(out, is_generated ? 1 : 0);
    put_varint(out, error_lines.size());
    for (const uint32_t line : error_lines) put_varint(out, line);
    put_varint(out, names_.size() - 1);
    for (size_t i = 1; i < names_.size(); ++i) put_string(out, names_[i]);
    put_varint(out, package);
    put_varint(out, links.size());
    for (const ChainLink& link : links) {
        put_varint(out, link.name);
        put_varint(out, link.flags);
    }
    put_varint(out, bases.size());
    for (const BaseFact& base : bases) {
        put_varint(out, uint64_t{base.type} << 1 | (base.implements ? 1u : 0u));
    }
    put_definitions(out, *this);
    put_locals(out, *this);
    put_references(out, *this);
    put_imports(out, *this);
}

Result<FileFacts> FileFacts::decode(std::string_view bytes) {
    FileFacts facts;
    FactsReader reader(bytes, facts);
    KAUSAL_TRY(reader.read());
    return facts;
}

}  // namespace kausal::ingest
