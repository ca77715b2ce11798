[
  (template_declaration)
  (comprehension)
  (arguments)
] @local.scope

(parameter name: (identifier) @local.definition.variable.parameter)
(comprehension name: (identifier) @local.definition.variable.parameter)
(binding name: (identifier) @local.definition.variable.parameter)

(identifier) @local.reference
