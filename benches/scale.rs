#[path = "../tests/it/generate/mod.rs"]
mod generate;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let (nodes, dir) = (args[1].parse().unwrap(), &args[2]);
    for (name, text) in generate::scale(nodes, 10, 1) {
        let path = std::path::Path::new(dir).join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}
