; Python: definitions, references, imports and locals. Captures are explained in language.h. Attributes
; that methods assign (self.x = ...) are fields named here and moved into their class by the finish hook
; of language_python.cpp; a local named `return`, `yield` or `self.x` holds the value that a function
; returns, yields or stores there, for the resolver to infer types from.

; -- definitions --------------------------------------------------------------------------------
(function_definition name: (identifier) @name parameters: (_) @parameters
    return_type: (_)? @type body: (_) @body) @def.function
(class_definition name: (identifier) @name body: (_) @body) @def.class
(class_definition superclasses: (argument_list [(identifier) (attribute) (subscript)] @base.extends))

; A name for a lambda makes it a function, wherever it stands.
(assignment left: (identifier) @name right: (lambda parameters: (_)? @parameters body: (_) @body)) @def.function

(module (expression_statement (assignment left: (identifier) @name
    type: (_)? @type right: (_)? @value) @def.variable))
(module [
    (if_statement consequence: (block (expression_statement (assignment left: (identifier) @name
        type: (_)? @type right: (_)? @value) @def.variable)))
    (try_statement body: (block (expression_statement (assignment left: (identifier) @name
        type: (_)? @type right: (_)? @value) @def.variable)))])
(class_definition body: (block (expression_statement (assignment left: (identifier) @name
    type: (_)? @type right: (_)? @value) @def.field)))
(assignment left: (attribute object: (identifier) @_self attribute: (identifier) @name @def.field)
    type: (_)? @type (#eq? @_self "self"))

; -- locals -------------------------------------------------------------------------------------
[(block) (lambda) (list_comprehension) (set_comprehension) (dictionary_comprehension)
 (generator_expression)] @block

(parameters (identifier) @name @local)
(lambda_parameters (identifier) @name @local)
(typed_parameter . (identifier) @name type: (_) @type) @local
(typed_default_parameter name: (identifier) @name type: (_) @type) @local
(default_parameter name: (identifier) @name value: (_) @value) @local
(list_splat_pattern (identifier) @name) @local
(dictionary_splat_pattern (identifier) @name) @local

(assignment left: (identifier) @name type: (_)? @type right: (_)? @value) @local
(assignment left: [(pattern_list (identifier) @name) (tuple_pattern (identifier) @name)
    (list_pattern (identifier) @name)] right: (_) @value) @local
(assignment left: (attribute object: (identifier)) @name right: (_) @value) @local
(named_expression name: (identifier) @name value: (_) @value) @local
(for_statement left: (identifier) @name @local right: (_) @iterable)
(for_statement left: [(pattern_list (identifier) @name @local)
    (tuple_pattern (identifier) @name @local)] right: (_) @iterable)
(as_pattern . (_) @value (as_pattern_target (identifier) @name)) @local
(as_pattern_target (tuple (identifier) @name @local))
(except_clause (as_pattern . (_) @type (as_pattern_target (identifier) @name)) @local)
; Visible in the whole comprehension, which starts before the clause.
(list_comprehension "[" @local (for_in_clause left: (identifier) @name right: (_) @iterable))
(list_comprehension "[" @local (for_in_clause left: [(pattern_list (identifier) @name)
    (tuple_pattern (identifier) @name)] right: (_) @iterable))
(set_comprehension "{" @local (for_in_clause left: (identifier) @name right: (_) @iterable))
(set_comprehension "{" @local (for_in_clause left: [(pattern_list (identifier) @name)
    (tuple_pattern (identifier) @name)] right: (_) @iterable))
(dictionary_comprehension "{" @local (for_in_clause left: (identifier) @name right: (_) @iterable))
(dictionary_comprehension "{" @local (for_in_clause left: [(pattern_list (identifier) @name)
    (tuple_pattern (identifier) @name)] right: (_) @iterable))
(generator_expression "(" @local (for_in_clause left: (identifier) @name right: (_) @iterable))
(generator_expression "(" @local (for_in_clause left: [(pattern_list (identifier) @name)
    (tuple_pattern (identifier) @name)] right: (_) @iterable))

(return_statement "return" @name (_) @value) @local
(yield "yield" @name (_)? @value) @local

; -- references ---------------------------------------------------------------------------------
(call function: (_) @callee arguments: (_) @arguments) @call
(decorator (_) @callee) @decorator
; Names of declarations and of locals are told apart by their place.
((identifier) @mention (#not-has-parent? @mention "attribute" "keyword_argument" "dotted_name"
    "global_statement" "nonlocal_statement"))
(attribute object: (identifier) @mention)
(keyword_argument value: (identifier) @mention)
(attribute) @mention

; -- imports ------------------------------------------------------------------------------------
(import_statement name: (dotted_name) @path @namespace) @import
(import_statement name: (aliased_import name: (dotted_name) @path @namespace
    alias: (identifier) @alias)) @import
(import_from_statement module_name: (_) @path name: (dotted_name) @name) @import
(import_from_statement module_name: (_) @path
    name: (aliased_import name: (dotted_name) @name alias: (identifier) @alias)) @import
(import_from_statement module_name: (_) @path (wildcard_import) @wildcard) @import
