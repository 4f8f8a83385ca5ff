/* Handles: NULL, stale, twice destroyed, of the wrong type, wild, in any order, closed, forked.
 * Method: every misuse through the public header only; the answer must be a status, never a crash.
 */
#define _XOPEN_SOURCE 700
#include "scratch.h"

#include <sys/wait.h>
#include <unistd.h>

static void test_handle_null__answers_handle_or_nothing(void** state) {
    (void)state;
    kausal_iter_t* iter = NULL;
    kausal_block_t* block = NULL;
    kausal_snapshot_t* snapshot = NULL;
    kausal_batch_t* batch = NULL;
    kausal_id_t id;
    memset(&id, 1, sizeof id);
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_db_close(NULL, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_db_sync(NULL, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_db_stats(NULL, &iter, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_db_get_block(NULL, NULL, &id, &block, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_snapshot_create(NULL, &snapshot, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_batch_create(NULL, &batch, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_batch_commit(NULL, NULL, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_find(NULL, "a", 1, NULL, &iter, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_cancel_trigger(NULL, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_options_set(NULL, "a", "b", &err));
    assert_null(iter);
    assert_int_equal(kausal_snapshot_sequence(NULL), 0);
    assert_int_equal(kausal_batch_count(NULL), 0);
    assert_string_equal(kausal_error_message(NULL), "");
    kausal_db_destroy(NULL);
    kausal_snapshot_destroy(NULL);
    kausal_batch_destroy(NULL);
    kausal_block_destroy(NULL);
    kausal_iter_destroy(NULL);
    kausal_cancel_destroy(NULL);
    kausal_progress_destroy(NULL);
    kausal_options_destroy(NULL);
    kausal_error_destroy(NULL);
    kausal_loader_destroy(NULL);
}

static void test_handle_stale__answers_handle(void** state) {
    (void)state;
    kausal_cancel_t* cancel = NULL;
    EXPECT_OK(kausal_cancel_create(&cancel, &err));
    kausal_cancel_destroy(cancel);
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_cancel_trigger(cancel, &err));
    kausal_cancel_destroy(cancel);
    /* Also while the slot serves another of the same type, and after many. */
    for (int i = 0; i < 10000; ++i) {
        kausal_cancel_t* other = NULL;
        EXPECT_OK(kausal_cancel_create(&other, &err));
        assert_ptr_not_equal(other, cancel);
        EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_cancel_trigger(cancel, &err));
        kausal_cancel_destroy(other);
    }
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_cancel_trigger(cancel, &err));
}

static void test_handle_foreign__answers_handle(void** state) {
    (void)state;
    kausal_cancel_t* cancel = NULL;
    EXPECT_OK(kausal_cancel_create(&cancel, &err));
    /* Of another type, inside one, and of no table at all. */
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_db_close((kausal_db_t*)(void*)cancel, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE,
                  kausal_cancel_trigger((kausal_cancel_t*)(void*)((char*)cancel + 1), &err));
    char stack[64] = {0};
    EXPECT_STATUS(KAUSAL_ERR_HANDLE, kausal_cancel_trigger((kausal_cancel_t*)(void*)stack, &err));
    EXPECT_STATUS(KAUSAL_ERR_HANDLE,
                  kausal_cancel_trigger((kausal_cancel_t*)(uintptr_t)0xdeadbeefcafef00d, &err));
    kausal_db_destroy((kausal_db_t*)(void*)cancel);
    EXPECT_OK(kausal_cancel_trigger(cancel, &err));
    kausal_cancel_destroy(cancel);
}

static void test_handle_destroy__children_outlive_the_database(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    const kausal_block_fields_t block = block_of("survivor", "int survivor;");
    EXPECT_OK(kausal_db_put_block(db, &block, NULL, &err));
    kausal_snapshot_t* snapshot = NULL;
    kausal_block_t* read = NULL;
    kausal_iter_t* iter = NULL;
    kausal_batch_t* batch = NULL;
    const kausal_id_t id = id_of("survivor");
    EXPECT_OK(kausal_snapshot_create(db, &snapshot, &err));
    EXPECT_OK(kausal_db_get_block(db, snapshot, &id, &read, &err));
    EXPECT_OK(kausal_find(db, "survivor", 8, NULL, &iter, &err));
    EXPECT_OK(kausal_batch_create(db, &batch, &err));
    kausal_db_destroy(db);
    /* What was read stays readable; what needs the database says that it is closed. */
    kausal_block_fields_t fields;
    kausal_block_fields_init(&fields);
    EXPECT_OK(kausal_block_get_fields(read, &fields, &err));
    assert_memory_equal(fields.content.data, "int survivor;", fields.content.size);
    kausal_chunk_t chunk;
    kausal_chunk_init(&chunk);
    EXPECT_STATUS(KAUSAL_ERR_CLOSED, kausal_iter_next_chunk(iter, 0, &chunk, &err));
    EXPECT_STATUS(KAUSAL_ERR_CLOSED, kausal_batch_put_block(batch, &block, &err));
    EXPECT_STATUS(KAUSAL_ERR_CLOSED, kausal_batch_commit(batch, NULL, &err));
    kausal_batch_destroy(batch);
    kausal_snapshot_destroy(snapshot);
    kausal_iter_destroy(iter);
    kausal_block_destroy(read);
    scratch_remove(folder);
}

static void test_handle_close__twice_is_fine_and_calls_say_closed(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    EXPECT_OK(kausal_db_close(db, &err));
    EXPECT_OK(kausal_db_close(db, &err));
    kausal_iter_t* iter = NULL;
    EXPECT_STATUS(KAUSAL_ERR_CLOSED, kausal_find(db, "x", 1, NULL, &iter, &err));
    assert_null(iter);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_handle_fork__child_is_told(void** state) {
    (void)state;
    char* folder = scratch_create();
    kausal_db_t* db = open_scratch(folder);
    const pid_t child = fork();
    if (child == 0) {
        kausal_iter_t* iter = NULL;
        const kausal_status_t status = kausal_find(db, "x", 1, NULL, &iter, NULL);
        _exit(status == KAUSAL_ERR_FORKED ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handle_null__answers_handle_or_nothing),
        cmocka_unit_test(test_handle_stale__answers_handle),
        cmocka_unit_test(test_handle_foreign__answers_handle),
        cmocka_unit_test(test_handle_destroy__children_outlive_the_database),
        cmocka_unit_test(test_handle_close__twice_is_fine_and_calls_say_closed),
        cmocka_unit_test(test_handle_fork__child_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
