// The capture names that a query file may use (language.h says what they mean).
#pragma once

#include "ingest/flat_tree.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace kausal::ingest {

enum class CaptureKind : uint8_t {
    // What a match is about; the definitions first.
    DefModule,
    DefClass,
    DefStruct,
    DefInterface,
    DefEnum,
    DefUnion,
    DefAlias,
    DefFunction,
    DefMethod,
    DefConstructor,
    DefField,
    DefVariable,
    DefConstant,
    DefMember,
    DefMacro,
    Container,
    BaseExtends,
    BaseImplements,
    Local,
    Block,
    Call,
    New,
    Macro,
    TypeReference,
    Decorator,
    Mention,
    Import,
    Package,
    // Parts of it.
    Name,
    Body,
    Parameters,
    Type,
    Value,
    Iterable,
    Scope,
    Trait,
    Callee,
    Arguments,
    Path,
    Alias,
    Wildcard,
    Static,
    Default,
    Namespace,
    TypeOnly,
    ReExport,
    System,
    Module,
    FlagExported,
    FlagStatic,
    FlagAbstract,
    FlagDeclaration,
    FlagOverride,
    FlagTest,
    FlagEntry,
    FlagReflected,
    // Names that start with an underscore: for predicates only.
    Private,
};
inline constexpr auto kDefinitionLast = CaptureKind::DefMacro;
inline constexpr auto kSubjectLast = CaptureKind::Package;

/// By the name without "@"; nothing for an unknown one.
[[nodiscard]] std::optional<CaptureKind> capture_kind(std::string_view name) noexcept;

struct Capture {
    CaptureKind kind = CaptureKind::Private;
    NodeIndex node = kNoNode;
};

}  // namespace kausal::ingest
