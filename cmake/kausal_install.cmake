# What `cmake --install` copies: header, library, tool, pkg-config file, CMake package, manual and completions.
include(CMakePackageConfigHelpers)
