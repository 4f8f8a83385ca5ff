/* What a hostile disk and a hostile tree do to a C program: one error each, and nothing lost.
 * Method: a database with a small tree linked, whose dump is kept; each case spoils one thing and
 * then asks for the error and for the same dump. */
#define _XOPEN_SOURCE 700
#include "scratch.h"

#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kPathMax = 1024, kFlips = 60 };

typedef struct text {
    char* data;
    size_t size;
} text_t;

static void append(text_t* text, const void* data, size_t size) {
    text->data = realloc(text->data, text->size + size + 1);
    assert_non_null(text->data);
    memcpy(text->data + text->size, data, size);
    text->size += size;
    text->data[text->size] = '\0';
}

static void path_in(char* path, const char* folder, const char* name) {
    assert_true(snprintf(path, kPathMax, "%s/%s", folder, name) < kPathMax);
}

static text_t read_file(const char* path) {
    FILE* file = fopen(path, "rb");
    assert_non_null(file);
    text_t text = {NULL, 0};
    char part[4096];
    size_t size = 0;
    while ((size = fread(part, 1, sizeof part, file)) > 0) append(&text, part, size);
    (void)fclose(file);
    return text;
}

/* In place, as a bad disk does it, so that a failure leaves no second file behind. */
static void rewrite_file(const char* path, const char* data, size_t size) {
    FILE* file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void write_tree(const char* folder) {
    static const char kCode[] =
        "int work(int x) { return x + 1; }\nint main(void) { return work(1); }\n";
    scratch_write(folder, "tree/main.c", kCode, sizeof kCode - 1);
}

static kausal_status_t link_status(kausal_db_t* db, const char* folder, kausal_error_t** err) {
    char root[kPathMax];
    path_in(root, folder, "tree");
    kausal_iter_t* iter = NULL;
    const kausal_status_t status =
        kausal_workspace_link(db, root, strlen(root), "t", 1, NULL, &iter, err);
    kausal_iter_destroy(iter);
    return status;
}

/* The dump, or the status that kept it from us: every row is copied while reading. */
static kausal_status_t dump(kausal_db_t* db, text_t* out) {
    kausal_iter_t* iter = NULL;
    kausal_error_t* err = NULL;
    kausal_status_t status = kausal_dump(db, NULL, &iter, &err);
    while (status == KAUSAL_OK) {
        kausal_chunk_t chunk;
        kausal_chunk_init(&chunk);
        status = kausal_iter_next_chunk(iter, 0, &chunk, &err);
        for (uint32_t row = 0; status == KAUSAL_OK && row < chunk.row_count; ++row) {
            char* line = row_text(&chunk, row, "line");
            append(out, line, strlen(line));
            free(line);
        }
    }
    if (status < 0) assert_true(strlen(kausal_error_message(err)) > 0);
    kausal_error_destroy(err);
    kausal_iter_destroy(iter);
    return status == KAUSAL_END ? KAUSAL_OK : status;
}

static void assert_same_dump(kausal_db_t* db, text_t truth) {
    text_t now = {NULL, 0};
    assert_int_equal(dump(db, &now), KAUSAL_OK);
    assert_int_equal(now.size, truth.size);
    assert_memory_equal(now.data, truth.data, truth.size);
    free(now.data);
}

static void assert_clean(kausal_db_t* db) {
    kausal_iter_t* iter = NULL;
    EXPECT_OK(kausal_db_verify(db, &iter, &err));
    assert_int_equal(read_rows(iter, NULL, NULL), 0);
}

static size_t count_found(kausal_db_t* db, const char* name) {
    kausal_query_options_t options;
    kausal_query_options_init(&options);
    options.exact = 1;
    kausal_iter_t* iter = NULL;
    kausal_error_t* err = NULL;
    const kausal_status_t status = kausal_find(db, name, strlen(name), &options, &iter, &err);
    assert_true(status >= 0);
    return iter == NULL ? 0 : read_rows(iter, NULL, NULL);
}

/* A linked, closed database and what its dump says. */
static text_t make_database(const char* folder) {
    write_tree(folder);
    kausal_db_t* db = open_scratch(folder);
    EXPECT_OK(link_status(db, folder, &err));
    text_t truth = {NULL, 0};
    assert_int_equal(dump(db, &truth), KAUSAL_OK);
    assert_true(truth.size > 100);
    EXPECT_OK(kausal_db_close(db, &err));
    kausal_db_destroy(db);
    return truth;
}

/* Opens folder/db as it is. */
static kausal_status_t open_existing(const char* folder, kausal_db_t** db, kausal_error_t** err) {
    char path[kPathMax];
    path_in(path, folder, "db");
    return kausal_db_open(path, strlen(path), NULL, db, err);
}

static void largest_segment(const char* folder, char* path) {
    char database[kPathMax / 2];
    (void)snprintf(database, sizeof database, "%s/db", folder);
    DIR* entries = opendir(database);
    assert_non_null(entries);
    off_t largest = -1;
    for (struct dirent* entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        char candidate[kPathMax];
        path_in(candidate, database, entry->d_name);
        struct stat info;
        const char* end = strrchr(entry->d_name, '.');
        if (end == NULL || strcmp(end, ".seg") != 0 || stat(candidate, &info) != 0) continue;
        if (info.st_size <= largest) continue;
        largest = info.st_size;
        memcpy(path, candidate, kPathMax);
    }
    (void)closedir(entries);
    assert_true(largest > 0);
}

/* Opens, dumps and verifies what was damaged; returns 1 when the damage was told by any of the
 * three. The dump is the truth or an error, never anything else. */
static int damage_is_told(const char* folder, text_t truth) {
    kausal_db_t* db = NULL;
    kausal_error_t* err = NULL;
    const kausal_status_t opened = open_existing(folder, &db, &err);
    if (opened != KAUSAL_OK) {
        expect_status(opened, KAUSAL_ERR_CORRUPT, err, "open");
        return 1;
    }
    text_t now = {NULL, 0};
    const kausal_status_t dumped = dump(db, &now);
    if (dumped == KAUSAL_OK) {
        assert_int_equal(now.size, truth.size);
        assert_memory_equal(now.data, truth.data, truth.size);
    } else {
        assert_int_equal(dumped, KAUSAL_ERR_CORRUPT);
    }
    free(now.data);
    kausal_iter_t* iter = NULL;
    const kausal_status_t verified = kausal_db_verify(db, &iter, NULL);
    const size_t findings = verified == KAUSAL_OK ? read_rows(iter, NULL, NULL) : 1;
    kausal_db_destroy(db);
    return findings > 0 || dumped != KAUSAL_OK;
}

static void test_damage__a_flipped_bit_is_told(void** state) {
    (void)state;
    char* folder = scratch_create();
    const text_t truth = make_database(folder);
    char path[kPathMax];
    largest_segment(folder, path);
    const text_t whole = read_file(path);
    const size_t step = whole.size / kFlips + 1;
    for (size_t offset = 0; offset < whole.size; offset += step) {
        whole.data[offset] ^= 0x10;
        rewrite_file(path, whole.data, whole.size);
        whole.data[offset] ^= 0x10;
        if (!damage_is_told(folder, truth)) fail_msg("a flip at byte %zu went unnoticed", offset);
    }
    rewrite_file(path, whole.data, whole.size);
    assert_false(damage_is_told(folder, truth));
    free(whole.data);
    free(truth.data);
    scratch_remove(folder);
}

static void test_damage__a_truncated_file_is_told(void** state) {
    (void)state;
    char* folder = scratch_create();
    const text_t truth = make_database(folder);
    char path[kPathMax];
    largest_segment(folder, path);
    const text_t whole = read_file(path);
    const size_t sizes[] = {0, 1, whole.size / 2, whole.size - 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        rewrite_file(path, whole.data, sizes[i]);
        assert_true(damage_is_told(folder, truth));
    }
    rewrite_file(path, whole.data, whole.size);
    assert_false(damage_is_told(folder, truth));
    free(whole.data);
    free(truth.data);
    scratch_remove(folder);
}

static void test_tree__odd_files_are_accounted_for(void** state) {
    (void)state;
    char* folder = scratch_create();
    write_tree(folder);
    char binary[4096];
    for (size_t i = 0; i < sizeof binary; ++i) binary[i] = (char)(i % 256);
    scratch_write(folder, "tree/binary.c", binary, sizeof binary);
    static const char kLatin1[] = "# caf\xe9 \xff\xfe\ndef plain():\n    return 1\n";
    scratch_write(folder, "tree/latin1.py", kLatin1, sizeof kLatin1 - 1);
    const size_t giant_size = (size_t)50 << 20;
    char* giant = malloc(giant_size);
    assert_non_null(giant);
    memset(giant, '1', giant_size);
    scratch_write(folder, "tree/giant.js", giant, giant_size);
    free(giant);
    char link[kPathMax];
    path_in(link, folder, "tree/loop");
    assert_int_equal(symlink("loop", link), 0);
    path_in(link, folder, "tree/up");
    assert_int_equal(symlink("..", link), 0);

    kausal_db_t* db = open_scratch(folder);
    EXPECT_OK(link_status(db, folder, &err));
    kausal_iter_t* iter = NULL;
    EXPECT_OK(kausal_workspace_notes(db, "t", 1, &iter, &err));
    text_t notes = {NULL, 0};
    kausal_chunk_t chunk;
    kausal_chunk_init(&chunk);
    while (kausal_iter_next_chunk(iter, 0, &chunk, NULL) == KAUSAL_OK) {
        for (uint32_t row = 0; row < chunk.row_count; ++row) {
            char* uri = row_text(&chunk, row, "uri");
            append(&notes, uri, strlen(uri));
            append(&notes, " ", 1);
            free(uri);
        }
    }
    kausal_iter_destroy(iter);
    assert_non_null(notes.data);
    const char* const told[] = {"binary.c", "giant.js", "loop", "up"};
    for (size_t i = 0; i < sizeof told / sizeof told[0]; ++i) {
        if (strstr(notes.data, told[i]) == NULL)
            fail_msg("%s: not told in %s", told[i], notes.data);
    }
    free(notes.data);
    assert_int_equal(count_found(db, "plain"), 1);
    assert_int_equal(count_found(db, "work"), 1);
    assert_clean(db);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_tree__empty_folder_is_refused(void** state) {
    (void)state;
    char* folder = scratch_create();
    char root[kPathMax];
    path_in(root, folder, "tree");
    assert_int_equal(mkdir(root, 0755), 0);
    kausal_db_t* db = open_scratch(folder);
    EXPECT_STATUS(KAUSAL_ERR_INVALID, link_status(db, folder, &err));
    assert_clean(db);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

enum { kCrowd = 400 };

static void crowd_path(char* path, const char* folder, int number) {
    char name[64];
    (void)snprintf(name, sizeof name, "tree/f%d.py", number);
    path_in(path, folder, name);
}

static void* remove_crowd(void* folder) {
    for (int i = kCrowd - 1; i >= 0; --i) {
        char path[kPathMax];
        crowd_path(path, folder, i);
        (void)remove(path);
    }
    return NULL;
}

static void test_tree__files_that_vanish_meanwhile(void** state) {
    (void)state;
    char* folder = scratch_create();
    write_tree(folder);
    for (int i = 0; i < kCrowd; ++i) {
        char name[64];
        char code[128];
        (void)snprintf(name, sizeof name, "tree/f%d.py", i);
        const int size = snprintf(code, sizeof code, "def f%d():\n    return %d\n", i, i);
        scratch_write(folder, name, code, (size_t)size);
    }
    kausal_db_t* db = open_scratch(folder);
    pthread_t remover = 0;
    assert_int_equal(pthread_create(&remover, NULL, remove_crowd, folder), 0);
    EXPECT_OK(link_status(db, folder, &err));
    assert_int_equal(pthread_join(remover, NULL), 0);
    kausal_iter_t* iter = NULL;
    EXPECT_OK(kausal_workspace_sync(db, "t", 1, NULL, &iter, &err));
    kausal_iter_destroy(iter);
    assert_int_equal(count_found(db, "f0"), 0);
    assert_int_equal(count_found(db, "f399"), 0);
    assert_int_equal(count_found(db, "work"), 1);
    assert_clean(db);
    kausal_db_destroy(db);
    scratch_remove(folder);
}

static void test_disk__full(void** state) {
    (void)state;
    char* folder = scratch_create();
    char small[kPathMax];
    path_in(small, folder, "db");
    assert_int_equal(mkdir(small, 0755), 0);
    const int is_mounted = mount("tmpfs", small, "tmpfs", 0, "size=1m") == 0;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    if (!is_mounted) {
        /* Without the right to mount, a limit on the size of files makes larger writes fail. */
        (void)signal(SIGXFSZ, SIG_IGN);
        const struct rlimit limit = {(rlim_t)1 << 20, before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    }
    write_tree(folder);
    kausal_db_t* db = open_scratch(folder);
    EXPECT_OK(link_status(db, folder, &err));
    text_t truth = {NULL, 0};
    assert_int_equal(dump(db, &truth), KAUSAL_OK);

    const size_t size = (size_t)2 << 20;
    char* noise = malloc(size);
    assert_non_null(noise);
    uint64_t seed = 88172645463325252U;
    for (size_t i = 0; i < size; ++i) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        noise[i] = (char)seed;
    }
    kausal_block_fields_t block = block_of("noise", "");
    block.content.data = noise;
    block.content.size = size;
    kausal_error_t* why = NULL;
    const kausal_status_t status = kausal_db_put_block(db, &block, NULL, &why);
    expect_status(status, is_mounted ? KAUSAL_ERR_NO_SPACE : status, why, "put on a full disk");
    assert_true(status < 0);
    assert_same_dump(db, truth);
    kausal_db_destroy(db);

    if (!is_mounted) assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_OK(open_existing(folder, &db, &err));
    assert_same_dump(db, truth);
    assert_clean(db);
    const kausal_block_fields_t other = block_of("other", "fits");
    EXPECT_OK(kausal_db_put_block(db, &other, NULL, &err));
    kausal_db_destroy(db);
    if (is_mounted) assert_int_equal(umount(small), 0);
    free(noise);
    free(truth.data);
    scratch_remove(folder);
}

static void test_lock__another_process_is_named(void** state) {
    (void)state;
    char* folder = scratch_create();
    text_t truth = make_database(folder);
    int ready[2];
    int leave[2];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(leave), 0);
    const pid_t child = fork();
    if (child == 0) {
        kausal_db_t* held = NULL;
        char byte = open_existing(folder, &held, NULL) == KAUSAL_OK ? 'y' : 'n';
        (void)close(leave[1]);
        if (write(ready[1], &byte, 1) == 1) (void)!read(leave[0], &byte, 1);
        kausal_db_destroy(held);
        _exit(0);
    }
    assert_true(child > 0);
    char byte = '?';
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    kausal_db_t* db = NULL;
    kausal_error_t* why = NULL;
    assert_int_equal(open_existing(folder, &db, &why), KAUSAL_ERR_LOCKED);
    char pid[32];
    (void)snprintf(pid, sizeof pid, "%ld", (long)child);
    assert_non_null(strstr(kausal_error_message(why), pid));
    kausal_error_destroy(why);
    (void)close(leave[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    EXPECT_OK(open_existing(folder, &db, &err));
    assert_same_dump(db, truth);
    kausal_db_destroy(db);
    (void)close(leave[0]);
    (void)close(ready[0]);
    (void)close(ready[1]);
    free(truth.data);
    scratch_remove(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damage__a_flipped_bit_is_told),
        cmocka_unit_test(test_damage__a_truncated_file_is_told),
        cmocka_unit_test(test_tree__odd_files_are_accounted_for),
        cmocka_unit_test(test_tree__empty_folder_is_refused),
        cmocka_unit_test(test_tree__files_that_vanish_meanwhile),
        cmocka_unit_test(test_disk__full),
        cmocka_unit_test(test_lock__another_process_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
