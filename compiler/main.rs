//! The command. Everything that touches the world is here and in `cli/`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
