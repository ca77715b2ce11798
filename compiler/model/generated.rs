//! The files that a service can mount although the compiler makes them: one row each.

/// `generated.NAME` of the language.
#[derive(Debug)]
pub struct Generated {
    pub name: &'static str,
    /// Where Ansible puts it on the node: its one home.
    pub home: &'static str,
    /// Below `out/`, with `<node>` for the node's name.
    pub file: &'static str,
    pub doc: &'static str,
}

pub static GENERATED: &[Generated] = &[
    Generated {
        name: "caddyfile",
        home: "/etc/caddy/Caddyfile",
        file: "caddy/<node>/Caddyfile",
        doc: "Every site of this node's ingress.",
    },
    Generated {
        name: "pihole",
        home: "/etc/pihole/20-colab.conf",
        file: "pihole/<node>/20-colab.conf",
        doc: "The DNS records of every site, node and alias.",
    },
    Generated {
        name: "headscale_records",
        home: "/etc/headscale/records.json",
        file: "headscale/<node>/records.json",
        doc: "The names that the mesh's DNS answers beside the nodes' own.",
    },
    Generated {
        name: "headscale_policy",
        home: "/etc/headscale/policy.json",
        file: "headscale/<node>/policy.json",
        doc: "Who may reach what over the mesh.",
    },
    Generated {
        name: "prometheus",
        home: "/etc/prometheus/prometheus.yml",
        file: "prometheus/<node>/prometheus.yml",
        doc: "What to scrape, and which rules to apply.",
    },
    Generated {
        name: "prometheus_rules",
        home: "/etc/prometheus/rules.yml",
        file: "prometheus/<node>/rules.yml",
        doc: "The alerts of the cluster.",
    },
    Generated {
        name: "alertmanager",
        home: "/etc/prometheus/alertmanager.yml",
        file: "prometheus/<node>/alertmanager.yml",
        doc: "Who is told, and which alerts silence which.",
    },
    Generated {
        name: "smb_conf",
        home: "/etc/samba/smb.conf",
        file: "samba/<node>/smb.conf",
        doc: "The shares that this node serves.",
    },
];
