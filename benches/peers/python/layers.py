"""The layers of the generated clusters, and what they make of the facts: shared by the two scripts."""

import ipaddress
import re

DOMAIN, ZONE, USER = "example.org", "Etc/UTC", {"name": "ops", "uid": 1000, "gid": 1000}
EDGE, REACH = "edge", ["10.0.0.0/8", "100.64.0.0/10"]

TEMPLATES = {
    "app": lambda c: {"image": f"registry.example.net/{c['name']}:{c['tag']}", "limits": {"memory": 128}},
    "postgres": lambda c: {
        "image": f"postgres:{c['tag']}",
        "stop_grace_period": "1m",
        "shm_size": "128m",
        "healthcheck": {
            "test": ["CMD-SHELL", 'pg_isready -q -h 127.0.0.1 -U "$$POSTGRES_USER" -d "$${POSTGRES_DB:-$$POSTGRES_USER}"'],
            "interval": "10s",
            "timeout": "5s",
            "start_period": "30s",
            "retries": 5,
        },
    },
    "redis": lambda c: {
        "image": f"redis:{c['tag']}",
        "healthcheck": {"test": ["CMD", "redis-cli", "ping"], "interval": "10s", "timeout": "5s", "retries": 5},
    },
    "caddy": lambda c: {
        "image": f"caddy:{c['tag']}",
        "volumes": {"/etc/caddy/Caddyfile": {"bind": "/etc/caddy/Caddyfile", "read_only": True}},
        "healthcheck": {
            "test": ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:2019/config/"],
            "interval": "30s",
            "timeout": "5s",
            "retries": 3,
        },
    },
}
VARS = {"region": "core", "log_size": "10m"}
ROLES = {
    "worker": {"vars": {"pool": "work"}, "container": lambda vars: {"labels": {"org.example.pool": vars["pool"]}}},
    "data": {},
    "gpu": {"vars": {"runtime": ["cuda", "pytorch"]}},
}
ARCH = {"arm64": {"platform": "linux/arm64"}, "x86_64": {"platform": "linux/amd64"}}


def everywhere(vars):
    return {
        "restart": "always",
        "logging": {"driver": "json-file", "max_size": vars["log_size"], "max_file": "3"},
        "env": {"TZ": ZONE, "REGION": vars["region"]},
    }


def merge(into, more):
    """What a later layer says wins; maps are merged as deep as they go."""
    for key, value in more.items():
        if isinstance(value, dict):
            merge(into.setdefault(key, {}), value)
        else:
            into[key] = value
    return into


class Cluster:
    def __init__(self, facts):
        self.nodes, self.shares = facts["nodes"], facts["shares"]
        self.groups, self.services = facts["groups"], facts["services"]
        for name, node in self.nodes.items():
            for network in ("lan", "mesh"):
                ipaddress.IPv4Address(node[network])
            layers = [ROLES[role].get("vars", {}) for role in node["roles"]]
            vars = {}
            for layer in [VARS, *layers, node.get("vars", {})]:
                merge(vars, layer)
            node["name"] = name
            node["layers"] = [
                everywhere(vars),
                ARCH[node["arch"]],
                *[ROLES[role]["container"](vars) for role in node["roles"] if "container" in ROLES[role]],
                node.get("container", {}),
            ]

    def text(self, value):
        """A text with its references put in."""
        return re.sub(r"@\{(\w+) ([^}]*)\}", lambda found: getattr(self, found[1])(found[2]), value)

    def lan(self, node):
        return self.nodes[node]["lan"]

    def workers(self, node):
        return "8" if self.nodes[node]["memory"] > 100 else "4"

    def url(self, service):
        service = self.services[service]
        return f"http://{self.lan(service['on'])}:{service['containers']['main']['ports']['http']['host']}"

    def container(self, service, label):
        own = service["containers"][label]
        node = self.nodes[service["on"]]
        merged = {}
        template = TEMPLATES[own["from"]](own) if "from" in own else {}
        special = [
            service.get("on_os", {}).get("linux", {}).get(label, {}),
            service.get("on_node", {}).get(node["name"], {}).get(label, {}),
        ]
        for layer in [template, *node["layers"], own, *special]:
            merge(merged, layer)
        merged["env"] = {key: self.text(value) for key, value in merged["env"].items()}
        for port in merged.get("ports", {}).values():
            if not (0 < port["host"] < 65536 and 0 < port["container"] < 65536):
                raise ValueError(f"port {port} of {label}")
        return merged

    def ports(self, node, ports):
        addresses = [node["lan"], node["mesh"], "127.0.0.1"]
        return [f"{a}:{p['host']}:{p['container']}/tcp" for p in ports.values() for a in addresses]

    def volume(self, node, target, volume):
        if "local" in volume:
            return {"type": "volume", "source": volume["local"], "target": target}
        source, how = volume.get("bind"), {"create_host_path": False}
        if "share" in volume:
            share = self.shares[volume["share"]]
            at_home = share["server"] == node["name"]
            base = node["disks"][share["disk"]]["mount"] if at_home else share["mount"]
            source = f"{base}/{volume['path']}"
            if not at_home:
                how["propagation"] = "rslave"
        row = {"type": "bind", "source": source, "target": target}
        if volume.get("read_only"):
            row["read_only"] = True
        return row | {"bind": how}

    def compose(self, name):
        """A Compose project, and the files that it brings along."""
        service = self.services[name]
        node = self.nodes[service["on"]]
        merged = {label: self.container(service, label) for label in service["containers"]}
        project = {"name": name, "services": {}}
        volumes, secrets, files = {}, {}, {}
        for label, c in merged.items():
            one = {"image": c["image"], "platform": c["platform"], "restart": c["restart"]}
            for key in ("stop_grace_period", "shm_size", "network_mode", "healthcheck"):
                if key in c:
                    one[key] = c[key]
            if "depends_on" in c:
                healthy = lambda other: "service_healthy" if "healthcheck" in merged[other] else "service_started"
                one["depends_on"] = {f"{name}-{other}": {"condition": healthy(other)} for other in c["depends_on"]}
            one["environment"] = c["env"]
            if "ports" in c:
                one["ports"] = self.ports(node, c["ports"])
            rows = [self.volume(node, target, v) for target, v in c.get("volumes", {}).items()]
            for target, content in c.get("config", {}).items():
                files[f"{name}/{label}{target}"] = content
                rows.append({
                    "type": "bind", "source": f"./{name}/{label}{target}", "target": target,
                    "read_only": True, "bind": {"create_host_path": False},
                })
            if rows:
                one["volumes"] = rows
            volumes |= {row["source"]: {"name": row["source"]} for row in rows if row["type"] == "volume"}
            for key, variable in c.get("credentials", {}).items():
                one.setdefault("secrets", []).append(
                    {"source": f"{label}-{key}", "target": f"/run/secrets/{key}", "mode": "0400"})
                secrets[f"{label}-{key}"] = {"environment": variable}
            limits = c["limits"]
            size = limits["memory"]
            said = {"memory": f"{size // 1024}g" if size % 1024 == 0 else f"{size}m"}
            if "cpu" in limits:
                said["cpus"] = limits["cpu"]
            one["deploy"] = {"resources": {"limits": said}}
            logging = c["logging"]
            one["logging"] = {
                "driver": logging["driver"],
                "options": {"max-size": logging["max_size"], "max-file": logging["max_file"]},
            }
            one["labels"] = c["labels"]
            project["services"][f"{name}-{label}"] = one
        if volumes:
            project["volumes"] = volumes
        if secrets:
            project["secrets"] = secrets
        return project, files

    def inventory(self):
        nodes = self.nodes
        all = dict.fromkeys(nodes, {})
        children = {"linux": all, "posix": all, "status_up": all}
        for name in ("macos", "windows", "wsl", "trial", "status_offline", "status_on_demand"):
            children[name] = {}
        for name, node in nodes.items():
            for group in [f"arch_{node['arch']}", f"os_{node['os']}", *[f"role_{role}" for role in node["roles"]]]:
                children.setdefault(group, {})[name] = {}
        for name, members in self.groups.items():
            children[f"group_{name.replace('-', '_')}"] = dict.fromkeys(members, {})
        hosts = {name: {"ansible_host": node["lan"], "ansible_user": USER["name"]} for name, node in nodes.items()}
        return {"all": {"hosts": hosts, "children": {key: {"hosts": hosts} for key, hosts in children.items()}}}

    def mounts(self, name):
        """The rows of a node's fstab."""
        node = self.nodes[name]
        rows = [(d["device"], d["mount"], d["fs"], "defaults") for d in node.get("disks", {}).values()]
        for share, said in self.by_client().get(name, []):
            options = [
                f"credentials=/run/colab/{share}.cred", f"uid={USER['uid']}", f"gid={USER['gid']}", "vers=3.1.1",
                "iocharset=utf8", "hard", "_netdev", "nofail", "x-systemd.automount", "x-systemd.idle-timeout=600s",
                "x-systemd.mount-timeout=30s", f"x-systemd.requires=colab-secret-share-{share}.service",
                "x-systemd.before=docker.service",
            ]
            rows.append((f"//{self.lan(said['server'])}/{share}", said["mount"], "cifs", ",".join(options)))
        return rows

    def by_client(self):
        if not hasattr(self, "clients"):
            self.clients = {}
            for share, said in self.shares.items():
                for client in said["clients"]:
                    if client != said["server"]:
                        self.clients.setdefault(client, []).append((share, said))
        return self.clients

    def hosts(self):
        for name, node in self.nodes.items():
            yield f"{node['lan']} {name} {node['alias']}"
            yield f"{node['mesh']} {name}.scale"

    def sites(self):
        """Each site with where it leads."""
        edge = self.services[EDGE]["on"]
        for name, service in self.services.items():
            for host, to in service.get("sites", {}).items():
                address = "127.0.0.1" if service["on"] == edge else self.lan(service["on"])
                yield host, f"{address}:{service['containers'][to['container']]['ports'][to['port']]['host']}"
