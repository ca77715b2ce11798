"""The same facts, merged by the same layers, written by templates of Jinja2: `jinja.py FACTS OUT`."""

import json
import os
import sys

import jinja2
import yaml

from layers import REACH, Cluster


def main(facts, out):
    with open(facts) as file:
        cluster = Cluster(yaml.load(file, Loader=yaml.CSafeLoader))
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(here), trim_blocks=True, lstrip_blocks=True)
    templates.filters["quoted"] = json.dumps

    def put(name, text):
        path = f"{out}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    compose, fstab = templates.get_template("compose.yml"), templates.get_template("fstab")
    for name, service in cluster.services.items():
        project, files = cluster.compose(name)
        folder = f"compose/{service['on']}"
        put(f"{folder}/{name}.yml", compose.render(project=project))
        for path, content in files.items():
            put(f"{folder}/{path}", content)
    for name in cluster.nodes:
        put(f"fstab/{name}", fstab.render(rows=cluster.mounts(name)))
    put("ansible/inventory.yml", templates.get_template("inventory.yml").render(cluster.inventory()["all"]))
    put("hosts", templates.get_template("hosts").render(nodes=cluster.nodes))
    put("Caddyfile", templates.get_template("Caddyfile").render(sites=sorted(cluster.sites()), reach=REACH))


if __name__ == "__main__":
    main(*sys.argv[1:])
