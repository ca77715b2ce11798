//! The library of kinds, roles and templates, as embedded text. What it declares is read like any
//! other source.

/// (name below `stdlib/`, text), in order of name.
pub static FILES: &[(&str, &str)] = &[
    ("cluster.colab", include_str!("../stdlib/cluster.colab")),
    ("daemons.colab", include_str!("../stdlib/daemons.colab")),
    ("layers.colab", include_str!("../stdlib/layers.colab")),
    ("network.colab", include_str!("../stdlib/network.colab")),
    ("node.colab", include_str!("../stdlib/node.colab")),
    ("operate.colab", include_str!("../stdlib/operate.colab")),
    ("project.colab", include_str!("../stdlib/project.colab")),
    ("roles.colab", include_str!("../stdlib/roles.colab")),
    ("secrets.colab", include_str!("../stdlib/secrets.colab")),
    ("service.colab", include_str!("../stdlib/service.colab")),
    ("site.colab", include_str!("../stdlib/site.colab")),
    ("storage.colab", include_str!("../stdlib/storage.colab")),
    ("templates/caddy.colab", include_str!("../stdlib/templates/caddy.colab")),
    ("templates/cockpit.colab", include_str!("../stdlib/templates/cockpit.colab")),
    ("templates/gitea.colab", include_str!("../stdlib/templates/gitea.colab")),
    ("templates/grafana.colab", include_str!("../stdlib/templates/grafana.colab")),
    ("templates/headscale.colab", include_str!("../stdlib/templates/headscale.colab")),
    ("templates/infisical.colab", include_str!("../stdlib/templates/infisical.colab")),
    ("templates/jupyter.colab", include_str!("../stdlib/templates/jupyter.colab")),
    ("templates/minio.colab", include_str!("../stdlib/templates/minio.colab")),
    ("templates/mlflow.colab", include_str!("../stdlib/templates/mlflow.colab")),
    ("templates/ollama.colab", include_str!("../stdlib/templates/ollama.colab")),
    ("templates/open-webui.colab", include_str!("../stdlib/templates/open-webui.colab")),
    ("templates/pihole.colab", include_str!("../stdlib/templates/pihole.colab")),
    ("templates/postgres.colab", include_str!("../stdlib/templates/postgres.colab")),
    ("templates/prometheus.colab", include_str!("../stdlib/templates/prometheus.colab")),
    ("templates/redis.colab", include_str!("../stdlib/templates/redis.colab")),
    ("user.colab", include_str!("../stdlib/user.colab")),
];
