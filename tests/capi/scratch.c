/* The helpers of scratch.h. */
#define _XOPEN_SOURCE 700
#include "scratch.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

char* scratch_create(void) {
    char pattern[] = "/tmp/kausal_capi_XXXXXX";
    assert_non_null(mkdtemp(pattern));
    return strdup(pattern);
}

static int remove_entry(const char* path, const struct stat* info, int kind, struct FTW* walk) {
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void scratch_remove(char* folder) {
    (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(folder);
}

void scratch_write(const char* folder, const char* name, const char* text, size_t size) {
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char* slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
    FILE* file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

void expect_status(kausal_status_t status, kausal_status_t wanted, kausal_error_t* err,
                   const char* what) {
    if (status != wanted) {
        print_error("%s: %s, expected %s: %s\n", what, kausal_status_name(status),
                    kausal_status_name(wanted), kausal_error_message(err));
    }
    if (status < 0) {
        assert_non_null(err);
        assert_int_equal(kausal_error_code(err), status);
        assert_true(strlen(kausal_error_message(err)) > 0);
    } else {
        assert_null(err);
    }
    kausal_error_destroy(err);
    assert_int_equal(status, wanted);
}

kausal_db_t* open_scratch(const char* folder) {
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/db", folder);
    kausal_options_t* options = NULL;
    EXPECT_OK(kausal_options_create(&options, &err));
    EXPECT_OK(kausal_options_set(options, "create_if_missing", "true", &err));
    kausal_db_t* db = NULL;
    EXPECT_OK(kausal_db_open(path, strlen(path), options, &db, &err));
    kausal_options_destroy(options);
    assert_non_null(db);
    return db;
}

kausal_id_t id_of(const char* symbol) {
    kausal_id_t id;
    EXPECT_OK(kausal_id_make("test", 4, KAUSAL_KIND_FUNCTION, symbol, strlen(symbol), &id, &err));
    return id;
}

kausal_block_fields_t block_of(const char* symbol, const char* content) {
    kausal_block_fields_t fields;
    kausal_block_fields_init(&fields);
    fields.id = id_of(symbol);
    fields.kind = KAUSAL_KIND_FUNCTION;
    fields.name.data = symbol;
    fields.name.size = strlen(symbol);
    fields.qualified_name = fields.name;
    fields.uri.data = "a.c";
    fields.uri.size = 3;
    fields.line_first = 1;
    fields.line_last = 2;
    fields.content.data = content;
    fields.content.size = strlen(content);
    return fields;
}

kausal_edge_fields_t edge_of(const char* source, const char* target, uint32_t site) {
    kausal_edge_fields_t edge;
    kausal_edge_fields_init(&edge);
    edge.source = id_of(source);
    edge.target = id_of(target);
    edge.type = KAUSAL_EDGE_CALLS_FUNCTION;
    edge.site_offset = site;
    edge.site_line = site;
    return edge;
}

size_t read_rows(kausal_iter_t* iter, row_visitor visit, void* ctx) {
    size_t count = 0;
    for (;;) {
        kausal_chunk_t chunk;
        kausal_chunk_init(&chunk);
        kausal_error_t* err = NULL;
        const kausal_status_t status = kausal_iter_next_chunk(iter, 0, &chunk, &err);
        if (status == KAUSAL_END) break;
        expect_status(status, KAUSAL_OK, err, "kausal_iter_next_chunk");
        assert_true(chunk.row_count > 0);
        for (uint32_t row = 0; row < chunk.row_count; ++row) {
            if (visit != NULL) visit(&chunk, row, ctx);
            ++count;
        }
    }
    kausal_iter_destroy(iter);
    return count;
}

static const kausal_column_t* column_of(const kausal_chunk_t* chunk, const char* name) {
    for (uint32_t i = 0; i < chunk->column_count; ++i) {
        if (strcmp(chunk->columns[i].name, name) == 0) return &chunk->columns[i];
    }
    fail_msg("no column is called %s", name);
    return NULL;
}

char* row_text(const kausal_chunk_t* chunk, uint32_t row, const char* name) {
    const kausal_column_t* column = column_of(chunk, name);
    assert_int_equal(column->type, KAUSAL_COLUMN_TEXT);
    const size_t size = column->offsets[row + 1] - column->offsets[row];
    char* text = calloc(size + 1, 1);
    assert_non_null(text);
    memcpy(text, column->data + column->offsets[row], size);
    return text;
}

uint32_t row_u32(const kausal_chunk_t* chunk, uint32_t row, const char* name) {
    const kausal_column_t* column = column_of(chunk, name);
    assert_int_equal(column->type, KAUSAL_COLUMN_U32);
    return ((const uint32_t*)column->values)[row];
}
