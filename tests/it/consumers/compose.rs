//! A Compose project, read by Compose v2 itself and against the published schema.

use super::Scratch;
use serde_json::Value;
use std::path::Path;

pub const TOOLS: &[&str] = &["docker-compose", "check-jsonschema"];

/// The project in `folder`/`file` as Compose resolves it: every default filled in, every path
/// absolute, every `${NAME}` replaced from `env`.
pub fn read(folder: &Path, file: &str, env: &[(&str, &str)]) -> Result<Value, String> {
    let scratch = Scratch::new();
    let path = scratch.copy(folder, "project").join(file);
    // The schema finds a key that is twice there, or in nobody's book; Compose finds the rest.
    scratch
        .call("check-jsonschema")
        .args(["--builtin-schema", "vendor.compose-spec"])
        .arg(&path)
        .fine()?;
    let mut call = scratch.call("docker-compose").arg("-f").arg(&path);
    for (name, value) in env {
        call = call.env(name, value);
    }
    call.args(["config", "--format", "json"]).silent()?.json()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"name: "gitea"
services:
  app:
    image: "gitea/gitea:1.24-rootless"
    container_name: "gitea-app"
    restart: "unless-stopped"
    platform: "linux/arm64"
    environment:
      GITEA__database__PASSWD: "${DB_PASSWORD:?}"
      PRICE: "5$$"
    ports:
      - "192.168.254.10:3300:3000/tcp"
    volumes:
      - type: "bind"
        source: "/media/crtr/fortress/gitea"
        target: "/var/lib/gitea"
    depends_on:
      db:
        condition: "service_healthy"
    networks: ["internal"]
  db:
    image: "postgres:16"
    environment:
      POSTGRES_PASSWORD: "${DB_PASSWORD:?}"
    healthcheck:
      test: ["CMD-SHELL", "pg_isready -U $${POSTGRES_USER}"]
      interval: "10s"
    volumes:
      - "data:/var/lib/postgresql/data"
    networks: ["internal"]
networks:
  internal:
    internal: true
volumes:
  data: {}
"#;

    fn one(text: &str) -> Result<Value, String> {
        let scratch = Scratch::new();
        scratch.write("project/gitea.yml", text);
        read(&scratch.path("project"), "gitea.yml", &[("DB_PASSWORD", "open sesame")])
    }

    #[test]
    fn compose_hands_back_what_was_said() {
        if super::super::missing(TOOLS) {
            return;
        }
        let project = one(SOUND).unwrap();
        let app = &project["services"]["app"];
        assert_eq!(app["environment"]["GITEA__database__PASSWD"], "open sesame");
        assert_eq!(app["ports"][0]["host_ip"], "192.168.254.10");
        assert_eq!(app["ports"][0]["published"], "3300");
        assert_eq!(app["depends_on"]["db"]["condition"], "service_healthy");
        assert_eq!(app["volumes"][0]["source"], "/media/crtr/fortress/gitea");
        // Compose doubles a dollar on its way out, as it wants it on its way in.
        assert_eq!(app["environment"]["PRICE"], "5$$");
    }

    #[test]
    fn broken_copies_are_refused() {
        if super::super::missing(TOOLS) {
            return;
        }
        super::super::refuses(
            one,
            SOUND,
            &[
                ("DB_PASSWORD:?", "OTHER_PASSWORD:?"),
                ("interval: \"10s\"", "interval: 10"),
                ("      db:\n        condition", "      base:\n        condition"),
                ("networks: [\"internal\"]\n  db", "networks: [\"outer\"]\n  db"),
                ("data: {}", "other: {}"),
                ("image: \"postgres:16\"", "image: \"postgres:16\"\n    image: \"postgres:17\""),
                ("restart:", "restarts:"),
                ("5$$", "5${"),
                ("3300:3000", "333000:3000"),
            ],
        );
    }
}
