//! Where an emitted value came from, as a number that costs nothing to carry. Who can say what
//! the number means is `model::Model`.

/// A handle to one resolved value's provenance, to a thing, to a field, or to nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Origin(pub u32);

/// What an origin stands for, by the numbers of the model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Of {
    Nothing,
    /// A definition that won: its place in `Model::origins`.
    Row(usize),
    /// A thing by its being there.
    Thing(u32),
    /// A field of which no single definition is the author: its kind's default, a whole map.
    Field(u32, u16),
}

/// The two highest bits say which sort it is; a field's lower bits are its own number and its thing's.
const THING: u32 = 1 << 30;
const FIELD: u32 = 1 << 31;
const THING_BITS: u32 = 22;
const FIELDS: u16 = 1 << (31 - THING_BITS);

impl Origin {
    /// Text that the compiler wrote by itself: in a document it stands for "as its parent".
    pub const NONE: Origin = Origin(0);

    /// The definition at this place of `Model::origins`.
    pub fn row(at: usize) -> Origin {
        let number = u32::try_from(at + 1).ok().filter(|n| *n < THING);
        Origin(number.unwrap_or(0))
    }

    pub fn thing(id: u32) -> Origin {
        if id < THING { Origin(THING | id) } else { Origin::NONE }
    }

    /// Nothing, where the numbers are too large to be carried.
    pub fn field(thing: u32, field: u16) -> Origin {
        if thing < 1 << THING_BITS && field < FIELDS {
            Origin(FIELD | u32::from(field) << THING_BITS | thing)
        } else {
            Origin::NONE
        }
    }

    pub fn of(self) -> Of {
        match self.0 {
            0 => Of::Nothing,
            n if n & FIELD != 0 => {
                let field = (n & !FIELD) >> THING_BITS;
                Of::Field(n & ((1 << THING_BITS) - 1), field as u16)
            }
            n if n & THING != 0 => Of::Thing(n & !THING),
            n => Of::Row(n as usize - 1),
        }
    }

    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// This origin, or the other where this one is nothing.
    pub fn or(self, other: Origin) -> Origin {
        if self.is_none() { other } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        assert_eq!(Origin::NONE.of(), Of::Nothing);
        assert_eq!(Origin::row(0), Origin(1));
        for at in [0, 7, (1 << 30) - 2] {
            assert_eq!(Origin::row(at).of(), Of::Row(at));
        }
        for id in [0, 1, (1 << 30) - 1] {
            assert_eq!(Origin::thing(id).of(), Of::Thing(id));
        }
        for (thing, field) in [(0, 0), (5, 511), ((1 << 22) - 1, 0), ((1 << 22) - 1, 511)] {
            assert_eq!(Origin::field(thing, field).of(), Of::Field(thing, field));
        }
        let too_large = [Origin::row(1 << 30), Origin::thing(1 << 30), Origin::field(1 << 22, 0)];
        assert!(too_large.iter().all(|origin| origin.is_none()));
        assert!(Origin::field(0, 512).is_none());
    }
}
