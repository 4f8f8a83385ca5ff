/*
 * kausal.h - the C interface of KausalDB, and its whole public surface.
 *
 * Conventions, said once:
 *  - Handles are opaque pointers. They are made by a function that returns a status and an
 * out-parameter, and ended by kausal_<type>_destroy, which accepts NULL, never fails and may be
 * called in any order: children keep what they need of their parent alive. A NULL, stale,
 * twice-destroyed or foreign handle is answered with KAUSAL_ERR_HANDLE.
 *  - A status below zero is a failure, zero is success, above zero is a normal answer that is not
 * the thing asked for. The last parameter `err` may be NULL; otherwise preset it to NULL, and it is
 * written only when the status is negative. Reporting out-of-memory allocates nothing.
 *  - Strings are UTF-8 with a length, keys and contents are arbitrary bytes with a length. Inputs
 * are copied before the call returns. A NULL where a value is required is KAUSAL_ERR_INVALID.
 *  - Structs with `struct_size` first are filled by their _init function and grow only at the tail.
 * A struct larger than the library knows is accepted when the unknown tail is zero.
 *  - [shared] handles may be used by any thread at the same time. [confined] handles may move
 * between threads but serve one call at a time; a second call at the same time gets
 * KAUSAL_ERR_BUSY.
 *  - No function reads errno, the environment or the clock on your behalf without saying so, and no
 * function keeps state per thread.
 *  - Everything here is @since 0.1 unless it says otherwise.
 */
#ifndef KAUSAL_KAUSAL_H
#define KAUSAL_KAUSAL_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define KAUSAL_API __attribute__((visibility("default")))
#define KAUSAL_DEPRECATED __attribute__((deprecated))
#else
#define KAUSAL_API
#define KAUSAL_DEPRECATED
#endif

#define KAUSAL_VERSION_MAJOR 0
#define KAUSAL_VERSION_MINOR 1
#define KAUSAL_VERSION_PATCH 0
/* Counts incompatible changes; equals the number in the soname. */
#define KAUSAL_ABI_VERSION 0

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ handles */

typedef struct kausal_options kausal_options_t; /* [confined] settings for opening a database */
typedef struct kausal_db kausal_db_t; /* [shared]   an open database                         */
typedef struct kausal_snapshot kausal_snapshot_t; /* [shared]   a consistent view */
typedef struct kausal_batch kausal_batch_t; /* [confined] changes that are committed together */
typedef struct kausal_block kausal_block_t; /* [shared]   one block that was read, immutable */
typedef struct kausal_iter kausal_iter_t; /* [confined] the rows of an answer                    */
typedef struct kausal_cancel kausal_cancel_t;     /* [shared]   asks running calls to stop     */
typedef struct kausal_progress kausal_progress_t; /* [shared]   how far a link or sync has come */
typedef struct kausal_error kausal_error_t; /* [shared]   why a call failed, immutable       */

/* ------------------------------------------------------------------- status */

typedef int32_t kausal_status_t;

enum {
    KAUSAL_OK = 0,
    KAUSAL_NOT_FOUND = 1, /* the thing asked for does not exist */
    KAUSAL_END = 2,       /* the iterator has no more rows */
    KAUSAL_AMBIGUOUS = 3, /* several things fit; the answer lists them */

    KAUSAL_ERR_INVALID = -1,     /* an argument is not acceptable */
    KAUSAL_ERR_CLOSED = -2,      /* the database was closed */
    KAUSAL_ERR_CONFLICT = -3,    /* it exists already, or somebody else is doing it */
    KAUSAL_ERR_UNAVAILABLE = -4, /* a file or device failed */
    KAUSAL_ERR_CORRUPT = -5,     /* stored bytes fail their check */
    KAUSAL_ERR_NO_MEMORY = -6,   /* an allocation failed, or the budget is used up */
    KAUSAL_ERR_CANCELLED = -7,   /* a cancel token was triggered */
    KAUSAL_ERR_UNSUPPORTED = -8, /* this build, format or mode cannot do it */
    KAUSAL_ERR_HANDLE = -9,      /* not a live handle of this type */
    KAUSAL_ERR_BUSY = -10,       /* a confined handle is in use by another thread */
    KAUSAL_ERR_FORKED = -11,     /* the handle was made by the parent of this process */
    KAUSAL_ERR_POISONED = -12,   /* an earlier failure closed the database for writing; reopen it */
    KAUSAL_ERR_OUTCOME_UNKNOWN = -13, /* the write may or may not be durable; reopen and look */
    KAUSAL_ERR_NOT_FOUND = -14, /* a file, folder or workspace named in the call does not exist */
    KAUSAL_ERR_LOCKED = -16,    /* another process writes to the database; the message says which */
    KAUSAL_ERR_NEWER_FORMAT = -17, /* written by a newer version */
    KAUSAL_ERR_NO_SPACE = -18,     /* the disk is full */
    KAUSAL_ERR_INTERNAL = -99      /* a defect of the library */
};

/* A stable lower-case word for a status, e.g. "corrupt"; "unknown" for others. Never NULL. */
KAUSAL_API const char* kausal_status_name(kausal_status_t status);

KAUSAL_API kausal_status_t kausal_error_code(const kausal_error_t* error);
/* One line of UTF-8 ending in NUL, valid until the error is destroyed; "" for NULL. */
KAUSAL_API const char* kausal_error_message(const kausal_error_t* error);
KAUSAL_API void kausal_error_destroy(kausal_error_t* error);

/* KAUSAL_ABI_VERSION of the library that is running. */
KAUSAL_API uint32_t kausal_abi_version(void);
/* "0.1.0". */
KAUSAL_API const char* kausal_version(void);

/* ---------------------------------------------------------------------- ids */

/* All zero means "no block". */
typedef struct kausal_id {
    uint8_t bytes[16];
} kausal_id_t;

/* The id of an identity; the same arguments give the same id in every process. */
KAUSAL_API kausal_status_t kausal_id_make(const char* workspace, size_t workspace_size,
                                          uint32_t kind, const char* symbol, size_t symbol_size,
                                          kausal_id_t* out, kausal_error_t** err);
/* 32 hex digits and a NUL. */
KAUSAL_API void kausal_id_to_hex(const kausal_id_t* id, char out[33]);
KAUSAL_API kausal_status_t kausal_id_from_hex(const char* hex, size_t hex_size, kausal_id_t* out,
                                              kausal_error_t** err);

/* ----------------------------------------------------- numbers with meanings */

/* Kinds of blocks; from 1000 on they are the user's. kausal_kind_name gives their words. */
enum {
    KAUSAL_KIND_WORKSPACE = 1,
    KAUSAL_KIND_FILE = 2,
    KAUSAL_KIND_MODULE = 3,
    KAUSAL_KIND_FUNCTION = 4,
    KAUSAL_KIND_METHOD = 5,
    KAUSAL_KIND_CLASS = 6,
    KAUSAL_KIND_STRUCT = 7,
    KAUSAL_KIND_INTERFACE = 8,
    KAUSAL_KIND_ENUM = 9,
    KAUSAL_KIND_UNION = 10,
    KAUSAL_KIND_TYPE_ALIAS = 11,
    KAUSAL_KIND_CONSTANT = 12,
    KAUSAL_KIND_VARIABLE = 13,
    KAUSAL_KIND_FIELD = 14,
    KAUSAL_KIND_ENUM_MEMBER = 15,
    KAUSAL_KIND_MACRO = 16,
    KAUSAL_KIND_DOC_SECTION = 17,
    KAUSAL_KIND_COMMIT = 18,
    KAUSAL_KIND_EXTERNAL_SYMBOL = 19,
    KAUSAL_KIND_UNRESOLVED_NAME = 20,
    KAUSAL_KIND_FILE_FACTS = 21,
    KAUSAL_KIND_ROW = 22,
    KAUSAL_KIND_RECORD = 23,
    KAUSAL_KIND_USER_FIRST = 1000
};

enum {
    KAUSAL_EDGE_IMPORTS = 1,
    KAUSAL_EDGE_DEFINED_IN = 2,
    KAUSAL_EDGE_REFERENCES = 3,
    KAUSAL_EDGE_CONTAINS = 4,
    KAUSAL_EDGE_EXTENDS = 5,
    KAUSAL_EDGE_IMPLEMENTS = 6,
    KAUSAL_EDGE_CALLS = 7,
    KAUSAL_EDGE_DEPENDS_ON = 8,
    KAUSAL_EDGE_METHOD_OF = 9,
    KAUSAL_EDGE_CALLS_METHOD = 10,
    KAUSAL_EDGE_CALLS_FUNCTION = 11,
    KAUSAL_EDGE_OVERRIDES = 12,
    KAUSAL_EDGE_TESTS = 13,
    KAUSAL_EDGE_CHANGED_IN = 14,
    KAUSAL_EDGE_CO_CHANGED = 15,
    KAUSAL_EDGE_USER_FIRST = 1000
};

enum { KAUSAL_CERTAINTY_CANDIDATE = 0, KAUSAL_CERTAINTY_RESOLVED = 1 };
enum { KAUSAL_DIRECTION_OUT = 0, KAUSAL_DIRECTION_IN = 1, KAUSAL_DIRECTION_BOTH = 2 };

enum {
    KAUSAL_BLOCK_EXPORTED = 1 << 0,
    KAUSAL_BLOCK_STATIC = 1 << 1,
    KAUSAL_BLOCK_ABSTRACT = 1 << 2,
    KAUSAL_BLOCK_TEST = 1 << 3,
    KAUSAL_BLOCK_ENTRY_POINT = 1 << 4,
    KAUSAL_BLOCK_CONSTRUCTOR = 1 << 5,
    KAUSAL_BLOCK_OVERRIDE = 1 << 6,
    KAUSAL_BLOCK_DECLARATION = 1 << 7,
    KAUSAL_BLOCK_GENERATED = 1 << 8,
    KAUSAL_BLOCK_OPAQUE = 1 << 9,
    KAUSAL_BLOCK_PARTIAL = 1 << 10,
    KAUSAL_BLOCK_REFLECTED = 1 << 11
};

/* Words for the numbers above: "function", "calls_method", "c++", "import". "unknown" for others;
 * never NULL. The _from_name functions return 0 for a word that is none. */
KAUSAL_API const char* kausal_kind_name(uint32_t kind);
KAUSAL_API uint32_t kausal_kind_from_name(const char* name, size_t name_size);
KAUSAL_API const char* kausal_edge_type_name(uint32_t type);
KAUSAL_API uint32_t kausal_edge_type_from_name(const char* name, size_t name_size);
KAUSAL_API const char* kausal_language_name(uint32_t language);
KAUSAL_API uint32_t kausal_language_from_name(const char* name, size_t name_size);
KAUSAL_API const char* kausal_provenance_name(uint32_t provenance);

/* ------------------------------------------------------------------ options */

/* Settings by name, all values as text. Keys, with defaults:
 *   create_if_missing (false)  read_only (false)        durability full|interval|none (full)
 *   sync_interval_ms (100)     memtable_size_bytes (33554432)   cache_size_bytes (67108864)
 *   wal_segment_size_bytes (67108864)   compression_level (1)   compaction (true)
 *   threads (0 = one per processor)
 * An unknown key or an unacceptable value is KAUSAL_ERR_INVALID. */
KAUSAL_API kausal_status_t kausal_options_create(kausal_options_t** out, kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_options_set(kausal_options_t* options, const char* key,
                                              const char* value, kausal_error_t** err);
/* The i-th key, NULL from the end on: the way to enumerate them. */
KAUSAL_API const char* kausal_options_key(size_t index);
KAUSAL_API void kausal_options_destroy(kausal_options_t* options);

/* ----------------------------------------------------------------- database */

/* Opens the database in directory `path`; `options` may be NULL. One process may have it open for
 * writing, any number read-only. Fails with NOT_FOUND, LOCKED (the message names the holder),
 * CORRUPT, NEWER_FORMAT, NO_SPACE, UNAVAILABLE, INVALID. */
KAUSAL_API kausal_status_t kausal_db_open(const char* path, size_t path_size,
                                          const kausal_options_t* options, kausal_db_t** out,
                                          kausal_error_t** err);
/* Waits for calls in flight, writes what is in memory, closes the files. Afterwards the handle and
 * its children answer KAUSAL_ERR_CLOSED. Closing twice is KAUSAL_OK. */
KAUSAL_API kausal_status_t kausal_db_close(kausal_db_t* db, kausal_error_t** err);
/* Closes if that has not been done, dropping the outcome, and ends the handle. */
KAUSAL_API void kausal_db_destroy(kausal_db_t* db);

KAUSAL_API kausal_status_t kausal_db_sync(kausal_db_t* db, kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_db_flush(kausal_db_t* db, kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_db_compact(kausal_db_t* db, kausal_error_t** err);
/* Rows of (name TEXT, value TEXT), names in a fixed order. */
KAUSAL_API kausal_status_t kausal_db_stats(kausal_db_t* db, kausal_iter_t** out,
                                           kausal_error_t** err);
/* Checks every byte. Rows of (file TEXT, offset U64, message TEXT): the findings; none when clean.
 * The summary's note says how much was checked. */
KAUSAL_API kausal_status_t kausal_db_verify(kausal_db_t* db, kausal_iter_t** out,
                                            kausal_error_t** err);

KAUSAL_API kausal_status_t kausal_snapshot_create(kausal_db_t* db, kausal_snapshot_t** out,
                                                  kausal_error_t** err);
/* Sequence number of the newest commit it shows; 0 for a bad handle. */
KAUSAL_API uint64_t kausal_snapshot_sequence(const kausal_snapshot_t* snapshot);
KAUSAL_API void kausal_snapshot_destroy(kausal_snapshot_t* snapshot);

/* -------------------------------------------------------------- cancellation */

KAUSAL_API kausal_status_t kausal_cancel_create(kausal_cancel_t** out, kausal_error_t** err);
/* Every call that was given the token returns KAUSAL_ERR_CANCELLED soon. Stays triggered. */
KAUSAL_API kausal_status_t kausal_cancel_trigger(kausal_cancel_t* cancel, kausal_error_t** err);
KAUSAL_API void kausal_cancel_destroy(kausal_cancel_t* cancel);

/* ------------------------------------------------------------ blocks, edges */

typedef struct kausal_text {
    const char* data;
    size_t size;
} kausal_text_t;

/* The fields of a block. As input every view is borrowed for the call; as output they belong to the
 * kausal_block_t that was read. Lines are 1-based and inclusive, bytes half open; 0 for no place.
 */
typedef struct kausal_block_fields {
    uint32_t struct_size;
    uint32_t kind;
    kausal_id_t id;
    kausal_id_t parent;
    uint32_t language;
    uint32_t flags;
    uint32_t line_first;
    uint32_t line_last;
    uint32_t byte_first;
    uint32_t byte_end;
    uint64_t version; /* output only: sequence number of the commit that wrote it */
    kausal_text_t name;
    kausal_text_t qualified_name;
    kausal_text_t uri;
    kausal_text_t signature;
    kausal_text_t doc;
    kausal_text_t metadata; /* JSON or empty */
    kausal_text_t content;  /* any bytes */
} kausal_block_fields_t;
KAUSAL_API void kausal_block_fields_init(kausal_block_fields_t* fields);

/* Identity is (source, type, target, site_offset); putting it again replaces the rest. */
typedef struct kausal_edge_fields {
    uint32_t struct_size;
    uint32_t type;
    kausal_id_t source;
    kausal_id_t target;
    uint32_t certainty;
    uint32_t confidence; /* 0..255; 255 when resolved */
    uint32_t provenance;
    uint32_t site_offset; /* byte offset of the site in the source block's file */
    uint32_t site_line;   /* 1-based; 0 for none */
} kausal_edge_fields_t;
KAUSAL_API void kausal_edge_fields_init(kausal_edge_fields_t* fields);

KAUSAL_API kausal_status_t kausal_batch_create(kausal_db_t* db, kausal_batch_t** out,
                                               kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_batch_put_block(kausal_batch_t* batch,
                                                  const kausal_block_fields_t* block,
                                                  kausal_error_t** err);
/* Removes the block and, at commit, all its edges in both directions. */
KAUSAL_API kausal_status_t kausal_batch_delete_block(kausal_batch_t* batch, const kausal_id_t* id,
                                                     kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_batch_put_edge(kausal_batch_t* batch,
                                                 const kausal_edge_fields_t* edge,
                                                 kausal_error_t** err);
/* Only the identity fields are read. */
KAUSAL_API kausal_status_t kausal_batch_delete_edge(kausal_batch_t* batch,
                                                    const kausal_edge_fields_t* edge,
                                                    kausal_error_t** err);
KAUSAL_API size_t kausal_batch_count(const kausal_batch_t* batch);
KAUSAL_API kausal_status_t kausal_batch_clear(kausal_batch_t* batch, kausal_error_t** err);
/* All of it or nothing; `sequence` may be NULL. The batch stays as it was and may be cleared and
 * reused. */
KAUSAL_API kausal_status_t kausal_batch_commit(kausal_batch_t* batch, uint64_t* sequence,
                                               kausal_error_t** err);
KAUSAL_API void kausal_batch_destroy(kausal_batch_t* batch);

/* One-operation batches. */
KAUSAL_API kausal_status_t kausal_db_put_block(kausal_db_t* db, const kausal_block_fields_t* block,
                                               uint64_t* sequence, kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_db_delete_block(kausal_db_t* db, const kausal_id_t* id,
                                                  uint64_t* sequence, kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_db_put_edge(kausal_db_t* db, const kausal_edge_fields_t* edge,
                                              uint64_t* sequence, kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_db_delete_edge(kausal_db_t* db, const kausal_edge_fields_t* edge,
                                                 uint64_t* sequence, kausal_error_t** err);

/* Names a new edge type (number from KAUSAL_EDGE_USER_FIRST on), or gives the number it has. */
KAUSAL_API kausal_status_t kausal_edge_type_register(kausal_db_t* db, const char* name,
                                                     size_t name_size, uint32_t* type,
                                                     kausal_error_t** err);

/* KAUSAL_OK with a block, or KAUSAL_NOT_FOUND with *out NULL. `snapshot` may be NULL: newest state.
 */
KAUSAL_API kausal_status_t kausal_db_get_block(kausal_db_t* db, const kausal_snapshot_t* snapshot,
                                               const kausal_id_t* id, kausal_block_t** out,
                                               kausal_error_t** err);
/* Fills `fields` (its struct_size set) with views that live as long as the block. */
KAUSAL_API kausal_status_t kausal_block_get_fields(const kausal_block_t* block,
                                                   kausal_block_fields_t* fields,
                                                   kausal_error_t** err);
KAUSAL_API void kausal_block_destroy(kausal_block_t* block);

/* ---------------------------------------------------------------- iterators */

enum {
    KAUSAL_COLUMN_U32 = 1,
    KAUSAL_COLUMN_U64 = 2,
    KAUSAL_COLUMN_F64 = 3,
    KAUSAL_COLUMN_ID = 4,  /* 16 bytes a row */
    KAUSAL_COLUMN_TEXT = 5 /* uint32 offsets[rows + 1], then the bytes */
};

/* One column of a chunk. `values` points at rows elements of the type; for TEXT, row i is the bytes
 * data[offsets[i]] .. data[offsets[i + 1]]. */
typedef struct kausal_column {
    uint32_t type;
    uint32_t reserved;
    const char* name; /* NUL-terminated, as long as the iterator */
    const void* values;
    const uint32_t* offsets;
    const char* data;
} kausal_column_t;

/* Up to 2,048 rows. Valid until the next call on the same iterator, or its destruction. */
typedef struct kausal_chunk {
    uint32_t struct_size;
    uint32_t row_count;
    uint32_t column_count;
    uint32_t reserved;
    const kausal_column_t* columns;
} kausal_chunk_t;
KAUSAL_API void kausal_chunk_init(kausal_chunk_t* chunk);

/* KAUSAL_OK with at least one row, or KAUSAL_END. rows_max 0 means 1,024. After an error the rows
 * already delivered stay true and the iterator stays at its error. */
KAUSAL_API kausal_status_t kausal_iter_next_chunk(kausal_iter_t* iter, uint32_t rows_max,
                                                  kausal_chunk_t* chunk, kausal_error_t** err);

/* What cut an answer short. */
enum {
    KAUSAL_CUT_NONE = 0,
    KAUSAL_CUT_ROWS = 1 << 0,
    KAUSAL_CUT_NODES = 1 << 1,
    KAUSAL_CUT_DEPTH = 1 << 2,
    KAUSAL_CUT_DEADLINE = 1 << 3,
    KAUSAL_CUT_BUDGET = 1 << 4, /* tokens */
    KAUSAL_CUT_PATHS = 1 << 5,  /* more paths exist */
    KAUSAL_CUT_SEEDS = 1 << 6   /* more starting points than were used */
};

/* About the answer as a whole: what it could not see. */
typedef struct kausal_summary {
    uint32_t struct_size;
    uint32_t cut;  /* KAUSAL_CUT_ bits; 0 = the answer is whole */
    uint64_t rows; /* rows of the answer */
    uint64_t nodes_visited;
    uint64_t unresolved_sites; /* call sites that carry the name and are bound to nothing */
    uint64_t candidate_sites;  /* call sites that may mean the target: a name match */
    uint64_t files_opaque;     /* files that were not indexed */
    uint64_t files_partial;    /* files with syntax errors */
    kausal_text_t note;        /* one line for people; as long as the iterator */
    uint32_t workspaces;       /* linked when the query ran; 0 for answers that are no query's */
    uint32_t reserved;
} kausal_summary_t;
KAUSAL_API void kausal_summary_init(kausal_summary_t* summary);
KAUSAL_API kausal_status_t kausal_iter_summary(const kausal_iter_t* iter, kausal_summary_t* summary,
                                               kausal_error_t** err);
/* The sites that the answer could not bind: rows of (uri TEXT, line U32, source ID, source_name
 * TEXT, name TEXT, reason TEXT, workspace TEXT), up to 100. */
KAUSAL_API kausal_status_t kausal_iter_unknown(const kausal_iter_t* iter, kausal_iter_t** out,
                                               kausal_error_t** err);
KAUSAL_API void kausal_iter_destroy(kausal_iter_t* iter);

/* ------------------------------------------------------------------ queries */

/* Fields that a query does not use are ignored. Zero means: no limit or the default said. */
typedef struct kausal_query_options {
    uint32_t struct_size;
    uint32_t depth; /* hops; default 1 for neighbours and show, 3 for trace and subgraph */
    const kausal_snapshot_t* snapshot; /* borrowed for the call; NULL = newest */
    kausal_cancel_t* cancel;           /* borrowed for the call; NULL = none */
    uint64_t timeout_ms;               /* the answer is cut after so long */
    uint64_t rows_max;
    uint64_t nodes_max;    /* visited; default 1,000,000 */
    const char* workspace; /* only blocks of it; NULL = all */
    size_t workspace_size;
    const char* uri_prefix; /* only blocks whose path starts with it; NULL = all */
    size_t uri_prefix_size;
    uint32_t kind;               /* only blocks of this kind; 0 = all */
    uint32_t language;           /* only blocks of this language; 0 = all */
    uint32_t direction;          /* KAUSAL_DIRECTION_ of neighbours and subgraph */
    uint32_t edge_type;          /* only edges of this type; 0 = all, or those the query means */
    uint32_t candidates;         /* 1: candidate edges are followed too, rows say so */
    uint32_t all_paths;          /* 1: trace and path: every path, not the first to each block */
    uint32_t paths_max;          /* default 16 */
    uint32_t exact;              /* 1: find does not fall back to prefix and fuzzy matches */
    uint32_t token_budget;       /* of context; default 4,000 */
    uint32_t by_file;            /* 1: cycles between files rather than symbols */
    uint32_t exported_are_roots; /* 1: dead takes exported symbols for used (default 1 by _init) */
} kausal_query_options_t;
KAUSAL_API void kausal_query_options_init(kausal_query_options_t* options);

/* Columns named "block columns" below:
 *   id ID, kind U32, language U32, flags U32, line_first U32, line_last U32, parent ID,
 *   name TEXT, qualified_name TEXT, uri TEXT, signature TEXT, workspace TEXT (its name)
 * `options` may be NULL in every call. Row order is fixed by the data, never by chance. */

/* What `target` names: a block id or unique prefix of one, "file:line" (the file with or without
 * the workspace's name as its first folder), a qualified name, a tail of one ("Type.method"), a
 * name. Rows: block columns, match TEXT (how it was found). KAUSAL_OK when exactly one fits,
 * KAUSAL_AMBIGUOUS when several do, KAUSAL_NOT_FOUND when none does (the rows are then
 * suggestions). */
KAUSAL_API kausal_status_t kausal_resolve(kausal_db_t* db, const char* target, size_t target_size,
                                          const kausal_query_options_t* options,
                                          kausal_iter_t** out, kausal_error_t** err);
/* Definitions by name. Rows: block columns, match TEXT. */
KAUSAL_API kausal_status_t kausal_find(kausal_db_t* db, const char* name, size_t name_size,
                                       const kausal_query_options_t* options, kausal_iter_t** out,
                                       kausal_error_t** err);
/* The edges at a block in `options.direction`, without the blocks at their other ends: the cheapest
 * step of a traversal. Rows as of kausal_scan_edges. */
KAUSAL_API kausal_status_t kausal_edges(kausal_db_t* db, const kausal_id_t* id,
                                        const kausal_query_options_t* options, kausal_iter_t** out,
                                        kausal_error_t** err);
/* Edges of a block to a depth. Rows ("edge columns" below): depth U32, edge_source ID, edge_target
 * ID, edge_type U32, certainty U32, confidence U32, provenance U32, site_uri TEXT, site_line U32,
 * dispatch U32 (1: reached through dynamic dispatch), via ID (the block of the level before),
 * reason TEXT (of a candidate), then the block columns of the other end. */
KAUSAL_API kausal_status_t kausal_neighbours(kausal_db_t* db, const kausal_id_t* id,
                                             const kausal_query_options_t* options,
                                             kausal_iter_t** out, kausal_error_t** err);

enum {
    KAUSAL_SHOW_CALLERS = 1,
    KAUSAL_SHOW_CALLEES = 2,
    KAUSAL_SHOW_IMPORTS = 3,
    KAUSAL_SHOW_EXPORTS = 4,
    KAUSAL_SHOW_REFERENCES = 5,
    KAUSAL_SHOW_MEMBERS = 6,
    KAUSAL_SHOW_EXTENDS = 7,
    KAUSAL_SHOW_IMPLEMENTS = 8,
    KAUSAL_SHOW_TESTS = 9,
    KAUSAL_SHOW_OVERRIDES = 10,
    KAUSAL_SHOW_IMPORTED_BY = 11,
    KAUSAL_SHOW_EXTENDED_BY = 12,
    KAUSAL_SHOW_IMPLEMENTED_BY = 13,
    KAUSAL_SHOW_OVERRIDDEN_BY = 14
};
/* One relation of a block. Rows: edge columns, one row a site, resolved before candidates. */
KAUSAL_API kausal_status_t kausal_show(kausal_db_t* db, uint32_t relation, const kausal_id_t* id,
                                       const kausal_query_options_t* options, kausal_iter_t** out,
                                       kausal_error_t** err);
/* Bits of `state` in the rows of kausal_trace. */
enum {
    KAUSAL_TRACE_REPEATED = 1 << 0, /* expanded at another row */
    KAUSAL_TRACE_CYCLE = 1 << 1,    /* stands above itself */
    KAUSAL_TRACE_MORE = 1 << 2,     /* not expanded: depth reached */
    KAUSAL_TRACE_CANDIDATE = 1 << 3 /* reached over a guess */
};
/* The call tree up (direction IN: callers) or down (OUT). Rows in depth-first order: row U32,
 * parent_row U32 (0xffffffff at the root), state U32, site_lines TEXT ("12,40"), then edge columns
 * (of the first site). */
KAUSAL_API kausal_status_t kausal_trace(kausal_db_t* db, const kausal_id_t* id,
                                        const kausal_query_options_t* options, kausal_iter_t** out,
                                        kausal_error_t** err);
/* How one block reaches another. Rows: path U32, step U32, then edge columns (step 0 is the start).
 * Where dispatch is 1, edge_target is the method that the call names and id one that overrides it.
 */
KAUSAL_API kausal_status_t kausal_path(kausal_db_t* db, const kausal_id_t* from,
                                       const kausal_id_t* to, const kausal_query_options_t* options,
                                       kausal_iter_t** out, kausal_error_t** err);
/* What a change of the blocks may affect, ranked; the blocks themselves first, with depth 0. Rows:
 * block columns, score F64, depth U32, certainty U32, via ID, reason TEXT. */
KAUSAL_API kausal_status_t kausal_impact(kausal_db_t* db, const kausal_id_t* ids, size_t id_count,
                                         const kausal_query_options_t* options, kausal_iter_t** out,
                                         kausal_error_t** err);
/* The same from a unified diff; the touched blocks come first, with depth 0. */
KAUSAL_API kausal_status_t kausal_impact_diff(kausal_db_t* db, const char* diff, size_t diff_size,
                                              const kausal_query_options_t* options,
                                              kausal_iter_t** out, kausal_error_t** err);
/* Symbols that nothing reaches. Rows: block columns, confidence F64 (0..1), certainty TEXT, reason
 * TEXT. */
KAUSAL_API kausal_status_t kausal_dead(kausal_db_t* db, const kausal_query_options_t* options,
                                       kausal_iter_t** out, kausal_error_t** err);
/* Dependency cycles. Rows: cycle U32, step U32, block columns. */
KAUSAL_API kausal_status_t kausal_cycles(kausal_db_t* db, const kausal_query_options_t* options,
                                         kausal_iter_t** out, kausal_error_t** err);
/* Ranked full text (BM25F over path, name, signature, doc, body). Rows: block columns, score F64,
 * score_path F64, score_name F64, score_signature F64, score_doc F64, score_body F64. */
KAUSAL_API kausal_status_t kausal_search(kausal_db_t* db, const char* words, size_t words_size,
                                         const kausal_query_options_t* options, kausal_iter_t** out,
                                         kausal_error_t** err);
/* What to read for a task within token_budget. Rows: block columns, tier TEXT ("full", "skeleton",
 * "signature"), tokens U32, score F64, reason TEXT, text TEXT. */
KAUSAL_API kausal_status_t kausal_context(kausal_db_t* db, const char* task, size_t task_size,
                                          const kausal_query_options_t* options,
                                          kausal_iter_t** out, kausal_error_t** err);
/* Every block in order of id (kind 0: all, file facts included). Rows: block columns, version U64,
 * byte_first U32, byte_end U32, doc TEXT, metadata TEXT, content TEXT (any bytes). */
KAUSAL_API kausal_status_t kausal_scan_blocks(kausal_db_t* db,
                                              const kausal_query_options_t* options,
                                              kausal_iter_t** out, kausal_error_t** err);
/* Every edge in order of (source, type, target, site). Rows: source ID, target ID, type U32,
 * certainty U32, confidence U32, provenance U32, site_offset U32, site_line U32. */
KAUSAL_API kausal_status_t kausal_scan_edges(kausal_db_t* db, const kausal_query_options_t* options,
                                             kausal_iter_t** out, kausal_error_t** err);

/* A line-by-line text form of the whole database that does not depend on when or in how many steps
 * it was made; two databases with the same content give the same bytes. Rows: line TEXT. */
KAUSAL_API kausal_status_t kausal_dump(kausal_db_t* db, const kausal_query_options_t* options,
                                       kausal_iter_t** out, kausal_error_t** err);
/* Reads lines of a dump into the database, in one commit at `finish`. `lines` may end anywhere.
 * INVALID (with the line number) leaves the database as it was. */
typedef struct kausal_loader kausal_loader_t; /* [confined] */
KAUSAL_API kausal_status_t kausal_loader_create(kausal_db_t* db, kausal_loader_t** out,
                                                kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_loader_feed(kausal_loader_t* loader, const char* lines,
                                              size_t lines_size, kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_loader_finish(kausal_loader_t* loader, uint64_t* sequence,
                                                kausal_error_t** err);
KAUSAL_API void kausal_loader_destroy(kausal_loader_t* loader);

/* --------------------------------------------------------------- workspaces */

enum {
    KAUSAL_PHASE_LIST = 0,
    KAUSAL_PHASE_PARSE = 1,
    KAUSAL_PHASE_LINK = 2,
    KAUSAL_PHASE_BIND = 3,
    KAUSAL_PHASE_COMMIT = 4
};

typedef struct kausal_progress_info {
    uint32_t struct_size;
    uint32_t phase; /* KAUSAL_PHASE_ */
    uint64_t done;  /* files */
    uint64_t total; /* 0 while unknown */
    uint64_t bytes; /* of source read so far */
} kausal_progress_info_t;
KAUSAL_API void kausal_progress_info_init(kausal_progress_info_t* info);

/* Give it to a link or sync and read it from another thread. */
KAUSAL_API kausal_status_t kausal_progress_create(kausal_progress_t** out, kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_progress_get(const kausal_progress_t* progress,
                                               kausal_progress_info_t* info, kausal_error_t** err);
KAUSAL_API void kausal_progress_destroy(kausal_progress_t* progress);

typedef struct kausal_ingest_options {
    uint32_t struct_size;
    uint32_t full;                /* 1: everything is parsed and written again */
    kausal_cancel_t* cancel;      /* borrowed for the call; NULL = none */
    kausal_progress_t* progress;  /* borrowed for the call; NULL = none */
    uint64_t file_size_bytes_max; /* larger files are opaque; default 4 MiB */
    uint32_t threads;             /* 0 = one per processor */
    uint32_t reserved;
} kausal_ingest_options_t;
KAUSAL_API void kausal_ingest_options_init(kausal_ingest_options_t* options);

/* Registers the source tree at `root` as a workspace and indexes it, in one commit. `name` may be
 * NULL: the last component of root. The answer is a report: rows of (name TEXT, value TEXT) in a
 * fixed order; its `unknown` lists the files that are not understood (uri, reason). */
KAUSAL_API kausal_status_t kausal_workspace_link(kausal_db_t* db, const char* root,
                                                 size_t root_size, const char* name,
                                                 size_t name_size,
                                                 const kausal_ingest_options_t* options,
                                                 kausal_iter_t** out, kausal_error_t** err);
/* Brings a workspace up to date, only what changed. */
KAUSAL_API kausal_status_t kausal_workspace_sync(kausal_db_t* db, const char* name,
                                                 size_t name_size,
                                                 const kausal_ingest_options_t* options,
                                                 kausal_iter_t** out, kausal_error_t** err);
KAUSAL_API kausal_status_t kausal_workspace_unlink(kausal_db_t* db, const char* name,
                                                   size_t name_size, kausal_error_t** err);
/* Rows: name TEXT, root TEXT, id ID: those of kausal_workspaces, of which nothing is counted. */
KAUSAL_API kausal_status_t kausal_workspace_list(kausal_db_t* db, kausal_iter_t** out,
                                                 kausal_error_t** err);
/* Reads the heads of all blocks and edges to count them.
 * Rows: name TEXT, root TEXT, id ID, files U64, files_opaque U64, files_partial U64, blocks U64,
 * edges_resolved U64, edges_candidate U64, edges_external U64, languages TEXT ("go 120, c 3":
 * files). */
KAUSAL_API kausal_status_t kausal_workspaces(kausal_db_t* db, kausal_iter_t** out,
                                             kausal_error_t** err);
/* How the tree differs from what is indexed: rows of (name TEXT, value TEXT): files_added,
 * files_changed, files_removed. */
KAUSAL_API kausal_status_t kausal_workspace_staleness(kausal_db_t* db, const char* name,
                                                      size_t name_size, kausal_iter_t** out,
                                                      kausal_error_t** err);
/* Files that are opaque or partial, with the reason. Rows: uri TEXT, reason TEXT, partial U32. */
KAUSAL_API kausal_status_t kausal_workspace_notes(kausal_db_t* db, const char* name,
                                                  size_t name_size, kausal_iter_t** out,
                                                  kausal_error_t** err);

#ifdef __cplusplus
}
#endif

#endif /* KAUSAL_KAUSAL_H */
