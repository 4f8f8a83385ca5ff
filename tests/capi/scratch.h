/* Scratch folders, an open database and row reading for the tests of the C border. */
#ifndef KAUSAL_TESTS_CAPI_SCRATCH_H
#define KAUSAL_TESTS_CAPI_SCRATCH_H

#include <kausal/kausal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A new empty folder; free with scratch_remove. */
char* scratch_create(void);
void scratch_remove(char* folder);
/* Writes `text` to folder/name, making folders on the way. */
void scratch_write(const char* folder, const char* name, const char* text, size_t size);

/* Opens folder/db, creating it; fails the test otherwise. */
kausal_db_t* open_scratch(const char* folder);
/* Fails the test with the error's text unless status is `wanted`; ends the error. */
void expect_status(kausal_status_t status, kausal_status_t wanted, kausal_error_t* err,
                   const char* what);
#define EXPECT_OK(call)                                      \
    do {                                                     \
        kausal_error_t* err = NULL;                          \
        const kausal_status_t kausal_status = (call);        \
        expect_status(kausal_status, KAUSAL_OK, err, #call); \
    } while (0)
#define EXPECT_STATUS(wanted, call)                         \
    do {                                                    \
        kausal_error_t* err = NULL;                         \
        const kausal_status_t kausal_status = (call);       \
        expect_status(kausal_status, (wanted), err, #call); \
    } while (0)

/* A block with the given symbol as name and a fixed identity. */
kausal_id_t id_of(const char* symbol);
kausal_block_fields_t block_of(const char* symbol, const char* content);
kausal_edge_fields_t edge_of(const char* source, const char* target, uint32_t site);

/* Reads all rows; returns their number. `visit` may be NULL. Ends the iterator. */
typedef void (*row_visitor)(const kausal_chunk_t* chunk, uint32_t row, void* ctx);
size_t read_rows(kausal_iter_t* iter, row_visitor visit, void* ctx);
/* The text of a row in the column called `name`, as a new NUL-terminated string. */
char* row_text(const kausal_chunk_t* chunk, uint32_t row, const char* name);
uint32_t row_u32(const kausal_chunk_t* chunk, uint32_t row, const char* name);

#endif
