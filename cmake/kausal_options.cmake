# Language level, optimisation, sanitizers and output folders: what holds for every target of the project.

option(KAUSAL_TESTS "Declare the test targets (needs GoogleTest and cmocka)" ON)
option(KAUSAL_BENCH "Declare the benchmark targets (needs Google Benchmark)" OFF)
option(KAUSAL_WERROR "Treat warnings of the project's own code as errors" ON)
set(KAUSAL_ROOMS "" CACHE STRING "Build only these rooms and their tests, e.g. base;io;wal (empty: everything)")
set(KAUSAL_SANITIZE "" CACHE STRING "Comma-separated sanitizers, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Optimised with line tables only: stack traces name lines, links stay quick. Assertions are the project's
# own and stay on in every build, so NDEBUG is not what switches them.
foreach(language IN ITEMS C CXX)
    if(KAUSAL_SANITIZE)
        set(CMAKE_${language}_FLAGS_RELWITHDEBINFO "-O1 -g1")
    else()
        set(CMAKE_${language}_FLAGS_RELWITHDEBINFO "-O2 -g1")
    endif()
    set(CMAKE_${language}_FLAGS_RELEASE "-O2")
    set(CMAKE_${language}_FLAGS_DEBUG "-O0 -g")
endforeach()

set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

# An installed tool finds the library beside it without naming any machine's folder.
file(RELATIVE_PATH kausal_bin_to_lib /prefix/${CMAKE_INSTALL_BINDIR} /prefix/${CMAKE_INSTALL_LIBDIR})
set(CMAKE_INSTALL_RPATH "$ORIGIN/${kausal_bin_to_lib}")
set(CMAKE_BUILD_RPATH_USE_ORIGIN ON)

if(KAUSAL_SANITIZE)
    string(REPLACE ";" "," kausal_sanitizers "${KAUSAL_SANITIZE}")
    add_compile_options(-fsanitize=${kausal_sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${kausal_sanitizers})
    if(kausal_sanitizers MATCHES "thread")
        # The allocator of the runtime and std::atomic_thread_fence are not modelled by the sanitizer.
        add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
    endif()
endif()

find_program(KAUSAL_CCACHE ccache)
mark_as_advanced(KAUSAL_CCACHE)
if(KAUSAL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER ${KAUSAL_CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${KAUSAL_CCACHE})
endif()

find_package(Threads REQUIRED)
