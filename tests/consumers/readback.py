#!/usr/bin/env python3
"""readback.py OUT WANTED: what the real readers make of emitted files, as JSON.

OUT has the folders of several builds, `0`, `1`, ..., WANTED a file with a list of the paths below each. `files`
has of each build, by path, a tree of lists, objects and texts; a file that its reader refuses becomes
{"refused": why}. `programs` counts the programs that were started, by folder; `ran` says whether anything was
executed that should only have been read."""
import glob
import html.parser
import json
import os
import plistlib
import re
import shutil
import subprocess
import sys
import threading
import tomllib
import urllib.parse
import xml.etree.ElementTree
from concurrent.futures import ThreadPoolExecutor

MARK = "/tmp/colab-was-here"
# The same in every sandbox, as some readers say where they read.
OUT = "/tmp/o"


# For which folder of `out/` a thread reads just now, and how many programs were started for each.
HERE = threading.local()
PROGRAMS = {}
LOCK = threading.Lock()


class Refused(Exception):
    pass


def call(*words, stdin="", env=None, cwd=None, fine=(0,)):
    """Standard output and standard error of a program that must end well."""
    with LOCK:
        PROGRAMS[HERE.folder] = PROGRAMS.get(HERE.folder, 0) + 1
    done = subprocess.run(
        [str(word) for word in words], input=stdin.encode(), capture_output=True, cwd=cwd, timeout=600,
        env={**os.environ, **(env or {})},
    )
    out, err = done.stdout.decode("utf-8", "surrogateescape"), done.stderr.decode("utf-8", "replace")
    if done.returncode not in fine:
        said = out + err
        # A reader that says what it does before it fails says at the end why.
        said = said if len(said) < 700 else f"... {said[-700:]}"
        raise Refused(f"{words[0]} ended with {done.returncode}: {said}")
    return out, err


def text_of(path):
    with open(os.path.join(OUT, path), "rb") as file:
        return file.read().decode()


def once(pairs):
    """An object whose keys are all different."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused(f"a key twice among {[key for key, _ in pairs]}")
    return found


def deep(tree, leaf):
    if isinstance(tree, dict):
        return {str(leaf(key) if isinstance(key, str) else key): deep(value, leaf) for key, value in tree.items()}
    if isinstance(tree, (list, tuple, set)):
        return [deep(value, leaf) for value in tree]
    if isinstance(tree, str):
        return leaf(str(tree))
    if tree is None or isinstance(tree, (bool, int, float)):
        return tree
    return f"{type(tree).__name__} {tree}"


def read_json(path):
    return json.loads(text_of(path), object_pairs_hook=once)


def read_compose(path):
    names = re.findall(r"\$\{([A-Za-z_][A-Za-z0-9_]*):\?", text_of(path))
    env = {name: f"value-of-{name}" for name in names}
    out, err = call("docker-compose", "-f", os.path.join(OUT, path), "config", "--format", "json", env=env)
    if err.strip():
        raise Refused(err)
    # It doubles each dollar on its way out, as it wants it on its way in. A hash follows what it is of.
    return deep(json.loads(out), lambda text: re.sub(r"^[0-9a-f]{16}$", "hash", text.replace("$$", "$")))


def read_caddy(path):
    place = os.path.join(OUT, path)
    out, err = call("caddy", "adapt", "--adapter", "caddyfile", "--config", place)
    if err.strip():
        raise Refused(err)


    def named(tree):
        """The names of headers, which have no case, marked as such."""
        if isinstance(tree, list):
            return [named(one) for one in tree]
        if not isinstance(tree, dict):
            return tree
        headers = tree.get("handler") == "headers"
        # An answer of nothing is one without a body.
        if tree.get("handler") == "static_response":
            tree.setdefault("body", "")
        # Groups are numbered as they come.
        tree = {key: inner for key, inner in tree.items() if key != "group"}
        return {key: marked(inner) if headers and key == "response" else named(inner) for key, inner in tree.items()}

    def marked(response):
        return {what: {f"header:{name.lower()}": text for name, text in own.items()} if isinstance(own, dict) else own
                for what, own in response.items()}

    return named(json.loads(out))


def read_samba(path):
    os.makedirs("/run/samba", exist_ok=True)
    out, err = call("testparm", "--suppress-prompt", os.path.join(OUT, path))
    usual = ("Load smb config", "Loaded services file OK", "Weak crypto is allowed", "Server role:")
    for line in err.splitlines():
        if line and not line.startswith(usual):
            raise Refused(line)
    sections, section = {}, None
    for line in out.split("\n"):
        if line.startswith("["):
            section = sections.setdefault(line, {})
        elif " = " in line:
            key, value = line.split(" = ", 1)
            section[key.strip()] = value
    return sections


def read_fstab(path):
    words = ["--json", "--list", "-o", "SOURCE,TARGET,FSTYPE,OPTIONS", "--tab-file", os.path.join(OUT, path)]
    return json.loads(call("findmnt", *words)[0])


def read_lines(path):
    """Words in lines, with comments: what glibc and Pi-hole's own lists have."""
    return [line.split(" ") for line in text_of(path).split("\n")]


def read_dnsmasq(path):
    """As dnsmasq reads its lines: quotes group and go, a backslash in them stands for what follows it."""
    escapes = {"t": "\t", "n": "\n", "b": "\b", "r": "\r", "e": "\x1b"}
    found = []
    for line in text_of(path).split("\n"):
        if line.startswith("#"):
            found.append(line.split(" "))
            continue
        key, _, rest = line.partition("=")
        parts, inside, at = [""], False, 0
        while at < len(rest):
            sign = rest[at]
            if sign == '"':
                inside = not inside
            elif inside and sign == "\\" and rest[at + 1 : at + 2] in list('"\\tnbre'):
                at += 1
                parts[-1] += escapes.get(rest[at], rest[at])
            elif not inside and sign == ",":
                parts.append("")
            elif not inside and sign == "#" and rest[at - 1 : at].isspace():
                break
            else:
                parts[-1] += sign
            at += 1
        if inside:
            raise Refused('missing "')
        found.append([key, *parts])
    return found


def read_ssh(path):
    place = os.path.join(OUT, path)
    hosts = [name for line in text_of(path).split("\n") if line.startswith("Host ") for name in line.split()[1:]]
    found = {}
    for host in hosts:
        if "*" in host:
            continue
        out, err = call("ssh", "-T", "-G", "-F", place, host)
        if err.strip():
            raise Refused(err)
        found[host] = [line.replace("%%", "%") for line in out.split("\n")]
    return [found, comments(path)]


def comments(path):
    return [line for line in text_of(path).split("\n") if line.startswith("#")]


def read_toml(path):
    tree = tomllib.loads(text_of(path))
    if path.startswith("mise/"):
        return read_mise(path, tree)
    return tree


def read_mise(path, tree):
    """Every task as mise would run it, its templates rendered."""
    home = "/tmp/mise-" + path.replace("/", "-")
    os.makedirs(f"{home}/.config/mise")
    shutil.copy(os.path.join(OUT, path), f"{home}/.config/mise/config.toml")
    env = {"HOME": home, "MISE_OFFLINE": "1", "MISE_YES": "1", "MISE_TASK_RUN_AUTO_INSTALL": "0"}
    rows = json.loads(call("mise", "tasks", "--json", env=env, cwd=home)[0])
    found = [[row["name"], row["description"], row["depends"]] for row in rows]
    # In the shell's place stands a program that says what it was given to run.
    with open(f"{home}/say", "w", encoding="utf-8") as file:
        file.write(SAY.format(python=sys.executable, log=f"{home}/said"))
    os.chmod(f"{home}/say", 0o755)
    names = [word for name in tree.get("tasks", {}) if name.split(":")[0] not in OWN_TASKS for word in (":::", name)][1:]
    if names:
        shell = {"MISE_UNIX_DEFAULT_INLINE_SHELL_ARGS": f"{home}/say -c"}
        call("mise", "run", "--jobs", "1", *names, env={**env, **shell}, cwd=home)
        with open(f"{home}/said", encoding="utf-8") as file:
            runs = sorted(json.loads(line) for line in file)
    else:
        runs = []
    runs = [[name, "$ " + script, {k: v for k, v in given.items() if k in tree["tasks"].get(name, {}).get("env", {})}]
            for name, script, given in runs]
    said = json.loads(call("mise", "env", "--json", env=env, cwd=home)[0]) if "env" in tree else {}
    said = {name: value for name, value in said.items() if name in tree.get("env", {})}
    return deep([names_of(tree), found, runs, said], lambda text: re.sub(r"(?m)^mise WARN.*\n?", "", text))


def names_of(tree):
    """All that is no template: those are read as mise renders them."""
    rendered = {"description", "env", "run"}
    # Whether a value has a dollar decides from which version on mise may be.
    tree = {key: inner for key, inner in tree.items() if key != "min_version"}
    return {key: "rendered" if key in rendered else names_of(inner) if isinstance(inner, dict) else inner
            for key, inner in tree.items()}


# Those that colabc brings; they hold no text that the others have not.
OWN_TASKS = {"deploy", "logs", "status", "stop"}
SAY = """#!{python} -IS
import json, os, sys
with open({log!r}, "a") as file:
    file.write(json.dumps([os.environ["MISE_TASK_NAME"], sys.argv[2], dict(os.environ)]) + "\\n")
"""


class Page(html.parser.HTMLParser):
    VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.stack = [[]]
        self.code = False
        self.ids, self.asked = set(), set()

    def handle_starttag(self, tag, attrs):
        node = [tag, once(attrs)]
        if node == ["code", {}]:
            self.code = True
            return self.handle_data("`")
        # An id is a text in an alphabet of its own; what counts is that links find it.
        if "id" in node[1]:
            name = node[1].pop("id")
            if name in self.ids:
                raise Refused(f"two have the id {name}")
            self.ids.add(name)
        for key in ("href", "aria-labelledby"):
            if "#" in (node[1].get(key) or ""):
                node[1][key], name = node[1][key].split("#", 1)
                if not node[1][key]:
                    self.asked.add(name)
        if (node[1].get("href") or "").startswith("../"):
            node[1]["href"] = urllib.parse.unquote(node[1]["href"])
        self.stack[-1].append(node)
        if tag not in self.VOID:
            self.stack.append(node)

    def handle_endtag(self, tag):
        if tag == "code" and self.code:
            self.code = False
            return self.handle_data("`")
        if len(self.stack) < 2 or self.stack[-1][0] != tag:
            raise Refused(f"</{tag}> ends nothing")
        self.stack.pop()

    def handle_data(self, data):
        # What stands between backticks in a text is shown as code: here it gets them back.
        if self.stack[-1] and "text" in self.stack[-1][-1]:
            self.stack[-1][-1]["text"] += data
        else:
            self.stack[-1].append({"text": data})

    def handle_comment(self, data):
        self.stack[-1].append({"comment": data})

    def handle_pi(self, data):
        raise Refused(f"<?{data}>")

    unknown_decl = handle_pi


def read_html(path):
    page = Page()
    page.feed(text_of(path))
    page.close()
    if len(page.stack) != 1:
        raise Refused(f"{page.stack[-1][0]} is never closed")
    if lost := {urllib.parse.unquote(name) for name in page.asked} - page.ids:
        raise Refused(f"links lead nowhere: {lost}")
    return page.stack[0]


def read_svg(path):
    def tree(node):
        # Where things stand follows from how long the texts are.
        kept = {key: value for key, value in node.attrib.items() if key in ("class", "href", "role")}
        return [node.tag, kept, node.text, [[tree(inner), inner.tail] for inner in node]]

    return tree(xml.etree.ElementTree.fromstring(text_of(path)))


def read_script(path):
    """A page's own script that holds data, run by Node with nothing around it."""
    program = """const vm = require('vm'), fs = require('fs');
        const box = vm.createContext({});
        vm.runInContext(fs.readFileSync(process.argv[1], 'utf8') + '\\n;this.all = INDEX', box);
        process.stdout.write(JSON.stringify(box.all));"""
    rows = json.loads(call("node", "-e", program, os.path.join(OUT, path))[0])
    # What counts of an id is that the page has it.
    return [{**row, "href": row["href"].split("#")[0]} for row in rows]


def read_shell(path):
    text = text_of(path)
    shell = "bash" if text.split("\n", 1)[0].endswith("bash") else "dash"
    _, err = call(shell, "-n", os.path.join(OUT, path))
    if err.strip():
        raise Refused(err)
    tree = json.loads(call("shfmt", "-tojson", stdin=text)[0])
    return [simple(tree), shell_comments(tree)]


def simple(node):
    """A script's tree without places, each word that is only text as that text."""
    if isinstance(node, list):
        return [simple(inner) for inner in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("Parts"), list) and "Type" not in node:
        folded = "".join(fixed) if (fixed := constant(node["Parts"])) is not None else None
        if folded is not None:
            return folded
    place = {"Offset", "Line", "Col"}
    return {
        key: simple(inner) for key, inner in node.items()
        if key not in ("Comments", "Last") and not (isinstance(inner, dict) and set(inner) == place)
    }


def constant(parts):
    """The text of a word's parts, if no shell would put anything else in its place."""
    text = []
    for part in parts:
        kind = part.get("Type")
        if kind == "Lit" and not text and part.get("Value", "").startswith("~/"):
            text.append("HOME:")
            part = {**part, "Value": part["Value"][1:]}
        if kind == "SglQuoted" and not part.get("Dollar"):
            text.append(part.get("Value", ""))
        elif kind == "Lit":
            value = part.get("Value", "")
            if re.search(r"[*?\[~{]", value):
                return None
            text.append(re.sub(r"\\(.)", r"\1", value))
        elif kind == "DblQuoted" and not part.get("Dollar"):
            inner = part.get("Parts") or []
            if any(one.get("Type") != "Lit" for one in inner):
                return None
            text.extend(re.sub(r'\\([\\"$`])', r"\1", one.get("Value", "")) for one in inner)
        else:
            return None
    return text


def shell_comments(node):
    found = []
    if isinstance(node, dict):
        found += ["# " + note.get("Text", "") for note in node.get("Comments") or []]
        node = [inner for key, inner in node.items() if key != "Comments"]
    if isinstance(node, list):
        for inner in node:
            found += shell_comments(inner)
    return found


def read_units(paths):
    """Units as systemd understands them, by path. Those of one node are read together."""
    found = {}
    nodes = {}
    for path in paths:
        nodes.setdefault("/".join(path.split("/")[:2]), []).append(path)
    for node, own in nodes.items():
        place = "/tmp/units-" + node.replace("/", "-")
        names = set()
        for path in own:
            name = path.removeprefix(node + "/")
            target = os.path.join(place, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(os.path.join(OUT, path), target)
            unit = name.split("/")[0].removesuffix(".d")
            names.add(unit)
            if "/" in name and not os.path.exists(os.path.join(place, unit)):
                with open(os.path.join(place, unit), "w", encoding="utf-8") as file:
                    file.write("[Service]\nExecStart=/bin/true\n")
        try:
            said = read_node(place, sorted(names))
        except Exception as why:  # a reader's own complaint, whatever its class
            said = {name: {"refused": f"{type(why).__name__}: {str(why)[:600]}"} for name in names}
        for path in own:
            name = path.removeprefix(node + "/").split("/")[0].removesuffix(".d")
            found[path] = said.get(name) or {"refused": "systemd says nothing of it"}
    return found


def read_node(place, names):
    env = {"SYSTEMD_UNIT_PATH": place + ":", "SYSTEMD_LOG_LEVEL": "debug"}
    words = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *names]
    out, err = call(*words, env=env, cwd=place, fine=(0, 1))
    wrong = [line for line in err.split("\n") if place in line and re.search("Unknown|Failed|nvalid|gnoring", line)]
    if wrong:
        raise Refused("; ".join(wrong))
    found, here = {}, None
    # Lines end with a newline alone: a text may hold other separators.
    for line in out.split("\n"):
        if here and not re.match(r"\t+[A-Z][\w ]*:|\t*-> Unit ", line):
            # A newline in a value stands there as it is; what systemd says itself begins with a tab.
            if here[-1][0] in LONG_KEYS:
                here[-1][1] += "\n" + line
            continue
        line = line.lstrip("\t")
        if line.startswith("-> Unit "):
            name = line.removeprefix("-> Unit ").removesuffix(":")
            here = found.setdefault(name, []) if name in names and name not in found else None
        elif here is not None and ": " in line:
            key, value = line.split(": ", 1)
            if key in UNIT_KEYS:
                here.append([key, c_words(value) if key == "Command Line" else value])
    return found


LONG_KEYS = {"Environment"}
UNIT_KEYS = {
    "Description", "Documentation", "Command Line", "Environment", "EnvironmentFile", "WorkingDirectory", "User", "Group",
    "LoadCredential", "RequiresMountsFor", "Type", "OnCalendar", "SyslogIdentifier", "Requires", "Wants", "After", "Slice",
}


def c_words(line):
    """Words as systemd shows them: bare, or in double quotes with the escapes of C."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|([^ ]+)', line)
    plain = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "v": "\v", "f": "\f"}

    def one(match):
        found = match.group(1)
        return bytes([int(found, 8)]) if found[0].isdigit() else plain.get(found, found).encode("latin-1")

    def decoded(word):
        return re.sub(rb"\\([0-7]{3}|.)", lambda m: one(re.match(r"(.*)", m.group(1).decode("latin-1"))), word.encode()).decode()

    return [decoded(quoted or bare).replace("$$", "$") for quoted, bare in words]


def read_powershell(path):
    import tree_sitter_powershell
    from tree_sitter import Language, Parser

    text = text_of(path).encode()
    root = Parser(Language(tree_sitter_powershell.language())).parse(text).root_node

    def tree(node):
        if node.is_error or node.is_missing:
            raise Refused(f"{path}:{node.start_point}: {node.type}")
        if not node.children:
            return [node.type, text[node.start_byte : node.end_byte].decode()]
        return [node.type, [tree(inner) for inner in node.children]]

    def unquoted(found):
        # Any of five characters is a single quote to PowerShell; two of them are one in the text.
        if found[0] == "verbatim_string_characters":
            inner = found[1][1:-1]
            if re.search("(?<!['\u2018-\u201b])['\u2018-\u201b](?:['\u2018-\u201b]{2})*(?!['\u2018-\u201b])", inner):
                raise Refused(f"a quote alone in {inner!r}")
            return ["text", re.sub("(['\u2018-\u201b])['\u2018-\u201b]", r"\1", inner)]
        return [found[0], found[1] if isinstance(found[1], str) else [unquoted(one) for one in found[1]]]

    return unquoted(tree(root))


def read_plist(path):
    return plistlib.loads(text_of(path).encode())


def read_ansible(path):
    """What Ansible's own loader reads, with every template in it rendered that needs no facts."""
    from ansible.parsing.dataloader import DataLoader

    data = DataLoader().load_from_file(os.path.join(OUT, path))
    if "_vars/" not in path:
        return plain(data)
    from ansible.template import Templar

    return plain(Templar(loader=DataLoader(), variables={}).template(data))


def plain(tree):
    return deep(tree, str)


def read_yaml(path):
    import yaml

    return plain(yaml.load(text_of(path), Loader=yaml.CSafeLoader))


def read_prometheus(path):
    kind = "rules" if path.endswith("rules.yml") else None
    if kind:
        call("promtool", "check", "rules", os.path.join(OUT, path))
        return deep(read_yaml(path), lambda text: re.sub(r'\{\{"(\{+)"\}\}', r"\1", text))
    elif path.endswith("alertmanager.yml"):
        call("amtool", "check-config", os.path.join(OUT, path))
    return read_yaml(path)


def read_text(path):
    return text_of(path)


def unescaped(pattern):
    """A pattern that is one path alone, by its escapes and its guard against templates."""
    return re.sub(r"\\(.)", r"\1", re.sub(r'\{\{"(\{+)"\}\}', r"\1", pattern))


def read_template(path):
    """A template of chezmoi's: its own words, and the texts in quotes."""
    quoted = r'"(?:[^"\\]|\\.)*"'
    text = text_of(path)
    if path.endswith(("/.chezmoiignore", "/.chezmoiremove")):
        # Which machines, then the paths, whose order means nothing.
        head, *blocks = text.split("{{ if ")
        found = []
        for block in blocks:
            machines, *paths, end, nothing = block.split("\n")
            if (end, nothing) != ("{{ end }}", ""):
                raise Refused(f"a block ends with {end!r}")
            # A path's folders stand there too; a text with slashes has more of them.
            paths = [one for one in paths if not any(other.startswith(one + "/") for other in paths)]
            found.append([sorted(json.loads(one) for one in re.findall(quoted, machines)), sorted(map(unescaped, paths))])
        return [head, found]
    return [re.sub(quoted, '""', text), [json.loads(one) for one in re.findall(quoted, text)]]


def read_tmux(path):
    call("tmux", "-L", "colab", "-f", "/dev/null", "start-server", ";", "source-file", os.path.join(OUT, path))
    return read_lines(path)


READERS = [
    (r"compose/[^/]+/[^/]+\.yml", read_compose),
    (r"caddy/[^/]+/Caddyfile", read_caddy),
    (r"samba/.*", read_samba),
    (r"fstab/.*", read_fstab),
    (r"pihole/.*\.conf", read_dnsmasq),
    (r"(hosts|pihole)/[^.]*|pihole/.*\.list", read_lines),
    (r"ssh/.*", read_ssh),
    (r"clustershell/.*", read_yaml),
    (r"prometheus/.*\.yml", read_prometheus),
    (r"ansible/.*\.yml", read_ansible),
    (r".*\.json", read_json),
    (r"(mise|pihole)/.*\.toml", read_toml),
    (r"docs/.*\.html", read_html),
    (r"docs/.*\.svg", read_svg),
    (r"docs/index\.js", read_script),
    (r"windows/.*\.ps1", read_powershell),
    (r"macos/.*\.plist", read_plist),
    (r"tmux/colab\.conf", read_tmux),
    (r"(mise|backup|tmux|macos)/.*|systemd/[^/]+/secret-[^/]*", read_shell),
    (r"chezmoi/.*", read_template),
    (r"(files|compose|systemd)/.*", read_text),
]
UNIT = re.compile(r"(systemd|backup)/[^/]+/[^/]+\.(service|timer|socket|mount|automount)(\.d/[^/]+)?")


def read(path):
    HERE.folder = path.split("/")[0]
    try:
        for pattern, reader in READERS:
            if re.fullmatch(pattern, path, re.DOTALL):
                return reader(path)
        return {"refused": "nobody reads it"}
    except Refused as why:
        return {"refused": str(why)}
    except Exception as why:  # a reader's own complaint, whatever its class
        return {"refused": f"{type(why).__name__}: {str(why)[:600]}"}


def read_all(out, paths, known):
    """The trees of one cluster's files. What an earlier one had alike is read once."""
    shutil.rmtree(OUT, ignore_errors=True)
    for left in glob.glob("/tmp/mise-*") + glob.glob("/tmp/units-*"):
        shutil.rmtree(left)
    shutil.copytree(out, OUT, symlinks=True)
    units = [path for path in paths if UNIT.fullmatch(path)]
    keys = {path: (path, open(os.path.join(OUT, path), "rb").read()) for path in set(paths) - set(units)}
    new = [path for path, key in keys.items() if key not in known]
    with ThreadPoolExecutor(4) as pool:
        known.update(zip((keys[path] for path in new), pool.map(read, new)))
    found = {path: known[key] for path, key in keys.items()}
    if units:
        HERE.folder = "systemd"
        found.update(read_units(units))
    return found


def main():
    out, wanted = sys.argv[1:]
    with open(wanted, encoding="utf-8") as file:
        clusters = json.load(file)
    known = {}
    found = [read_all(os.path.join(out, str(number)), paths, known) for number, paths in enumerate(clusters)]
    json.dump({"files": found, "programs": PROGRAMS, "ran": os.path.exists(MARK)}, sys.stdout)


main()
