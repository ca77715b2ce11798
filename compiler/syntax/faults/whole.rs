//! How something of the language is written as a whole: the way out where a part of it is missing.

pub const ARGUMENT: &str = "write `NAME = value`";
pub const ASSERT: &str = "write `assert \"what must hold\" { CONDITION }`";
pub const ENUM: &str = "write `enum { a, b }`";
pub const FIELD: &str = "write `name: type`, such as `size: bytes?` or `port: int = 80`";
pub const IF: &str = "write `if CONDITION then VALUE else VALUE`";
pub const IMPORT: &str = "write `import \"file.colab\" as NAME`";
pub const IN: &str = "write `int in 1..10`";
pub const IS: &str = "write the word that it is to be: `os is debian`";
pub const KIND: &str = "write `kind NAME plural NAMES { field: type }`";
pub const LET: &str = "write `let NAME = value`";
pub const LIST: &str = "write `[for x in LIST: VALUE]`, or `[for x in LIST if CONDITION: VALUE]`";
pub const PATH: &str = "write the name of what is inside: `attic.address`";
pub const STEP: &str = "write `path[\"key\"]`";
pub const TEMPLATE: &str = "write `template NAME(tag: string) for container { ... }`";
pub const TYPE: &str = "write `type NAME = int`, or any other type";
pub const UNSET: &str = "write `unset FIELD`, or `unset FIELD.INNER`";
pub const VAR: &str = "write `var NAME: type = value`";
