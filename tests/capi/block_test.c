/* Blocks, edges, batches, snapshots: what goes in comes out, all or nothing, and survives
 * reopening. Method: the public header only, on a scratch folder; wrong arguments of every kind in
 * between. */
#include "scratch.h"

struct callers {
    size_t count;
    uint32_t lines[16];
    char names[16][32];
};

static void note_caller(const kausal_chunk_t* chunk, uint32_t row, void* ctx) {
    struct callers* callers = ctx;
    assert_true(callers->count < 16);
    char* name = row_text(chunk, row, "name");
    (void)snprintf(callers->names[callers->count], 32, "%s", name);
    free(name);
    callers->lines[callers->count++] = row_u32(chunk, row, "site_line");
}

static struct callers callers_of(kausal_db_t* db, const char* symbol) {
    struct callers callers = {0};
    kausal_iter_t* iter = NULL;
    const kausal_id_t id = id_of(symbol);
    EXPECT_OK(kausal_show(db, KAUSAL_SHOW_CALLERS, &id, NULL, &iter, &err));
    (void)read_rows(iter, note_caller, &callers);
    return callers;
}

static void fill(kausal_db_t* db) {
    kausal_batch_t* batch = NULL;
    EXPECT_OK(kausal_batch_create(db, &batch, &err));
    const kausal_block_fields_t caller = block_of("caller", "callee(); callee();");
    const kausal_block_fields_t callee = block_of("callee", "");
    EXPECT_OK(kausal_batch_put_block(batch, &caller, &err));
    EXPECT_OK(kausal_batch_put_block(batch, &callee, &err));
    const kausal_edge_fields_t first = edge_of("caller", "callee", 3);
    const kausal_edge_fields_t second = edge_of("caller", "callee", 7);
    EXPECT_OK(kausal_batch_put_edge(batch, &first, &err));
    EXPECT_OK(kausal_batch_put_edge(batch, &second, &err));
    assert_int_equal(kausal_batch_count(batch), 4);
    uint64_t sequence = 0;
    EXPECT_OK(kausal_batch_commit(batch, &sequence, &err));
    assert_true(sequence > 0);
    kausal_batch_destroy(batch);
}

static void test_block_put__reads_back_after_reopening(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    fill(db);
    for (int round = 0; round < 2; ++round) {
        const struct callers callers = callers_of(db, "callee");
        assert_int_equal(callers.count, 2);
        assert_string_equal(callers.names[0], "caller");
        assert_int_equal(callers.lines[0], 3);
        assert_int_equal(callers.lines[1], 7);
        kausal_block_t* block = NULL;
        const kausal_id_t id = id_of("caller");
        EXPECT_OK(kausal_db_get_block(db, NULL, &id, &block, &err));
        kausal_block_fields_t fields;
        kausal_block_fields_init(&fields);
        EXPECT_OK(kausal_block_get_fields(block, &fields, &err));
        assert_int_equal(fields.content.size, 19);
        assert_memory_equal(fields.content.data, "callee(); callee();", 19);
        kausal_block_destroy(block);
        kausal_db_destroy(db);
        db = open_scratch(folder);
    }
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_block_delete__takes_its_edges_along(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    fill(db);
    const kausal_id_t caller = id_of("caller");
    EXPECT_OK(kausal_db_delete_block(db, &caller, NULL, &err));
    assert_int_equal(callers_of(db, "callee").count, 0);
    kausal_block_t* block = NULL;
    EXPECT_STATUS(KAUSAL_NOT_FOUND, kausal_db_get_block(db, NULL, &caller, &block, &err));
    assert_null(block);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_edge_delete__removes_one_site_only(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    fill(db);
    const kausal_edge_fields_t first = edge_of("caller", "callee", 3);
    EXPECT_OK(kausal_db_delete_edge(db, &first, NULL, &err));
    const struct callers callers = callers_of(db, "callee");
    assert_int_equal(callers.count, 1);
    assert_int_equal(callers.lines[0], 7);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_batch_commit__is_all_or_nothing(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    kausal_batch_t* batch = NULL;
    EXPECT_OK(kausal_batch_create(db, &batch, &err));
    const kausal_block_fields_t block = block_of("lonely", "");
    EXPECT_OK(kausal_batch_put_block(batch, &block, &err));
    /* The edge ends at a block that does not exist: the whole batch is refused. */
    const kausal_edge_fields_t edge = edge_of("lonely", "nobody", 1);
    EXPECT_OK(kausal_batch_put_edge(batch, &edge, &err));
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_batch_commit(batch, NULL, &err));
    kausal_block_t* read = NULL;
    const kausal_id_t id = id_of("lonely");
    EXPECT_STATUS(KAUSAL_NOT_FOUND, kausal_db_get_block(db, NULL, &id, &read, &err));
    kausal_batch_destroy(batch);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_snapshot_read__does_not_see_later_commits(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    const kausal_block_fields_t old_block = block_of("changing", "old");
    const kausal_block_fields_t new_block = block_of("changing", "new!");
    EXPECT_OK(kausal_db_put_block(db, &old_block, NULL, &err));
    kausal_snapshot_t* snapshot = NULL;
    EXPECT_OK(kausal_snapshot_create(db, &snapshot, &err));
    EXPECT_OK(kausal_db_put_block(db, &new_block, NULL, &err));
    EXPECT_OK(kausal_db_flush(db, &err));
    EXPECT_OK(kausal_db_compact(db, &err));
    const kausal_id_t id = id_of("changing");
    const kausal_snapshot_t* views[] = {snapshot, NULL};
    const size_t sizes[] = {3, 4};
    for (int i = 0; i < 2; ++i) {
        kausal_block_t* read = NULL;
        EXPECT_OK(kausal_db_get_block(db, views[i], &id, &read, &err));
        kausal_block_fields_t fields;
        kausal_block_fields_init(&fields);
        EXPECT_OK(kausal_block_get_fields(read, &fields, &err));
        assert_int_equal(fields.content.size, sizes[i]);
        kausal_block_destroy(read);
    }
    kausal_snapshot_destroy(snapshot);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_block_put__refuses_bad_fields(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    kausal_block_fields_t block = block_of("x", "");
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_put_block(db, NULL, NULL, &err));
    block.struct_size = 0;
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_put_block(db, &block, NULL, &err));
    block = block_of("x", "");
    block.kind = 0;
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_put_block(db, &block, NULL, &err));
    block = block_of("x", "");
    memset(&block.id, 0, sizeof block.id);
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_put_block(db, &block, NULL, &err));
    block = block_of("x", "");
    block.name.data = "\xff\xfe";
    block.name.size = 2;
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_put_block(db, &block, NULL, &err));
    block = block_of("x", "");
    block.name.data = NULL;
    block.name.size = 5;
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_put_block(db, &block, NULL, &err));
    block = block_of("x", "");
    block.content.size = SIZE_MAX / 2;
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_put_block(db, &block, NULL, &err));
    kausal_edge_fields_t edge = edge_of("a", "b", 1);
    edge.confidence = 1000;
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_put_edge(db, &edge, NULL, &err));
    edge = edge_of("a", "b", 1);
    edge.type = 70000;
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_put_edge(db, &edge, NULL, &err));
    kausal_db_destroy(db);
    scratch_remove(folder);
}

/* A caller built against a later header has a larger struct. */
struct larger_options {
    kausal_query_options_t known;
    uint64_t unknown;
};

static void test_struct_size__unknown_tail_must_be_zero(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    fill(db);
    struct larger_options options;
    memset(&options, 0, sizeof options);
    kausal_query_options_init(&options.known);
    options.known.struct_size = sizeof options;
    kausal_iter_t* iter = NULL;
    EXPECT_OK(kausal_find(db, "caller", 6, &options.known, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 1);
    options.unknown = 1;
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_find(db, "caller", 6, &options.known, &iter, &err));
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_scan__gives_every_block_and_edge_in_order(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    kausal_batch_t* batch = NULL;
    EXPECT_OK(kausal_batch_create(db, &batch, &err));
    for (int i = 0; i < 3000; ++i) {
        char name[32];
        (void)snprintf(name, sizeof name, "f%d", i);
        const kausal_block_fields_t block = block_of(name, "body");
        EXPECT_OK(kausal_batch_put_block(batch, &block, &err));
        if (i > 0) {
            const kausal_edge_fields_t edge = edge_of(name, "f0", 1);
            EXPECT_OK(kausal_batch_put_edge(batch, &edge, &err));
        }
    }
    EXPECT_OK(kausal_batch_commit(batch, NULL, &err));
    kausal_batch_destroy(batch);
    kausal_iter_t* iter = NULL;
    kausal_query_options_t options;
    kausal_query_options_init(&options);
    options.kind = KAUSAL_KIND_FUNCTION;
    EXPECT_OK(kausal_scan_blocks(db, &options, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 3000);
    EXPECT_OK(kausal_scan_edges(db, NULL, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 2999);
    EXPECT_OK(kausal_dump(db, NULL, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 1 + 3000 + 2999);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_block_put__reads_back_after_reopening),
        cmocka_unit_test(test_block_delete__takes_its_edges_along),
        cmocka_unit_test(test_edge_delete__removes_one_site_only),
        cmocka_unit_test(test_batch_commit__is_all_or_nothing),
        cmocka_unit_test(test_snapshot_read__does_not_see_later_commits),
        cmocka_unit_test(test_block_put__refuses_bad_fields),
        cmocka_unit_test(test_struct_size__unknown_tail_must_be_zero),
        cmocka_unit_test(test_scan__gives_every_block_and_edge_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
