//! The stated fields of a thing, by number: whether one is there is one bit, so that asking for a
//! field of which nothing is said touches nothing else.

use super::value::Value;
use crate::origin::Origin;

#[derive(Clone, Debug)]
pub struct Slot {
    pub field: u16,
    pub value: Value,
    pub origin: Origin,
}

/// Sorted by field.
#[derive(Clone, Default, Debug)]
pub struct Slots {
    /// A bit for each of the first fields; the last bit is for all that are beyond.
    there: u64,
    list: Vec<Slot>,
}

/// The first field without a bit of its own.
const BEYOND: u16 = 63;

impl Slots {
    /// Where the field is, or would be.
    fn place(&self, field: u16) -> Result<usize, usize> {
        let bit = 1 << field.min(BEYOND);
        let before = (self.there & (bit - 1)).count_ones() as usize;
        if self.there & bit == 0 {
            return Err(before);
        }
        if field < BEYOND {
            return Ok(before);
        }
        match self.list[before..].binary_search_by_key(&field, |slot| slot.field) {
            Ok(at) => Ok(before + at),
            Err(at) => Err(before + at),
        }
    }

    #[inline]
    pub fn find(&self, field: u16) -> Option<&Slot> {
        // Mostly nothing is said of it.
        if self.there & (1 << field.min(BEYOND)) == 0 {
            return None;
        }
        self.place(field).ok().map(|at| &self.list[at])
    }

    pub fn find_mut(&mut self, field: u16) -> Option<&mut Slot> {
        self.place(field).ok().map(|at| &mut self.list[at])
    }

    /// Puts a field in, unless it is there already: the value that is there now.
    pub fn put(&mut self, slot: Slot) -> &Value {
        let at = match self.place(slot.field) {
            Ok(at) => at,
            Err(at) => {
                self.there |= 1 << slot.field.min(BEYOND);
                self.list.insert(at, slot);
                at
            }
        };
        &self.list[at].value
    }

    /// To change values; a slot stays of its field.
    pub fn each_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        self.list.iter_mut()
    }

    pub fn clear(&mut self) {
        self.there = 0;
        self.list.clear();
    }

    pub fn reserve_exact(&mut self, more: usize) {
        self.list.reserve_exact(more);
    }
}

impl std::ops::Deref for Slots {
    type Target = [Slot];

    fn deref(&self) -> &[Slot] {
        &self.list
    }
}

impl<'a> IntoIterator for &'a Slots {
    type Item = &'a Slot;
    type IntoIter = std::slice::Iter<'a, Slot>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_any_order_is_found_and_nothing_else() {
        let fields = [62u16, 0, 63, 7, 200, 64, 1];
        let mut slots = Slots::default();
        for field in fields {
            assert!(slots.find(field).is_none());
            let value = Value::Int(i64::from(field));
            slots.put(Slot { field, value, origin: Origin::NONE });
            slots.put(Slot { field, value: Value::None, origin: Origin::NONE });
        }
        for field in 0..300 {
            let found = slots.find(field).map(|slot| slot.value.clone());
            let there = fields.contains(&field).then(|| Value::Int(i64::from(field)));
            assert_eq!(found, there, "field {field}");
        }
        assert!(slots.is_sorted_by_key(|slot| slot.field));
        slots.clear();
        assert!(fields.iter().all(|&field| slots.find(field).is_none()));
    }
}
