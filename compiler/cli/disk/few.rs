//! Where the disk is told of each file and folder, and where of all at once. The benchmark of `build` does the same.

/// Up to this many files and folders are brought to the disk one by one; beyond, the whole file system at once
/// costs less, although that waits for what others wrote too.
pub const FEW: usize = 1000;
