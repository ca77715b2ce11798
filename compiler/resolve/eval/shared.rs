//! A list that several go on with, each for itself: what was in it before they began is there once for all of them.

use std::ops::{Index, Range, RangeFrom};
use std::sync::Arc;

/// What is taken from it by a range lies in one of its two halves.
#[derive(Clone, Debug)]
pub(super) struct Shared<T> {
    common: Arc<Vec<T>>,
    own: Vec<T>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Shared { common: Arc::default(), own: Vec::new() }
    }
}

impl<T: Copy> Shared<T> {
    /// Before copies are made: all that is in it becomes common to them.
    pub fn share(&mut self) {
        let own = std::mem::take(&mut self.own);
        if self.common.is_empty() {
            self.common = Arc::new(own);
        } else {
            Arc::make_mut(&mut self.common).extend(own);
        }
    }

    #[inline]
    pub fn len(&self) -> usize {
        self.common.len() + self.own.len()
    }

    pub fn reserve(&mut self, more: usize) {
        self.own.reserve(more);
    }

    pub fn push(&mut self, item: T) {
        self.own.push(item);
    }

    pub fn extend(&mut self, items: impl IntoIterator<Item = T>) {
        self.own.extend(items);
    }

    pub fn extend_from_within(&mut self, range: Range<usize>) {
        match self.in_own(range.start) {
            Some(start) => self.own.extend_from_within(start..start + range.len()),
            None => self.own.extend_from_slice(&self.common[range]),
        }
    }

    /// Only what came after the last sharing can go again.
    pub fn truncate(&mut self, len: usize) {
        self.own.truncate(len - self.common.len());
    }

    pub fn split_off(&mut self, at: usize) -> Vec<T> {
        self.own.split_off(at - self.common.len())
    }

    /// From there on, to be put in order.
    pub fn since_mut(&mut self, at: usize) -> &mut [T] {
        let at = at - self.common.len();
        &mut self.own[at..]
    }

    /// What is nobody else's.
    pub fn own_mut(&mut self) -> &mut Vec<T> {
        &mut self.own
    }

    #[inline]
    fn in_own(&self, at: usize) -> Option<usize> {
        at.checked_sub(self.common.len())
    }
}

impl<T: Copy> Index<usize> for Shared<T> {
    type Output = T;

    #[inline]
    fn index(&self, at: usize) -> &T {
        match self.in_own(at) {
            Some(at) => &self.own[at],
            None => &self.common[at],
        }
    }
}

impl<T: Copy> Index<Range<usize>> for Shared<T> {
    type Output = [T];

    #[inline]
    fn index(&self, range: Range<usize>) -> &[T] {
        match self.in_own(range.start) {
            Some(start) => &self.own[start..start + range.len()],
            None => &self.common[range],
        }
    }
}

impl<T: Copy> Index<RangeFrom<usize>> for Shared<T> {
    type Output = [T];

    fn index(&self, range: RangeFrom<usize>) -> &[T] {
        &self[range.start..self.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of it, item by item.
    fn all(list: &Shared<u32>) -> Vec<u32> {
        (0..list.len()).map(|at| list[at]).collect()
    }

    #[test]
    fn it_is_the_same_list_wherever_it_was_shared() {
        for shared_at in [0, 3, 5, 9] {
            let mut list = Shared::default();
            for n in 0..9 {
                if n == shared_at {
                    list.share();
                }
                list.push(n);
            }
            if shared_at == 9 {
                list.share();
            }
            let mut other = list.clone();
            list.extend_from_within(1..3);
            list.extend([20, 21]);
            assert_eq!(all(&list), [0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 20, 21]);
            assert_eq!(&list[5..9], [5, 6, 7, 8]);
            assert_eq!(&list[11..], [20, 21]);
            list.since_mut(9).reverse();
            assert_eq!(list.split_off(11), [2, 1]);
            list.truncate(10);
            assert_eq!(all(&list), [0, 1, 2, 3, 4, 5, 6, 7, 8, 21]);
            // Whoever has the other copy sees none of it.
            assert_eq!(all(&other), (0..9).collect::<Vec<_>>());
            other.share();
            other.push(30);
            assert_eq!((other[9], list[9], other.len()), (30, 21, 10));
        }
    }

    #[test]
    fn nothing_at_the_end_of_what_is_common_is_nothing() {
        let mut list = Shared::default();
        list.extend([1, 2]);
        list.share();
        assert_eq!(&list[0..0], [0_u32; 0]);
        assert_eq!(&list[2..2], [0_u32; 0]);
        assert_eq!(&list[2..], [0_u32; 0]);
        list.truncate(2);
        assert_eq!(list.len(), 2);
    }
}
