# The layers of the generated clusters, as plain sets.
rec {
  zone = "Etc/UTC";
  templates = {
    app = c: { image = "registry.example.net/${c.name}:${c.tag}"; limits.memory = 128; };
    postgres = c: {
      image = "postgres:${c.tag}";
      stop_grace_period = "1m";
      shm_size = "128m";
      healthcheck = {
        test = [ "CMD-SHELL" "pg_isready -q -h 127.0.0.1 -U \"$$POSTGRES_USER\" -d \"$\${POSTGRES_DB:-$$POSTGRES_USER}\"" ];
        interval = "10s";
        timeout = "5s";
        start_period = "30s";
        retries = 5;
      };
    };
    redis = c: {
      image = "redis:${c.tag}";
      healthcheck = { test = [ "CMD" "redis-cli" "ping" ]; interval = "10s"; timeout = "5s"; retries = 5; };
    };
    caddy = c: {
      image = "caddy:${c.tag}";
      volumes."/etc/caddy/Caddyfile" = { bind = "/etc/caddy/Caddyfile"; read_only = true; };
      healthcheck = {
        test = [ "CMD" "wget" "-q" "-O" "/dev/null" "http://127.0.0.1:2019/config/" ];
        interval = "30s";
        timeout = "5s";
        retries = 3;
      };
    };
  };
  everywhere = vars: {
    restart = "always";
    logging = { driver = "json-file"; max_size = vars.log_size; max_file = "3"; };
    env = { TZ = zone; REGION = vars.region; };
  };
  vars = { region = "core"; log_size = "10m"; };
  arch = { arm64.platform = "linux/arm64"; x86_64.platform = "linux/amd64"; };
  roles = {
    worker = { vars.pool = "work"; container = vars: { labels."org.example.pool" = vars.pool; }; };
    data = { vars = { }; container = _: { }; };
    gpu = { vars.runtime = [ "cuda" "pytorch" ]; container = _: { }; };
  };
  isAddress = text: builtins.match "((25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(\\.|$)){4}" text != null;
  isPort = port: port > 0 && port < 65536;
}
