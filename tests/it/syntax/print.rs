//! `fmt`: one style, the same tree, and nothing lost.
