//! Values that people put together in a way that the language has another one for: references with `+`, a place and a path
//! without `/`, a list in pieces.

use super::Lower;
use super::Scope;
use crate::diag::{Diagnostic, codes};
use crate::model::schema::{Ty, TyId};
use crate::names::Sym;
use crate::source::Span;
use crate::syntax::tree::{Arg, BinaryOp, ExprId};

impl Lower<'_> {
    /// `command("pass", "show")`, where the one parameter is a list.
    pub(super) fn list_in_pieces(
        &mut self,
        args: &[Arg],
        shown: &str,
        params: &[(Sym, TyId, bool)],
        scope: &Scope,
    ) -> bool {
        let schema = &self.program.schema;
        let is_list = |ty: TyId| matches!(schema.ty(schema.plain(ty)), Ty::List(_) | Ty::Set(_));
        let tree = &self.trees[scope.file];
        let place = |arg: &Arg| match arg {
            Arg::Plain(value) => Some(tree.expr(*value).span),
            _ => None,
        };
        let places: Option<Vec<Span>> = args.iter().map(place).collect();
        let (&[(name, ty, _)], Some([first, .., last])) = (params, places.as_deref()) else {
            return false;
        };
        if !is_list(ty) {
            return false;
        }
        let whole = first.to(*last);
        let list = format!("[{}]", self.sources.text(whole));
        let name = self.text(name);
        let message = format!("`{shown}` takes only `{name}`, a list, found {}", args.len());
        let found = Diagnostic::new(&codes::E0213, whole, message);
        self.report(found.suggest("write them as one list", whole, list));
        true
    }

    /// `attic + desk`, `papers + "wiki"`, `papers / wiki`, `10.0.0.1 - 10.0.0.9`: what the sign does not do for these.
    pub(super) fn joined_otherwise(
        &mut self,
        op: BinaryOp,
        (left, lt): (ExprId, TyId),
        (right, rt): (ExprId, TyId),
        sign: Span,
        scope: &Scope,
    ) -> bool {
        let schema = &self.program.schema;
        let (lt, rt) = (schema.ty(schema.plain(lt)), schema.ty(schema.plain(rt)));
        let tree = &self.trees[scope.file];
        let (ls, rs) = (tree.expr(left).span, tree.expr(right).span);
        let (a, b) = (self.sources.text(ls), self.sources.text(rs));
        let place = |ty: &Ty| match ty {
            Ty::Location => true,
            Ty::Ref(shape) => self.is_kind(*shape, &["share", "disk"]),
            _ => false,
        };
        let ip = |ty: &Ty| matches!(ty, Ty::Ip | Ty::Ip4 | Ty::Ip6);
        let (message, title, meant) = match (op, lt, rt) {
            (BinaryOp::Add, Ty::Ref(one), Ty::Ref(other)) if one == other => {
                let list = format!("[{a}, {b}]");
                ("references are not added", format!("several stand in a list: `{list}`"), list)
            }
            (BinaryOp::Add, _, Ty::Text(_)) if place(lt) && b.starts_with('"') => {
                let path = format!("{a} / \"{}\"", b.trim_matches('"').trim_start_matches('/'));
                let title = format!("a place and a path below it are joined with `/`: `{path}`");
                ("a place and a text are not added", title, path)
            }
            (BinaryOp::Div, ..) if place(lt) && matches!(rt, Ty::Ref(_)) && !b.contains('.') => {
                let path = format!("{a} / \"{b}\"");
                let title = format!("a path below a place is a text: `{path}`");
                ("expected a path in quotes behind `/`, found a name", title, path)
            }
            (BinaryOp::Sub, ..) if ip(lt) && ip(rt) => {
                let found = Diagnostic::new(&codes::E0304, sign, "addresses are not subtracted")
                    .help("a range of addresses says how long it is: `192.168.1.0/24`");
                self.report(found);
                return true;
            }
            _ => return false,
        };
        let whole = ls.to(rs);
        let found = Diagnostic::new(&codes::E0304, sign, message).suggest(title, whole, meant);
        self.report(found);
        true
    }
}
