[
  (block)
  (record)
  (fields)
  (enum_type)
  (list)
  (comprehension)
  (arguments)
  (parameters)
  (string)
  (raw_string)
  (comment)+
  (doc_comment)+
] @fold
