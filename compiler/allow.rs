//! `allow CODE = "why" { until = DATE }`: takes findings away where it stands, and says when it has
//! nothing to take, or has run out. The day is told; there is no clock here.

use crate::diag::{Code, Diagnostic, Severity, codes};
use crate::names::Names;
use crate::source::{Place, Sources, Span};
use crate::syntax::tree::{Entry, EntryOp, ExprKind, Ident, Run, Stmt, StmtKind, StrPart, Tree};
use crate::types::distance::nearest;
use std::sync::Arc;

/// The words of declarations that hold for others: what is inside of one has no path of its own.
const LAYERS: &[&str] = &["global", "arch", "os", "role"];

/// One `allow`.
struct Allowance {
    code: Option<&'static Code>,
    /// Its head, where it is reported.
    span: Span,
    /// All of it.
    whole: Span,
    /// The text of the declaration that it stands in; none at the top of a file.
    scope: Option<Span>,
    /// The steps of that declaration's path: `service gitea`, `container app`.
    path: Option<Vec<String>>,
    over: bool,
    used: bool,
}

/// All that the sources allow, and what is to be said of that itself.
pub struct Allowances {
    all: Vec<Allowance>,
    about: Vec<Diagnostic>,
}

impl Allowances {
    pub fn of(
        trees: &[Arc<Tree>],
        names: &Names,
        sources: &Sources,
        today: Option<&str>,
    ) -> Allowances {
        let mut collector = Collector { names, today, allowances: Vec::new(), found: Vec::new() };
        let word = names.find("allow");
        let is_allow = |s: &Stmt| matches!(&s.kind, StmtKind::Entry(e) if Some(e.word.sym) == word);
        let own = trees.iter().filter(|tree| sources.file(tree.file).place == Place::Project);
        for tree in own.filter(|tree| tree.stmts.iter().any(is_allow)) {
            collector.block(tree, tree.top, None, Some(&Way::Top));
        }
        Allowances { all: collector.allowances, about: collector.found }
    }

    /// The findings that are left, and those about the allowances themselves.
    pub fn apply(self, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let Allowances { all: mut allowances, about } = self;
        let mut left = take(found, &mut allowances);
        left.extend(about);
        // Lints are looked for only where there is no error, so nothing is said of what lacks them.
        if left.iter().all(|d| d.severity() == Severity::Lint) {
            let unused = |a: &&Allowance| {
                !a.used && !a.over && a.code.is_some_and(|c| c.id != codes::L0108.id)
            };
            let idle: Vec<Diagnostic> = allowances.iter().filter(unused).map(idle).collect();
            left.extend(take(idle, &mut allowances));
        }
        left
    }
}

/// Takes away what is allowed.
fn take(found: Vec<Diagnostic>, allowances: &mut [Allowance]) -> Vec<Diagnostic> {
    let allowed = |finding: &Diagnostic, allowances: &mut [Allowance]| {
        let mut any = false;
        for allowance in allowances.iter_mut().filter(|a| a.covers(finding)) {
            allowance.used = true;
            any = true;
        }
        any
    };
    found.into_iter().filter(|finding| !allowed(finding, allowances)).collect()
}

impl Allowance {
    fn covers(&self, finding: &Diagnostic) -> bool {
        if self.over || !self.code.is_some_and(|code| std::ptr::eq(code, finding.code)) {
            return false;
        }
        let Some(scope) = self.scope else { return true };
        let at = finding.primary();
        if at.file == scope.file && scope.start <= at.start && at.end <= scope.end {
            return true;
        }
        let (Some(path), Some(of)) = (&self.path, &finding.path) else { return false };
        let steps: Vec<&str> = of.split(" > ").collect();
        !path.is_empty() && path.iter().all(|step| steps.contains(&step.as_str()))
    }
}

fn idle(allowance: &Allowance) -> Diagnostic {
    let id = allowance.code.map_or("", |code| code.id);
    let reach = if allowance.scope.is_some() { "in this declaration" } else { "in this project" };
    Diagnostic::new(
        &codes::L0108,
        allowance.span,
        format!("this allows {id}, but there is no {id} {reach}"),
    )
    .fix("remove it: what it was for is mended", allowance.whole, "")
}

struct Collector<'a> {
    names: &'a Names,
    today: Option<&'a str>,
    allowances: Vec<Allowance>,
    found: Vec<Diagnostic>,
}

/// The blocks around a place, by word and label; spelled only where something is allowed.
enum Way<'a> {
    Top,
    Inside(&'a Way<'a>, Ident, Ident),
}

impl Way<'_> {
    fn steps(&self, names: &Names) -> Vec<String> {
        match self {
            Way::Top => Vec::new(),
            Way::Inside(around, word, label) => {
                let mut steps = around.steps(names);
                steps.push(format!("{} {}", names.text(word.sym), names.text(label.sym)));
                steps
            }
        }
    }
}

impl Collector<'_> {
    /// The statements of a block. `way` is known while every block around it has a name.
    fn block(&mut self, tree: &Tree, run: Run, scope: Option<Span>, way: Option<&Way>) {
        for &id in tree.stmts_of(run) {
            let stmt = tree.stmt(id);
            match &stmt.kind {
                StmtKind::Entry(entry) => {
                    let word = self.names.text(entry.word.sym);
                    if word == "allow" && entry.label.is_some() {
                        self.allowance(tree, (stmt.span, entry), scope, way);
                        continue;
                    }
                    let Some(body) = body_of(&entry.op) else { continue };
                    let inner = match (way, entry.label) {
                        (Some(way), Some(label)) if !LAYERS.contains(&word) => {
                            Some(Way::Inside(way, entry.word, label))
                        }
                        _ => None,
                    };
                    self.block(tree, body, Some(stmt.span), inner.as_ref());
                }
                StmtKind::Template { body, .. } => {
                    self.block(tree, body.stmts, Some(stmt.span), None);
                }
                _ => {}
            }
        }
    }

    fn allowance(
        &mut self,
        tree: &Tree,
        (whole, entry): (Span, &Entry),
        scope: Option<Span>,
        way: Option<&Way>,
    ) {
        let Some(label) = entry.label else { return };
        let id = self.names.text(label.sym);
        let code = codes::find(id);
        match code {
            None => self.found.push(no_code(id, label.span)),
            Some(code) if !code.can_be_allowed() => self.found.push(
                Diagnostic::new(
                    &codes::E0216,
                    label.span,
                    format!("{} is an error that nothing can allow", code.id),
                )
                .note(format!("{}: {}", code.id, code.title))
                .help("mend what it is about, and remove this"),
            ),
            Some(_) => {}
        }
        let span = entry.word.span.to(label.span);
        let until = self.until(tree, entry);
        let over = match (&until, self.today) {
            (Some((until, _)), Some(today)) => until.as_str() < today,
            _ => false,
        };
        if let (true, Some((until, at))) = (over, &until) {
            self.found.push(
                Diagnostic::new(&codes::L0109, *at, format!("this ran out on {until}"))
                    .here("its last day")
                    .note(format!("{id} is reported again"))
                    .help("mend what it is about, or give it another day and a reason that holds"),
            );
        }
        self.allowances.push(Allowance {
            code: code.filter(|code| code.can_be_allowed()),
            span,
            whole,
            scope,
            path: way.map(|way| way.steps(self.names)),
            over,
            used: false,
        });
    }

    /// The text of `until = "..."`.
    fn until(&self, tree: &Tree, entry: &Entry) -> Option<(String, Span)> {
        tree.stmts_of(body_of(&entry.op)?).iter().find_map(|&id| {
            let StmtKind::Entry(inner) = &tree.stmt(id).kind else { return None };
            let EntryOp::Assign { value, .. } = &inner.op else { return None };
            if self.names.text(inner.word.sym) != "until" {
                return None;
            }
            let value = tree.expr(*value);
            let text = match &value.kind {
                ExprKind::Raw { text, .. } => *text,
                ExprKind::Str { parts, .. } => match &tree.parts[parts.range()] {
                    [StrPart::Text { text, .. }] => *text,
                    _ => return None,
                },
                _ => return None,
            };
            Some((self.names.text(text).to_owned(), value.span))
        })
    }
}

fn no_code(id: &str, span: Span) -> Diagnostic {
    let known = codes::CODES.iter().filter(|code| code.can_be_allowed()).map(|code| code.id);
    let diagnostic =
        Diagnostic::new(&codes::E0216, span, format!("no finding has the code `{id}`"));
    let near = nearest(id, known);
    let diagnostic = near
        .iter()
        .fold(diagnostic, |d, name| d.suggest(format!("did you mean `{name}`?"), span, *name));
    if near.is_empty() {
        diagnostic.help("`colabc explain --all` lists the codes")
    } else {
        diagnostic
    }
}

fn body_of(op: &EntryOp) -> Option<Run> {
    match op {
        EntryOp::Assign { body, .. } | EntryOp::From { body, .. } => body.map(|body| body.stmts),
        EntryOp::Block(body) => Some(body.stmts),
        _ => None,
    }
}
