// Version, ids and the words of the numbers.
#include "format/block_record.h"
#include "format/edge_record.h"
#include "guard.h"
#include "kausal/kausal.h"

#include <cstring>

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

namespace {

// The numbers of the header are the persistent numbers of the formats.
static_assert(KAUSAL_KIND_FILE == static_cast<int>(format::BlockKind::File));
static_assert(KAUSAL_KIND_MACRO == static_cast<int>(format::BlockKind::Macro));
static_assert(KAUSAL_KIND_RECORD == static_cast<int>(format::BlockKind::Record));
static_assert(KAUSAL_KIND_USER_FIRST == static_cast<int>(format::BlockKind::UserFirst));
static_assert(KAUSAL_EDGE_IMPORTS == static_cast<int>(format::EdgeType::Imports));
static_assert(KAUSAL_EDGE_CALLS_FUNCTION == static_cast<int>(format::EdgeType::CallsFunction));
static_assert(KAUSAL_EDGE_CO_CHANGED == static_cast<int>(format::EdgeType::CoChanged));
static_assert(KAUSAL_EDGE_USER_FIRST == static_cast<int>(format::EdgeType::UserFirst));
static_assert(KAUSAL_CERTAINTY_RESOLVED == static_cast<int>(format::Certainty::Resolved));
static_assert(KAUSAL_BLOCK_REFLECTED == static_cast<int>(format::kBlockReflected));
static_assert(KAUSAL_ERR_INTERNAL == static_cast<int>(ErrorCode::Internal));
static_assert(KAUSAL_ERR_NO_SPACE == static_cast<int>(ErrorCode::NoSpace));
static_assert(sizeof(kausal_id_t) == sizeof(BlockId));

// The name functions of the formats return views of string literals, which end in NUL.
const char* literal(std::string_view text) {
    return text.empty() ? "unknown" : text.data();
}

std::string_view word(const char* data, size_t size) {
    return data == nullptr ? std::string_view() : std::string_view(data, size);
}

}  // namespace

extern "C" {

const char* kausal_status_name(kausal_status_t status) {
    switch (status) {
        case KAUSAL_OK:
            return "ok";
        case KAUSAL_NOT_FOUND:
            return "not found";
        case KAUSAL_END:
            return "end";
        case KAUSAL_AMBIGUOUS:
            return "ambiguous";
        default:
            break;
    }
    const bool is_known =
        (status >= KAUSAL_ERR_NO_SPACE && status < 0) || status == KAUSAL_ERR_INTERNAL;
    return is_known ? error_code_name(static_cast<ErrorCode>(status)).data() : "unknown";
}

uint32_t kausal_abi_version(void) {
    return KAUSAL_ABI_VERSION;
}
const char* kausal_version(void) {
    return "0.1.0";
}

kausal_status_t kausal_id_make(const char* workspace, size_t workspace_size, uint32_t kind,
                               const char* symbol, size_t symbol_size, kausal_id_t* out,
                               kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        const std::string_view owner =
            KAUSAL_TRY(text_argument(workspace, workspace_size, "workspace"));
        const std::string_view name = KAUSAL_TRY(name_argument(symbol, symbol_size, "symbol"));
        if (kind == 0 || kind > UINT16_MAX) {
            return fail(ErrorCode::Invalid, "kind " + std::to_string(kind) + " is not 1..65535");
        }
        const BlockId id = BlockId::of(owner, static_cast<uint16_t>(kind), name);
        id.store(reinterpret_cast<std::byte*>(out->bytes));
        return KAUSAL_OK;
    });
}

void kausal_id_to_hex(const kausal_id_t* id, char out[33]) {
    if (out == nullptr) return;
    guard_value(0, [&] {
        const BlockId value = id == nullptr
                                  ? BlockId()
                                  : BlockId::load(reinterpret_cast<const std::byte*>(id->bytes));
        const std::string hex = value.to_hex();
        std::memcpy(out, hex.c_str(), 33);
        return 0;
    });
}

kausal_status_t kausal_id_from_hex(const char* hex, size_t hex_size, kausal_id_t* out,
                                   kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        const std::string_view text = KAUSAL_TRY(text_argument(hex, hex_size, "hex"));
        const auto id = BlockId::from_hex(text);
        if (!id) return fail(ErrorCode::Invalid, "an id is 32 hex digits");
        id->store(reinterpret_cast<std::byte*>(out->bytes));
        return KAUSAL_OK;
    });
}

const char* kausal_kind_name(uint32_t kind) {
    return kind > UINT16_MAX ? "unknown"
                             : literal(format::kind_name(static_cast<format::BlockKind>(kind)));
}
uint32_t kausal_kind_from_name(const char* name, size_t name_size) {
    return static_cast<uint32_t>(format::kind_from_name(word(name, name_size)));
}
const char* kausal_edge_type_name(uint32_t type) {
    return type > UINT16_MAX ? "unknown"
                             : literal(format::edge_type_name(static_cast<format::EdgeType>(type)));
}
uint32_t kausal_edge_type_from_name(const char* name, size_t name_size) {
    return static_cast<uint32_t>(format::edge_type_from_name(word(name, name_size)));
}
const char* kausal_language_name(uint32_t language) {
    return language > UINT8_MAX
               ? "unknown"
               : literal(format::language_name(static_cast<format::Language>(language)));
}
uint32_t kausal_language_from_name(const char* name, size_t name_size) {
    return static_cast<uint32_t>(format::language_from_name(word(name, name_size)));
}
const char* kausal_provenance_name(uint32_t provenance) {
    return provenance > 63
               ? "unknown"
               : literal(format::provenance_name(static_cast<format::Provenance>(provenance)));
}

}  // extern "C"
