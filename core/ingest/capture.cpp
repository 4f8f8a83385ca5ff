// Capture names by their spelling.
#include "ingest/capture.h"

namespace kausal::ingest {
namespace {

struct Row {
    std::string_view name;
    CaptureKind kind;
};

constexpr Row kRows[] = {
    {"def.module", CaptureKind::DefModule},
    {"def.class", CaptureKind::DefClass},
    {"def.struct", CaptureKind::DefStruct},
    {"def.interface", CaptureKind::DefInterface},
    {"def.enum", CaptureKind::DefEnum},
    {"def.union", CaptureKind::DefUnion},
    {"def.alias", CaptureKind::DefAlias},
    {"def.function", CaptureKind::DefFunction},
    {"def.method", CaptureKind::DefMethod},
    {"def.constructor", CaptureKind::DefConstructor},
    {"def.field", CaptureKind::DefField},
    {"def.variable", CaptureKind::DefVariable},
    {"def.constant", CaptureKind::DefConstant},
    {"def.member", CaptureKind::DefMember},
    {"def.macro", CaptureKind::DefMacro},
    {"container", CaptureKind::Container},
    {"base.extends", CaptureKind::BaseExtends},
    {"base.implements", CaptureKind::BaseImplements},
    {"local", CaptureKind::Local},
    {"block", CaptureKind::Block},
    {"call", CaptureKind::Call},
    {"new", CaptureKind::New},
    {"macro", CaptureKind::Macro},
    {"type.ref", CaptureKind::TypeReference},
    {"decorator", CaptureKind::Decorator},
    {"mention", CaptureKind::Mention},
    {"import", CaptureKind::Import},
    {"package", CaptureKind::Package},
    {"name", CaptureKind::Name},
    {"body", CaptureKind::Body},
    {"parameters", CaptureKind::Parameters},
    {"type", CaptureKind::Type},
    {"value", CaptureKind::Value},
    {"iterable", CaptureKind::Iterable},
    {"scope", CaptureKind::Scope},
    {"trait", CaptureKind::Trait},
    {"callee", CaptureKind::Callee},
    {"arguments", CaptureKind::Arguments},
    {"path", CaptureKind::Path},
    {"alias", CaptureKind::Alias},
    {"wildcard", CaptureKind::Wildcard},
    {"static", CaptureKind::Static},
    {"default", CaptureKind::Default},
    {"namespace", CaptureKind::Namespace},
    {"typeonly", CaptureKind::TypeOnly},
    {"reexport", CaptureKind::ReExport},
    {"system", CaptureKind::System},
    {"module", CaptureKind::Module},
    {"flag.exported", CaptureKind::FlagExported},
    {"flag.static", CaptureKind::FlagStatic},
    {"flag.abstract", CaptureKind::FlagAbstract},
    {"flag.declaration", CaptureKind::FlagDeclaration},
    {"flag.override", CaptureKind::FlagOverride},
    {"flag.test", CaptureKind::FlagTest},
    {"flag.entry", CaptureKind::FlagEntry},
    {"flag.reflected", CaptureKind::FlagReflected},
};

}  // namespace

std::optional<CaptureKind> capture_kind(std::string_view name) noexcept {
    if (name.starts_with('_')) return CaptureKind::Private;
    for (const Row& row : kRows) {
        if (row.name == name) return row.kind;
    }
    return std::nullopt;
}

}  // namespace kausal::ingest
