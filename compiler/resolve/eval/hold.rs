//! An assertion: whether it holds, and where not, the smallest part of it that is false, and of what.

use super::{Ctx, Eval};
use crate::diag::text::listed;
use crate::diag::{Diagnostic, codes};
use crate::model::ThingId;
use crate::model::value::Value;
use crate::resolve::functions::FUNCTIONS;
use crate::resolve::hir::*;
use crate::syntax::tree::BinaryOp;

/// What is false in the end.
struct Culprit {
    part: HirId,
    /// The one it is false for, where it is asked of each of several; of those that each of several is asked about, too.
    of: Vec<Value>,
    notes: Vec<String>,
}

impl Eval<'_> {
    pub(super) fn hold(&mut self, at: u32, ctx: Ctx, thing: Option<ThingId>) {
        let program = self.program;
        let assert = &program.asserts[at as usize];
        let holds = self.eval(assert.condition, ctx);
        if matches!(holds, Value::Bool(true) | Value::Poison) {
            return;
        }
        let message = match self.eval(assert.message, ctx) {
            Value::Text(text) => text.to_string(),
            _ => return,
        };
        let (said, bound) = (self.diagnostics.len(), self.locals.len());
        let mut culprit = Culprit { part: assert.condition, of: Vec::new(), notes: Vec::new() };
        self.narrow(&mut culprit, ctx);
        let span = program.span(culprit.part);
        let here = match culprit.of.as_slice() {
            [] => "this is false".to_owned(),
            of => format!("this is false for {}", listed(of.iter().map(|of| self.element(of)))),
        };
        let mut diagnostic =
            Diagnostic::new(&codes::E0901, span, format!("it does not hold that {message}"))
                .here(here)
                .label(assert.span.head(), format!("asserted in {}", self.home_of(assert.home)));
        for side in sides(program.node(culprit.part)) {
            if matches!(program.node(side), Node::Const(_) | Node::Decl(_)) {
                continue;
            }
            let value = self.eval(side, ctx);
            diagnostic = diagnostic.label(program.span(side), format!("is {}", self.brief(&value)));
        }
        // All of it was worked out, and told, before.
        self.diagnostics.truncate(said);
        self.locals.truncate(bound);
        if let Some(of) = culprit.of.last().and_then(Value::as_thing) {
            diagnostic = diagnostic.label(self.thing(of).span, "for this one");
        }
        diagnostic = culprit.notes.into_iter().fold(diagnostic, Diagnostic::note);
        if let Some(thing) = thing {
            let path = self.thing_path(thing);
            let declared = self.thing(thing).span;
            diagnostic = diagnostic.at(path);
            if declared.file != span.file || declared.start != span.start {
                diagnostic = diagnostic.label(declared, "for this one");
            }
        }
        let help = "change what it looks at, or the `assert` where it asks for too much";
        self.report(diagnostic.help(help));
    }

    /// Of conditions joined by `&&` the first that is false; of `all(...)` what it asks, for the first that it is false for,
    /// which stays bound.
    fn narrow(&mut self, culprit: &mut Culprit, ctx: Ctx) {
        let program = self.program;
        loop {
            match program.node(culprit.part) {
                Node::Binary { op: BinaryOp::And, left, right } => {
                    let is_left = matches!(self.eval(*left, ctx), Value::Bool(false));
                    culprit.part = if is_left { *left } else { *right };
                }
                Node::Call { function, binding: Some(Binding { seq, cond, item }), .. } => {
                    let all = match FUNCTIONS[*function as usize].name {
                        "all" => true,
                        "any" => false,
                        _ => return,
                    };
                    let Some(asked) = self.asked(*seq, *cond, ctx) else { return };
                    if !all {
                        culprit.notes.push(match asked.as_slice() {
                            [] => "there is none to look at".to_owned(),
                            _ => format!("it is false for each of {}", self.each_of(&asked)),
                        });
                        return;
                    }
                    let mut failing = Vec::new();
                    for element in &asked {
                        self.locals.push(element.clone());
                        let holds = matches!(self.eval(*item, ctx), Value::Bool(true));
                        self.locals.pop();
                        if !holds {
                            failing.push(element.clone());
                        }
                    }
                    let Some(first) = failing.first() else { return };
                    culprit.of.push(first.clone());
                    if failing.len() > 1 && culprit.of.len() == 1 {
                        let failing = self.each_of(&failing);
                        culprit.notes.push(format!("it is false for {failing}"));
                    }
                    self.locals.push(first.clone());
                    culprit.part = *item;
                }
                _ => return,
            }
        }
    }

    /// The elements that something is asked of.
    fn asked(&mut self, seq: HirId, cond: Option<HirId>, ctx: Ctx) -> Option<Vec<Value>> {
        let all = self.eval(seq, ctx);
        let mut all = self.elements(all, self.program.span(seq))?;
        if let Some(cond) = cond {
            all.retain(|element| {
                self.locals.push(element.clone());
                let counts = matches!(self.eval(cond, ctx), Value::Bool(true));
                self.locals.pop();
                counts
            });
        }
        Some(all)
    }

    fn each_of(&self, elements: &[Value]) -> String {
        let names = listed(elements.iter().map(|element| self.element(element)));
        match elements.len() {
            0..10 => names,
            count => format!("{count}: {names}"),
        }
    }

    /// A service on a node says both.
    fn element(&self, value: &Value) -> String {
        let Some(id) = value.as_thing() else { return self.brief(value) };
        let thing = self.thing(id);
        match thing.node.filter(|_| thing.instance == Some(id)) {
            Some(node) => format!("{} on {}", self.label(id), self.label(node)),
            None => {
                let up = std::iter::successors(Some(id), |&at| self.thing(at).parent);
                let mut labels: Vec<&str> = up.map(|at| self.label(at)).collect();
                labels.retain(|label| !label.is_empty());
                labels.reverse();
                labels.join(".")
            }
        }
    }
}

/// What a comparison looks at.
fn sides(node: &Node) -> Vec<HirId> {
    match node {
        Node::Binary { left, right, .. } => vec![*left, *right],
        Node::Is { value, .. } => vec![*value],
        _ => Vec::new(),
    }
}
