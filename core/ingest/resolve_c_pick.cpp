// Chooses among the callables and macros of one name.
#include "ingest/c_facts.h"
#include "ingest/resolve_c_scope.h"
#include "ingest/resolve_c_types.h"

#include <algorithm>

namespace kausal::ingest::c {
namespace {

using format::BlockKind;
using format::Provenance;
using Kind = Value::Kind;

/// Declarations and definitions of one function are of one shape.
bool same_shape(const Symbol& left, const Symbol& right) {
    return left.parameter_count == right.parameter_count && left.is_variadic == right.is_variadic &&
           left.member_names == right.member_names;
}

/// Fits by count; defaults are stated at the declaration only.
bool fits(const Symbol& symbol, uint8_t argument_count) {
    return accepts(symbol, argument_count);
}

bool is_number(std::string_view parameter) noexcept {
    for (const std::string_view word : {"int", "long", "short", "unsigned", "size_t", "double",
                                        "float", "bool", "char", "uint", "int32", "int64"}) {
        if (parameter.starts_with(word)) return parameter.find('*') == std::string_view::npos;
    }
    return false;
}

std::string_view bare(std::string_view parameter) noexcept {
    while (parameter.ends_with('&') || parameter.ends_with('*')) parameter.remove_suffix(1);
    if (parameter.starts_with("const ")) parameter.remove_prefix(6);
    const size_t open = parameter.find('<');
    parameter = parameter.substr(0, open);
    return last_name(parameter);
}

}  // namespace

/// A declaration and a definition that spell their parameters differently are one function when
/// nothing else is left for either.
void Scope::pair_up(std::vector<Overload>& overloads) {
    for (size_t i = 0; i < overloads.size(); ++i) {
        Overload& declared = overloads[i];
        if (declared.declarations.empty() || !declared.definitions.empty()) continue;
        const uint16_t count = declared.any().parameter_count;
        size_t defined_at = overloads.size();
        size_t defined_count = 0;
        size_t declared_count = 0;
        for (size_t k = 0; k < overloads.size(); ++k) {
            const Overload& other = overloads[k];
            if (other.any().parameter_count != count) continue;
            if (other.declarations.empty()) {
                ++defined_count;
                defined_at = k;
            } else if (other.definitions.empty()) {
                ++declared_count;
            }
        }
        if (defined_count != 1 || declared_count != 1) continue;
        declared.definitions = std::move(overloads[defined_at].definitions);
        overloads.erase(overloads.begin() + static_cast<ptrdiff_t>(defined_at));
        if (defined_at < i) --i;
    }
}

std::vector<Scope::Overload> Scope::overloads_of(const Symbols& found) const {
    std::vector<Overload> overloads;
    for (const Symbol* symbol : found) {
        if (!is_callable(symbol->kind)) continue;
        Overload* same = nullptr;
        for (Overload& overload : overloads) {
            // C has one function per name.
            if (symbol->language == format::Language::C || same_shape(overload.any(), *symbol)) {
                same = &overload;
                break;
            }
        }
        if (same == nullptr) same = &overloads.emplace_back();
        (is_declaration(*symbol) ? same->declarations : same->definitions).push_back(symbol);
    }
    pair_up(overloads);
    return overloads;
}

/// One definition of several: the one in this file, else seen, else declared together, else
/// nearest.
const Symbol* Scope::best_definition(const Symbols& definitions, const Symbols& declarations) {
    Symbols rest = definitions;
    const auto keep_if = [&rest](auto fits_rule) {
        Symbols kept;
        for (const Symbol* symbol : rest) {
            if (fits_rule(*symbol)) kept.push_back(symbol);
        }
        if (!kept.empty()) rest = std::move(kept);
    };
    keep_if([this](const Symbol& symbol) { return symbol.path == facts_.path; });
    if (rest.front()->path == facts_.path) return rest.front();
    keep_if([this](const Symbol& symbol) { return files_.sees(symbol.file); });
    if (rest.size() > 1) {
        keep_if([&](const Symbol& symbol) {
            const Symbol* file = source_.by_id(symbol.file);
            if (file == nullptr) return false;
            return std::any_of(declarations.begin(), declarations.end(),
                               [&](const Symbol* declaration) {
                                   return files_.sees(declaration->file) &&
                                          std::find(file->base_ids.begin(), file->base_ids.end(),
                                                    declaration->file) != file->base_ids.end();
                               });
        });
    }
    if (rest.size() > 1) {
        const std::string_view folder = folder_of(facts_.path);
        keep_if([&](const Symbol& symbol) { return folder_of(symbol.path) == folder; });
    }
    if (rest.size() > 1) {
        // #ifdef variants in one file are one function.
        const Symbol* first = rest.front();
        const bool is_one_file = std::all_of(rest.begin(), rest.end(), [&](const Symbol* symbol) {
            return symbol->path == first->path;
        });
        if (is_one_file) return first;
        size_t best = 0;
        for (const Symbol* symbol : rest)
            best = std::max(best, shared_folders(symbol->path, facts_.path));
        keep_if(
            [&](const Symbol& symbol) { return shared_folders(symbol.path, facts_.path) == best; });
    }
    return rest.size() == 1 ? rest.front() : nullptr;
}

Pick Scope::pick_overload(const Overload& overload) {
    Pick pick;
    const auto seen = [this](const Symbol* symbol) { return files_.sees(symbol->file); };
    const auto declared =
        std::find_if(overload.declarations.begin(), overload.declarations.end(), seen);
    const bool is_declared = declared != overload.declarations.end();
    const Symbol& any = overload.any();
    const bool is_member = any.kind == BlockKind::Method;
    const bool is_scoped = is_member || !any.package.empty();
    if (overload.definitions.empty()) {
        // A declaration of what the C library has is no definition of another one.
        if (!is_scoped && is_library_function(any.name)) return pick;
        pick.target = is_declared ? *declared : overload.declarations.front();
        pick.is_proven = is_declared || is_scoped;
        pick.provenance = pick.target->path == facts_.path ? Provenance::Scope
                          : is_declared                    ? Provenance::Import
                                                           : Provenance::Package;
        return pick;
    }
    pick.target = best_definition(overload.definitions, overload.declarations);
    if (pick.target == nullptr) {
        if (is_declared) {
            pick.target = *declared;
            pick.is_proven = true;
            pick.provenance =
                (*declared)->path == facts_.path ? Provenance::Scope : Provenance::Import;
        }
        pick.others = overload.definitions;
        return pick;
    }
    if (pick.target->path == facts_.path) {
        pick.provenance = Provenance::Scope;
        pick.is_proven = true;
    } else if (is_declared || seen(pick.target)) {
        pick.provenance = Provenance::Import;
        pick.is_proven = true;
    } else if (is_scoped) {
        pick.provenance = Provenance::Package;
        pick.is_proven = true;
    } else if (is_library_function(any.name)) {
        pick.target = nullptr;
    } else if (folder_of(pick.target->path) == folder_of(facts_.path)) {
        pick.provenance = Provenance::Package;
        pick.is_proven = true;
    } else {
        pick.provenance = Provenance::Arity;
        pick.is_proven =
            overload.definitions.size() == 1 && !files_.has_missing() && !files_.has_outside();
    }
    return pick;
}

/// Whether the class of a parameter has a constructor that takes what is given.
bool Scope::converts_from(std::string_view parameter, std::string_view have,
                          std::string_view scope) {
    const Symbol* type = unaliased(type_named(parameter, scope));
    if (type == nullptr) return false;
    for (const Symbol* member : source_.members(type->id, type->name)) {
        if ((member->flags & format::kBlockConstructor) != 0 && member->member_names.size() == 1 &&
            bare(member->member_names.front()) == have)
            return true;
    }
    return false;
}

int Scope::argument_score(const Value& value, std::string_view literal, std::string_view parameter,
                          std::string_view site_scope) {
    const bool is_pointer = parameter.find('*') != std::string_view::npos;
    if (!literal.empty()) {
        if (literal == "string_literal" || literal == "concatenated_string" ||
            literal == "raw_string_literal")
            return parameter.find("char*") != std::string_view::npos    ? 3
                   : is_number(parameter)                               ? -4
                   : converts_from(bare(parameter), "char", site_scope) ? 2
                                                                        : 1;
        if (literal == "number_literal" || literal == "char_literal" || literal == "true" ||
            literal == "false")
            return is_number(parameter) ? 2 : is_pointer ? -2 : -1;
        if (literal == "null" || literal == "nullptr") return is_pointer ? 2 : -1;
        return 0;
    }
    if (value.kind != Kind::Typed) return 0;
    const std::string_view plain = plain_type(value.text);
    const std::string_view have = last_name(head_of(plain));
    const std::string_view want = bare(parameter);
    if (have == want) return 4;
    if (is_number(have) && is_number(want)) return 1;
    if (converts_from(want, have, site_scope)) return 2;
    const Symbol* type =
        value.type != nullptr ? value.type : type_named(without_arguments(plain), value.scope);
    if (type == nullptr) return 0;
    type = unaliased(type);
    if (type == nullptr) return 0;
    if (type->name == want) return 4;
    if (is_number(want)) return -3;
    // A base of the argument's class.
    for (const std::string& base : type->bases) {
        if (bare(base) == want) return 2;
    }
    return -1;
}

int Scope::score(const Overload& overload, const Site& site) {
    const Symbol& any = overload.any();
    int total = any.is_variadic ? -1 : 0;
    size_t index = 0;
    Chain argument;
    argument.first = site.arguments.first;
    for (uint32_t i = 0; i < site.arguments.count && index < any.member_names.size(); ++i) {
        const ChainLink& link = facts_.links[site.arguments.first + i];
        if (link.name != 0 || link.flags != 0) {
            ++argument.count;
            continue;
        }
        std::string_view literal;
        Value value;
        if (argument.count == 1 && (facts_.links[argument.first].flags & ChainLink::kOpaque) != 0) {
            literal = facts_.text(facts_.links[argument.first].name);
        } else if (argument.count != 0) {
            value = chain_at(argument, site.offset, site.scope);
        }
        total += argument_score(value, literal, any.member_names[index], site.scope);
        ++index;
        argument.first = site.arguments.first + i + 1;
        argument.count = 0;
    }
    return total;
}

/// Of several definitions of a macro in this file, as the branches of a conditional have them, the
/// last before the place: it stands in the same branch, or holds for what follows.
const Symbol* Scope::macro_before(const Symbol& macro, uint32_t offset) const {
    const Symbol* best = nullptr;
    for (size_t i = 0; i < facts_.definitions.size(); ++i) {
        const Symbol& symbol = symbols_.symbols[i];
        if (symbol.kind != BlockKind::Macro || symbol.name != macro.name) continue;
        if (best != nullptr && facts_.definitions[i].range.byte_first > offset) break;
        best = &symbol;
    }
    return best != nullptr ? best : &macro;
}

Pick Scope::pick(const Symbols& found, const Site& site) {
    const Symbol* macro = nullptr;
    for (const Symbol* symbol : found) {
        if (symbol->kind != BlockKind::Macro || !files_.sees(symbol->file)) continue;
        if (macro == nullptr || (symbol->path == facts_.path && macro->path != facts_.path))
            macro = symbol;
    }
    if (macro != nullptr && macro->path == facts_.path) macro = macro_before(*macro, site.offset);
    std::vector<Overload> all = overloads_of(found);
    std::vector<Overload> fitting;
    bool is_visible = false;
    for (Overload& overload : all) {
        const auto any_fits = [&](const Symbols& symbols) {
            return std::any_of(symbols.begin(), symbols.end(), [&](const Symbol* symbol) {
                return fits(*symbol, site.argument_count);
            });
        };
        const auto any_seen = [&](const Symbols& symbols) {
            return std::any_of(symbols.begin(), symbols.end(),
                               [&](const Symbol* symbol) { return files_.sees(symbol->file); });
        };
        is_visible =
            is_visible || any_seen(overload.declarations) || any_seen(overload.definitions);
        if (any_fits(overload.declarations) || any_fits(overload.definitions))
            fitting.push_back(std::move(overload));
    }
    // A macro replaces the function of its name, except where a condition decides which one there
    // is.
    bool is_replaced = macro != nullptr && macro->type != kConditional;
    for (const Overload& overload : fitting) {
        const auto is_here = [this](const Symbol* symbol) { return symbol->path == facts_.path; };
        if (std::any_of(overload.definitions.begin(), overload.definitions.end(), is_here))
            is_replaced = false;
    }
    if (macro != nullptr && (fitting.empty() || !is_visible || is_replaced)) {
        Pick pick;
        pick.target = macro;
        pick.is_proven = true;
        pick.provenance = macro->path == facts_.path ? Provenance::Scope : Provenance::Import;
        return pick;
    }
    if (fitting.empty()) return {};
    if (fitting.size() == 1) return pick_overload(fitting.front());
    int best = 0;
    std::vector<const Overload*> ties;
    for (const Overload& overload : fitting) {
        const int points = score(overload, site);
        if (ties.empty() || points > best) {
            ties.assign(1, &overload);
            best = points;
        } else if (points == best) {
            ties.push_back(&overload);
        }
    }
    if (ties.size() == 1) return pick_overload(*ties.front());
    Pick pick;
    for (const Overload* overload : ties) {
        const Pick one = pick_overload(*overload);
        if (one.target != nullptr) pick.others.push_back(one.target);
    }
    return pick;
}

}  // namespace kausal::ingest::c
