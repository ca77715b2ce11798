#!/usr/bin/env python3
"""How many faults put into the rules, the writers and the evaluation do the tests notice?

    .ci/mutants.py [--count 175] [--seed 20261121] [--work FOLDER] [--again]

Takes a seeded sample of what cargo-mutants can change in compiler/check, compiler/formats and
compiler/resolve, and all that leave a field out, of the last commit. All are in one program, which
`COLAB_MUTANT` tells which to be: it has a copy of a function for each fault in it, is built once, and a
mutant costs a run of the tests until the first that fails. What is done is kept in the folder and not
done twice; `--again` tries those that were missed once more, after tests were added in FOLDER/colab.

By hand; needs `cargo install cargo-mutants --locked`. Ends with 1 below 80 %.
"""

import argparse, json, os, random, re, resource, shutil, signal, subprocess, sys, tempfile, threading, time

options = argparse.ArgumentParser()
options.add_argument("--count", type=int, default=175)
options.add_argument("--seed", default="20261121")
options.add_argument("--work")
options.add_argument("--again", action="store_true")
options = options.parse_args()
TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORK = os.path.abspath(options.work or os.path.join(TOP, "target/mutants"))
PARTS = ["compiler/check", "compiler/formats", "compiler/resolve"]
SWITCH = """
/// Whether the program is to be this mutant.
pub fn mutant(number: u32) -> bool {
    static CHOSEN: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {
        std::env::var("COLAB_MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0)
    });
    *CHOSEN == number
}
"""
# What can't see these parts, what takes long and sees no more, and what judges the repository.
ELSEWHERE = ["ci::", "consumers::", "disk::", "editors::", "injection::", "lsp::", "repo::", "unbreakable::"]
SLOW = ["breaks::", "canaries::", "cli::", "fields::", "fixes::", "generate::", "graph::", "laws::",
        "origins::", "pages::", "syntax::", "targets::"]


def at(path, name):
    return os.path.join(path, name)


def load(name, otherwise):
    path = at(WORK, name)
    if not os.path.exists(path):
        return otherwise
    with open(path) as file:
        return json.load(file)


def save(name, value):
    with open(at(WORK, name + ".new"), "w") as file:
        json.dump(value, file, indent=1)
    os.replace(at(WORK, name + ".new"), at(WORK, name))


def sample():
    """The seeded sample, each with its number; all that leave a field out are in it: there are few."""
    known = load("sample.json", None)
    if known is None:
        git(".", "checkout", "--quiet", "--", "compiler")
        listed = subprocess.run(
            ["cargo", "mutants", "--list", "--json"] + [arg for part in PARTS for arg in ("-f", part + "/**")],
            check=True, stdout=subprocess.PIPE, text=True).stdout
        mutants = sorted(json.loads(listed), key=lambda mutant: mutant["name"])
        left_out = [m for m in mutants if m["genre"] == "StructField"]
        others = [m for m in mutants if m["genre"] != "StructField"]
        known = random.Random(options.seed).sample(others, min(options.count, len(others))) + left_out
        known.sort(key=lambda mutant: mutant["name"])
        print(f"{len(known) - len(left_out)} of {len(others)}, and {len(left_out)} that leave a field out")
        for number, mutant in enumerate(known, 1):
            mutant["number"] = number
        save("sample.json", known)
    return known


class Text:
    """A source, with its places as cargo-mutants gives them."""

    def __init__(self, text):
        self.text, self.lines = text, [0]
        for line in text.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)

    def offset(self, place):
        return self.lines[place["line"] - 1] + place["column"] - 1

    def span(self, span):
        return self.offset(span["start"]), self.offset(span["end"])


def body_of(text, start, end):
    """Where the braces of a function's body are: the first that open outside all brackets."""
    depth, place = 0, re.compile(r"\bfn\b").search(text, start, end).end()
    while place < end:
        letter = text[place]
        if letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter == "{" and depth == 0:
            return place, end
        place += 1
    raise ValueError(text[start:end])


def with_faults(text, mutants):
    """The source with every mutant in it, each copy between two marks."""
    source = Text(text)
    functions = {}
    for mutant in mutants:
        functions.setdefault(source.span(mutant["function"]["span"]), []).append(mutant)
    ordered = sorted(functions, key=lambda span: (span[0], -span[1]))

    def rendered(start, end, inside):
        """The text of a stretch in which these functions are, the outer ones before the inner."""
        made, place, left = "", start, list(inside)
        while left:
            first = left.pop(0)
            within = [other for other in left if other[1] <= first[1]]
            left = left[len(within):]
            opens, closes = body_of(text, *first)
            made += text[place:opens] + "{ "
            for mutant in functions[first]:
                number, (a, b) = mutant["number"], source.span(mutant["span"])
                fault = mutant["replacement"]
                copy = "{ " + fault + " }" if mutant["genre"] == "FnValue" else text[opens:a] + fault + text[b:closes]
                made += f"if crate::mutant({number}) /*<{number}>*/{copy}/*</{number}>*/ else "
            made += rendered(opens, closes, within) + " }"
            place = closes
        return made + text[place:end]

    return rendered(0, len(text), ordered)


def git(source, *arguments):
    return subprocess.run(["git", "-C", source, *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout


def write(source, mutants):
    """Makes the program below `source` the one with these mutants. What is so already is left as it is, and not built anew."""
    files = {name: [] for name in git(source, "diff", "--name-only", "HEAD", "--", "compiler").splitlines()}
    for mutant in mutants:
        files.setdefault(mutant["file"], []).append(mutant)
    files.setdefault("compiler/lib.rs", [])
    for name, some in files.items():
        text = with_faults(git(source, "show", f"HEAD:{name}"), some)
        if name == "compiler/lib.rs":
            text = text.replace("#[cfg(test)]", SWITCH + "#[cfg(test)]", 1)
        with open(at(source, name)) as file:
            known = file.read()
        if text != known:
            with open(at(source, name), "w") as file:
                file.write(text)


def messages(arguments):
    run = subprocess.run(["cargo"] + arguments + ["--message-format=json"], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True)
    return run, [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def culprits(source, found):
    """The mutants in whose copies, or around which, the compiler finds errors."""
    unviable, around, texts = set(), set(), {}
    for message in found:
        error = message.get("message")
        if message.get("reason") != "compiler-message" or error["level"] != "error" or not error["spans"]:
            continue
        for span in [span for span in error["spans"] if span["is_primary"]]:
            name = span["file_name"]
            text = texts.setdefault(name, Text(open(at(source, name)).read()))
            where = text.offset({"line": span["line_start"], "column": span["column_start"]})
            before = text.text[:where]
            opened = [int(n) for n in re.findall(r"/\*<(\d+)>\*/", before)]
            closed = {int(n) for n in re.findall(r"/\*</(\d+)>\*/", before)}
            inside = [number for number in opened if number not in closed]
            if inside:
                unviable.add(inside[-1])
                continue
            # Next to a copy: a function that cannot say at run time which it is.
            marks = [(abs(m.start() - where), int(m.group(1))) for m in re.finditer(r"/\*</(\d+)>\*/", text.text)]
            if not marks:
                sys.exit(f"{name}: {error['rendered']}")
            around.add((name, min(marks)[1]))
    return unviable, around


def build(source, mutants):
    """Builds the program with all mutants that can be in it: the tests' binaries, and how the others failed."""
    state, commit = load("viable.json", {"unviable": [], "apart": []}), git(".", "rev-parse", "HEAD")
    built = load("built.json", {"commit": None})
    if built["commit"] == commit:
        return built["tests"], state
    numbered = {mutant["number"]: mutant for mutant in mutants}
    while True:
        out = set(state["unviable"]) | set(state["apart"])
        write(source, [mutant for mutant in mutants if mutant["number"] not in out])
        run, found = messages(["check", "--lib", "--locked"])
        if run.returncode == 0:
            break
        unviable, around = culprits(source, found)
        of_function = lambda number: numbered[number]["function"]["function_name"]
        # An error in a copy may be what is behind one around it: the first goes first.
        apart = set() if unviable else {
            m["number"] for name, number in around for m in mutants
            if m["file"] == name and m["function"]["function_name"] == of_function(number)}
        if not unviable and not apart - out:
            sys.exit(run.stderr[-4000:])
        state["unviable"] = sorted(set(state["unviable"]) | unviable)
        state["apart"] = sorted(set(state["apart"]) | apart)
        save("viable.json", state)
        print(f"does not compile: {len(state['unviable'])}; cannot be chosen at run time: {len(state['apart'])}", flush=True)
    tests = binaries()
    save("built.json", {"commit": commit, "tests": tests})
    return tests, state


def binaries():
    # Built once: what the copies of functions cost is not worth more of the optimiser's time.
    os.environ["CARGO_INCREMENTAL"] = "0"
    light = ["--config", "profile.test.package.colabc.opt-level=1"]
    run, found = messages(["test", "--lib", "--test", "it", "--no-run", "--locked"] + light)
    if run.returncode:
        sys.exit(run.stderr[-4000:])
    made = [m for m in found if m.get("reason") == "compiler-artifact" and m.get("executable") and m["profile"]["test"]]
    by_name = {m["target"]["name"]: m["executable"] for m in made}
    return by_name["colabc"], by_name["it"]


# So many of them are quick.
QUICK = 3


def passes(library, it):
    skipping = [arg for group in ["cases::"] + ELSEWHERE + SLOW for arg in ("--skip", group)]
    return [[it, "cases::"], [library], [it] + skipping] + [[it, group] for group in SLOW]


def first_failure(command, source, number, seconds):
    """The first test that fails, or None; `time` after so many seconds of the processor, `crash` where it ended otherwise."""
    folder = tempfile.mkdtemp(dir=WORK)
    environment = dict(os.environ, COLAB_MUTANT=str(number), TMPDIR=folder)
    limit = lambda: resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    run = subprocess.Popen(command, cwd=source, env=environment, stdout=subprocess.PIPE, preexec_fn=limit,
                           stderr=subprocess.DEVNULL, text=True, errors="replace", start_new_session=True)
    # For who waits, and takes no time of the processor.
    alarm = threading.Timer(60 * seconds, os.killpg, (run.pid, signal.SIGKILL))
    alarm.start()
    failed = None
    for line in run.stdout:
        found = re.match(r"test (\S+) .*FAILED$", line.strip())
        if found:
            failed = found.group(1)
            os.killpg(run.pid, signal.SIGKILL)
            break
    status = run.wait()
    alarm.cancel()
    shutil.rmtree(folder, ignore_errors=True)
    if failed is None and status != 0:
        failed = "time" if status in (-signal.SIGKILL, -signal.SIGXCPU) else "crash"
    return failed


def usual(way, source):
    """How many seconds of the processor a pass takes without a fault."""
    known, name = load("took.json", {}), " ".join(way)
    if name not in known:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        failed = first_failure(way, source, 0, 3600)
        if failed:
            sys.exit(f"without a fault, {failed} fails")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        known[name] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        save("took.json", known)
        print(f"{known[name]:5.1f} s of the processor: {os.path.basename(name)[:100]}", flush=True)
    return known[name]


def main():
    source = at(WORK, "colab")
    if not os.path.exists(source):
        subprocess.run(["git", "clone", "--quiet", TOP, source], check=True)
    os.chdir(source)
    print(f"commit {git('.', 'log', '-1', '--format=%h')[:-1]}, seed {options.seed}, in {source}", flush=True)
    mutants = sample()
    inside = [mutant for mutant in mutants if mutant["function"] is not None]
    tests, state = build(source, inside)
    out = set(state["unviable"]) | set(state["apart"])
    inside = [mutant for mutant in inside if mutant["number"] not in out]
    results = load("results.json", {})
    if options.again:
        for result in results.values():
            if result["noticed"] is None:
                result.update(ways=0, again=True)
    # What the quick tests let pass waits until they saw all.
    ways = passes(*tests)
    for first, last in [(0, QUICK), (QUICK, len(ways))]:
        for mutant in inside:
            key = str(mutant["number"])
            result = results.setdefault(key, {"name": mutant["name"], "noticed": None, "ways": 0, "again": False})
            if result["noticed"] or result["ways"] > first:
                continue
            for way in ways[first:last]:
                result["noticed"] = first_failure(way, source, mutant["number"], 30 + 5 * usual(way, source))
                if result["noticed"]:
                    break
            result["ways"] = last
            save("results.json", results)
            print(f"{key:>4} {result['noticed'] or ('not yet' if last < len(ways) else 'MISSED')}: {mutant['name']}", flush=True)
    tried = len(results)
    missed = [result["name"] for result in results.values() if result["noticed"] is None]
    first = sum(result["noticed"] is not None and not result["again"] for result in results.values())
    share = lambda some: f"{some} ({100 * some / max(1, tried):.1f} %)"
    print(f"\n{tried} mutants tried: {share(first)} noticed at first, {share(tried - len(missed))} now")
    print(f"{len(state['unviable'])} do not compile; {len(mutants) - len(inside) + len(state['apart'])} cannot be chosen at run time")
    print("\n".join(["missed:"] + missed))
    sys.exit(100 * len(missed) > 20 * tried)


main()
