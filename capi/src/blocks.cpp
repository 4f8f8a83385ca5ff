// Blocks, edges and batches: converting them in and out, committing them.
#include "blocks.h"

#include "guard.h"
#include "objects.h"

#include <cstring>

namespace kausal::capi {

void OwnedBlock::attach() noexcept {
    record.name = name;
    record.qualified_name = qualified_name;
    record.uri = uri;
    record.signature = signature;
    record.doc = doc;
    record.metadata = metadata;
    record.content = content;
}

Result<BlockId> id_from(const kausal_id_t* id, std::string_view argument) {
    KAUSAL_TRY(require(id, argument));
    const BlockId value = BlockId::load(reinterpret_cast<const std::byte*>(id->bytes));
    if (!value.is_valid()) return fail(ErrorCode::Invalid, std::string(argument) + " is all zero");
    return value;
}

kausal_id_t id_to(const BlockId& id) noexcept {
    kausal_id_t out;
    id.store(reinterpret_cast<std::byte*>(out.bytes));
    return out;
}

Result<OwnedBlock> block_from(const kausal_block_fields_t* fields) {
    KAUSAL_TRY(require(fields, "block"));
    kausal_block_fields_t given;
    kausal_block_fields_init(&given);
    KAUSAL_TRY(read_struct(fields, &given, sizeof given, "block"));
    OwnedBlock block;
    block.record.id = KAUSAL_TRY(id_from(&given.id, "the block's id"));
    if (given.kind == 0 || given.kind > UINT16_MAX) {
        return fail(ErrorCode::Invalid, "kind " + std::to_string(given.kind) + " is not 1..65535");
    }
    if (given.language > UINT8_MAX) {
        return fail(ErrorCode::Invalid,
                    "language " + std::to_string(given.language) + " is not 0..255");
    }
    block.record.kind = static_cast<format::BlockKind>(given.kind);
    block.record.language = static_cast<format::Language>(given.language);
    block.record.flags = given.flags;
    block.record.parent = BlockId::load(reinterpret_cast<const std::byte*>(given.parent.bytes));
    block.record.line_first = given.line_first;
    block.record.line_last = given.line_last;
    block.record.byte_first = given.byte_first;
    block.record.byte_end = given.byte_end;
    const auto copy = [](const kausal_text_t& from, std::string_view argument,
                         std::string& into) -> Status {
        if (from.data == nullptr && from.size != 0) return missing(argument);
        if (from.size > format::kContentSizeMax) {
            return {ErrorCode::Invalid, std::string(argument) + " of " + std::to_string(from.size) +
                                            " bytes is longer than " +
                                            std::to_string(format::kContentSizeMax)};
        }
        if (from.size != 0) into.assign(from.data, from.size);
        return {};
    };
    KAUSAL_TRY(copy(given.name, "the block's name", block.name));
    KAUSAL_TRY(copy(given.qualified_name, "the block's qualified_name", block.qualified_name));
    KAUSAL_TRY(copy(given.uri, "the block's uri", block.uri));
    KAUSAL_TRY(copy(given.signature, "the block's signature", block.signature));
    KAUSAL_TRY(copy(given.doc, "the block's doc", block.doc));
    KAUSAL_TRY(copy(given.metadata, "the block's metadata", block.metadata));
    KAUSAL_TRY(copy(given.content, "the block's content", block.content));
    block.attach();
    KAUSAL_TRY(format::validate(block.record));
    return block;
}

Result<format::EdgeRecord> edge_from(const kausal_edge_fields_t* fields) {
    KAUSAL_TRY(require(fields, "edge"));
    kausal_edge_fields_t given;
    kausal_edge_fields_init(&given);
    KAUSAL_TRY(read_struct(fields, &given, sizeof given, "edge"));
    format::EdgeRecord edge;
    edge.source = KAUSAL_TRY(id_from(&given.source, "the edge's source"));
    edge.target = KAUSAL_TRY(id_from(&given.target, "the edge's target"));
    if (given.type == 0 || given.type > UINT16_MAX) {
        return fail(ErrorCode::Invalid,
                    "edge type " + std::to_string(given.type) + " is not 1..65535");
    }
    if (given.certainty > KAUSAL_CERTAINTY_RESOLVED || given.confidence > 255 ||
        given.provenance > 63) {
        return fail(ErrorCode::Invalid,
                    "certainty, confidence or provenance of the edge is out of range");
    }
    edge.type = static_cast<format::EdgeType>(given.type);
    edge.certainty = static_cast<format::Certainty>(given.certainty);
    edge.confidence = static_cast<uint8_t>(given.confidence);
    edge.provenance = static_cast<format::Provenance>(given.provenance);
    edge.site_offset = given.site_offset;
    edge.site_line = given.site_line;
    return edge;
}

namespace {

using GraphOperation = std::function<Status(graph::GraphBatch&)>;

Result<GraphOperation> put_block_operation(const kausal_block_fields_t* fields) {
    auto block = std::make_shared<OwnedBlock>(KAUSAL_TRY(block_from(fields)));
    block->attach();
    return GraphOperation(
        [block](graph::GraphBatch& batch) { return batch.put_block(block->record); });
}

Result<GraphOperation> delete_block_operation(const kausal_id_t* id) {
    const BlockId block = KAUSAL_TRY(id_from(id, "id"));
    return GraphOperation([block](graph::GraphBatch& batch) { return batch.delete_block(block); });
}

Result<GraphOperation> put_edge_operation(const kausal_edge_fields_t* fields) {
    const format::EdgeRecord edge = KAUSAL_TRY(edge_from(fields));
    return GraphOperation([edge](graph::GraphBatch& batch) { return batch.put_edge(edge); });
}

Result<GraphOperation> delete_edge_operation(const kausal_edge_fields_t* fields) {
    const format::EdgeKey key = format::key_of(KAUSAL_TRY(edge_from(fields)));
    return GraphOperation([key](graph::GraphBatch& batch) { return batch.delete_edge(key); });
}

Result<uint64_t> commit(DatabaseObject& object, std::span<const GraphOperation> operations) {
    auto database = KAUSAL_TRY(object.use());
    graph::GraphBatch batch = database->graph().batch();
    for (const GraphOperation& operation : operations) KAUSAL_TRY(operation(batch));
    return database->graph().commit(std::move(batch));
}

kausal_status_t add_to_batch(kausal_batch_t* batch, kausal_error_t** err,
                             const std::function<Result<GraphOperation>()>& make) noexcept {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<BatchObject>(HandleType::Batch, batch));
        const auto use = KAUSAL_TRY(ConfinedUse::of(*object));
        KAUSAL_TRY(object->database->check());
        object->operations.push_back(KAUSAL_TRY(make()));
        return KAUSAL_OK;
    });
}

kausal_status_t commit_one(kausal_db_t* db, uint64_t* sequence, kausal_error_t** err,
                           const std::function<Result<GraphOperation>()>& make) noexcept {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        const GraphOperation operation = KAUSAL_TRY(make());
        const uint64_t committed = KAUSAL_TRY(commit(*object, {&operation, 1}));
        if (sequence != nullptr) *sequence = committed;
        return KAUSAL_OK;
    });
}

kausal_text_t text_of(std::string_view text) {
    return {text.data(), text.size()};
}

void fill_fields(const storage::BlockPin& pin, kausal_block_fields_t& fields) {
    const format::BlockRecord& record = pin.record;
    fields.id = id_to(record.id);
    fields.parent = id_to(record.parent);
    fields.kind = static_cast<uint32_t>(record.kind);
    fields.language = static_cast<uint32_t>(record.language);
    fields.flags = record.flags;
    fields.line_first = record.line_first;
    fields.line_last = record.line_last;
    fields.byte_first = record.byte_first;
    fields.byte_end = record.byte_end;
    fields.version = pin.version;
    fields.name = text_of(record.name);
    fields.qualified_name = text_of(record.qualified_name);
    fields.uri = text_of(record.uri);
    fields.signature = text_of(record.signature);
    fields.doc = text_of(record.doc);
    fields.metadata = text_of(record.metadata);
    fields.content = text_of(record.content);
}

}  // namespace
}  // namespace kausal::capi

using namespace kausal;        // NOLINT(google-build-using-namespace): exported C functions only
using namespace kausal::capi;  // NOLINT(google-build-using-namespace)

extern "C" {

void kausal_block_fields_init(kausal_block_fields_t* fields) {
    if (fields == nullptr) return;
    std::memset(fields, 0, sizeof *fields);
    fields->struct_size = sizeof *fields;
    fields->kind = KAUSAL_KIND_RECORD;
}

void kausal_edge_fields_init(kausal_edge_fields_t* fields) {
    if (fields == nullptr) return;
    std::memset(fields, 0, sizeof *fields);
    fields->struct_size = sizeof *fields;
    fields->certainty = KAUSAL_CERTAINTY_RESOLVED;
    fields->confidence = 255;
    fields->provenance = static_cast<uint32_t>(format::Provenance::User);
}

kausal_status_t kausal_batch_create(kausal_db_t* db, kausal_batch_t** out, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        KAUSAL_TRY(object->check());
        *out = static_cast<kausal_batch_t*>(HandleTable::instance().add(
            HandleType::Batch, std::make_shared<BatchObject>(std::move(object))));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_batch_put_block(kausal_batch_t* batch, const kausal_block_fields_t* block,
                                       kausal_error_t** err) {
    return add_to_batch(batch, err, [&] { return put_block_operation(block); });
}
kausal_status_t kausal_batch_delete_block(kausal_batch_t* batch, const kausal_id_t* id,
                                          kausal_error_t** err) {
    return add_to_batch(batch, err, [&] { return delete_block_operation(id); });
}
kausal_status_t kausal_batch_put_edge(kausal_batch_t* batch, const kausal_edge_fields_t* edge,
                                      kausal_error_t** err) {
    return add_to_batch(batch, err, [&] { return put_edge_operation(edge); });
}
kausal_status_t kausal_batch_delete_edge(kausal_batch_t* batch, const kausal_edge_fields_t* edge,
                                         kausal_error_t** err) {
    return add_to_batch(batch, err, [&] { return delete_edge_operation(edge); });
}

size_t kausal_batch_count(const kausal_batch_t* batch) {
    return guard_value<size_t>(0, [&]() -> size_t {
        auto object = HandleTable::instance().find(HandleType::Batch, batch);
        if (object == nullptr) return 0;
        auto& operations = static_cast<BatchObject&>(*object);
        if (!operations.enter()) return 0;
        const size_t count = operations.operations.size();
        operations.leave();
        return count;
    });
}

kausal_status_t kausal_batch_clear(kausal_batch_t* batch, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<BatchObject>(HandleType::Batch, batch));
        const auto use = KAUSAL_TRY(ConfinedUse::of(*object));
        object->operations.clear();
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_batch_commit(kausal_batch_t* batch, uint64_t* sequence,
                                    kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        auto object = KAUSAL_TRY(find_object<BatchObject>(HandleType::Batch, batch));
        const auto use = KAUSAL_TRY(ConfinedUse::of(*object));
        const uint64_t committed = KAUSAL_TRY(commit(*object->database, object->operations));
        if (sequence != nullptr) *sequence = committed;
        return KAUSAL_OK;
    });
}

void kausal_batch_destroy(kausal_batch_t* batch) {
    guard_value(0, [&] {
        (void)HandleTable::instance().remove(HandleType::Batch, batch);
        return 0;
    });
}

kausal_status_t kausal_db_put_block(kausal_db_t* db, const kausal_block_fields_t* block,
                                    uint64_t* sequence, kausal_error_t** err) {
    return commit_one(db, sequence, err, [&] { return put_block_operation(block); });
}
kausal_status_t kausal_db_delete_block(kausal_db_t* db, const kausal_id_t* id, uint64_t* sequence,
                                       kausal_error_t** err) {
    return commit_one(db, sequence, err, [&] { return delete_block_operation(id); });
}
kausal_status_t kausal_db_put_edge(kausal_db_t* db, const kausal_edge_fields_t* edge,
                                   uint64_t* sequence, kausal_error_t** err) {
    return commit_one(db, sequence, err, [&] { return put_edge_operation(edge); });
}
kausal_status_t kausal_db_delete_edge(kausal_db_t* db, const kausal_edge_fields_t* edge,
                                      uint64_t* sequence, kausal_error_t** err) {
    return commit_one(db, sequence, err, [&] { return delete_edge_operation(edge); });
}

kausal_status_t kausal_edge_type_register(kausal_db_t* db, const char* name, size_t name_size,
                                          uint32_t* type, kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(type, "type"));
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        const std::string_view word = KAUSAL_TRY(name_argument(name, name_size, "name"));
        auto database = KAUSAL_TRY(object->use());
        *type = static_cast<uint32_t>(KAUSAL_TRY(database->graph().register_edge_type(word)));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_db_get_block(kausal_db_t* db, const kausal_snapshot_t* snapshot,
                                    const kausal_id_t* id, kausal_block_t** out,
                                    kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(out, "out"));
        *out = nullptr;
        auto object = KAUSAL_TRY(find_object<DatabaseObject>(HandleType::Database, db));
        const BlockId wanted = KAUSAL_TRY(id_from(id, "id"));
        auto database = KAUSAL_TRY(object->use());
        const graph::GraphView view = KAUSAL_TRY(view_of(*object, *database, snapshot));
        auto pin = KAUSAL_TRY(view.block(wanted, storage::BlockParts::HeadAndBody));
        if (!pin) return KAUSAL_NOT_FOUND;
        *out = static_cast<kausal_block_t*>(HandleTable::instance().add(
            HandleType::Block, std::make_shared<BlockObject>(object, std::move(*pin))));
        return KAUSAL_OK;
    });
}

kausal_status_t kausal_block_get_fields(const kausal_block_t* block, kausal_block_fields_t* fields,
                                        kausal_error_t** err) {
    return guard(err, [&]() -> Result<kausal_status_t> {
        KAUSAL_TRY(require(fields, "fields"));
        auto object = KAUSAL_TRY(find_object<BlockObject>(HandleType::Block, block));
        kausal_block_fields_t filled;
        kausal_block_fields_init(&filled);
        fill_fields(object->pin, filled);
        KAUSAL_TRY(write_struct(&filled, fields, sizeof filled, "fields"));
        return KAUSAL_OK;
    });
}

void kausal_block_destroy(kausal_block_t* block) {
    guard_value(0, [&] {
        (void)HandleTable::instance().remove(HandleType::Block, block);
        return 0;
    });
}

}  // extern "C"
