//! What the compiler reads of a project, and what it does not.

use super::cli::disk::{Built, DiskReader, LARGEST_SOURCE, find_root, plain};
use super::*;
use colabc::source::{ReadError, Reader};
use std::io::ErrorKind::{FileTooLarge, IsADirectory};
use std::os::unix::fs::symlink;

fn project() -> (Temp, DiskReader) {
    let temp = Temp::new();
    temp.put("secret", "outside");
    temp.put("p/cluster.colab", "cluster c { }\n");
    temp.put("p/nodes/b.colab", "b");
    temp.put("p/nodes/a.colab", "a");
    let reader = DiskReader::new(&temp.0.join("p")).unwrap();
    (temp, reader)
}

#[test]
fn reads_and_lists_below_the_root() {
    let (temp, mut reader) = project();
    assert_eq!(reader.read("nodes/a.colab"), Ok(b"a".to_vec()));
    assert_eq!(reader.list("nodes"), Ok(vec!["a.colab".into(), "b.colab".into()]));
    assert_eq!(reader.list(""), Ok(vec!["cluster.colab".into(), "nodes".into()]));
    assert_eq!(reader.read("nodes/../cluster.colab"), Ok(b"cluster c { }\n".to_vec()));
    assert_eq!(reader.read("nodes/c.colab"), Err(ReadError::Missing));
    assert_eq!(reader.read("cluster.colab/x"), Err(ReadError::Missing));
    assert_eq!(reader.read("a\0b"), Err(ReadError::Missing));
    assert_eq!(reader.read("nodes"), Err(ReadError::NotAFile));
    assert_eq!(reader.read(""), Err(ReadError::NotAFile));
    assert_eq!(reader.list("nodes/a.colab"), Err(ReadError::Missing));
    let root = temp.0.join("p").canonicalize().unwrap();
    assert_eq!(reader.root(), root);
    assert_eq!(find_root(&temp.0.join("p/nodes")), Some(root));
    assert_eq!(find_root(&temp.0.join("no/such")), None);
}

#[test]
fn never_reads_outside_the_root() {
    let (temp, mut reader) = project();
    symlink("../secret", temp.0.join("p/out.colab")).unwrap();
    symlink("../..", temp.0.join("p/nodes/up")).unwrap();
    symlink("nodes/a.colab", temp.0.join("p/in.colab")).unwrap();
    symlink("loop", temp.0.join("p/loop")).unwrap();
    symlink("gone", temp.0.join("p/dangling")).unwrap();
    let absolute = temp.0.join("secret");
    let outside =
        ["../secret", "out.colab", "nodes/up/secret", absolute.to_str().unwrap(), "/etc/passwd"];
    for path in outside {
        assert_eq!(reader.read(path), Err(ReadError::Outside), "{path}");
    }
    assert_eq!(reader.list(".."), Err(ReadError::Outside));
    assert_eq!(reader.list("nodes/up"), Err(ReadError::Outside));
    assert_eq!(reader.read("in.colab"), Ok(b"a".to_vec()));
    assert_eq!(reader.read("dangling"), Err(ReadError::Missing));
    assert!(matches!(reader.read("loop"), Err(ReadError::Refused(_))));
}

#[test]
fn reads_plain_files_of_a_sane_size_only() {
    let (temp, mut reader) = project();
    let pipe = temp.0.join("p/pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    assert_eq!(reader.read("pipe"), Err(ReadError::NotAFile));
    let large = fs::File::create(temp.0.join("p/large")).unwrap();
    large.set_len(LARGEST_SOURCE + 1).unwrap();
    assert_eq!(reader.read("large"), Err(ReadError::TooLarge));
    symlink("cluster.colab", temp.0.join("p/link")).unwrap();
    assert_eq!(plain(&temp.0.join("p/link")).unwrap(), b"cluster c { }\n");
    for (path, kind) in [("p/pipe", IsADirectory), ("p/large", FileTooLarge), ("p", IsADirectory)] {
        assert_eq!(plain(&temp.0.join(path)).unwrap_err().kind(), kind, "{path}");
    }
    let mut devices = DiskReader::new(Path::new("/dev")).unwrap();
    for device in ["null", "zero"] {
        assert_eq!(devices.read(device), Err(ReadError::NotAFile));
    }
}

#[test]
fn what_a_build_left_is_found_around_its_files() {
    let temp = Temp::new();
    let out = temp.out();
    assert!(Built::open(&out).unwrap().is_none(), "nothing was built");
    build(&out, &tree(&[("hosts/box", "one\n"), ("ssh/config", "two\n")]));
    let (built, below) = Built::around(&out.join("hosts/box")).unwrap().unwrap();
    assert_eq!((below.as_str(), built.manifest.files.len()), ("hosts/box", 2));
    assert_eq!(built.read("ssh/config").unwrap().unwrap(), b"two\n");
    assert_eq!(built.read("ssh/config/none").unwrap(), None);
    assert!(Built::around(&out.join("none")).unwrap().is_none());
    temp.put("out/manifest.json", "<<<<<<< HEAD\n");
    assert!(Built::around(&out.join("hosts/box")).is_err(), "it cannot be believed");
}
