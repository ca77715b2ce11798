; A scope is where a name that the text itself binds can be seen: a template's parameters, the
; binder of `for` and of a call's `name in xs`. All else is visible in the whole cluster.

[
  (file)
  (template_declaration)
  (comprehension)
  (arguments)
] @local.scope

(let name: (identifier) @local.definition.constant)
(type_declaration name: (identifier) @local.definition.type)
(kind_declaration name: (identifier) @local.definition.type)
(template_declaration name: (identifier) @local.definition.function)
(parameter name: (identifier) @local.definition.parameter)
(comprehension name: (identifier) @local.definition.parameter)
(binding name: (identifier) @local.definition.parameter)
(import alias: (identifier) @local.definition.import)

(identifier) @local.reference
