"""Facts in YAML, merged by hand, written by PyYAML: `plain.py FACTS OUT`."""

import os
import sys

import yaml

from layers import REACH, Cluster


def main(facts, out):
    with open(facts) as file:
        cluster = Cluster(yaml.load(file, Loader=yaml.CSafeLoader))

    def put(name, text):
        path = f"{out}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)

    def dump(value):
        return yaml.dump(value, Dumper=Dumper, sort_keys=False, default_flow_style=False)

    for name, service in cluster.services.items():
        project, files = cluster.compose(name)
        folder = f"compose/{service['on']}"
        put(f"{folder}/{name}.yml", dump(project))
        for path, content in files.items():
            put(f"{folder}/{path}", content)
    put("ansible/inventory.yml", dump(cluster.inventory()))
    for name in cluster.nodes:
        put(f"fstab/{name}", "".join(f"{' '.join(row)} 0 0\n" for row in cluster.mounts(name)))
    put("hosts", "".join(f"{line}\n" for line in cluster.hosts()))
    sites = "".join(
        f"{host} {{\n\ttls internal\n\t@outside not remote_ip {' '.join(REACH)}\n\thandle @outside {{\n\t\trespond 403\n\t}}\n"
        f"\thandle {{\n\t\treverse_proxy {to}\n\t}}\n}}\n"
        for host, to in sorted(cluster.sites())
    )
    put("Caddyfile", "{\n\tskip_install_trust\n}\n" + sites)


class Dumper(yaml.CSafeDumper):
    def ignore_aliases(self, data):
        return True


if __name__ == "__main__":
    main(*sys.argv[1:])
