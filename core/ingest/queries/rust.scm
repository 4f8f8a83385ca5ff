; Rust: definitions, references, imports and locals. Captures are explained in language.h; what is said
; by neighbours (attributes, visibility), use trees, and calls inside macro arguments are completed by
; the finish hook of language_rust.cpp.

; Items.
(mod_item name: (identifier) @name body: (_) @body) @def.module
(struct_item name: (_) @name body: (field_declaration_list) @body) @def.struct
(struct_item name: (_) @name body: (ordered_field_declaration_list) @body @type) @def.struct
(struct_item name: (_) @name !body) @def.struct
(union_item name: (_) @name body: (_) @body) @def.union
(enum_item name: (_) @name body: (_) @body) @def.enum
(trait_item name: (_) @name body: (_) @body) @def.interface
(type_item name: (_) @name type: (_) @type) @def.alias
(associated_type name: (_) @name) @def.alias
(const_item name: (identifier) @name type: (_) @type) @def.constant
(static_item name: (identifier) @name type: (_) @type) @def.variable
(macro_definition name: (_) @name) @def.macro
(function_item name: (identifier) @name parameters: (_) @parameters return_type: (_)? @type
    body: (_) @body) @def.function
(function_signature_item name: (identifier) @name parameters: (_) @parameters
    return_type: (_)? @type) @def.function
(field_declaration name: (_) @name type: (_) @type) @def.field
(enum_variant name: (_) @name !body) @def.member
(enum_variant name: (_) @name body: (field_declaration_list) @body) @def.member
(enum_variant name: (_) @name body: (ordered_field_declaration_list) @body @type) @def.member

(impl_item trait: (_)? @trait type: (_) @scope) @container
(trait_item bounds: (trait_bounds
    [(type_identifier) (scoped_type_identifier) (generic_type)] @base.extends))

; Locals.
[(block) (closure_expression) (match_arm) (for_expression) (if_expression) (while_expression)] @block

(parameter pattern: (identifier) @name type: (_) @type) @local
(let_declaration pattern: (identifier) @name type: (_)? @type value: (_)? @value) @local
(let_declaration pattern: (tuple_pattern (identifier) @name) type: (_)? @type value: (_) @value) @local
(let_declaration pattern: (tuple_pattern (mut_pattern (identifier) @name)) type: (_)? @type
    value: (_) @value) @local
(for_expression pattern: (identifier) @name @local value: (_) @iterable)
; `Some(x)` and `Ok(x)` take one layer off the value, as iteration does.
(let_declaration pattern: (tuple_struct_pattern type: (identifier) @_variant . (identifier) @name .)
    value: (_) @iterable (#any-of? @_variant "Some" "Ok")) @local
(let_condition pattern: (tuple_struct_pattern type: (identifier) @_variant . (identifier) @name .)
    value: (_) @iterable (#any-of? @_variant "Some" "Ok")) @local
(match_expression value: (_) @iterable body: (match_block (match_arm pattern: (match_pattern
    (tuple_struct_pattern type: (identifier) @_variant . (identifier) @name @local .)))
    (#any-of? @_variant "Some" "Ok")))
; `Variant(x)` and `Struct { x }` take the type of the field, a closure's parameter what the method
; that it is handed to passes.
(tuple_struct_pattern type: (scoped_identifier) @iterable . (identifier) @name @local .)
(tuple_struct_pattern type: (scoped_identifier) @iterable . (ref_pattern (identifier) @name @local) .)
(struct_pattern type: (_) @iterable (field_pattern name: (shorthand_field_identifier) @name @local))
(call_expression function: (field_expression) @iterable arguments: (arguments (closure_expression
    parameters: (closure_parameters . (identifier) @name @local .))))
; Other patterns bind names whose type is not known; they still hide outer names.
(tuple_pattern (identifier) @name @local)
(tuple_struct_pattern type: (_) (identifier) @name @local)
(slice_pattern (identifier) @name @local)
(field_pattern name: (shorthand_field_identifier) @name @local)
(field_pattern pattern: (identifier) @name @local)
(ref_pattern (identifier) @name @local)
(mut_pattern (identifier) @name @local)
(reference_pattern (identifier) @name @local)
(captured_pattern . (identifier) @name @local)
(match_pattern . (identifier) @name @local)
(closure_parameters (identifier) @name @local)

; References.
(call_expression function: (_) @callee arguments: (_) @arguments) @call
(struct_expression name: (_) @callee) @new
(macro_invocation macro: (_) @callee) @macro

((type_identifier) @type.ref (#not-has-parent? @type.ref "scoped_type_identifier" "type_parameter"
    "type_binding"))
(scoped_type_identifier) @type.ref

; Names of declarations, locals and calls are told apart by their place. The members of paths are not
; names by themselves; token trees are read by the finish hook.
((identifier) @mention (#not-has-parent? @mention "scoped_identifier" "scoped_type_identifier"
    "token_tree" "token_tree_pattern" "token_repetition" "attribute" "lifetime" "label"
    "visibility_modifier" "const_parameter"))
((scoped_identifier) @mention (#not-has-parent? @mention "scoped_identifier"
    "scoped_type_identifier" "attribute" "visibility_modifier"))
(field_expression) @mention

(attribute_item (attribute [(identifier) (scoped_identifier)] @callee)) @decorator
(attribute_item (attribute (identifier) @_derive arguments: (token_tree (identifier) @callee))
    (#eq? @_derive "derive")) @decorator

; Imports: the whole use tree is one path here; the finish hook takes it apart.
(use_declaration (visibility_modifier)? @reexport argument: (_) @path) @import
(mod_item (visibility_modifier)? @reexport name: (identifier) @path !body) @import @module
(extern_crate_declaration name: (_) @path alias: (identifier)? @alias) @import @namespace
