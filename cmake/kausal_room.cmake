# The functions every folder's CMakeLists.txt declares itself with.
#
#   kausal_room(NAME wal SOURCES writer.cpp reader.cpp DEPS io format memory [LIBS zstd_target ...])
#       A folder under core/ as static library `kausal_wal` (INTERFACE when SOURCES is empty). Its link list is
#       its include permission: DEPS are linked PUBLIC, external LIBS stay PRIVATE. The include root is core/.
#   kausal_test(ROOM wal SOURCES writer_test.cpp ... [NAME wal_slow] [DEPS graph ...] [LIBS ext ...]
#               [LABELS concurrent ...] [TIMEOUT seconds])
#       One GoogleTest executable `kausal_test_<NAME or ROOM>`, one ctest entry `<NAME or ROOM>`.
#       Labels with a meaning: `concurrent` (also run under the thread sanitizer), `slow` (not run under the
#       address sanitizer), `static` (judges the text of the sources; run once).
#   kausal_c_test(NAME handle_db SOURCES handle_db_test.c [LIBS ...] [LABELS ...] [TIMEOUT seconds])
#       One cmocka executable against the public header and the shared library only.
#   kausal_border(SOURCES ... DEPS engine)          capi/: the shared library `kausal` with its version script.
#   kausal_header_sdk(NAME kausal_cpp INCLUDE dir)  sdk/cpp: a header-only guest over the C header.
#   kausal_tool(NAME kausal SOURCES ... [LIBS ...]) tools/: an executable over the C++ SDK.
#   kausal_bench(NAME wal SOURCES ... [DEPS rooms] [LIBS ...])  bench/: a Google Benchmark executable.
#   kausal_ctest(NAME structure COMMAND ...)        any other check, registered under the same defaults.

set(KAUSAL_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(KAUSAL_WERROR)
    list(APPEND KAUSAL_WARNINGS -Werror)
endif()
if(KAUSAL_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # With sanitizer checks in between, GCC takes members of an optional for read before they are written.
    list(APPEND KAUSAL_WARNINGS -Wno-maybe-uninitialized)
endif()

add_custom_target(kausal_tests)
# The tests labelled `concurrent`: the ones worth running under the thread sanitizer.
add_custom_target(kausal_concurrent_tests)

if(KAUSAL_BENCH)
    add_custom_target(kausal_benches)
endif()

# Applies the warning set to first-party code.
function(kausal_warn target)
    target_compile_options(${target} PRIVATE
        ${KAUSAL_WARNINGS}
        $<$<COMPILE_LANG_AND_ID:CXX,Clang,AppleClang>:-Wthread-safety>
        # GCC 12 reports overlapping copies inside std::string concatenation that cannot happen (bug 105651).
        $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>
        # GCC 12 counts members that designated initialisers leave to their default; that is what they are for.
        $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-missing-field-initializers>)
endfunction()

function(kausal_room)
    cmake_parse_arguments(PARSE_ARGV 0 room "" "NAME" "SOURCES;DEPS;LIBS")
    if(room_UNPARSED_ARGUMENTS OR NOT room_NAME)
        message(FATAL_ERROR "kausal_room: unknown or missing arguments: ${room_UNPARSED_ARGUMENTS}")
    endif()
    set(target kausal_${room_NAME})
    list(TRANSFORM room_DEPS PREPEND kausal_)
    if(room_SOURCES)
        add_library(${target} STATIC ${room_SOURCES})
        target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/core)
        target_link_libraries(${target} PUBLIC ${room_DEPS} PRIVATE ${room_LIBS})
        kausal_warn(${target})
    else()
        add_library(${target} INTERFACE)
        target_include_directories(${target} INTERFACE ${PROJECT_SOURCE_DIR}/core)
        target_link_libraries(${target} INTERFACE ${room_DEPS} ${room_LIBS})
    endif()
endfunction()

# Puts a test program into the collecting targets.
function(kausal_collect target)
    add_dependencies(kausal_tests ${target})
    if("concurrent" IN_LIST ARGN)
        add_dependencies(kausal_concurrent_tests ${target})
    endif()
endfunction()

# Registers a check with the defaults all proofs share: a time limit, one label per folder.
function(kausal_ctest)
    cmake_parse_arguments(PARSE_ARGV 0 check "" "NAME;TIMEOUT;WORKING_DIRECTORY" "COMMAND;LABELS;ENVIRONMENT")
    if(NOT check_TIMEOUT)
        set(check_TIMEOUT 600)
    endif()
    if(NOT check_WORKING_DIRECTORY)
        set(check_WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    endif()
    add_test(NAME ${check_NAME} COMMAND ${check_COMMAND} WORKING_DIRECTORY ${check_WORKING_DIRECTORY})
    set_tests_properties(${check_NAME} PROPERTIES TIMEOUT ${check_TIMEOUT} LABELS "${check_LABELS}"
        ENVIRONMENT "${check_ENVIRONMENT}")
endfunction()

function(kausal_test)
    cmake_parse_arguments(PARSE_ARGV 0 test "" "ROOM;NAME;TIMEOUT" "SOURCES;DEPS;LIBS;LABELS")
    if(test_UNPARSED_ARGUMENTS OR NOT test_SOURCES)
        message(FATAL_ERROR "kausal_test: unknown or missing arguments: ${test_UNPARSED_ARGUMENTS}")
    endif()
    if(NOT test_NAME)
        set(test_NAME ${test_ROOM})
    endif()
    set(target kausal_test_${test_NAME})
    set(rooms ${test_ROOM} ${test_DEPS})
    list(TRANSFORM rooms PREPEND kausal_)
    add_executable(${target} EXCLUDE_FROM_ALL ${test_SOURCES})
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${target} PRIVATE ${rooms} ${test_LIBS} GTest::gtest GTest::gtest_main GTest::gmock)
    kausal_warn(${target})
    kausal_ctest(NAME ${test_NAME} COMMAND ${target} LABELS ${test_ROOM} ${test_LABELS} TIMEOUT ${test_TIMEOUT})
    kausal_collect(${target} ${test_LABELS})
endfunction()

function(kausal_c_test)
    cmake_parse_arguments(PARSE_ARGV 0 test "" "NAME;TIMEOUT" "SOURCES;LIBS;LABELS")
    set(target kausal_test_${test_NAME})
    add_executable(${target} EXCLUDE_FROM_ALL ${test_SOURCES})
    target_link_libraries(${target} PRIVATE kausal ${test_LIBS} PkgConfig::cmocka)
    kausal_warn(${target})
    kausal_ctest(NAME ${test_NAME} COMMAND ${target} LABELS capi ${test_LABELS} TIMEOUT ${test_TIMEOUT})
    kausal_collect(${target} ${test_LABELS})
endfunction()

function(kausal_border)
    cmake_parse_arguments(PARSE_ARGV 0 border "" "" "SOURCES;DEPS;LIBS")
    list(TRANSFORM border_DEPS PREPEND kausal_)
    set(exports ${PROJECT_SOURCE_DIR}/capi/exports.map)
    add_library(kausal SHARED ${border_SOURCES})
    add_library(kausal::kausal ALIAS kausal)
    target_include_directories(kausal PUBLIC
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/capi/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_compile_definitions(kausal PRIVATE KAUSAL_BUILDING)
    target_link_libraries(kausal PRIVATE ${border_DEPS} ${border_LIBS})
    # Only the names of the map leave the library, and its own calls cannot be interposed by the host.
    target_link_options(kausal PRIVATE -Wl,--version-script=${exports} -Wl,-Bsymbolic -Wl,--exclude-libs,ALL)
    if(NOT KAUSAL_SANITIZE)
        target_link_options(kausal PRIVATE -Wl,--no-undefined)
    endif()
    set_target_properties(kausal PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0 LINK_DEPENDS ${exports}
        INSTALL_RPATH "")
    kausal_warn(kausal)
endfunction()

function(kausal_header_sdk)
    cmake_parse_arguments(PARSE_ARGV 0 sdk "" "NAME;INCLUDE" "")
    add_library(${sdk_NAME} INTERFACE)
    string(REGEX REPLACE "^kausal_" "" short ${sdk_NAME})
    add_library(kausal::${short} ALIAS ${sdk_NAME})
    set_target_properties(${sdk_NAME} PROPERTIES EXPORT_NAME ${short})
    target_include_directories(${sdk_NAME} INTERFACE
        $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${sdk_INCLUDE}>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_compile_features(${sdk_NAME} INTERFACE cxx_std_20)
    target_link_libraries(${sdk_NAME} INTERFACE kausal)
    set_property(GLOBAL APPEND PROPERTY KAUSAL_HEADER_DIRS ${CMAKE_CURRENT_SOURCE_DIR}/${sdk_INCLUDE}/)
    set_property(GLOBAL APPEND PROPERTY KAUSAL_SDK_TARGETS ${sdk_NAME})
endfunction()

function(kausal_tool)
    cmake_parse_arguments(PARSE_ARGV 0 tool "" "NAME" "SOURCES;LIBS")
    # The tool `kausal` shares its file name with the library, so the target carries a suffix.
    set(target kausal_tool_${tool_NAME})
    add_executable(${target} ${tool_SOURCES})
    set_target_properties(${target} PROPERTIES OUTPUT_NAME ${tool_NAME})
    target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(${target} PRIVATE kausal_cpp ${tool_LIBS})
    target_compile_definitions(${target} PRIVATE KAUSAL_VERSION_TEXT="${PROJECT_VERSION}")
    kausal_warn(${target})
    set_property(GLOBAL APPEND PROPERTY KAUSAL_TOOL_TARGETS ${target})
endfunction()

function(kausal_bench)
    cmake_parse_arguments(PARSE_ARGV 0 bench "" "NAME" "SOURCES;DEPS;LIBS")
    list(TRANSFORM bench_DEPS PREPEND kausal_)
    set(target kausal_bench_${bench_NAME})
    add_executable(${target} EXCLUDE_FROM_ALL ${bench_SOURCES})
    target_link_libraries(${target} PRIVATE ${bench_DEPS} ${bench_LIBS} benchmark::benchmark)
    kausal_warn(${target})
    add_dependencies(kausal_benches ${target})
endfunction()
