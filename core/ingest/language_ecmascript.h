// The parts of JavaScript's and TypeScript's tables that are the same.
#pragma once

#include "ingest/language.h"

namespace kausal::ingest {

/// Fills everything but grammar, query and extensions.
void fill_ecmascript_rules(LanguageRules& rules);

}  // namespace kausal::ingest
