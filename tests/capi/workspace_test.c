/* Linking a tree and asking it, opening what is damaged or held, cancel: the main job from C.
 * Method: a small C program written into a scratch folder; every answer is compared with what it
 * says. */
#define _XOPEN_SOURCE 700
#include "scratch.h"

#include <unistd.h>

static const char kMain[] =
    "#include \"work.h\"\n"
    "static int helper(int x) { return work(x); }\n"
    "int main(void) { return helper(1) + work(2); }\n";
static const char kHeader[] = "int work(int x);\n";
static const char kWork[] = "#include \"work.h\"\nint work(int x) { return x + 1; }\n";

static void write_tree(const char* folder) {
    scratch_write(folder, "tree/main.c", kMain, strlen(kMain));
    scratch_write(folder, "tree/work.h", kHeader, strlen(kHeader));
    scratch_write(folder, "tree/work.c", kWork, strlen(kWork));
}

static void link_tree(kausal_db_t* db, const char* folder) {
    char root[1024];
    (void)snprintf(root, sizeof root, "%s/tree", folder);
    kausal_iter_t* iter = NULL;
    EXPECT_OK(kausal_workspace_link(db, root, strlen(root), "t", 1, NULL, &iter, &err));
    assert_true(read_rows(iter, NULL, NULL) > 5);
}

/* The one block that `target` names. */
static kausal_id_t resolve(kausal_db_t* db, const char* target) {
    kausal_iter_t* iter = NULL;
    EXPECT_OK(kausal_resolve(db, target, strlen(target), NULL, &iter, &err));
    kausal_chunk_t chunk;
    kausal_chunk_init(&chunk);
    EXPECT_OK(kausal_iter_next_chunk(iter, 0, &chunk, &err));
    assert_int_equal(chunk.row_count, 1);
    assert_string_equal(chunk.columns[0].name, "id");
    const kausal_id_t id = ((const kausal_id_t*)chunk.columns[0].values)[0];
    kausal_iter_destroy(iter);
    return id;
}

static void collect_names(const kausal_chunk_t* chunk, uint32_t row, void* ctx) {
    char* name = row_text(chunk, row, "name");
    char* names = ctx;
    (void)strncat(names, name, 200);
    (void)strncat(names, " ", 200);
    free(name);
}

static void test_workspace_link__answers_who_calls(void** state) {
    (void)state;
    char* folder = scratch_create();
    write_tree(folder);
    kausal_db_t* db = open_scratch(folder);
    link_tree(db, folder);
    const kausal_id_t work = resolve(db, "work");
    kausal_iter_t* iter = NULL;
    char names[1024] = "";
    EXPECT_OK(kausal_show(db, KAUSAL_SHOW_CALLERS, &work, NULL, &iter, &err));
    assert_int_equal(read_rows(iter, collect_names, names), 2);
    assert_string_equal(names, "helper main ");
    EXPECT_OK(kausal_search(db, "helper", 6, NULL, &iter, &err));
    assert_true(read_rows(iter, NULL, NULL) >= 1);
    EXPECT_OK(kausal_context(db, "change what work returns", 24, NULL, &iter, &err));
    assert_true(read_rows(iter, NULL, NULL) >= 1);
    EXPECT_OK(kausal_impact(db, &work, 1, NULL, &iter, &err));
    assert_true(read_rows(iter, NULL, NULL) >= 3);
    EXPECT_OK(kausal_db_verify(db, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 0);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_workspace_unlink__leaves_nothing(void** state) {
    (void)state;
    char* folder = scratch_create();
    write_tree(folder);
    kausal_db_t* db = open_scratch(folder);
    link_tree(db, folder);
    kausal_iter_t* iter = NULL;
    char names[1024] = "";
    EXPECT_OK(kausal_workspace_list(db, &iter, &err));
    assert_int_equal(read_rows(iter, collect_names, names), 1);
    assert_string_equal(names, "t ");
    EXPECT_OK(kausal_workspace_unlink(db, "t", 1, &err));
    EXPECT_OK(kausal_workspace_list(db, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 0);
    EXPECT_OK(kausal_scan_blocks(db, NULL, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 0);
    EXPECT_OK(kausal_scan_edges(db, NULL, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 0);
    EXPECT_STATUS(KAUSAL_ERR_NOT_FOUND, kausal_workspace_unlink(db, "t", 1, &err));
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_workspace_link__cancelled_commits_nothing(void** state) {
    (void)state;
    char* folder = scratch_create();
    write_tree(folder);
    kausal_db_t* db = open_scratch(folder);
    kausal_cancel_t* cancel = NULL;
    EXPECT_OK(kausal_cancel_create(&cancel, &err));
    EXPECT_OK(kausal_cancel_trigger(cancel, &err));
    kausal_ingest_options_t options;
    kausal_ingest_options_init(&options);
    options.cancel = cancel;
    char root[1024];
    (void)snprintf(root, sizeof root, "%s/tree", folder);
    kausal_iter_t* iter = NULL;
    EXPECT_STATUS(KAUSAL_ERR_CANCELLED,
                  kausal_workspace_link(db, root, strlen(root), NULL, 0, &options, &iter, &err));
    EXPECT_OK(kausal_scan_blocks(db, NULL, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 0);
    kausal_cancel_destroy(cancel);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_workspace_link__refuses_what_is_no_tree(void** state) {
    (void)state;
    char* folder = scratch_create();
    scratch_write(folder, "file", "x", 1);
    scratch_write(folder, "empty/.keep", "", 0);
    kausal_db_t* db = open_scratch(folder);
    kausal_iter_t* iter = NULL;
    char root[1024];
    (void)snprintf(root, sizeof root, "%s/absent", folder);
    EXPECT_STATUS(KAUSAL_ERR_NOT_FOUND,
                  kausal_workspace_link(db, root, strlen(root), NULL, 0, NULL, &iter, &err));
    (void)snprintf(root, sizeof root, "%s/file", folder);
    EXPECT_STATUS(KAUSAL_ERR_INVALID,
                  kausal_workspace_link(db, root, strlen(root), NULL, 0, NULL, &iter, &err));
    EXPECT_STATUS(KAUSAL_ERR_INVALID,
                  kausal_workspace_link(db, NULL, 0, NULL, 0, NULL, &iter, &err));
    EXPECT_STATUS(KAUSAL_ERR_NOT_FOUND, kausal_workspace_sync(db, "nobody", 6, NULL, &iter, &err));
    assert_null(iter);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_db_open__tells_what_is_wrong(void** state) {
    (void)state;
    char* folder = scratch_create();
    char path[1024];
    kausal_db_t* db = NULL;
    (void)snprintf(path, sizeof path, "%s/absent", folder);
    EXPECT_STATUS(KAUSAL_ERR_NOT_FOUND, kausal_db_open(path, strlen(path), NULL, &db, &err));
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_open(NULL, 0, NULL, &db, &err));
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_db_open("a\0b", 3, NULL, &db, &err));
    kausal_db_t* first = open_scratch(folder);
    (void)snprintf(path, sizeof path, "%s/db", folder);
    kausal_error_t* why = NULL;
    assert_int_equal(kausal_db_open(path, strlen(path), NULL, &db, &why), KAUSAL_ERR_LOCKED);
    char pid[32];
    (void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
    assert_non_null(strstr(kausal_error_message(why), pid));
    kausal_error_destroy(why);
    kausal_options_t* options = NULL;
    EXPECT_OK(kausal_options_create(&options, &err));
    EXPECT_OK(kausal_options_set(options, "read_only", "true", &err));
    EXPECT_OK(kausal_db_open(path, strlen(path), options, &db, &err));
    const kausal_block_fields_t block = block_of("x", "");
    EXPECT_STATUS(KAUSAL_ERR_UNSUPPORTED, kausal_db_put_block(db, &block, NULL, &err));
    kausal_db_destroy(db);
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_options_set(options, "no_such_option", "1", &err));
    EXPECT_STATUS(KAUSAL_ERR_INVALID, kausal_options_set(options, "durability", "maybe", &err));
    size_t keys = 0;
    while (kausal_options_key(keys) != NULL) ++keys;
    assert_true(keys >= 9);
    kausal_options_destroy(options);
    kausal_db_destroy(first);
    scratch_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workspace_link__answers_who_calls),
        cmocka_unit_test(test_workspace_unlink__leaves_nothing),
        cmocka_unit_test(test_workspace_link__cancelled_commits_nothing),
        cmocka_unit_test(test_workspace_link__refuses_what_is_no_tree),
        cmocka_unit_test(test_db_open__tells_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
