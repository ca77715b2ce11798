//! Writes a generated cluster to a folder, for other tools to look at. Needs no crate:
//! `rustc --edition 2024 -O benches/generate.rs`, then `generate scale NODES DIR` or
//! `generate varied SEED DIR`.

#[path = "../tests/it/generate/mod.rs"]
mod generate;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (project, folder) = match args.as_slice() {
        [what, nodes, folder] if what == "scale" => {
            (generate::scale(nodes.parse()?, 10, 1), folder)
        }
        [what, seed, folder] if what == "varied" => (generate::varied(seed.parse()?), folder),
        _ => return Err("generate scale NODES DIR | generate varied SEED DIR".into()),
    };
    for (name, text) in project {
        let path = std::path::Path::new(folder).join(name);
        std::fs::create_dir_all(path.parent().ok_or("a file has a folder")?)?;
        std::fs::write(path, text)?;
    }
    Ok(())
}
