// The part of a symbol that its block's head carries in the field `binding` (docs/format/facts.md).
#include "ingest/symbol.h"

#include "base/coding.h"

namespace kausal::ingest {
namespace {

constexpr uint8_t kFormat = 1;

void put_id(std::string& out, const BlockId& id) {
    std::byte bytes[16];
    id.store(bytes);
    out.append(reinterpret_cast<const char*>(bytes), sizeof bytes);
}

BlockId read_id(Decoder& in) {
    const std::string_view bytes = in.raw(16);
    if (bytes.size() != 16) return {};
    return BlockId::load(reinterpret_cast<const std::byte*>(bytes.data()));
}

void put_strings(std::string& out, const std::vector<std::string>& texts) {
    put_varint(out, texts.size());
    for (const std::string& text : texts) put_string(out, text);
}

void read_strings(Decoder& in, std::vector<std::string>& texts) {
    const uint32_t count = in.varint32();
    for (uint32_t i = 0; i < count && !in.failed(); ++i) texts.emplace_back(in.string());
}

}  // namespace

void Symbol::encode_binding(std::string& out) const {
    put_fixed<uint8_t>(out, kFormat);
    put_string(out, package);
    put_varint(out, parameter_count);
    put_varint(out, parameter_count_min);
    put_varint(out, (is_variadic ? 1u : 0u) | (type_id.is_valid() ? 2u : 0u));
    put_string(out, type);
    put_strings(out, bases);
    put_strings(out, member_names);
    put_string(out, alias_of);
    put_string(out, type_parameters);
    if (type_id.is_valid()) put_id(out, type_id);
    put_varint(out, base_ids.size());
    for (const BlockId& base : base_ids) put_id(out, base);
}

Result<Symbol> Symbol::from_record(const format::BlockRecord& record) {
    Symbol symbol;
    symbol.id = record.id;
    symbol.parent = record.parent;
    symbol.kind = record.kind;
    symbol.language = record.language;
    symbol.flags = record.flags;
    symbol.name = record.name;
    symbol.qualified_name = record.qualified_name;
    symbol.path = record.uri;
    Decoder in(record.binding);
    if (in.fixed<uint8_t>() != kFormat)
        return fail(ErrorCode::Corrupt, "binding of block " + record.id.to_hex() + " is unknown");
    symbol.package = in.string();
    symbol.parameter_count = static_cast<uint16_t>(in.varint32());
    symbol.parameter_count_min = static_cast<uint16_t>(in.varint32());
    const uint32_t bits = in.varint32();
    symbol.is_variadic = (bits & 1) != 0;
    symbol.type = in.string();
    read_strings(in, symbol.bases);
    read_strings(in, symbol.member_names);
    symbol.alias_of = in.string();
    symbol.type_parameters = in.string();
    if ((bits & 2) != 0) symbol.type_id = read_id(in);
    const uint32_t base_count = in.varint32();
    for (uint32_t i = 0; i < base_count && !in.failed(); ++i)
        symbol.base_ids.push_back(read_id(in));
    if (!in.finished())
        return fail(ErrorCode::Corrupt, "binding of block " + record.id.to_hex() + " is malformed");
    return symbol;
}

}  // namespace kausal::ingest
