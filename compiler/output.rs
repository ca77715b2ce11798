//! All files of a build: those that are made already, and those that are made when somebody wants their bytes.
//! Where they lie and how they get there is not said here.

use crate::formats::Taker;
use crate::tree::{Gone, OutFile, OutTree, check_path};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Makes a file, the same one each time. A long one is given piece by piece to whoever takes it, and holds only the rest
/// of its bytes; where it turns out that it cannot be said, it is another one, without what was given.
pub type Make<'a> = Box<dyn Fn(Taker) -> Result<OutFile, OutFile> + Send + Sync + 'a>;

/// A file that is there, or how it is made.
pub enum Content<'a> {
    Held(Box<OutFile>),
    /// Nobody holds it for longer than it is looked at: of these there can be very many.
    Made {
        make: Make<'a>,
        /// It tells of the whole cluster: it takes as long as many others.
        large: bool,
    },
}

impl Content<'_> {
    pub fn file(&self) -> Cow<'_, OutFile> {
        match self {
            Content::Held(file) => Cow::Borrowed(file),
            Content::Made { make, .. } => Cow::Owned(make(None).unwrap_or_else(|other| other)),
        }
    }
}

/// What a build writes: a tree, and beside it what only tells of it.
pub struct Output<'a> {
    tree: &'a OutTree,
    told: BTreeMap<String, Content<'a>>,
}

/// One file of an output.
#[derive(Clone, Copy)]
pub enum Wanted<'o> {
    Held(&'o OutFile),
    Told(&'o Content<'o>),
}

impl<'o> Wanted<'o> {
    pub fn file(self) -> Cow<'o, OutFile> {
        match self {
            Wanted::Held(file) => Cow::Borrowed(file),
            Wanted::Told(content) => content.file(),
        }
    }

    /// For whoever writes it and needs no byte of it again. Nobody runs what is made.
    pub fn make(self) -> Option<&'o Make<'o>> {
        match self {
            Wanted::Told(Content::Made { make, .. }) => Some(make),
            _ => None,
        }
    }

    /// Whether whoever makes several begins with it.
    pub fn is_large(self) -> bool {
        matches!(self, Wanted::Told(Content::Made { large: true, .. }))
    }
}

impl<'a> Output<'a> {
    /// A tree and nothing beside it.
    pub fn of(tree: &'a OutTree) -> Output<'a> {
        Output { tree, told: BTreeMap::new() }
    }

    /// A path that the tree has, or that no tree could have, stays out: whoever names files has been told.
    pub fn with(mut self, told: impl IntoIterator<Item = (String, Content<'a>)>) -> Output<'a> {
        let told = told.into_iter();
        let new =
            told.filter(|(path, _)| check_path(path).is_ok() && self.tree.get(path).is_none());
        self.told.extend(new);
        self
    }

    /// Every file, first those of the tree; each of the two in order of path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Wanted<'_>)> {
        let held = self.tree.iter().map(|(path, file)| (&**path, Wanted::Held(file)));
        let told = self.told.iter().map(|(path, content)| (&**path, Wanted::Told(content)));
        held.chain(told)
    }

    pub fn gone(&self) -> &BTreeSet<Gone> {
        &self.tree.gone
    }
}
