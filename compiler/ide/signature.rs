//! The call around a place: what it takes, and which of it is being written.

use super::Text;
use super::context::Context;
use crate::Compilation;
use crate::model::schema::{TyId, spell};
use crate::names::Sym;
use crate::resolve::functions::FUNCTIONS;
use crate::resolve::hir::HirId;
use crate::syntax::cursor::Frame;
use std::ops::Range;

/// Longer defaults are left out.
const LONGEST: usize = 24;

/// What a call takes, and which of it is being written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    pub label: String,
    pub doc: String,
    /// Each as it stands in the label.
    pub params: Vec<String>,
    pub active: usize,
}

impl Signature {
    /// Where each parameter stands in the label, in bytes.
    pub fn places(&self) -> Vec<Range<usize>> {
        let mut at = self.label.find('(').map_or(0, |at| at + 1);
        let place = |param: &String| {
            let start = at;
            at += param.len() + 2;
            start..start + param.len()
        };
        self.params.iter().map(place).collect()
    }
}

/// The call around a place: of a function, of a template, or of a word with parameters.
pub fn signature(c: &Compilation, text: &Text, offset: u32) -> Option<Signature> {
    let context = Context::new(c, &text.source().text, offset as usize);
    of_call(&context, None)
}

/// The same where a place is an argument itself, and not within a block in it; `named` where it is the name of one.
pub fn signature_in(
    c: &Compilation,
    text: &str,
    offset: u32,
    named: Option<&str>,
) -> Option<Signature> {
    let context = Context::new(c, text, offset as usize);
    let callee = match context.cursor.frames.last() {
        Some((_, Frame::Call { callee: Some(callee), .. })) => context.word(callee),
        _ => return None,
    };
    let of_ours = FUNCTIONS.iter().any(|f| f.name == callee);
    of_call(&context, named).filter(|found| !of_ours && !found.params.is_empty())
}

fn of_call(context: &Context, by_name: Option<&str>) -> Option<Signature> {
    let c = context.c;
    let call = context.cursor.frames.iter().rev().find_map(|(_, frame)| match frame {
        Frame::Call { callee: Some(callee), argument, name } => Some((callee, *argument, name)),
        _ => None,
    });
    let (callee, argument, named) = call?;
    let path = context.word(callee);
    let program = &c.resolved.program;
    let spelled = |name: Sym, ty: TyId| {
        format!("{}: {}", c.names.text(name), spell(&program.schema, &c.names, ty))
    };
    // What need not be said shows what it is then.
    let default = |id: HirId| {
        let text = c.sources.text(program.span(id));
        let short = text.len() <= LONGEST && !text.contains('\n');
        format!(" = {}", if short { text } else { "..." })
    };
    let (params, doc): (Vec<String>, String) =
        if let Some(f) = FUNCTIONS.iter().find(|f| f.name == path) {
            (f.params.iter().map(|p| p.0.to_owned()).collect(), f.doc.to_owned())
        } else if let Some(template) = context.template(path) {
            let params = template.params.iter().map(|p| {
                format!("{}{}", spelled(p.name, p.ty), p.default.map_or(String::new(), default))
            });
            (params.collect(), super::doc_above(c, template.span))
        } else {
            let params = context.called?.params.iter();
            (params.map(|p| spelled(p.name, p.ty)).collect(), String::new())
        };
    let named = by_name.or_else(|| named.as_ref().map(|named| context.word(named)));
    let by_name = named.and_then(|named| {
        let named = format!("{named}:");
        params.iter().position(|p| p.starts_with(&named))
    });
    let active = by_name.unwrap_or(argument).min(params.len().saturating_sub(1));
    Some(Signature { label: format!("{path}({})", params.join(", ")), doc, params, active })
}
