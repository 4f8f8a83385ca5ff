// Between the field structs of the C header and the records of the formats.
#pragma once

#include "base/status.h"
#include "format/block_record.h"
#include "format/edge_record.h"
#include "kausal/kausal.h"

#include <optional>

namespace kausal::capi {

/// Owns the texts of a block that came from outside.
struct OwnedBlock {
    format::BlockRecord record;  // views into the strings below; workspace and keys are not set
    std::string name, qualified_name, uri, signature, doc, metadata, content;
    /// Points the record's views at the strings; after every move.
    void attach() noexcept;
};

/// Copies and checks. Errors: Invalid.
[[nodiscard]] Result<OwnedBlock> block_from(const kausal_block_fields_t* fields);
[[nodiscard]] Result<format::EdgeRecord> edge_from(const kausal_edge_fields_t* fields);
[[nodiscard]] Result<BlockId> id_from(const kausal_id_t* id, std::string_view argument);
[[nodiscard]] kausal_id_t id_to(const BlockId& id) noexcept;

}  // namespace kausal::capi
