[
  (block)
  (record)
  (fields)
  (enum_type)
  (assert)
  (list)
  (comprehension)
  (parenthesized)
  (arguments)
  (parameters)
] @indent

["}" "]" ")"] @outdent
