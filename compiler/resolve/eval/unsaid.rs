//! Fields of which nothing is said: what they are then, and whether that is the same everywhere.

use super::Eval;
use crate::model::ThingId;
use crate::model::schema::{Field, ShapeId, Ty, TyId};
use crate::model::value::Value;
use crate::resolve::hir::*;
use crate::resolve::properties;
use std::sync::Arc;

/// What becomes of a field of which nothing is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unsaid {
    /// What its kind says, the same everywhere.
    Plain,
    /// It is required.
    Missing,
    /// It is worked out for each thing.
    Built,
}

/// What is known of the fields of a shape before there is anything of it.
#[derive(Clone)]
pub(super) struct ShapeFields {
    pub unsaid: Vec<Unsaid>,
    /// The numbers of those that matter where nothing is said of them.
    pub not_plain: Vec<u16>,
    /// After a dot a property of the kind comes before the field of its name.
    pub hidden: Vec<bool>,
}

impl ShapeFields {
    fn of(unsaid: Vec<Unsaid>, hidden: Vec<bool>) -> ShapeFields {
        let numbered = (0..).zip(&unsaid);
        let not_plain = numbered.filter(|(_, unsaid)| **unsaid != Unsaid::Plain);
        let not_plain = not_plain.map(|(field, _)| field).collect();
        ShapeFields { unsaid, not_plain, hidden }
    }
}

impl Eval<'_> {
    /// Looks at the fields of all shapes once, before there is anything of them.
    pub(super) fn look_at_shapes(&mut self) {
        let shapes = &self.program.schema.shapes;
        let ids = || (0..shapes.len()).map(|at| ShapeId(at as u32));
        let mut constant = vec![None; shapes.len()];
        for shape in ids() {
            self.is_constant(shape, &mut constant);
        }
        let constant: Vec<bool> = constant.iter().map(|known| *known == Some(true)).collect();
        self.shape_fields = ids()
            .map(|id| {
                let shape = &shapes[id.0 as usize];
                let unsaid = shape.fields.iter().map(|f| self.unsaid_field(id, f, &constant));
                let kind = self.names.text(shape.name);
                let hidden =
                    |f: &Field| properties::of_kind(kind, self.names.text(f.name)).is_some();
                ShapeFields::of(unsaid.collect(), shape.fields.iter().map(hidden).collect())
            })
            .collect();
        let mut blocks = vec![None; shapes.len()];
        self.model.defaults = ids()
            .map(|shape| {
                let fields = shapes[shape.0 as usize].fields.iter();
                fields.map(|field| self.default_of(field, &constant, &mut blocks)).collect()
            })
            .collect();
    }

    fn unsaid_field(&self, shape: ShapeId, field: &Field, constant: &[bool]) -> Unsaid {
        let computed =
            field.default.is_some_and(|d| !matches!(self.program.node(d), Node::Const(_)));
        let built = match *self.program.schema.ty(field.ty) {
            Ty::Record(inner) => !constant[inner.0 as usize],
            // They may come from layers and from the top level without a definition in the node.
            Ty::Named(_) => {
                let name = self.names.text(field.name);
                shape == self.words.node && matches!(name, "file" | "task")
            }
            _ => false,
        };
        match computed || built {
            true => Unsaid::Built,
            false if field.required => Unsaid::Missing,
            false => Unsaid::Plain,
        }
    }

    /// What the kind says, where that is the same everywhere: all share one block then.
    fn default_of(
        &mut self,
        field: &Field,
        constant: &[bool],
        blocks: &mut [Option<ThingId>],
    ) -> Option<Value> {
        match (field.default.map(|d| self.program.node(d)), self.program.schema.ty(field.ty)) {
            (Some(Node::Const(value)), _) => Some(value.clone()),
            (None, &Ty::Record(inner)) if constant[inner.0 as usize] => {
                let span = self.program.schema.shape(inner).span;
                let block = &mut blocks[inner.0 as usize];
                let block = *block
                    .get_or_insert_with(|| self.new_thing(inner, field.name, None, None, span));
                Some(Value::Thing(block))
            }
            // That it is missing is a finding of its own: whoever asks for it is not told again.
            _ if field.required => Some(Value::Poison),
            _ => Some(self.empty(field.ty)).filter(|value| !value.is_none()),
        }
    }

    /// Whether a block of the shape says the same wherever nothing is said.
    fn is_constant(&self, shape: ShapeId, known: &mut [Option<bool>]) -> bool {
        if let Some(known) = known[shape.0 as usize] {
            return known;
        }
        known[shape.0 as usize] = Some(false);
        let constant = self.program.schema.shape(shape).fields.iter().all(|f| {
            let default = f.default.is_none_or(|d| matches!(self.program.node(d), Node::Const(_)));
            let inner = match *self.program.schema.ty(f.ty) {
                Ty::Record(inner) => self.is_constant(inner, known),
                _ => true,
            };
            default && inner && !f.required
        });
        known[shape.0 as usize] = Some(constant);
        constant
    }

    /// The value of a field of which nothing is said, and for which its kind says nothing.
    pub(super) fn empty(&self, ty: TyId) -> Value {
        match self.program.schema.ty(ty) {
            Ty::List(_) | Ty::Set(_) => Value::List(Arc::default()),
            Ty::Map(..) => Value::Map(Arc::default()),
            Ty::Named(_) => Value::Things(Arc::default()),
            Ty::Union(types) => {
                // `set<container> | map<...>` of nothing is an empty list.
                match types.iter().find(|&&t| self.program.schema.is_collection(t)) {
                    Some(&t) => self.empty(t),
                    None => Value::None,
                }
            }
            _ => Value::None,
        }
    }
}
