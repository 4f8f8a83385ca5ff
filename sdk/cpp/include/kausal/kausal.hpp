// KausalDB for C++20 and later: header-only, over the C interface of libkausal.
//
// Types are move-only owners of C handles; destructors end them and report nothing,
// `Database::close` is where a failure shows. Fallible calls return Result<T>; whoever prefers
// exceptions asks for value_or_throw(). No C++ type crosses the border of the shared library.
#pragma once

#include "kausal/block.hpp"
#include "kausal/database.hpp"
#include "kausal/options.hpp"
#include "kausal/result.hpp"
#include "kausal/rows.hpp"
