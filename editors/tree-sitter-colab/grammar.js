/**
 * The syntax of `.colab` for editors. The grammar of record is `grammar/colab.pest`; this one
 * agrees with it on whether a text has a syntax error, which `tests/it/editors.rs` proves.
 *
 * Two things that tree-sitter cannot say directly are said by tokens that lead nowhere:
 * a longer token wins, and nothing can follow it. So `4GiBs` is one wrong number rather than
 * `4GiB` and a word `s`.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

const BYTES = ["B", "kB", "MB", "GB", "TB", "PB", "KiB", "MiB", "GiB", "TiB", "PiB"];
const TIMES = ["ns", "us", "ms", "s", "m", "h", "d", "w"];
const UNIT = [...BYTES, "cpu", ...TIMES].join("|");
const TIME = TIMES.join("|");

const OCTET = "[0-9]{1,3}";
const HEX = "[0-9a-fA-F]";
const GROUP = `${HEX}{1,4}`;
const GROUPS = `(${GROUP}(:${GROUP})*)?`;

/** @param {string} pattern */
const pattern = (pattern) => token(new RegExp(pattern));

/** @param {RuleOrLiteral} rule */
const list1 = (rule) => seq(rule, repeat(seq(",", rule)), optional(","));

/**
 * With the next stronger level on both sides an operator stands at most once (`a < b < c` is an
 * error); with its own level on the left it groups to the left.
 * @param {RuleOrLiteral} left @param {RuleOrLiteral} operator @param {RuleOrLiteral} right
 */
const binary = (left, operator, right) =>
  seq(field("left", left), field("operator", operator), field("right", right));

export default grammar({
  name: "colab",

  extras: ($) => [/\s/, $.doc_comment, $.comment],

  word: ($) => $.identifier,

  reserved: {
    global: () => [
      "default", "override", "final", "unset", "if", "then", "else", "for", "in", "is", "as",
      "true", "false", "none", "enum", "matching", "assert",
    ],
  },

  conflicts: ($) => [
    // `name in xs` is a comparison until the `:` of a binding is seen.
    [$._primary, $.binding],
  ],

  rules: {
    file: ($) => repeat($._statement),

    // -- statements

    _statement: ($) =>
      choice(
        $.import,
        $.let,
        $.type_declaration,
        $.kind_declaration,
        $.template_declaration,
        $.assert,
        $.var,
        $.unset,
        $.entry,
      ),

    import: ($) =>
      seq("import", field("path", $.string), optional(seq("as", field("alias", $.identifier)))),

    let: ($) =>
      seq(
        "let",
        field("name", $.identifier),
        optional(seq(":", field("type", $._type))),
        "=",
        field("value", $._expression),
      ),

    type_declaration: ($) =>
      seq("type", field("name", $.identifier), "=", field("type", $._type)),

    kind_declaration: ($) =>
      seq(
        "kind",
        field("name", $.identifier),
        "plural",
        field("plural", $.identifier),
        field("body", $.fields),
      ),

    template_declaration: ($) =>
      seq(
        "template",
        field("name", $.identifier),
        field("parameters", $.parameters),
        "for",
        field("target", $.identifier),
        field("body", $.block),
      ),

    assert: ($) =>
      seq("assert", field("message", $.string), "{", field("condition", $._expression), "}"),

    var: ($) =>
      seq(
        "var",
        field("name", $.identifier),
        ":",
        field("type", $._type),
        optional(seq("=", field("value", $._expression))),
      ),

    unset: ($) =>
      seq("unset", $._name, repeat(choice(seq(".", $._name), seq("[", $.string, "]")))),

    entry: ($) =>
      choice(
        seq(field("strength", choice("default", "override", "final")), $._head, $._assign),
        seq($._head, $._assign),
        seq($._head, choice("+=", "-="), field("value", $._expression)),
        seq($._head, "from", field("template", $._postfix), optional(field("body", $.block))),
        seq($._head, field("body", $.block)),
      ),

    _head: ($) =>
      choice(
        field("word", $._name),
        field("word", $.string),
        seq(field("word", $.identifier), field("label", choice($.identifier, $.string))),
      ),

    _assign: ($) => seq("=", field("value", $._expression), optional(field("body", $.block))),

    block: ($) => seq("{", repeat(seq($._statement, optional(","))), "}"),

    // -- expressions, weakest first

    _expression: ($) => choice($.if_expression, $._arrow),

    if_expression: ($) =>
      seq(
        "if",
        field("condition", $._expression),
        "then",
        field("consequence", $._expression),
        "else",
        field("alternative", $._expression),
      ),

    _arrow: ($) => choice($._range, alias($._arrow_binary, $.binary_expression)),
    _arrow_binary: ($) => binary($._range, "->", $._range),

    _range: ($) => choice($._coalesce, alias($._range_binary, $.binary_expression)),
    _range_binary: ($) => binary($._coalesce, "..", $._coalesce),

    _coalesce: ($) => choice($._or, alias($._coalesce_binary, $.binary_expression)),
    _coalesce_binary: ($) => binary($._coalesce, "??", $._or),

    _or: ($) => choice($._and, alias($._or_binary, $.binary_expression)),
    _or_binary: ($) => binary($._or, "||", $._and),

    _and: ($) => choice($._comparison, alias($._and_binary, $.binary_expression)),
    _and_binary: ($) => binary($._and, "&&", $._comparison),

    _comparison: ($) =>
      choice($._sum, alias($._comparison_binary, $.binary_expression), $.is_expression),
    _comparison_binary: ($) => binary($._sum, choice("==", "!=", "<", "<=", ">", ">=", "in"), $._sum),
    is_expression: ($) => seq(field("value", $._sum), "is", field("word", $.identifier)),

    _sum: ($) => choice($._product, alias($._sum_binary, $.binary_expression)),
    _sum_binary: ($) => binary($._sum, choice("+", "-"), $._product),

    _product: ($) => choice($._unary, alias($._product_binary, $.binary_expression)),
    _product_binary: ($) => binary($._product, choice("*", "/"), $._unary),

    _unary: ($) => choice($.unary_expression, $._postfix),
    unary_expression: ($) =>
      seq(field("operator", choice("!", "-")), field("operand", $._unary)),

    _postfix: ($) => choice($._primary, $.member, $.index, $.call),
    member: ($) => seq(field("object", $._postfix), ".", field("name", $._name)),
    index: ($) => seq(field("object", $._postfix), "[", field("index", $._expression), "]"),
    call: ($) => seq(field("function", $._postfix), field("arguments", $.arguments)),

    arguments: ($) =>
      seq("(", optional(list1(choice($.named_argument, $.binding, $._expression))), ")"),
    named_argument: ($) => seq(field("name", $.identifier), "=", field("value", $._expression)),
    binding: ($) =>
      seq(
        field("name", $.identifier),
        "in",
        field("sequence", $._sum),
        optional(seq("if", field("condition", $._expression))),
        ":",
        field("item", $._expression),
      ),

    _primary: ($) =>
      choice(
        $.identifier,
        $._literal,
        $.parenthesized,
        $.list,
        $.comprehension,
        alias($.block, $.record),
      ),

    parenthesized: ($) => seq("(", $._expression, ")"),
    list: ($) => seq("[", optional(list1($._expression)), "]"),
    comprehension: ($) =>
      seq(
        "[",
        "for",
        field("name", $.identifier),
        "in",
        field("sequence", $._expression),
        optional(seq("if", field("condition", $._expression))),
        ":",
        field("item", $._expression),
        "]",
      ),

    // -- types

    _type: ($) => choice($._type_postfix, $.union_type),
    union_type: ($) => seq($._type_postfix, repeat1(seq("|", $._type_postfix))),
    _type_postfix: ($) =>
      choice($._type_primary, $.optional_type, $.bounded_type, $.matching_type),
    optional_type: ($) => seq($._type_primary, "?"),
    bounded_type: ($) =>
      seq($._type_primary, "in", field("low", $.integer), "..", field("high", $.integer)),
    matching_type: ($) =>
      seq($._type_primary, "matching", field("pattern", choice($.string, $.raw_string))),

    _type_primary: ($) => choice($.type_name, $.generic_type, $.enum_type, $.fields),
    type_name: ($) => $.identifier,
    generic_type: ($) =>
      seq(field("name", $.identifier), "<", $._type, repeat(seq(",", $._type)), ">"),
    enum_type: ($) => seq("enum", "{", list1($.enum_word), "}"),
    enum_word: ($) => seq(field("name", $.identifier), optional(field("parameters", $.parameters))),

    fields: ($) => seq("{", repeat($.field), "}"),
    field: ($) =>
      seq(
        field("name", $._name),
        ":",
        field("type", $._type),
        optional(seq("=", field("default", $._expression))),
      ),

    parameters: ($) => seq("(", optional(list1($.parameter)), ")"),
    parameter: ($) =>
      seq(
        field("name", $.identifier),
        ":",
        field("type", $._type),
        optional(seq("=", field("default", $._expression))),
      ),

    // -- tokens

    identifier: () => /[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*/,

    // Where a name may stand, so may the words that mean something only before a name.
    _name: ($) => choice($.identifier, alias($._contextual, $.identifier)),
    _contextual: () =>
      choice("import", "let", "type", "kind", "template", "var", "from", "plural"),

    _literal: ($) =>
      choice(
        $.string,
        $.raw_string,
        $.ip6,
        $.mac,
        $.ip4,
        $.quantity,
        $.mode,
        $.float,
        $.integer,
        $.boolean,
        $.none,
        $.malformed,
      ),

    boolean: () => choice("true", "false"),
    none: () => "none",

    ip6: () => pattern(`(${GROUPS}::${GROUPS}|(${GROUP}:){7}${GROUP})(/[0-9]{1,3})?`),
    mac: () => pattern(`(${HEX}{2}:){5}${HEX}{2}`),
    ip4: () => pattern(`${OCTET}(\\.${OCTET}){3}(/[0-9]{1,2})?`),
    quantity: () => pattern(`[0-9]+(\\.[0-9]+)?(${UNIT})([0-9]+(${TIME}))*`),
    mode: () => /0[0-7]{3,4}/,
    float: () => /[0-9]+\.[0-9]+/,
    integer: () => /0|[1-9][0-9]*/,

    // What touches a number, an address or a run of colons and makes it none. Last, so that a
    // literal of the same length wins.
    malformed: ($) =>
      seq(
        token(choice(
          /[0-9][0-9A-Za-z_]*(\.[0-9][0-9A-Za-z_]*)*/,
          /[0-9]+(\.[0-9]+){3}\/[0-9A-Za-z_]+/,
          /[0-9A-Za-z_]*::[0-9A-Za-z_:.]*(\/[0-9A-Za-z_]+)?/,
          /[0-9A-Za-z_]+(:[0-9A-Za-z_]+){5,}(\/[0-9A-Za-z_]+)?/,
        )),
        $.end_of_literal,
      ),
    end_of_literal: () => /\u{10FFFF}/u,

    string: ($) =>
      choice(
        seq(
          '"',
          repeat(
            choice(
              alias($._text, $.text),
              alias(token.immediate("$"), $.text),
              $.escape,
              $.interpolation,
            ),
          ),
          token.immediate('"'),
        ),
        seq(
          '"""',
          repeat(
            choice(
              alias($._long_text, $.text),
              alias(token.immediate("$"), $.text),
              alias(token.immediate('"'), $.text),
              $.escape,
              $.interpolation,
            ),
          ),
          token.immediate('"""'),
        ),
      ),
    _text: () => token.immediate(prec(1, /[^"\\$\n]+/)),
    _long_text: () => token.immediate(prec(1, /[^"\\$]+/)),
    escape: () => token.immediate(/\\([nt\\"$]|u\{[0-9a-fA-F]{1,6}\})/),
    interpolation: ($) => seq(token.immediate("${"), $._expression, "}"),

    raw_string: () =>
      token(choice(/'[^'\n]*'/, /'''([^']|'[^']|''[^'])*'''/)),

    doc_comment: () => token(prec(1, /\/\/\/[^\n]*/)),
    comment: () => /\/\/[^\n]*/,
  },
});
