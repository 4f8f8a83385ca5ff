// The public header as C++20, with pedantic warnings as errors: it compiles, and its structs are
// plain.
#include <kausal/kausal.h>

#include <cstddef>
#include <cstdio>
#include <type_traits>

static_assert(std::is_trivially_copyable_v<kausal_block_fields_t>);
static_assert(std::is_standard_layout_v<kausal_query_options_t>);
static_assert(offsetof(kausal_query_options_t, struct_size) == 0);
static_assert(sizeof(kausal_id_t) == 16);

int main() {
    const bool is_same = kausal_abi_version() == KAUSAL_ABI_VERSION;
    std::printf("%d passed, %d failed\n", is_same ? 1 : 0, is_same ? 0 : 1);
    return is_same ? 0 : 1;
}
