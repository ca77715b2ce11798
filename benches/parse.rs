//! How fast a file is read, and how much memory that takes: the parser, and the grammar of record
//! by pest, on the same generated text. `cargo bench --bench parse`, with the size in MB and one of
//! `parser`, `grammar`, `format` as arguments; memory is the process's peak, so one at a time.

// A measuring program looks at the clock and at its own process.
#![allow(clippy::print_stdout, clippy::disallowed_methods)]

use colabc::names::Names;
use colabc::source::FileId;
use colabc::syntax::{format, parse};
use pest::Parser;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[derive(pest_derive::Parser)]
#[grammar = "grammar/colab.pest"]
struct Grammar;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let megabytes: usize = args.first().and_then(|arg| arg.parse().ok()).unwrap_or(10);
    let what = args.get(1).map_or("parser", String::as_str);
    let text = generate(megabytes << 20);
    let before = peak();
    let time = match what {
        "grammar" => best(1, || {
            let pairs = Grammar::parse(Rule::file, &text).expect("the generated text is sound");
            black_box(pairs.flatten().count());
        }),
        "format" => {
            let mut names = Names::default();
            let (tree, _) = parse(FileId(0), &text, &mut names);
            best(3, || drop(black_box(format(&tree, &text))))
        }
        _ => best(15, || {
            let mut names = Names::default();
            let (tree, faults) = parse(FileId(0), black_box(&text), &mut names);
            assert!(faults.is_empty(), "the generated text is sound");
            black_box(tree.exprs.len());
        }),
    };
    let size = text.len() as f64;
    println!(
        "{what}: {:.0} MB in {:.0} ms, {:.0} MB/s, {:.1} times the text in memory",
        size / 1e6,
        time.as_secs_f64() * 1e3,
        size / 1e6 / time.as_secs_f64(),
        (peak() - before) as f64 * 1024.0 / size,
    );
}

fn best(times: usize, mut run: impl FnMut()) -> Duration {
    let started = Instant::now();
    let once = |run: &mut dyn FnMut()| {
        let start = on_processor(started);
        run();
        on_processor(started) - start
    };
    (0..times).map(|_| once(&mut run)).min().unwrap_or_default()
}

/// The time that this thread has run, without what others took of the processor meanwhile; where
/// the system does not tell, the time that passed.
fn on_processor(started: Instant) -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| started.elapsed(), Duration::from_nanos)
}

/// The process's greatest memory so far, in KiB; 0 where the system does not tell.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

/// Services as people write them, until there is enough text.
fn generate(size: usize) -> String {
    let mut text = String::with_capacity(size + 2048);
    let mut at = 0;
    while text.len() < size {
        let written = write!(
            text,
            r#"/// Service number {at}, with what most services have.
service app-{at} {{
  on      = node-{node}
  secrets = [keys["/app-{at}"]]

  container db from std.postgres("16-alpine") {{
    env {{ POSTGRES_USER = "app"   POSTGRES_PASSWORD = secret("APP_{at}_PASSWORD") }}
    volume "/var/lib/postgresql/data" = fortress / "data/postgres-{at}"
    backup = dump
  }}
  container app {{
    image      = "registry.example.com/app:{at}.2.1"
    depends_on = [db]
    env {{
      DB_HOST = db.address             // known by the compiler
      DB_URL  = "postgres://app:${{secret("APP_{at}_PASSWORD")}}@${{db.address}}/app"
    }}
    port web = {port} -> 3000 {{ scheme = http   audience = [lan, mesh] }}
    health {{ http = "/api/healthz"   port = web   every = 30s }}
    limits {{ cpu = 2cpu   memory = {memory}MiB }}
  }}
  site "app-{at}.example.com" {{ to = app.web   audience = internet }}
  node node-{node} {{ container app {{ limits {{ override memory = 2GiB }} }} }}
  assert "has room" {{ all(i in instances if i.service.availability == always: i.node.status == up) }}
}}
"#,
            node = at % 100,
            port = 10_000 + at % 50_000,
            memory = 64 + at % 4000,
        );
        written.expect("writing to a string does not fail");
        at += 1;
    }
    text
}
