; For Neovim.

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
] @indent.begin

["}" "]" ")"] @indent.branch @indent.end

[(string) (key) (raw_string) (comment) (doc_comment)] @indent.ignore
(ERROR) @indent.auto
