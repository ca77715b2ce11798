//! Each fault is found where it is, once, and the rest is kept.
