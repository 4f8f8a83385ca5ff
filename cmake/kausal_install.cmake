# What `cmake --install` copies: header, library, tool, pkg-config file, CMake package, manual and completions.
# Runs last, when every folder has declared what it has.
if(NOT TARGET kausal)
    return()
endif()
include(CMakePackageConfigHelpers)

get_property(kausal_header_dirs GLOBAL PROPERTY KAUSAL_HEADER_DIRS)
get_property(kausal_sdk_targets GLOBAL PROPERTY KAUSAL_SDK_TARGETS)
get_property(kausal_tool_targets GLOBAL PROPERTY KAUSAL_TOOL_TARGETS)

install(TARGETS kausal ${kausal_sdk_targets} EXPORT kausalTargets
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime NAMELINK_COMPONENT development)
foreach(folder IN LISTS kausal_header_dirs ITEMS ${PROJECT_SOURCE_DIR}/capi/include/)
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT development
        FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
endforeach()
if(kausal_tool_targets)
    install(TARGETS ${kausal_tool_targets} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT tools)
endif()

set(kausal_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/kausal)
install(EXPORT kausalTargets NAMESPACE kausal:: DESTINATION ${kausal_package_dir} COMPONENT development)
configure_package_config_file(${PROJECT_SOURCE_DIR}/packaging/kausalConfig.cmake.in
    ${PROJECT_BINARY_DIR}/package/kausalConfig.cmake INSTALL_DESTINATION ${kausal_package_dir})
# Before 1.0 a minor version may change the C++ headers; the soname guards the C ABI.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/kausalConfigVersion.cmake
    VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)

file(RELATIVE_PATH kausal_pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" kausal_pc_prefix ${kausal_pc_prefix})
configure_file(${PROJECT_SOURCE_DIR}/packaging/kausal.pc.in ${PROJECT_BINARY_DIR}/package/kausal.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/kausalConfig.cmake ${PROJECT_BINARY_DIR}/package/kausalConfigVersion.cmake
    DESTINATION ${kausal_package_dir} COMPONENT development)
install(FILES ${PROJECT_BINARY_DIR}/package/kausal.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

# Kept under packaging/: manual pages as man/*.1, completions named as each shell wants to find them.
file(GLOB kausal_manuals CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/packaging/man/*.1)
if(kausal_manuals)
    install(FILES ${kausal_manuals} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT tools)
endif()
foreach(completion IN ITEMS "kausal.bash;bash-completion/completions;kausal" "_kausal;zsh/vendor-completions;_kausal"
                            "kausal.fish;fish/vendor_completions.d;kausal.fish")
    list(GET completion 0 file)
    list(GET completion 1 folder)
    list(GET completion 2 name)
    if(EXISTS ${PROJECT_SOURCE_DIR}/packaging/completions/${file})
        install(FILES ${PROJECT_SOURCE_DIR}/packaging/completions/${file} RENAME ${name}
            DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder} COMPONENT tools)
    endif()
endforeach()

# Programs built against the build tree (cgo, bindgen) find the library without installing it.
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/pkgconfig/kausal.pc @ONLY CONTENT
"libdir=@CMAKE_LIBRARY_OUTPUT_DIRECTORY@
includedir=@PROJECT_SOURCE_DIR@/capi/include
Name: kausal
Description: @PROJECT_DESCRIPTION@ (build tree)
Version: @PROJECT_VERSION@
Libs: -L\${libdir} -lkausal -Wl,-rpath,\${libdir}
Cflags: -I\${includedir}
")
