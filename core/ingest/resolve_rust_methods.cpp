// Which function a Rust call means: by path, or by the type of its receiver, its traits and Deref.
#include "ingest/resolve_rust_values.h"

#include <algorithm>
#include <array>

namespace kausal::ingest::rust {
namespace {

using format::BlockKind;
using format::Provenance;

constexpr uint32_t kDepthMax = 20;
constexpr size_t kTraitsMax = 64;

bool is_static(const Symbol& symbol) {
    return (symbol.flags & format::kBlockStatic) != 0;
}

/// Does a call that is written `Type::f(x, ...)` or `x.f(...)` fit the number of parameters?
bool takes(const Symbol& symbol, uint8_t argument_count) {
    if (argument_count == 255) return true;
    const size_t with_self = symbol.parameter_count + (is_static(symbol) ? 0u : 1u);
    return argument_count == symbol.parameter_count || argument_count == with_self;
}

}  // namespace

void Values::add_result(Meaning& meaning, const Type* receiver, uint32_t definition) {
    const Symbol* symbol = meaning.symbol;
    if (symbol == nullptr && !meaning.ambiguous.empty()) {
        const auto& all = meaning.ambiguous;
        const bool agree = std::all_of(all.begin(), all.end(), [&](const Symbol* other) {
            return other->type == all.front()->type && other->type_id == all.front()->type_id;
        });
        if (agree) symbol = all.front();
    }
    if (symbol == nullptr || depth_ >= kDepthMax) return;
    if (is_callable(symbol->kind)) {
        ++depth_;
        Type self;
        if (receiver != nullptr) self = *receiver;
        self.layers = {};
        meaning.result = types_.type_of(*symbol, receiver != nullptr ? &self : nullptr, definition);
        --depth_;
    } else if (symbol->kind == BlockKind::Struct) {
        meaning.result.symbol = symbol;
    } else if (symbol->kind == BlockKind::EnumMember) {
        meaning.result.symbol = paths_.by_id(symbol->parent);
    }
}

Meaning Values::pick(std::vector<const Symbol*>& methods, uint8_t argument_count,
                     uint32_t definition) {
    Meaning meaning;
    if (methods.size() > 1) {
        // What a type has of its own comes before what traits give it.
        const bool has_own = std::any_of(methods.begin(), methods.end(), [](const Symbol* method) {
            return method->bases.empty();
        });
        if (has_own)
            std::erase_if(methods, [](const Symbol* method) { return !method->bases.empty(); });
    }
    if (methods.size() > 1) {
        const bool some_fit =
            std::any_of(methods.begin(), methods.end(),
                        [&](const Symbol* method) { return takes(*method, argument_count); });
        if (some_fit)
            std::erase_if(methods,
                          [&](const Symbol* method) { return !takes(*method, argument_count); });
    }
    if (methods.size() > 1 && !methods.front()->base_ids.empty()) {
        // Of the traits of the tree, those in scope.
        const auto is_visible = [&](const Symbol* method) {
            const Symbol* trait =
                method->base_ids.empty() ? nullptr : paths_.by_id(method->base_ids.front());
            return trait != nullptr && paths_.is_trait_imported(*trait, definition);
        };
        if (std::any_of(methods.begin(), methods.end(), is_visible))
            std::erase_if(methods, [&](const Symbol* method) { return !is_visible(method); });
    }
    if (methods.size() == 1) meaning.symbol = methods.front();
    if (methods.size() > 1) meaning.ambiguous = methods;
    return meaning;
}

Meaning Values::trait_method(const Symbol& trait, std::string_view name) {
    std::vector<const Symbol*> queue{&trait};
    for (size_t at = 0; at < queue.size() && queue.size() < kTraitsMax; ++at) {
        for (const Symbol* member : paths_.source().members(queue[at]->id, name)) {
            if (!is_callable(member->kind)) continue;
            Meaning meaning;
            meaning.symbol = member;
            meaning.how = at == 0 ? Provenance::ReceiverType : Provenance::Inheritance;
            return meaning;
        }
        for (const BlockId& id : queue[at]->base_ids) {
            const Symbol* base = paths_.by_id(id);
            if (base != nullptr && std::find(queue.begin(), queue.end(), base) == queue.end())
                queue.push_back(base);
        }
    }
    return {};
}

const Symbol* Values::extension_method(std::string_view name, uint32_t definition) {
    if (is_library_method(name)) return nullptr;
    auto known = trait_methods_.find(name);
    if (known == trait_methods_.end()) {
        std::vector<const Symbol*> methods;
        for (const Symbol* symbol : paths_.source().named(name)) {
            if (symbol->kind != BlockKind::Method || !symbol->bases.empty()) continue;
            const Symbol* owner = paths_.by_id(symbol->parent);
            if (owner != nullptr && owner->kind == BlockKind::Interface) methods.push_back(symbol);
        }
        known = trait_methods_.emplace(paths_.keep(std::string(name)), std::move(methods)).first;
    }
    const Symbol* only = nullptr;
    for (const Symbol* method : known->second) {
        const Symbol* trait = paths_.by_id(method->parent);
        if (trait == nullptr || !paths_.is_trait_imported(*trait, definition)) continue;
        if (only != nullptr) return nullptr;
        only = method;
    }
    return only;
}

Meaning Values::bound_method(const Type& receiver, std::string_view name, uint32_t definition) {
    std::string_view outside;
    size_t outsiders = 0;
    std::vector<const Symbol*> traits;
    if (receiver.bounds != nullptr) {
        for (const Found& bound : *receiver.bounds) {
            if (bound.symbol != nullptr) traits.push_back(bound.symbol);
            if (bound.symbol == nullptr && !bound.external.empty()) {
                outside = bound.external;
                ++outsiders;
            }
        }
    } else if (receiver.symbol != nullptr) {
        traits.push_back(receiver.symbol);
    }
    for (const Symbol* trait : traits) {
        Meaning meaning = trait_method(*trait, name);
        if (meaning.symbol == nullptr) continue;
        add_result(meaning, &receiver, definition);
        return meaning;
    }
    Meaning meaning;
    const std::string_view common = library_trait_of(name);
    if (receiver.bounds != nullptr) {
        for (const Found& bound : *receiver.bounds) {
            if (bound.symbol != nullptr || !is_provided_by(last_segment(bound.external), name))
                continue;
            meaning.external = std::string(bound.external) + "::" + std::string(name);
            return meaning;
        }
    }
    for (const Symbol* trait : traits) {
        for (const std::string& base : trait->bases) {
            const std::string_view base_name =
                last_segment(std::string_view(base).substr(0, base.find('<')));
            if (!is_provided_by(base_name, name)) continue;
            meaning.external =
                std::string(library_trait_path(base_name)) + "::" + std::string(name);
            return meaning;
        }
    }
    if (const Symbol* extension = extension_method(name, definition)) {
        meaning.symbol = extension;
        meaning.how = Provenance::Inheritance;
        add_result(meaning, &receiver, definition);
        return meaning;
    }
    if (!common.empty()) {
        meaning.external = std::string(common) + "::" + std::string(name);
    } else if (outsiders == 1 && traits.empty()) {
        meaning.external = std::string(outside) + "::" + std::string(name);
    } else if (!traits.empty() && outsiders == 0) {
        meaning.is_missing = true;
    }
    return meaning;
}

Meaning Values::type_method(const Type& receiver, std::string_view name, uint8_t argument_count,
                            uint32_t definition) {
    Type type = receiver;
    for (int steps = 0; steps < 4 && type.symbol != nullptr; ++steps) {
        const Symbol& symbol = *type.symbol;
        if (symbol.kind == BlockKind::Interface) return bound_method(type, name, definition);
        std::vector<const Symbol*> methods;
        for (const Symbol* member : paths_.source().members(symbol.id, name))
            if (is_callable(member->kind)) methods.push_back(member);
        Meaning meaning = pick(methods, argument_count, definition);
        if (meaning.is_decided()) {
            meaning.how = steps == 0 ? Provenance::ReceiverType : Provenance::Inheritance;
            add_result(meaning, &type, definition);
            return meaning;
        }
        for (const BlockId& id : symbol.base_ids) {
            const Symbol* trait = paths_.by_id(id);
            if (trait == nullptr || trait->kind != BlockKind::Interface) continue;
            meaning = trait_method(*trait, name);
            if (meaning.symbol == nullptr) continue;
            meaning.how = Provenance::Inheritance;
            add_result(meaning, &type, definition);
            return meaning;
        }
        const Type target = types_.deref_target(symbol);
        if (!target.is_known()) break;
        if (!target.layers.is_empty() || target.symbol == nullptr)
            return method(target, name, argument_count, definition);
        type = target;
    }
    Meaning meaning;
    if (const Symbol* extension = extension_method(name, definition)) {
        meaning.symbol = extension;
        meaning.how = Provenance::Inheritance;
        add_result(meaning, &receiver, definition);
        return meaning;
    }
    for (const std::string& base : receiver.symbol->bases) {
        const std::string_view trait =
            last_segment(std::string_view(base).substr(0, base.find('<')));
        if (!is_provided_by(trait, name)) continue;
        meaning.external = std::string(library_trait_path(trait)) + "::" + std::string(name);
        return meaning;
    }
    const std::string_view common = library_trait_of(name);
    if (!common.empty()) {
        meaning.external = std::string(common) + "::" + std::string(name);
        if (name == "clone" || name == "to_owned" || name == "default" || name == "borrow" ||
            name == "max" || name == "min")
            meaning.result = receiver;
    } else {
        meaning.is_missing = true;
    }
    return meaning;
}

Meaning Values::layered_method(const Type& receiver, std::string_view name, uint32_t definition) {
    const Layer layer = receiver.layers.top();
    const WrapperMethod found = wrapper_method(layer, name);
    Meaning meaning;
    if (layer == Layer::Pointer || (layer == Layer::Guard && !found.is_known)) {
        Type inner = receiver;
        inner.layers.pop();
        if (!found.is_known) return method(inner, name, 255, definition);
        // Only when the inner type has no such method of its own.
        const bool is_own = name == "get_mut" || name == "as_ref" || name == "as_mut" ||
                            name == "into_inner" || name == "get_ref";
        if (is_own) {
            meaning = method(inner, name, 255, definition);
            if (meaning.symbol != nullptr) return meaning;
            meaning = {};
        }
        meaning.external = "std::ops::Deref::" + std::string(name);
        if (name == "clone") meaning.external = "std::clone::Clone::clone";
        if (found.gives == WrapperMethod::Gives::Inner) meaning.result = inner;
        if (found.gives == WrapperMethod::Gives::Same) meaning.result = receiver;
        return meaning;
    }
    if (!found.is_known) {
        if (const Symbol* extension = extension_method(name, definition)) {
            meaning.symbol = extension;
            meaning.how = Provenance::Inheritance;
            add_result(meaning, nullptr, definition);
            return meaning;
        }
    }
    meaning.external = std::string(layer_path(layer)) + "::" + std::string(name);
    Type inner = receiver;
    inner.layers.pop();
    switch (found.gives) {
        case WrapperMethod::Gives::Same:
            meaning.result = receiver;
            break;
        case WrapperMethod::Gives::Inner:
            meaning.result = inner;
            break;
        case WrapperMethod::Gives::Wrapped:
            meaning.result = inner;
            meaning.result.layers.push(found.layer);
            break;
        case WrapperMethod::Gives::Unknown:
            break;
    }
    return meaning;
}

Meaning Values::method(const Type& receiver, std::string_view name, uint8_t argument_count,
                       uint32_t definition) {
    Meaning meaning;
    if (!receiver.is_known() || depth_ >= kDepthMax) return meaning;
    ++depth_;
    if (!receiver.layers.is_empty()) {
        meaning = layered_method(receiver, name, definition);
    } else if (receiver.bounds != nullptr) {
        meaning = bound_method(receiver, name, definition);
    } else if (receiver.symbol != nullptr) {
        meaning = type_method(receiver, name, argument_count, definition);
    } else if (!receiver.external.empty()) {
        if (const Symbol* extension = extension_method(name, definition)) {
            meaning.symbol = extension;
            meaning.how = Provenance::Inheritance;
            add_result(meaning, nullptr, definition);
        } else {
            meaning.external = std::string(receiver.external) + "::" + std::string(name);
            if (name == "clone" || name == "to_owned") meaning.result = receiver;
            if (name == "to_string") meaning.result.external = "std::string::String";
            if (name == "as_str") meaning.result.external = "str";
        }
    }
    --depth_;
    return meaning;
}

Meaning Values::bracketed_function(std::string_view bracketed, std::string_view name,
                                   uint8_t argument_count, uint32_t definition) {
    // "<T as Trait>" or "<T>"
    const std::string_view inside = bracketed.substr(1, bracketed.size() - 2);
    const size_t as = inside.find(" as ");
    const Type type = types_.parse(inside.substr(0, as), definition);
    if (as == std::string_view::npos)
        return associated_function(type, name, argument_count, definition,
                                   Provenance::ReceiverType);
    const std::string_view trait_text = inside.substr(as + 4);
    const Found trait = paths_.resolve_whole(trait_text, definition, Space::Type);
    Meaning meaning;
    if (trait.symbol == nullptr) {
        if (!trait.external.empty())
            meaning.external = std::string(trait.external) + "::" + std::string(name);
        return meaning;
    }
    if (type.symbol != nullptr && type.layers.is_empty() && type.bounds == nullptr) {
        for (const Symbol* member : paths_.source().members(type.symbol->id, name)) {
            const bool is_of_trait = std::find(member->base_ids.begin(), member->base_ids.end(),
                                               trait.symbol->id) != member->base_ids.end();
            if (is_callable(member->kind) && is_of_trait) meaning.symbol = member;
        }
    }
    if (meaning.symbol == nullptr) meaning = trait_method(*trait.symbol, name);
    if (meaning.symbol != nullptr) meaning.how = trait.how;
    add_result(meaning, &type, definition);
    return meaning;
}

Meaning Values::associated_function(const Type& type, std::string_view name, uint8_t argument_count,
                                    uint32_t definition, Provenance how) {
    Meaning meaning;
    if (!type.is_known()) return meaning;
    if (type.layers.is_empty() && type.symbol != nullptr) {
        // Variants stand beside functions.
        if (type.symbol->kind == BlockKind::Enum) {
            for (const Symbol* member : paths_.source().members(type.symbol->id, name)) {
                if (member->kind != BlockKind::EnumMember) continue;
                meaning.symbol = member;
                meaning.how = how;
                meaning.result.symbol = type.symbol;
                return meaning;
            }
        }
        meaning = type.bounds != nullptr ? bound_method(type, name, definition)
                                         : type_method(type, name, argument_count, definition);
        if (meaning.how == Provenance::ReceiverType && how != Provenance::Unknown)
            meaning.how = how;
        return meaning;
    }
    if (type.bounds != nullptr) return bound_method(type, name, definition);
    const Layer layer = type.layers.top();
    const std::string_view path = layer != Layer::None ? layer_path(layer) : type.external;
    meaning.external = std::string(path) + "::" + std::string(name);
    // `Box::new(x)` and the like give what is written around an unknown type.
    return meaning;
}

Meaning Values::function(const std::vector<std::string_view>& segments, uint8_t argument_count,
                         uint32_t definition) {
    Meaning meaning;
    if (segments.empty() || depth_ >= kDepthMax) return meaning;
    ++depth_;
    const std::string_view name = without_arguments(segments.back());
    if (segments.size() == 1 && name == "Self") {
        // `Self(x)` builds the tuple struct around.
        meaning.symbol = types_.self_type(definition).symbol;
        meaning.how = Provenance::Scope;
        meaning.result.symbol = meaning.symbol;
    } else if (segments.size() == 2 && segments[0].starts_with('<')) {
        meaning = bracketed_function(segments[0], name, argument_count, definition);
    } else if (segments.size() == 2 &&
               (segments[0] == "Self" || segments[0].find('<') != std::string_view::npos)) {
        const Type type = types_.parse(segments[0], definition);
        meaning = associated_function(type, name, argument_count, definition, Provenance::Scope);
    } else {
        std::vector<std::string_view> plain;
        plain.reserve(segments.size());
        for (const std::string_view segment : segments) plain.push_back(without_arguments(segment));
        Paths::End end = paths_.resolve(plain, definition, Space::Value);
        if (end.used + 1 < plain.size() && end.used != 0 && end.found.symbol != nullptr) end = {};
        if (end.used == plain.size()) {
            if (end.found.symbol != nullptr) {
                meaning.symbol = end.found.symbol;
                meaning.how = end.found.how;
                if (end.found.has_twins && is_callable(end.found.symbol->kind)) {
                    // Which of them is compiled is not known here.
                    for (const Symbol* twin : paths_.source().in_package(end.found.symbol->package,
                                                                         end.found.symbol->name))
                        if (twin->kind == end.found.symbol->kind &&
                            twin->path == end.found.symbol->path)
                            meaning.ambiguous.push_back(twin);
                    if (meaning.ambiguous.size() > 1)
                        meaning.symbol = nullptr;
                    else
                        meaning.ambiguous.clear();
                }
                add_result(meaning, nullptr, definition);
            } else {
                meaning.external = end.found.external;
            }
        } else if (end.used + 1 == plain.size() && end.found.symbol != nullptr) {
            Type type =
                types_.parse(end.found.symbol->kind == BlockKind::TypeAlias && plain.size() == 2
                                 ? plain[0]
                                 : std::string_view(),
                             definition);
            if (!type.is_known()) type.symbol = end.found.symbol;
            meaning = associated_function(type, name, argument_count, definition, end.found.how);
        } else if (plain.size() == 2) {
            // A type parameter, or a type that is only known as such.
            const Type type = types_.parse(segments[0], definition);
            meaning =
                associated_function(type, name, argument_count, definition, Provenance::Scope);
        } else if (plain.size() == 3 && plain[0] == "Self") {
            const Type self = types_.self_type(definition);
            if (self.symbol != nullptr) {
                const Type type = types_.associated(*self.symbol, plain[1], definition);
                meaning =
                    associated_function(type, name, argument_count, definition, Provenance::Scope);
            }
        }
    }
    --depth_;
    return meaning;
}

}  // namespace kausal::ingest::rust
