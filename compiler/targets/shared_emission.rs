//! What targets write into: each its own part, which becomes one of the whole in the order of the targets. What
//! only tells has a part of its own, without a way to refuse. Where findings are all that is wanted, what cannot be
//! refused is not written.

use super::declared;
use super::shared_owners::{Claim, Held, Owner, Owners};
use super::shared_refusal::Refusal;
use crate::diag::{Diagnostic, codes};
use crate::formats::{Data, Emitted, Taker, Written, yaml};
use crate::manifest::Manifest;
use crate::model::reach::Known;
use crate::model::{Cluster, ThingId};
use crate::origin::Origin;
use crate::output::Content;
use crate::threads::{self, Wanted};
use crate::tree::{
    Checked, Declarations, Delivery, Gone, Mode, OutFile, OutTree, Refused, Side, Tool,
};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A file to be: where it stands, who brings it where, and what it was made from.
pub struct File {
    path: String,
    mode: Mode,
    delivery: Option<Delivery>,
    block: Option<String>,
    made_from: Vec<ThingId>,
    named: Origin,
}

impl File {
    /// Below `out/`.
    pub fn new(path: impl Into<String>) -> File {
        File {
            path: path.into(),
            mode: Mode::Plain,
            delivery: None,
            block: None,
            made_from: Vec::new(),
            named: Origin::NONE,
        }
    }

    /// Where its name is said, if not by the label of what it was made from.
    pub fn named(mut self, by: Origin) -> File {
        self.named = by;
        self
    }

    pub fn program(mut self) -> File {
        self.mode = Mode::Program;
        self
    }

    /// Who brings it to which node, and to which path there.
    pub fn to(mut self, tool: Tool, node: &str, destination: impl Into<String>, mode: u32) -> File {
        self.delivery = Some(Delivery {
            tool,
            node: node.into(),
            side: None,
            destination: destination.into(),
            owner: None,
            group: None,
            mode,
        });
        self
    }

    pub fn side(mut self, side: Option<Side>) -> File {
        if let Some(delivery) = &mut self.delivery {
            delivery.side = side;
        }
        self
    }

    pub fn owned_by(mut self, owner: Option<String>, group: Option<String>) -> File {
        if let Some(delivery) = &mut self.delivery {
            delivery.owner = owner;
            delivery.group = group;
        }
        self
    }

    /// It is a marked part of the file at its destination, beside others'.
    pub fn block(mut self, name: impl Into<String>) -> File {
        self.block = Some(name.into());
        self
    }

    /// The things whose declarations made it.
    pub fn from(mut self, things: impl IntoIterator<Item = ThingId>) -> File {
        self.made_from.extend(things);
        self
    }
}

/// What an emission is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Only what stops a build: nobody reads a file.
    Findings,
    Files,
}

/// So many things, nodes for the most part, are one piece of work: enough of them to be shared evenly, and not too small.
pub const PIECE: usize = 16;
/// Where there are few things, each thread has so many pieces.
const PIECES: usize = 8;

/// Instead of a text that nobody wants: as every file that is put lazily, it is neither blank nor a part of another.
const UNWRITTEN: &str = "not written\n";

/// The tree of one build while it grows.
pub struct Whole<'a> {
    pub cluster: &'a Cluster,
    purpose: Purpose,
    pub tree: OutTree,
    pub diagnostics: Vec<Diagnostic>,
    owners: Owners,
    blocks: FxHashMap<String, String>,
    /// The paths of files that were refused.
    refused: BTreeSet<String>,
    /// The values that gave a file a name that was refused: one may name several files.
    misnamed: BTreeSet<Origin>,
    /// Whoever does not want it any more gets the parts that were made so far.
    wanted: Wanted<'a>,
}

/// What one target says.
#[derive(Default)]
pub struct Part {
    /// In several lists, as they were made: one after the other.
    files: Vec<Vec<Made>>,
    gone: Vec<Gone>,
    diagnostics: Vec<Diagnostic>,
    refused: Vec<String>,
}

/// A file with its text, before it is in the tree.
struct Made {
    path: Arc<str>,
    checked: Result<Checked, Box<Refused>>,
    claim: Claim,
    block: Option<String>,
    first: Option<ThingId>,
    named: Origin,
    /// It is moved some times until it is in the tree.
    file: Box<OutFile>,
}

/// The part of one target while it grows.
pub struct Emission<'a> {
    cluster: &'a Cluster,
    /// What the last build left.
    last: &'a Manifest,
    whole: &'a Whole<'a>,
    threads: usize,
    part: Part,
}

impl<'a> Whole<'a> {
    pub fn new(cluster: &'a Cluster, purpose: Purpose, wanted: Wanted<'a>) -> Whole<'a> {
        Whole {
            cluster,
            purpose,
            tree: OutTree::default(),
            diagnostics: Vec::new(),
            owners: Owners::default(),
            blocks: FxHashMap::default(),
            refused: BTreeSet::default(),
            misnamed: BTreeSet::default(),
            wanted,
        }
    }

    /// What a target says to the cluster and to what is there so far.
    pub fn part(
        &self,
        last: &Manifest,
        threads: usize,
        emit: impl FnOnce(&Cluster, &mut Emission),
    ) -> Part {
        let mut emission = self.emission(last, threads);
        if (self.wanted)() {
            emit(self.cluster, &mut emission);
        }
        emission.part
    }

    pub fn emission<'e>(&'e self, last: &'e Manifest, threads: usize) -> Emission<'e> {
        Emission { cluster: self.cluster, last, whole: self, threads, part: Part::default() }
    }

    /// Before these are taken: room that grows by and by is moved each time.
    pub fn reserve<'p>(&mut self, parts: impl IntoIterator<Item = &'p Part>) {
        let files = parts.into_iter().flat_map(|part| &part.files).map(Vec::len).sum();
        // Those that look at these bring as many again, one by one.
        let files = if self.tree.is_empty() { 2 * files } else { files };
        self.tree.reserve(files);
        self.owners.reserve(files);
    }

    /// Puts the files of a target into the tree.
    pub fn take(&mut self, part: Part) {
        self.diagnostics.extend(part.diagnostics);
        self.tree.gone.extend(part.gone);
        self.refused.extend(part.refused);
        for Made { path, checked, claim, block, first, named, file } in
            part.files.into_iter().flatten()
        {
            if let Some(block) = &block {
                self.blocks.insert(path.to_string(), block.clone());
            }
            let placed = match checked {
                Ok(checked) => self.tree.insert_checked(checked, file),
                Err(refused) => Err((*refused, file)),
            };
            let (file, refused) = match placed {
                Ok(number) => (Held::InTree(number), None),
                Err((refused, file)) => (self.owners.unplaced(&path, file.delivery), Some(refused)),
            };
            let owner = Owner { file, block, origin: first };
            let twice = self.owners.own(self.cluster, &self.tree, claim, owner);
            // Two owners of one destination have one place below `out/` too: that is told once.
            if let Some(refused) = refused.filter(|_| twice.is_none())
                && (named.is_none() || self.misnamed.insert(named))
            {
                self.diagnostics.push(unnameable(self.cluster, named, first, refused));
            }
            self.diagnostics.extend(twice);
        }
    }

    /// Puts empty files of these paths into the tree, for whoever asks what there would be.
    pub fn put_names(&mut self, named: Vec<(String, ThingId)>) {
        for (path, thing) in named {
            let mut file = OutFile::new("");
            file.declarations = declarations(self.cluster, &[thing]);
            // A path that is refused here was refused before.
            let _ = self.tree.insert(&path, file);
        }
    }
}

/// A path that a file cannot have is told of where it has its name from.
fn unnameable(cluster: &Cluster, at: Origin, of: Option<ThingId>, refused: Refused) -> Diagnostic {
    let why = "a file is named after it, and every system must be able to hold that name";
    let help = "give it another name";
    let refusal = Refusal::new(&codes::E0802, at, of, refused.to_string(), help);
    refusal.told(cluster).note(why)
}

impl<'a> Emission<'a> {
    /// The facts of the finished model, for `model::reach`.
    pub fn known(&self) -> Known<'a> {
        Known(self.cluster.model())
    }

    /// Whether somebody reads what is written.
    pub fn is_read(&self) -> bool {
        self.whole.purpose == Purpose::Files
    }

    /// What was emitted by the targets before this one.
    pub fn tree(&self) -> &'a OutTree {
        &self.whole.tree
    }

    /// What the last build left.
    pub fn last(&self) -> &'a Manifest {
        self.last
    }

    /// What is said of many things alike, on all threads: it stands there in their order.
    pub fn each<T: Sync>(&mut self, things: &[T], emit: impl Fn(&T, &mut Emission) + Sync) {
        // Some at a time: each piece has lists of its own.
        let some = (things.len() / (self.threads * PIECES)).clamp(1, PIECE);
        let pieces: Vec<&[T]> = things.chunks(some).collect();
        let parts = threads::each(&pieces, self.threads, |things| {
            let mut piece = self.whole.emission(self.last, 1);
            for thing in things.iter().take_while(|_| (self.whole.wanted)()) {
                emit(thing, &mut piece);
            }
            piece.part
        });
        for part in parts {
            self.part.files.extend(part.files);
            self.part.gone.extend(part.gone);
            self.part.diagnostics.extend(part.diagnostics);
            self.part.refused.extend(part.refused);
        }
    }

    /// Tells which of these paths, each named after a thing, no files could have.
    pub fn hold_names(&mut self, named: Vec<(String, ThingId)>) {
        let mut tree = OutTree::default();
        tree.reserve(named.len());
        for (path, thing) in named {
            if let Err(refused) = tree.insert(&path, OutFile::new("")) {
                self.part.diagnostics.push(unnameable(
                    self.cluster,
                    Origin::NONE,
                    Some(thing),
                    refused,
                ));
            }
        }
    }

    /// Whether a target before this one had a file of that path refused: why is told already.
    pub fn was_refused(&self, path: &str) -> bool {
        self.whole.refused.contains(path)
    }

    /// The name of the marked part that an emitted file is, if it is one.
    pub fn block_of(&self, path: &str) -> Option<&'a str> {
        self.whole.blocks.get(path).map(String::as_str)
    }

    /// The thing that a file below `out/` is made from first.
    pub fn made_from(&self, path: &str) -> Option<ThingId> {
        self.whole.owners.origin(&self.whole.tree, path)
    }

    /// What is to be taken away from a node.
    pub fn gone(&mut self, gone: Gone) {
        self.part.gone.push(gone);
    }

    /// Adds a file that can be refused for its path alone: its format takes every text, and no key stands in it twice,
    /// whatever the sources say. Where nobody reads it, it is not written.
    pub fn put_lazily(&mut self, file: File, write: impl FnOnce(&Emission<'a>) -> Written) {
        debug_assert!(file.block.is_none(), "whether a part fits is for its text to say");
        if !self.is_read() {
            let emitted = Emitted { text: UNWRITTEN.into(), lines: Vec::new() };
            return self.part.keep(Made::new(file, emitted, None));
        }
        let written = write(self);
        debug_assert!(
            written.as_ref().is_ok_and(|it| !it.text.trim().is_empty()),
            "{} is refused, or blank, and `check` does not see it: {written:?}",
            file.path
        );
        self.put(file, written);
    }

    /// Adds a file of YAML, of which nothing can be refused but a key that stands twice.
    pub fn put_yaml(
        &mut self,
        file: File,
        root: &Data<'_>,
        header: impl FnOnce(&Emission<'a>) -> String,
    ) {
        match root.twins() {
            twins if twins.is_empty() => {
                self.put_lazily(file, |out| yaml::write(&header(out), root));
            }
            twins => self.put(file, Err(twins)),
        }
    }

    /// Adds a file; what its format cannot say becomes a diagnostic at the value's source.
    pub fn put(&mut self, file: File, written: Written) {
        match written {
            Ok(emitted) => {
                let cluster = self.is_read().then_some(self.cluster);
                self.part.keep(Made::new(file, emitted, cluster));
            }
            Err(faults) => {
                for fault in faults {
                    let message = format!("{} (for {})", fault.why, file.path);
                    let first = file.made_from.first().copied();
                    let help = "leave it out of the value: the file would say something else";
                    self.refuse(Refusal::new(&codes::E0801, fault.origin, first, message, help));
                }
                self.part.refused.push(file.path);
            }
        }
    }

    pub fn refuse(&mut self, refusal: Refusal) {
        self.part.diagnostics.push(refusal.told(self.cluster));
    }

    /// The first lines of a generated file: what made it, and what to edit instead.
    pub fn header(&self, things: &[ThingId]) -> String {
        let all: BTreeSet<String> = things.iter().map(|&id| declared(self.cluster, id)).collect();
        let mut text = String::from("Made by colabc; changes here are lost. Edit instead:");
        for line in all {
            text.push_str("\n  ");
            text.push_str(&line);
        }
        text
    }
}

/// The part of a target that only tells.
pub struct Telling<'a> {
    pub tree: &'a OutTree,
    pub threads: usize,
    pub files: Vec<(String, Content<'a>)>,
    cluster: &'a Cluster,
}

impl<'a> Telling<'a> {
    pub fn new(cluster: &'a Cluster, tree: &'a OutTree, threads: usize) -> Telling<'a> {
        Telling { tree, threads, files: Vec::new(), cluster }
    }

    /// Adds a file. What its format cannot say is no reason to stop a build: such a file is left out.
    pub fn put(&mut self, file: File, written: Written) {
        debug_assert!(written.is_ok(), "{} tells what it cannot: {written:?}", file.path);
        if let Ok(emitted) = written {
            let made = Made::new(file, emitted, Some(self.cluster));
            self.files.push((made.path.to_string(), Content::Held(made.file)));
        }
    }

    /// Adds a file that is made when somebody wants its bytes. It stands there whatever comes of it: one that its
    /// format cannot say has a line that says so.
    pub fn later(&mut self, path: String, make: impl Fn() -> (File, Written) + Send + Sync + 'a) {
        self.put_made(path, false, move |_| make());
    }

    /// The same for a file that tells of the whole cluster: it is given away while it grows, where somebody takes it.
    pub fn whole(
        &mut self,
        path: impl Into<String>,
        make: impl Fn(Taker) -> (File, Written) + Send + Sync + 'a,
    ) {
        self.put_made(path.into(), true, make);
    }

    fn put_made(
        &mut self,
        path: String,
        large: bool,
        make: impl Fn(Taker) -> (File, Written) + Send + Sync + 'a,
    ) {
        let cluster = self.cluster;
        let make = move |to: Taker| {
            let (file, written) = make(to);
            debug_assert!(written.is_ok(), "{} tells what it cannot: {written:?}", file.path);
            debug_assert_eq!(file.mode, Mode::Plain, "nobody runs what only tells");
            let whole = |emitted| *Made::new(file, emitted, Some(cluster)).file;
            match written {
                Ok(emitted) => Ok(whole(emitted)),
                Err(_) => Err(whole(Emitted {
                    text: "What stands here could not be written in this format.\n".into(),
                    lines: vec![Origin::NONE],
                })),
            }
        };
        self.files.push((path, Content::Made { make: Box::new(make), large }));
    }
}

impl Part {
    /// Whether nobody brings any file of it to a node.
    pub fn is_nobodys(&self) -> bool {
        self.files.iter().flatten().all(|made| made.file.delivery.is_none())
    }

    /// Behind all that is there.
    fn keep(&mut self, file: Made) {
        match self.files.last_mut() {
            Some(last) => last.push(file),
            None => self.files.push(vec![file]),
        }
    }
}

impl Made {
    /// With what it was made from, where there is a cluster to ask.
    fn new(file: File, emitted: Emitted, cluster: Option<&Cluster>) -> Made {
        let mut out = OutFile {
            mode: file.mode,
            lines: emitted.lines,
            delivery: file.delivery,
            ..OutFile::new(emitted.text)
        };
        if let Some(cluster) = cluster {
            // Whom to ask about it; what is nobody's own is the cluster's.
            let of_cluster = cluster.cluster.filter(|_| file.made_from.is_empty());
            let authors = file.made_from.iter().copied().chain(of_cluster).map(ThingId::origin);
            out.made_from = authors.collect();
            out.declarations = declarations(cluster, &file.made_from);
        }
        let first = file.made_from.first().copied();
        let path: Arc<str> = file.path.into();
        let checked = Checked::of(path.clone()).map_err(Box::new);
        let claim = Claim::of(out.delivery.as_ref());
        let named = file.named;
        Made { path, checked, claim, block: file.block, first, named, file: Box::new(out) }
    }
}

/// `service gitea, services/gitea.colab`, each once, in order.
fn declarations(cluster: &Cluster, things: &[ThingId]) -> Declarations {
    if let [only] = things {
        return Arc::new([declared(cluster, *only).into()]);
    }
    let all: BTreeSet<String> = things.iter().map(|&id| declared(cluster, id)).collect();
    all.into_iter().map(Arc::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::Map;
    use crate::model::Model;

    fn judged(purpose: Purpose, emit: impl FnOnce(&Cluster, &mut Emission)) -> Vec<String> {
        let cluster = Cluster::of(Model::empty(Arc::default()), 0).expect("nothing is wrong");
        let mut whole = Whole::new(&cluster, purpose, threads::ALWAYS);
        let part = whole.part(&Manifest::default(), 1, emit);
        whole.take(part);
        whole.diagnostics.into_iter().map(|found| found.message).collect()
    }

    #[test]
    fn what_is_put_lazily_is_written_for_a_reader_alone() {
        for purpose in [Purpose::Findings, Purpose::Files] {
            let mut written = 0;
            let found = judged(purpose, |_, out| {
                for path in ["a", "A"] {
                    out.put_lazily(File::new(path), |_| {
                        written += 1;
                        Ok(Emitted { text: "x\n".into(), lines: vec![Origin::NONE] })
                    });
                }
            });
            assert_eq!(found, ["`A` and `a` differ in the case of letters only"]);
            assert_eq!(written, if purpose == Purpose::Files { 2 } else { 0 });
        }
    }

    #[test]
    fn a_key_twice_is_found_without_writing() {
        for purpose in [Purpose::Findings, Purpose::Files] {
            let twins = || Map::new().with("a", true).with("b", Map::new().with("c", 1i64));
            let found = judged(purpose, |_, out| {
                out.put_yaml(File::new("fine"), &twins().into(), |_| "made".into());
                let root = twins().with("d", twins().with("b", false));
                out.put_yaml(File::new("twice"), &root.into(), |_| "made".into());
            });
            assert_eq!(found, ["the key `b` stands twice (for twice)"]);
        }
    }
}
