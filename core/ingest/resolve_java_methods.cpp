// Which method a Java call means: by type, inheritance, argument count and, among overloads, by
// what is known of the arguments' types.
#include "ingest/resolve_java_expression.h"
#include "ingest/resolve_java_library.h"

#include <algorithm>

namespace kausal::ingest::java {
namespace {

using format::BlockKind;
using format::Provenance;

constexpr int kImpossible = -1000;

bool is_type_like(const Symbol& symbol) {
    return is_type(symbol.kind) || symbol.kind == BlockKind::EnumMember;
}

bool is_constructor(const Symbol& symbol) {
    return (symbol.flags & format::kBlockConstructor) != 0;
}

/// The type of the parameter that takes an argument, "" when none is known to.
std::string_view parameter_at(const Symbol& method, size_t argument) {
    if (method.member_names.empty()) return {};
    return method.member_names[std::min(argument, method.member_names.size() - 1)];
}

/// Widening of numbers: from the first to any later one.
int number_rank(std::string_view name) {
    static constexpr std::string_view kOrder[] = {"byte", "short", "int",
                                                  "long", "float", "double"};
    for (int i = 0; i < 6; ++i)
        if (kOrder[i] == name) return i;
    return name == "char" ? 1 : -1;
}

std::string_view boxed(std::string_view primitive) {
    if (primitive == "int") return "Integer";
    if (primitive == "char") return "Character";
    if (primitive == "boolean") return "Boolean";
    if (primitive == "long") return "Long";
    if (primitive == "double") return "Double";
    if (primitive == "float") return "Float";
    if (primitive == "byte") return "Byte";
    if (primitive == "short") return "Short";
    return {};
}

int fit_primitive(std::string_view argument, std::string_view parameter) {
    if (argument == parameter) return 6;
    if (is_primitive(parameter)) {
        const int from = number_rank(argument);
        const int to = number_rank(parameter);
        if (from < 0 || to < 0 || from > to || parameter == "char") return kImpossible;
        return 5 - (to - from);
    }
    const std::string_view box = boxed(argument);
    const std::string_view name = last_component(parameter);
    if (name == box) return 2;
    if (name == "Object" || name == "Comparable" || name == "Serializable") return 1;
    if (name == "Number" && number_rank(argument) >= 0 && argument != "char") return 1;
    // A type variable takes anything.
    return name.size() == 1 ? 1 : kImpossible;
}

/// Types that nothing extends: an argument of another such type does not fit.
bool is_final_library_type(std::string_view name) {
    return name == "String" || name == "Integer" || name == "Long" || name == "Boolean" ||
           name == "Character" || name == "Double" || name == "Float" || name == "Byte" ||
           name == "Short" || name == "Class" || name == "StringBuilder" || name == "StringBuffer";
}

/// Equal after erasure as far as the text tells: a variable of one may be a type of the other.
bool same_parameters(const Symbol& left, const Symbol& right) {
    if (left.member_names.size() != right.member_names.size()) return false;
    for (size_t i = 0; i < left.member_names.size(); ++i) {
        const TypeText a = split_type(left.member_names[i]);
        const TypeText b = split_type(right.member_names[i]);
        const std::string_view a_name = last_component(a.name);
        const std::string_view b_name = last_component(b.name);
        const bool is_variable = a_name.size() == 1 || b_name.size() == 1;
        if (a.dimensions != b.dimensions) return false;
        if (a_name == b_name) continue;
        if (!is_variable || is_primitive(a_name) || is_primitive(b_name)) return false;
    }
    return true;
}

}  // namespace

int Expressions::fit_one(const Symbol& method, std::string_view parameter, const Value& argument) {
    const TypeText text = split_type(parameter);
    const std::string_view name = text.name;
    if (!argument.package.empty()) {
        if (argument.package == "null_literal")
            return is_primitive(name) && text.dimensions == 0 ? kImpossible : 0;
        if (argument.package == "lambda_expression") {
            const bool is_plain = is_primitive(name) || text.dimensions != 0 || name == "Object" ||
                                  is_final_library_type(last_component(name));
            return is_plain ? kImpossible : 1;
        }
        return 0;
    }
    if (!argument.type.is_known() || argument.is_type_name) return 0;
    const Type& type = argument.type;
    if (type.dimensions != text.dimensions) {
        if (type.dimensions > text.dimensions && last_component(name) == "Object") return 1;
        const bool may_be_variable = name.size() == 1;
        return may_be_variable ? 0 : kImpossible;
    }
    const std::string_view argument_name = type.symbol != nullptr
                                               ? std::string_view(type.symbol->name)
                                               : last_component(type.external);
    if (type.symbol == nullptr && is_primitive(type.external)) {
        if (text.dimensions != 0) return type.external == name ? 6 : kImpossible;
        return fit_primitive(type.external, name);
    }
    if (is_primitive(name)) {
        const bool unboxes = boxed(name) == argument_name && text.dimensions == 0;
        return unboxes ? 2
                       : (is_final_library_type(argument_name) || type.symbol != nullptr ||
                                  text.dimensions != 0
                              ? kImpossible
                              : 0);
    }
    const std::string_view parameter_name = last_component(name);
    if (argument_name == parameter_name) {
        if (type.symbol == nullptr) return 6;
        const Type same = types_.resolve(parameter, &method, nullptr);
        if (same.symbol == nullptr || same.symbol->id == type.symbol->id) return 6;
    }
    if (parameter_name == "Object") return 1;
    if (is_final_library_type(parameter_name)) return kImpossible;
    const Type target = types_.resolve(parameter, &method, nullptr);
    // An array fits "T[]" better than "T".
    if (target.is_declared_variable && text.dimensions != 0) return 2;
    if (!target.is_known() || target.is_declared_variable) return 0;
    if (types_.is_subtype(type, target)) return 4;
    const bool is_string = type.symbol == nullptr && type.external == "java.lang.String";
    if (is_string)
        return parameter_name == "CharSequence"
                   ? 4
                   : (parameter_name == "Comparable" || parameter_name == "Serializable"
                          ? 2
                          : kImpossible);
    // A class of the tree that is no subtype cannot be passed, unless part of its bases is unknown.
    bool is_whole = type.symbol != nullptr;
    types_.visit_hierarchy(type, [&](const Type& at, uint32_t) {
        if (at.symbol == nullptr && target.symbol == nullptr) is_whole = false;
        return false;
    });
    return is_whole && target.symbol != nullptr ? kImpossible : 0;
}

int Expressions::fit(const Symbol& method, const std::vector<Value>& arguments) {
    if (method.member_names.empty()) return 0;
    int total = 0;
    for (size_t i = 0; i < arguments.size(); ++i) {
        const bool is_rest = i + 1 >= method.member_names.size() && method.is_variadic;
        const size_t at = std::min(i, method.member_names.size() - 1);
        std::string_view parameter = method.member_names[at];
        int score = fit_one(method, parameter, arguments[i]);
        if (is_rest) {
            // Elements of a variable argument list, or the array itself.
            const std::string_view element = parameter.substr(0, parameter.rfind("..."));
            score = std::max(score, fit_one(method, element, arguments[i]) - 1);
        }
        if (score <= kImpossible + 1) return kImpossible;
        total += score;
    }
    return total;
}

std::vector<Value> Expressions::argument_values(const Invocation& call) {
    std::vector<Value> values;
    uint32_t first = call.arguments.first;
    const uint32_t end = first + call.arguments.count;
    for (uint32_t at = first; at < end; ++at) {
        const ChainLink& link = facts_.links[at];
        if (link.name != 0 || link.flags != 0) continue;
        const bool is_method = at != first && (facts_.links[at - 1].flags & ChainLink::kScope) != 0;
        // Calls among the arguments stand behind the name of this one and are not bound yet.
        values.push_back(is_method
                             ? Value{.package = "lambda_expression"}
                             : value_of({first, at - first}, at - first, call.scope, call.offset));
        first = at + 1;
    }
    return values;
}

std::vector<const Symbol*> Expressions::undecided_among(const std::vector<const Symbol*>& possible,
                                                        const Symbol& best,
                                                        const std::vector<Value>& arguments) {
    std::vector<const Symbol*> undecided{&best};
    for (const Symbol* method : possible) {
        if (method == &best) continue;
        for (size_t i = 0; i < arguments.size(); ++i) {
            const bool is_known = arguments[i].type.is_known() || !arguments[i].package.empty();
            if (is_known || parameter_at(*method, i) == parameter_at(best, i)) continue;
            undecided.push_back(method);
            break;
        }
    }
    return undecided;
}

bool Expressions::choose(std::vector<const Symbol*>& methods, const Invocation& call,
                         MethodFound& found) {
    std::erase_if(methods, [&](const Symbol* method) {
        const bool is_seen = call.scope == nullptr || can_see(*method, *call.scope);
        return !is_seen || !accepts(*method, call.argument_count);
    });
    if (methods.empty()) return false;
    if (methods.size() > 1 && call.argument_count != 255) {
        // A variable argument list is what is tried last.
        const bool has_fixed =
            std::any_of(methods.begin(), methods.end(),
                        [](const Symbol* method) { return !method->is_variadic; });
        if (has_fixed && call.argument_count == 0)
            std::erase_if(methods, [](const Symbol* method) { return method->is_variadic; });
    }
    if (methods.size() == 1) {
        found.symbol = methods.front();
        return true;
    }
    if (call.arguments.count == 0) {
        found.ambiguous = methods;
        return true;
    }
    const std::vector<Value> arguments = argument_values(call);
    const bool all_known = std::all_of(arguments.begin(), arguments.end(), [](const Value& value) {
        return value.type.is_known() || !value.package.empty();
    });
    int best = kImpossible;
    std::vector<const Symbol*> fitting;
    std::vector<const Symbol*> possible;
    for (const Symbol* method : methods) {
        int score = fit(*method, arguments);
        if (score <= kImpossible) continue;
        if (!method->is_variadic && all_known) score += 1;
        if (score > best) fitting.clear();
        if (score >= best) fitting.push_back(method);
        best = std::max(best, score);
        possible.push_back(method);
    }
    // What the known arguments prefer is not certain when the unknown one would choose otherwise.
    if (!all_known && fitting.size() == 1)
        fitting = undecided_among(possible, *fitting.front(), arguments);
    if (fitting.size() == 1) {
        found.symbol = fitting.front();
    } else {
        found.ambiguous = fitting.empty() ? methods : fitting;
    }
    return true;
}

MethodFound Expressions::find_method(const Type& receiver, const Invocation& call, bool skip_self) {
    MethodFound found;
    types_.visit_hierarchy(receiver, [&](const Type& at, uint32_t depth) {
        if (skip_self && depth == 0) return false;
        if (at.symbol == nullptr) {
            if (found.outside == nullptr) found.outside = types_.keep(at);
            return false;
        }
        std::vector<const Symbol*> methods;
        for (const Symbol* member : types_.members(at.symbol->id, call.name))
            if (member->kind == BlockKind::Method && !is_constructor(*member))
                methods.push_back(member);
        if (!methods.empty() && choose(methods, call, found)) {
            found.owner = types_.keep(at);
            found.depth = depth;
            found.how = depth == 0 ? Provenance::ReceiverType : Provenance::Inheritance;
            return true;
        }
        if (types_.bases(at).size() < at.symbol->bases.size()) found.has_unknown_base = true;
        return false;
    });
    if (found.symbol != nullptr && call.argument_count != 255 && call.arguments.count != 0)
        consider_inherited(receiver, call, found);
    return found;
}

void Expressions::consider_inherited(const Type& receiver, const Invocation& call,
                                     MethodFound& found) {
    const Symbol* first = found.symbol;
    if (found.owner == nullptr || types_.named(call.name).size() < 2) return;
    std::vector<const Symbol*> methods{first};
    std::vector<std::pair<const Type*, uint32_t>> owners{{found.owner, found.depth}};
    types_.visit_hierarchy(receiver, [&](const Type& at, uint32_t depth) {
        if (at.symbol == nullptr || depth < found.depth || at.symbol->id == found.owner->symbol->id)
            return false;
        for (const Symbol* member : types_.members(at.symbol->id, call.name)) {
            if (member->kind != BlockKind::Method || is_constructor(*member) ||
                !accepts(*member, call.argument_count) ||
                (call.scope != nullptr && !can_see(*member, *call.scope)))
                continue;
            const bool is_overridden =
                std::any_of(methods.begin(), methods.end(), [&](const Symbol* nearer) {
                    return nearer->parameter_count == member->parameter_count &&
                           same_parameters(*nearer, *member);
                });
            if (is_overridden) continue;
            methods.push_back(member);
            owners.emplace_back(types_.keep(at), depth);
        }
        return false;
    });
    if (methods.size() == 1) return;
    const std::vector<Value> arguments = argument_values(call);
    int best = fit(*first, arguments);
    for (size_t i = 1; i < methods.size(); ++i) {
        const int score = fit(*methods[i], arguments);
        if (score <= best) continue;
        best = score;
        found.symbol = methods[i];
        found.owner = owners[i].first;
        found.depth = owners[i].second;
        found.how = found.depth == 0 ? Provenance::ReceiverType : Provenance::Inheritance;
    }
}

MethodFound Expressions::find_unqualified(const Invocation& call) {
    MethodFound outside;
    bool is_named = !types_.named(call.name).empty();
    for (const Symbol* at = call.scope; at != nullptr && at->kind != BlockKind::File;
         at = types_.by_id(at->parent)) {
        if (!is_type_like(*at)) continue;
        MethodFound found = find_method({.symbol = at}, call, false);
        if (found.is_decided()) {
            if (found.depth == 0) found.how = Provenance::Scope;
            return found;
        }
        if (outside.outside == nullptr) outside.outside = found.outside;
        outside.has_unknown_base = outside.has_unknown_base || found.has_unknown_base;
    }
    if (call.scope == nullptr) return outside;
    const FileScope& file = types_.scope_of(*call.scope);
    const auto in_type = [&](std::string_view owner) {
        const Type type = is_named ? types_.qualified(owner) : Type();
        MethodFound found;
        if (type.symbol != nullptr) found = find_method(type, call, false);
        found.how = Provenance::Import;
        return found;
    };
    for (const auto& [member, owner] : file.static_single) {
        if (member != call.name) continue;
        MethodFound found = in_type(owner);
        if (found.is_decided()) return found;
        found.outside = types_.keep(Type{.external = owner});
        return found;
    }
    for (const std::string_view owner : file.static_wildcards) {
        MethodFound found = in_type(owner);
        if (found.is_decided()) return found;
    }
    // What no type of the tree has comes from the one place outside that it can come from.
    const std::string_view* wildcard = nullptr;
    size_t wildcards = 0;
    for (const std::string_view& owner : file.static_wildcards) {
        if (types_.qualified(owner).symbol != nullptr) continue;
        wildcard = &owner;
        ++wildcards;
    }
    if (wildcards == 1 && !is_object_method(call.name))
        outside.outside = types_.keep(Type{.external = *wildcard});
    return outside;
}

MethodFound Expressions::find_constructor(const Symbol& type, const Invocation& call) {
    MethodFound found;
    std::vector<const Symbol*> constructors;
    for (const Symbol* member : types_.members(type.id, type.name))
        if (is_constructor(*member)) constructors.push_back(member);
    (void)choose(constructors, call, found);
    return found;
}

}  // namespace kausal::ingest::java
