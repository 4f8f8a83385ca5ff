; Java: definitions, references, imports and locals. Captures are explained in language.h; modifiers,
; names of anonymous classes are completed by the finish hook of language_java.cpp.

; Types.
(class_declaration name: (identifier) @name body: (_) @body) @def.class
(record_declaration name: (identifier) @name body: (_) @body) @def.class
(interface_declaration name: (identifier) @name body: (_) @body) @def.interface
(annotation_type_declaration name: (identifier) @name body: (_) @body) @def.interface
(enum_declaration name: (identifier) @name body: (_) @body) @def.enum
; An anonymous class is named by the finish hook; its type stays a reference, so that its constructor is called.
(object_creation_expression "new" @name (class_body) @body) @def.class

(superclass (_) @base.extends)
(super_interfaces (type_list (_) @base.implements))
(extends_interfaces (type_list (_) @base.extends))

; Members.
(method_declaration type: (_) @type name: (identifier) @name parameters: (_) @parameters
    body: (_)? @body) @def.method
(constructor_declaration name: (identifier) @name parameters: (_) @parameters
    body: (_) @body) @def.constructor
(compact_constructor_declaration name: (identifier) @name body: (_) @body) @def.constructor
(annotation_type_element_declaration type: (_) @type name: (identifier) @name) @def.method
(field_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name)) @def.field
(constant_declaration type: (_) @type declarator: (variable_declarator name: (identifier) @name))
    @def.constant
(record_declaration parameters: (formal_parameters
    (formal_parameter type: (_) @type name: (identifier) @name) @def.field))
(enum_constant name: (identifier) @name body: (_)? @body) @def.member

; Locals: the name is the local, so that it is visible from there to the end of its block.
[(block) (lambda_expression) (enhanced_for_statement) (for_statement) (catch_clause)
 (try_with_resources_statement) (switch_rule) (switch_block_statement_group) (constructor_body)] @block

(formal_parameter type: (_) @type name: (identifier) @name) @local
; The type is cut out of the whole by the finish hook: it is an array's.
(spread_parameter (variable_declarator name: (identifier) @name)) @local @type
(catch_formal_parameter (catch_type . (_) @type) name: (identifier) @name) @local
(local_variable_declaration type: (_) @type
    declarator: (variable_declarator name: (identifier) @name) @local (#not-eq? @type "var"))
(local_variable_declaration type: (type_identifier) @_var
    declarator: (variable_declarator name: (identifier) @name value: (_) @value) @local
    (#eq? @_var "var"))
(enhanced_for_statement type: (_) @type name: (identifier) @name @local (#not-eq? @type "var"))
(enhanced_for_statement type: (type_identifier) @_var name: (identifier) @name @local
    value: (_) @iterable (#eq? @_var "var"))
(resource type: (_) @type name: (identifier) @name (#not-eq? @type "var")) @local
(resource type: (type_identifier) @_var name: (identifier) @name value: (_) @value
    (#eq? @_var "var")) @local
(instanceof_expression right: (_) @type name: (identifier) @name @local)
(type_pattern (_) @type (identifier) @name @local)
(record_pattern_component (_) @type (identifier) @name @local)
; A lambda's parameter takes the call it is handed to as its value: the resolver knows what some
; callees pass. Elsewhere its type is unknown, but it hides outer names.
(lambda_expression parameters: (identifier) @name @local)
(lambda_expression parameters: (inferred_parameters (identifier) @name @local))
(method_invocation arguments: (argument_list
    (lambda_expression parameters: (identifier) @name @local))) @value
(method_invocation arguments: (argument_list
    (lambda_expression parameters: (inferred_parameters . (identifier) @name @local .)))) @value

; References.
(method_invocation arguments: (_) @arguments) @call @callee
(explicit_constructor_invocation constructor: (_) @callee arguments: (_) @arguments) @call
(object_creation_expression type: (_) @callee arguments: (_) @arguments) @new

((type_identifier) @type.ref (#not-has-parent? @type.ref "scoped_type_identifier" "type_parameter"))
((scoped_type_identifier) @type.ref (#not-has-parent? @type.ref "scoped_type_identifier"))
(record_pattern . (identifier) @type.ref)

[(marker_annotation name: (_) @callee) (annotation name: (_) @callee)] @decorator

; Names of declarations, locals and calls are told apart by their place. The members of dotted names
; are not names by themselves.
((identifier) @mention (#not-has-parent? @mention "field_access" "method_reference" "scoped_identifier"
    "element_value_pair" "labeled_statement" "break_statement" "continue_statement"
    "package_declaration" "receiver_parameter"))
(field_access object: (identifier) @mention)
(method_reference . (identifier) @mention)
(element_value_pair value: (identifier) @mention)
[(field_access) (method_reference)] @mention

; Package and imports.
(package_declaration [(identifier) (scoped_identifier)] @package)
(import_declaration "static"? @static [(identifier) (scoped_identifier)] @path
    (asterisk)? @wildcard) @import
