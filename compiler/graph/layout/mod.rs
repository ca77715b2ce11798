//! Where everything of a picture stands: cards in cells of columns and rows, lines in the channels
//! between them. A line has no other way than a channel, so none can cross a card. In whole pixels,
//! so that every machine draws the same.

mod ink;
mod place;
mod route;
mod tracks;

use super::picture::Picture;
use super::text::{self, Face};

pub const NAME: Face = Face { size: 13, bold: true };
pub const NOTE: Face = Face { size: 11, bold: false };
pub const HEAD: Face = Face { size: 14, bold: true };

/// Everything stands on multiples of this.
const GRID: i32 = 8;
/// The widest text of a card; what is longer is cut.
const WIDEST: i32 = 216;
const NARROWEST: i32 = 104;
/// Between a card's edge and its text.
pub const INSET: i32 = 14;
/// Between a frame and its cards.
const PAD: i32 = 16;
/// The head of a frame: a name, and a line under it.
const HEAD_HEIGHT: i32 = 32;
const NOTED_HEIGHT: i32 = 48;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rect {
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
}

impl Rect {
    pub fn right(self) -> i32 {
        self.x + self.w
    }

    pub fn bottom(self) -> i32 {
        self.y + self.h
    }

    pub fn meets(self, other: Rect) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }
}

/// A line from card to card: corners from its beginning to its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Path {
    /// The line of the picture.
    pub line: usize,
    pub points: Vec<(i32, i32)>,
    /// The part of it that no other line of its bundle has drawn before.
    pub ink: Vec<(i32, i32)>,
}

/// A picture laid out.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layout {
    /// One a card.
    pub cards: Vec<Rect>,
    /// One a group.
    pub frames: Vec<Rect>,
    /// How much room the text of a card, or of a frame's head, has at most.
    pub rooms: Vec<i32>,
    pub heads: Vec<i32>,
    /// Those of one bundle stand together.
    pub paths: Vec<Path>,
    pub width: i32,
    pub height: i32,
}

/// Lays a picture out; `shape` is width by height as a percentage: 160 for a screen.
pub fn layout(picture: &Picture, shape: i32) -> Layout {
    if picture.cards.is_empty() {
        return Layout { width: 0, height: 0, ..Layout::default() };
    }
    let sizes: Vec<(i32, i32)> = (0..picture.cards.len()).map(|at| size(picture, at)).collect();
    let plan = place::place(picture, &sizes, shape);
    route::route(picture, &sizes, &plan)
}

/// How large a card must be for its text.
fn size(picture: &Picture, at: usize) -> (i32, i32) {
    let card = &picture.cards[at];
    let notes = card.notes.iter().map(|note| text::width(note, NOTE));
    let widest = notes.chain([text::width(&card.name, NAME)]).max().unwrap_or(0);
    let width = (widest / 10 + 1).clamp(NARROWEST, WIDEST) + 2 * INSET;
    let height = 32 + 16 * card.notes.len() as i32;
    (up(width), up(height))
}

/// How high the head of a group's frame is.
fn head(picture: &Picture, group: usize) -> i32 {
    if picture.groups[group].note.is_empty() { HEAD_HEIGHT } else { NOTED_HEIGHT }
}

/// How wide the head of a group wants to be.
fn head_width(picture: &Picture, group: usize) -> i32 {
    let group = &picture.groups[group];
    let widest = text::width(&group.name, HEAD).max(text::width(&group.note, NOTE));
    up((widest / 10 + 1).min(WIDEST + 2 * INSET))
}

/// The next multiple of the grid.
fn up(length: i32) -> i32 {
    (length + GRID - 1) / GRID * GRID
}
