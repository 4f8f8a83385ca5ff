; TypeScript where its grammar differs from JavaScript's; ecmascript.scm has the rest.

; -- definitions --------------------------------------------------------------------------------
(abstract_class_declaration name: (_) @name body: (_) @body) @def.class @flag.abstract
(interface_declaration name: (_) @name body: (_) @body) @def.interface
(type_alias_declaration name: (_) @name value: (_) @type) @def.alias
(enum_declaration name: (_) @name body: (_) @body) @def.enum
(enum_body name: (_) @name @def.member)
(enum_assignment name: (_) @name) @def.member
(internal_module name: (_) @name body: (_) @body) @def.module
(module name: (_) @name body: (_)? @body) @def.module
(function_signature name: (_) @name parameters: (_) @parameters) @def.function @flag.declaration
(method_signature name: (_) @name parameters: (_) @parameters) @def.method @flag.declaration
(abstract_method_signature name: (_) @name parameters: (_) @parameters) @def.method @flag.abstract
(property_signature name: (_) @name type: (type_annotation (_) @type)) @def.field
(property_signature name: (_) @name !type) @def.field
(public_field_definition name: (_) @name
    value: [(arrow_function parameters: (_)? @parameters body: (_) @body)
            (function_expression parameters: (_) @parameters body: (_) @body)]) @def.method
(public_field_definition name: (_) @name type: (type_annotation (_) @type)) @def.field
(public_field_definition name: (_) @name value: (_)? @value) @def.field
(required_parameter [(accessibility_modifier) "readonly" (override_modifier)]
    pattern: (identifier) @name @def.field)
(required_parameter [(accessibility_modifier) "readonly" (override_modifier)]
    pattern: (identifier) @name @def.field type: (type_annotation (_) @type))
(optional_parameter [(accessibility_modifier) "readonly" (override_modifier)]
    pattern: (identifier) @name @def.field type: (type_annotation (_) @type))

; Results of functions that ecmascript.scm defines.
(function_declaration name: (_) @name return_type: (type_annotation (_) @type)) @def.function
(generator_function_declaration name: (_) @name return_type: (type_annotation (_) @type)) @def.function
(function_signature name: (_) @name return_type: (type_annotation (_) @type)) @def.function
(method_definition name: (_) @name return_type: (type_annotation (_) @type)) @def.method
(method_signature name: (_) @name return_type: (type_annotation (_) @type)) @def.method
(abstract_method_signature name: (_) @name return_type: (type_annotation (_) @type)) @def.method
(variable_declarator name: (identifier) @name
    value: (arrow_function return_type: (type_annotation (_) @type))) @def.function
(variable_declarator name: (identifier) @name
    value: (function_expression return_type: (type_annotation (_) @type))) @def.function
(pair key: [(property_identifier) (string)] @name
    value: (arrow_function return_type: (type_annotation (_) @type))) @def.method
(public_field_definition name: (_) @name
    value: (arrow_function return_type: (type_annotation (_) @type))) @def.method

; A stated type does not make a function anything else.
(variable_declarator name: (identifier) @name type: (_)
    value: [(arrow_function parameters: (_)? @parameters body: (_) @body)
            (function_expression parameters: (_) @parameters body: (_) @body)]) @def.function
(program [
    (lexical_declaration kind: "const"
        (variable_declarator name: (identifier) @name type: (type_annotation (_) @type)) @def.constant)
    (ambient_declaration (lexical_declaration
        (variable_declarator name: (identifier) @name type: (type_annotation (_) @type)) @def.constant))
    (ambient_declaration (variable_declaration
        (variable_declarator name: (identifier) @name type: (type_annotation (_) @type)) @def.variable))])
(program (lexical_declaration
    (variable_declarator name: (identifier) @name type: (type_annotation (_) @type)) @def.variable))
(export_statement declaration: (lexical_declaration kind: "const"
    (variable_declarator name: (identifier) @name type: (type_annotation (_) @type)) @def.constant))
(export_statement declaration: (lexical_declaration
    (variable_declarator name: (identifier) @name type: (type_annotation (_) @type)) @def.variable))
; What is constructed says its type, arguments and all.
(public_field_definition name: (_) @name !type
    value: (new_expression type_arguments: (_)) @type) @def.field
(program (lexical_declaration (variable_declarator name: (identifier) @name !type
    value: (new_expression type_arguments: (_)) @type) @def.constant))
(export_statement declaration: (lexical_declaration (variable_declarator name: (identifier) @name !type
    value: (new_expression type_arguments: (_)) @type) @def.constant))
(export_statement declaration: (ambient_declaration (_ name: (_) @name))) @def.constant @flag.exported
(internal_module body: (statement_block (lexical_declaration kind: "const"
    (variable_declarator name: (identifier) @name value: (_)? @value) @def.constant)))

(extends_clause value: (_) @base.extends)
(implements_clause (_) @base.implements)
(extends_type_clause type: (_) @base.extends)

; -- locals -------------------------------------------------------------------------------------
(required_parameter pattern: (identifier) @name type: (type_annotation (_) @type)) @local
(required_parameter pattern: (identifier) @name value: (_)? @value) @local
(optional_parameter pattern: (identifier) @name type: (type_annotation (_) @type)) @local
(optional_parameter pattern: (identifier) @name) @local
(required_parameter pattern: (object_pattern [(shorthand_property_identifier_pattern) @name @local
        (object_assignment_pattern left: (shorthand_property_identifier_pattern) @name @local)])
    type: (type_annotation (_) @type))
(variable_declarator name: (identifier) @name type: (type_annotation (_) @type)) @local
(variable_declarator name: (identifier) @name !type
    value: (new_expression type_arguments: (_)) @type) @local
(type_parameter name: (_) @name constraint: (constraint (_) @type)) @local
(type_parameter name: (_) @name) @local
(infer_type (type_identifier) @name @local)

(call_expression function: (member_expression object: (_) @iterable property: (_) @_method)
    arguments: (arguments . (arrow_function parameters: (formal_parameters .
        (required_parameter pattern: (identifier) @name @local !type))))
    (#any-of? @_method "forEach" "map" "filter" "find" "findLast" "findIndex" "some" "every" "flatMap"))
(call_expression function: (member_expression object: (_) @iterable property: (_) @_method)
    arguments: (arguments . (arrow_function parameter: (identifier) @name @local))
    (#any-of? @_method "forEach" "map" "filter" "find" "findLast" "findIndex" "some" "every" "flatMap"))

; -- references and imports ---------------------------------------------------------------------
((type_identifier) @type.ref (#not-has-parent? @type.ref "nested_type_identifier"))
(nested_type_identifier) @type.ref

(import_statement (import_require_clause (identifier) @alias source: (string) @path) @namespace) @import
(export_statement "=" @alias @import (identifier) @name @reexport)
