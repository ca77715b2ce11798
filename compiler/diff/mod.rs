//! What differs between two states of `out/`. Pure: who reads the states is `cli/`.

pub mod lines;
