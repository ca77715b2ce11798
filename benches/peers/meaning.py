"""What the five artifacts say, whoever wrote them: for comparing one tool's with another's."""

import json
import os

import yaml


class Loader(yaml.CSafeLoader):
    """As YAML 1.1 reads, but a number with a colon is no count of minutes: Compose reads it so as well."""


def of_folder(folder):
    """A tree of files, as most write it and `colabc` does."""
    found = {}
    for base, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(base, name)
            with open(path, encoding="utf-8") as file:
                add(found, os.path.relpath(path, folder), file.read())
    return found


def of_document(path):
    """One JSON document with all of them by their paths."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for name, content in json.load(file).items():
            add(found, name, content)
    return found


def add(found, name, content):
    """`content` is text, or what a text would be read as."""
    parts = name.split("/")
    if parts[0] == "compose" and name.endswith(".yml"):
        value = parse(content)
        for service in value["services"].values():
            # A hash of what it is made of: `colabc` alone writes one, to restart what changed.
            service.get("labels", {}).pop("colab.hash", None)
        found[name] = ordered(value)
    elif parts[0] == "compose":
        found[name] = content
    elif name == "ansible/inventory.yml":
        found[name] = ordered(parse(content))
    elif parts[0] == "fstab":
        found[name] = sorted(lines(content))
    elif parts[0] == "hosts":
        # One for all, or one for each node that says the same: `colabc` decides by how many there are.
        rows = sorted(lines(content))
        if found.setdefault("hosts", rows) != rows:
            found[name] = rows
    elif parts[-1] == "Caddyfile":
        found["Caddyfile"] = blocks(lines(content))


def parse(content):
    if not isinstance(content, str):
        return content
    return json.loads(content) if content.startswith("{") else yaml.load(content, Loader=Loader)


def lines(content):
    """Without comments and blank lines."""
    rows = [" ".join(line.split()) for line in content.splitlines()]
    return [row for row in rows if row and not row.startswith("#")]


def blocks(rows):
    """Each block at the top, by the words before its brace: their order means nothing."""
    found, depth = {}, 0
    for row in rows:
        if depth == 0:
            name, inside = row.removesuffix("{").strip(), []
            found[name] = inside
        else:
            inside.append(row)
        depth += row.endswith("{") - (row == "}")
    return found


def ordered(value):
    """No list of these artifacts but a command's words means something by its order."""
    if isinstance(value, dict):
        return {key: one if key == "test" else ordered(one) for key, one in value.items()}
    if isinstance(value, list):
        return sorted((ordered(one) for one in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


def differences(expected, found, most=5):
    """Sentences on what is not the same."""
    said = [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    said += [f"{name} is one too many" for name in sorted(found.keys() - expected.keys())]
    for name in sorted(expected.keys() & found.keys()):
        if expected[name] != found[name]:
            said.append(f"{name}: {first(expected[name], found[name])}")
    return said[:most]


def first(expected, found, at=""):
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in [*expected, *found]:
            if expected.get(key) != found.get(key):
                return first(expected.get(key), found.get(key), f"{at}.{key}")
    if isinstance(expected, list) and isinstance(found, list):
        for number, (one, other) in enumerate(zip(expected, found)):
            if one != other:
                return first(one, other, f"{at}[{number}]")
    return f"at {at or 'the top'} expected {json.dumps(expected)[:200]}, found {json.dumps(found)[:200]}"


if __name__ == "__main__":
    import sys

    expected, *others = sys.argv[1:]
    wanted = of_folder(expected)
    for other in others:
        found = of_folder(other) if os.path.isdir(other) else of_document(other)
        wrong = differences(wanted, found)
        print(other, "says the same" if not wrong else "\n".join(wrong))
