// The text of the query files, compiled into the library by CMake (embed_queries.cmake).
#pragma once

#include <string_view>

namespace kausal::ingest {

/// The content of queries/<name>.scm; empty when there is no such file.
[[nodiscard]] std::string_view query_text(std::string_view name);

}  // namespace kausal::ingest
