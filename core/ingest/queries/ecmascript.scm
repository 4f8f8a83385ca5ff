; What JavaScript and TypeScript share; the language's own file comes before it, and where two patterns
; define the same name, the earlier one says what it is. Captures are explained in language.h; the finish
; hook of language_ecmascript.cpp nests what syntax does not (prototypes, exports, parameter properties)
; and drops what only looks like a definition. A local named `return`, `=>`, `function` or `this.x` holds
; what a function returns, where a closure is, or what is stored there, for the resolver.

; -- functions ----------------------------------------------------------------------------------
(function_declaration name: (_) @name parameters: (_) @parameters body: (_) @body) @def.function
(generator_function_declaration name: (_) @name parameters: (_) @parameters body: (_) @body)
    @def.function
(variable_declarator name: (identifier) @name
    value: (arrow_function parameters: (_)? @parameters body: (_) @body)) @def.function
(variable_declarator name: (identifier) @name
    value: (arrow_function parameter: (_) @parameters body: (_) @body)) @def.function
(variable_declarator name: (identifier) @name
    value: [(function_expression parameters: (_) @parameters body: (_) @body)
            (generator_function parameters: (_) @parameters body: (_) @body)]) @def.function
(assignment_expression left: (member_expression) @name
    right: [(arrow_function parameters: (_)? @parameters body: (_) @body)
            (function_expression parameters: (_) @parameters body: (_) @body)
            (generator_function parameters: (_) @parameters body: (_) @body)]) @def.function
(export_statement "default" @name
    value: [(arrow_function parameters: (_)? @parameters body: (_) @body)
            (function_expression parameters: (_) @parameters body: (_) @body)
            (generator_function parameters: (_) @parameters body: (_) @body)]) @def.function @flag.exported
(pair key: [(property_identifier) (string)] @name
    value: [(arrow_function parameters: (_)? @parameters body: (_) @body)
            (function_expression parameters: (_) @parameters body: (_) @body)
            (generator_function parameters: (_) @parameters body: (_) @body)]) @def.method
(method_definition name: (_) @name parameters: (_) @parameters body: (_) @body) @def.method

; -- classes ------------------------------------------------------------------------------------
(class_declaration name: (_) @name body: (_) @body) @def.class
(class name: (_) @name body: (_) @body) @def.class
(variable_declarator name: (identifier) @name value: (class !name body: (_) @body)) @def.class
(assignment_expression left: (member_expression) @name right: (class !name body: (_) @body)) @def.class
(export_statement "default" @name value: (class !name body: (_) @body)) @def.class @flag.exported
(assignment_expression left: (member_expression object: (this) property: (_) @name @def.field))

; -- variables of the file ----------------------------------------------------------------------
(program (lexical_declaration kind: "const"
    (variable_declarator name: (identifier) @name value: (_)? @value) @def.constant))
(program (lexical_declaration
    (variable_declarator name: (identifier) @name value: (_)? @value) @def.variable))
(program (variable_declaration
    (variable_declarator name: (identifier) @name value: (_)? @value) @def.variable))
(program (lexical_declaration (variable_declarator
    name: (object_pattern (shorthand_property_identifier_pattern) @name @def.constant))))
(export_statement declaration: (lexical_declaration kind: "const"
    (variable_declarator name: (identifier) @name value: (_)? @value) @def.constant) @flag.exported)
(export_statement declaration: (lexical_declaration
    (variable_declarator name: (identifier) @name value: (_)? @value) @def.variable) @flag.exported)
(export_statement declaration: (variable_declaration
    (variable_declarator name: (identifier) @name value: (_)? @value) @def.variable) @flag.exported)
(export_statement declaration: (lexical_declaration (variable_declarator
    name: (object_pattern (shorthand_property_identifier_pattern) @name @def.constant))) @flag.exported)
(export_statement "default" @name value: (_) @value) @def.constant @flag.exported
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    @name right: (_) @value (#eq? @_module "module") (#eq? @_exports "exports")) @def.constant
(assignment_expression left: (member_expression object: (identifier) @_exports) @name right: (_) @value
    (#eq? @_exports "exports")) @def.constant
(assignment_expression left: (member_expression object: (member_expression
    object: (identifier) @_module property: (_) @_exports)) @name right: (_) @value
    (#eq? @_module "module") (#eq? @_exports "exports")) @def.constant

; What a literal object is made of: members of the constant that it is the value of.
(object (pair key: [(property_identifier) (string)] @name
    value: [(identifier) (member_expression) (new_expression) (call_expression)] @value) @def.field)
(object (shorthand_property_identifier) @name @value @def.field)

; The whole statement belongs to the only thing that it declares.
(lexical_declaration . (variable_declarator name: (identifier) @name
    value: [(arrow_function) (function_expression) (generator_function) (class)]) .) @def.function
(variable_declaration . (variable_declarator name: (identifier) @name
    value: [(arrow_function) (function_expression) (generator_function) (class)]) .) @def.function
(export_statement declaration: (_ name: (_) @name)) @def.function @flag.exported
(export_statement declaration: (_ . (variable_declarator name: (identifier) @name) .))
    @def.variable @flag.exported

; -- locals -------------------------------------------------------------------------------------
[(statement_block) (for_statement) (for_in_statement) (catch_clause) (switch_body) (arrow_function)
 (function_expression) (generator_function)] @block

(variable_declarator name: (identifier) @name value: (_)? @value) @local
(variable_declarator name: [
    (object_pattern (shorthand_property_identifier_pattern) @name)
    (object_pattern (object_assignment_pattern left: (shorthand_property_identifier_pattern) @name))
    (array_pattern (identifier) @name)] value: (_) @value) @local
(shorthand_property_identifier_pattern) @name @local
(pair_pattern value: (identifier) @name @local)
(pair_pattern value: (assignment_pattern left: (identifier) @name @local))
(array_pattern (identifier) @name @local)
(rest_pattern (identifier) @name @local)
(catch_clause parameter: (identifier) @name @local)
(arrow_function parameter: (identifier) @name @local)
(for_in_statement left: (identifier) @name @local operator: "of" right: (_) @iterable)
(for_in_statement left: (identifier) @name @local operator: "in")
(for_in_statement left: (array_pattern (identifier) @name @local) operator: "of" right: (_) @iterable)
(assignment_expression left: (member_expression object: (this)) @name right: (_) @value) @local

(return_statement "return" @name (_) @value) @local
(arrow_function "=>" @name @local body: (_) @value)
(function_expression "function" @name @local)
(generator_function "function" @name @local)

; -- references ---------------------------------------------------------------------------------
(call_expression function: (_) @callee arguments: (_) @arguments) @call
(new_expression constructor: (_) @callee arguments: (_)? @arguments) @new
(decorator (_) @callee) @decorator
((identifier) @mention (#not-has-parent? @mention "import_specifier" "import_clause" "namespace_import"))
(shorthand_property_identifier) @mention
(member_expression) @mention

; -- imports ------------------------------------------------------------------------------------
(import_statement (import_clause (identifier) @default) source: (string) @path) @import
(import_statement (import_clause (named_imports (import_specifier name: (_) @name alias: (_)? @alias)))
    source: (string) @path) @import
(import_statement (import_clause (namespace_import (identifier) @alias) @namespace)
    source: (string) @path) @import
(import_statement source: (string) @path) @import

(export_statement (export_clause (export_specifier name: (_) @name alias: (_)? @alias) @import @reexport)
    source: (string) @path)
(export_statement !source
    (export_clause (export_specifier name: (_) @name alias: (_)? @alias) @import @reexport))
(export_statement (namespace_export (_) @alias) @namespace source: (string) @path @reexport) @import
(export_statement "*" @wildcard source: (string) @path @reexport) @import
(export_statement "default" @alias @import value: (identifier) @name @reexport)
(export_statement "default" @alias @import declaration: (_ name: (_) @name) @reexport)
(export_statement "default" @alias @import value: (class name: (_) @name) @reexport)

(variable_declarator name: (identifier) @alias value: (call_expression function: (identifier) @_require
    arguments: (arguments . (string) @path .)) @namespace (#eq? @_require "require")) @import
(variable_declarator name: (identifier) @alias value: (member_expression
    object: (call_expression function: (identifier) @_require arguments: (arguments . (string) @path .))
    property: (_) @name) (#eq? @_require "require")) @import
(variable_declarator name: (object_pattern [
        (shorthand_property_identifier_pattern) @name
        (pair_pattern key: (_) @name value: (identifier) @alias)])
    value: (call_expression function: (identifier) @_require arguments: (arguments . (string) @path .))
    (#eq? @_require "require")) @import
(variable_declarator name: (identifier) @alias value: (await_expression
    (call_expression function: (import) @namespace arguments: (arguments . (string) @path)))) @import
((call_expression function: (identifier) @_require arguments: (arguments . (string) @path .)) @import
    (#eq? @_require "require"))
(call_expression function: (import) arguments: (arguments . (string) @path)) @import

(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    @alias @import right: [(identifier) @name (class name: (_) @name) (new_expression
    constructor: (identifier))] @reexport (#eq? @_module "module") (#eq? @_exports "exports"))
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    @alias @import right: (call_expression function: (identifier) @_require
    arguments: (arguments . (string) @path .)) @namespace @reexport
    (#eq? @_module "module") (#eq? @_exports "exports") (#eq? @_require "require"))
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    right: (object (shorthand_property_identifier) @name @import @reexport)
    (#eq? @_module "module") (#eq? @_exports "exports"))
(assignment_expression left: (member_expression object: (identifier) @_module property: (_) @_exports)
    right: (object (pair key: (property_identifier) @alias @import value: (identifier) @name @reexport))
    (#eq? @_module "module") (#eq? @_exports "exports"))
(assignment_expression left: (member_expression object: (identifier) @_exports
    property: (property_identifier) @alias @import) right: (identifier) @name @reexport
    (#eq? @_exports "exports"))
(assignment_expression left: (member_expression object: (identifier) @_exports
    property: (property_identifier) @alias @import) right: (member_expression
    object: (call_expression function: (identifier) @_require arguments: (arguments . (string) @path .))
    property: (_) @name) @reexport (#eq? @_exports "exports") (#eq? @_require "require"))
(assignment_expression left: (member_expression object: (identifier) @_exports
    property: (property_identifier) @alias @import) right: (call_expression
    function: (identifier) @_require arguments: (arguments . (string) @path .)) @namespace @reexport
    (#eq? @_exports "exports") (#eq? @_require "require"))
