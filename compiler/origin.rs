//! Where an emitted value came from, as a number that costs nothing to carry. Who can say what
//! the number means is `model::Origins`.

/// A handle to one resolved value's provenance, or to nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Origin(pub u32);

impl Origin {
    /// Text that the compiler wrote by itself: in a document it stands for "as its parent".
    pub const NONE: Origin = Origin(0);

    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// This origin, or the other where this one is nothing.
    pub fn or(self, other: Origin) -> Origin {
        if self.is_none() { other } else { self }
    }
}
