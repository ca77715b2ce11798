//! The grammar of record at work: pest's verdict and pest's outline of a text.

use pest::Parser;
use pest::iterators::Pair;

#[derive(pest_derive::Parser)]
#[grammar = "grammar/colab.pest"]
struct Grammar;

type Node<'a> = Pair<'a, Rule>;

/// The outline of a sound text, or where the grammar gives up.
pub fn outline(text: &str) -> Result<String, String> {
    let mut pairs = Grammar::parse(Rule::file, text).map_err(|error| error.to_string())?;
    let file = pairs.next().expect("a parse has its rule at the root");
    let mut out = String::new();
    stmts(&mut out, file);
    Ok(out)
}

fn word(out: &mut String, text: &str) {
    out.push(' ');
    out.push_str(text);
}

fn stmts(out: &mut String, block: Node) {
    for node in block.into_inner() {
        match node.as_rule() {
            Rule::statement => {
                out.push('(');
                stmt(out, node.into_inner().next().expect("a statement is of a sort"));
                out.push(')');
            }
            Rule::entry | Rule::assertion => {
                out.push('(');
                stmt(out, node);
                out.push(')');
            }
            _ => {}
        }
    }
}

fn block(out: &mut String, node: Node) {
    out.push('{');
    stmts(out, node);
    out.push('}');
}

fn fields(out: &mut String, node: Node) {
    out.push('{');
    for field in node.into_inner().filter(|node| node.as_rule() == Rule::field) {
        out.push('(');
        typed(out, field);
        out.push(')');
    }
    out.push('}');
}

/// A name, a type, a value: a field, a parameter, a variable.
fn typed(out: &mut String, node: Node) {
    for part in node.into_inner() {
        part_of(out, part);
    }
}

/// What is written the same wherever it stands.
fn part_of(out: &mut String, node: Node) {
    match node.as_rule() {
        Rule::word | Rule::key | Rule::labelled => word(out, node.as_str()),
        Rule::declared | Rule::label | Rule::member => typed(out, node),
        Rule::type_ => ty(out, node),
        Rule::expr => expr(out, node),
        Rule::block => block(out, node),
        Rule::params => {
            out.push('(');
            node.into_inner().for_each(|param| typed(out, param));
            out.push(')');
        }
        _ => {}
    }
}

fn stmt(out: &mut String, node: Node) {
    match node.as_rule() {
        Rule::import => word(out, "import"),
        Rule::let_decl => word(out, "let"),
        Rule::var_decl => word(out, "var"),
        Rule::type_decl => word(out, "type"),
        Rule::template => word(out, "template"),
        Rule::unset => word(out, "unset"),
        Rule::kind_decl => {
            word(out, "kind");
            for part in node.clone().into_inner() {
                if matches!(part.as_rule(), Rule::word | Rule::declared) {
                    part_of(out, part);
                }
            }
            fields(out, node.clone());
            stmts(out, node);
            return;
        }
        Rule::assertion => {
            word(out, "assert");
            for part in node.into_inner() {
                match part.as_rule() {
                    Rule::text => leaf(out, part),
                    _ => part_of(out, part),
                }
            }
            return;
        }
        _ => return entry(out, node),
    }
    typed(out, node);
}

fn entry(out: &mut String, node: Node) {
    for part in node.into_inner() {
        match part.as_rule() {
            Rule::strength => word(out, part.as_str()),
            Rule::head => typed(out, part),
            Rule::block => block(out, part),
            rule => {
                word(
                    out,
                    match rule {
                        Rule::assignment => "=",
                        Rule::addition => "+=",
                        Rule::subtraction => "-=",
                        _ => "from",
                    },
                );
                for part in part.into_inner() {
                    match part.as_rule() {
                        Rule::postfix => leaf(out, part),
                        _ => part_of(out, part),
                    }
                }
            }
        }
    }
}

fn ty(out: &mut String, node: Node) {
    let parts: Vec<Node> = node.into_inner().collect();
    let [single] = parts.as_slice() else {
        out.push_str("< |");
        parts.into_iter().for_each(|part| refined(out, part));
        out.push('>');
        return;
    };
    refined(out, single.clone());
}

fn refined(out: &mut String, node: Node) {
    let mut parts = node.into_inner();
    let base = parts.next().expect("a refined type has a base");
    let rest: Vec<Node> = parts.collect();
    let Some(first) = rest.first() else { return plain_type(out, base) };
    out.push('<');
    match first.as_rule() {
        Rule::optional => {
            word(out, "?");
            plain_type(out, base);
        }
        Rule::kw_in => {
            word(out, "in");
            plain_type(out, base);
            for bound in &rest[1..] {
                let digits = bound.clone().into_inner().next().expect("a bound has digits");
                let value: i64 = digits.as_str().parse().expect("a bound fits");
                let negative = bound.as_str().starts_with('-');
                word(out, &(if negative { -value } else { value }).to_string());
            }
        }
        _ => {
            word(out, "matching");
            plain_type(out, base);
        }
    }
    out.push('>');
}

fn plain_type(out: &mut String, node: Node) {
    let node = node.into_inner().next().expect("a type is of a sort");
    out.push('<');
    match node.as_rule() {
        Rule::record_type => fields(out, node),
        Rule::named_type => typed(out, node),
        _ => {
            word(out, "enum");
            for item in node.into_inner().filter(|item| item.as_rule() == Rule::enum_word) {
                for part in item.into_inner() {
                    let empty = part.as_rule() == Rule::params
                        && part.clone().into_inner().next().is_none();
                    if !empty {
                        part_of(out, part);
                    }
                }
            }
        }
    }
    out.push('>');
}

fn expr(out: &mut String, node: Node) {
    leaf(out, node.into_inner().next().expect("an expression is of a sort"));
}

/// Any level of an expression.
fn leaf(out: &mut String, node: Node) {
    let rule = node.as_rule();
    let text = node.as_str();
    let parts: Vec<Node> = node.into_inner().collect();
    match rule {
        Rule::expr | Rule::literal | Rule::primary | Rule::raw => {
            if rule == Rule::literal {
                return literal(out, &parts[0]);
            }
            leaf(out, parts[0].clone());
        }
        Rule::condition => {
            out.push_str("[ if");
            for part in parts {
                part_of(out, part);
            }
            out.push(']');
        }
        Rule::unary => {
            let ops = &parts[..parts.len() - 1];
            ops.iter().for_each(|op| {
                out.push('[');
                word(out, op.as_str());
            });
            leaf(out, parts[parts.len() - 1].clone());
            ops.iter().for_each(|_| out.push(']'));
        }
        Rule::postfix => postfix(out, &parts),
        Rule::text => leaf(out, parts[0].clone()),
        Rule::text_line | Rule::text_block => {
            out.push_str(if rule == Rule::text_line { "[ text" } else { "[ block" });
            for part in parts.into_iter().filter(|part| part.as_rule() == Rule::interpolation) {
                typed(out, part);
            }
            out.push(']');
        }
        Rule::paren | Rule::list | Rule::list_for => {
            out.push_str(match rule {
                Rule::paren => "[ paren",
                Rule::list => "[ list",
                _ => "[ for",
            });
            parts.into_iter().for_each(|part| part_of(out, part));
            out.push(']');
        }
        Rule::record => {
            out.push_str("[{");
            for part in parts {
                out.push('(');
                stmt(out, part);
                out.push(')');
            }
            out.push_str("}]");
        }
        Rule::word | Rule::raw_line | Rule::raw_block => {
            out.push('[');
            word(out, text);
            out.push(']');
        }
        _ => binary(out, &parts),
    }
}

/// `a op b op c`, from the left.
fn binary(out: &mut String, parts: &[Node]) {
    let [left @ .., op, right] = parts else { return leaf(out, parts[0].clone()) };
    out.push('[');
    if op.as_rule() == Rule::kw_is {
        word(out, "is");
        binary(out, left);
        word(out, right.as_str());
    } else {
        word(out, op.as_str());
        binary(out, left);
        leaf(out, right.clone());
    }
    out.push(']');
}

fn postfix(out: &mut String, parts: &[Node]) {
    let [base @ .., last] = parts else { return };
    if base.is_empty() {
        return leaf(out, last.clone());
    }
    out.push_str(match last.as_rule() {
        Rule::member => "[ .",
        Rule::index => "[ index",
        _ => "[ call",
    });
    postfix(out, base);
    for part in last.clone().into_inner() {
        match part.as_rule() {
            Rule::arg => arg(out, part),
            _ => part_of(out, part),
        }
    }
    out.push(']');
}

fn arg(out: &mut String, node: Node) {
    let node = node.into_inner().next().expect("an argument is of a sort");
    match node.as_rule() {
        Rule::named => {
            word(out, "named");
            typed(out, node);
        }
        Rule::binding => {
            word(out, "binding");
            for part in node.into_inner() {
                match part.as_rule() {
                    Rule::sum => leaf(out, part),
                    _ => part_of(out, part),
                }
            }
        }
        _ => expr(out, node),
    }
}

fn literal(out: &mut String, node: &Node) {
    let kind = match node.as_rule() {
        Rule::cidr6 => "cidr6",
        Rule::ip6 => "ip6",
        Rule::mac => "mac",
        Rule::cidr4 => "cidr4",
        Rule::ip4 => "ip4",
        Rule::quantity => "quantity",
        Rule::mode => "mode",
        Rule::float => "float",
        Rule::int => "int",
        Rule::kw_true => "true",
        Rule::kw_false => "false",
        _ => "none",
    };
    out.push('[');
    word(out, kind);
    word(out, node.as_str());
    out.push(']');
}
