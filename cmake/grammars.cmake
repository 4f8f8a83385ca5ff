# The tree-sitter core and its grammars, compiled from the pinned packages that `./dev setup` fetches.
# They are third-party code: warnings and sanitizers are off, their symbols stay inside the library.
# `kausal_grammars` collects them all; rooms name that one target in LIBS.

set(KAUSAL_GRAMMARS_DIR ${PROJECT_SOURCE_DIR}/build/grammars/node_modules CACHE PATH
    "Folder of the packages pinned in tools/grammars/package-lock.json")

set(KAUSAL_TREE_SITTER ${KAUSAL_GRAMMARS_DIR}/tree-sitter/vendor/tree-sitter/lib)
if(NOT EXISTS ${KAUSAL_TREE_SITTER}/src/lib.c)
    message(FATAL_ERROR "grammar packages are missing in ${KAUSAL_GRAMMARS_DIR}: run ./dev setup")
endif()

function(kausal_third_party target)
    # No debug info: it is not ours to step through, and the compiler cache then works across build folders.
    target_compile_options(${target} PRIVATE -O2 -g0 -w)
    if(KAUSAL_SANITIZE)
        target_compile_options(${target} PRIVATE -fno-sanitize=all)
    endif()
    set_target_properties(${target} PROPERTIES C_STANDARD 11 C_EXTENSIONS ON)
endfunction()

add_library(ts_core STATIC ${KAUSAL_TREE_SITTER}/src/lib.c)
target_include_directories(ts_core SYSTEM PUBLIC ${KAUSAL_TREE_SITTER}/include)
target_include_directories(ts_core PRIVATE ${KAUSAL_TREE_SITTER}/src)
kausal_third_party(ts_core)
# The layout of its trees, for the one walk that is too hot for the public interface.
add_library(ts_core_layout INTERFACE)
target_include_directories(ts_core_layout SYSTEM INTERFACE ${KAUSAL_TREE_SITTER}/src)

add_library(kausal_grammars INTERFACE)
target_link_libraries(kausal_grammars INTERFACE ts_core)

# Declares ts_<name> from <package>/<folder>/src, with its external scanner where the grammar has one.
function(kausal_grammar name package folder)
    set(source ${KAUSAL_GRAMMARS_DIR}/${package}/${folder}src)
    if(NOT EXISTS ${source}/parser.c)
        message(FATAL_ERROR "grammar package ${package} is missing in ${KAUSAL_GRAMMARS_DIR}: run ./dev setup")
    endif()
    set(files ${source}/parser.c)
    if(EXISTS ${source}/scanner.c)
        list(APPEND files ${source}/scanner.c)
    endif()
    add_library(ts_${name} STATIC ${files})
    target_include_directories(ts_${name} PRIVATE ${source})
    kausal_third_party(ts_${name})
    target_link_libraries(kausal_grammars INTERFACE ts_${name})
endfunction()

kausal_grammar(c tree-sitter-c "")
kausal_grammar(cpp tree-sitter-cpp "")
kausal_grammar(go tree-sitter-go "")
kausal_grammar(rust tree-sitter-rust "")
kausal_grammar(java tree-sitter-java "")
kausal_grammar(python tree-sitter-python "")
kausal_grammar(javascript tree-sitter-javascript "")
kausal_grammar(typescript tree-sitter-typescript typescript/)
kausal_grammar(tsx tree-sitter-typescript tsx/)
