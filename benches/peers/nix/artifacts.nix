# The five artifacts out of facts whose containers are merged: each by its path, data or text.
# Shared by the hand-written merge and by the modules. With nothing but the builtins.
{ nodes, shares, groups, services, containers }:
let
  inherit (builtins) attrNames attrValues concatLists concatMap concatStringsSep elem filter hasAttr listToAttrs map toString replaceStrings;
  user = { name = "ops"; uid = 1000; gid = 1000; };
  edge = "edge";
  reach = [ "10.0.0.0/8" "100.64.0.0/10" ];
  pair = name: value: { inherit name value; };
  optional = yes: value: if yes then value else { };
  names = attrNames nodes;
  mapNames = f: set: map f (attrNames set);

  published = node: ports: concatMap
    (port: map (address: "${address}:${toString port.host}:${toString port.container}/tcp") [ node.lan node.mesh "127.0.0.1" ])
    (attrValues ports);

  bind = source: target: how: { type = "bind"; inherit source target; bind = { create_host_path = false; } // how; };
  volume = on: target: v:
    if v ? local then { type = "volume"; source = v.local; inherit target; }
    else if v ? share then
      let share = shares.${v.share}; in
      if share.server == on then bind "${nodes.${on}.disks.${share.disk}.mount}/${v.path}" target { }
      else bind "${share.mount}/${v.path}" target { propagation = "rslave"; }
    else bind v.bind target { } // optional (v.read_only or false) { read_only = true; };

  rest = number: by: number - (number / by) * by;
  size = mebibytes: if rest mebibytes 1024 == 0 then "${toString (mebibytes / 1024)}g" else "${toString mebibytes}m";

  compose = name:
    let
      service = services.${name};
      node = nodes.${service.on};
      all = containers.${name};
      one = label: c:
        let
          rows = mapNames (target: volume service.on target c.volumes.${target}) (c.volumes or { })
            ++ mapNames (target: bind "./${name}/${label}${target}" target { } // { read_only = true; }) (c.config or { });
          credentials = attrNames (c.credentials or { });
          part = key: optional (hasAttr key c) { ${key} = c.${key}; };
        in
        {
          inherit (c) image platform restart labels;
          environment = c.env;
          deploy.resources.limits = { memory = size c.limits.memory; } // optional (c.limits ? cpu) { cpus = c.limits.cpu; };
          logging = { inherit (c.logging) driver; options = { "max-size" = c.logging.max_size; "max-file" = c.logging.max_file; }; };
        }
        // part "stop_grace_period" // part "shm_size" // part "network_mode" // part "healthcheck"
        // optional (c ? depends_on) {
          depends_on = listToAttrs (map
            (other: pair "${name}-${other}" { condition = if all.${other} ? healthcheck then "service_healthy" else "service_started"; })
            c.depends_on);
        }
        // optional (c ? ports) { ports = published node c.ports; }
        // optional (rows != [ ]) { volumes = rows; }
        // optional (credentials != [ ]) {
          secrets = map (key: { source = "${label}-${key}"; target = "/run/secrets/${key}"; mode = "0400"; }) credentials;
        };
      locals = concatMap (c: concatMap (v: if v ? local then [ (pair v.local { name = v.local; }) ] else [ ]) (attrValues (c.volumes or { }))) (attrValues all);
      secrets = concatLists (mapNames
        (label: mapNames (key: pair "${label}-${key}" { environment = all.${label}.credentials.${key}; }) (all.${label}.credentials or { }))
        all);
      folder = "compose/${service.on}/${name}";
      project = {
        inherit name;
        services = listToAttrs (mapNames (label: pair "${name}-${label}" (one label all.${label})) all);
      } // optional (locals != [ ]) { volumes = listToAttrs locals; }
      // optional (secrets != [ ]) { secrets = listToAttrs secrets; };
    in
    [ (pair "${folder}.yml" project) ] ++ concatLists (mapNames
      (label: mapNames (target: pair "${folder}/${label}${target}" all.${label}.config.${target}) (all.${label}.config or { }))
      all);

  members = of: { hosts = listToAttrs (map (name: pair name { }) of); };
  keyed = key: word: listToAttrs (map
    (each: pair "${word}_${each}" (members (filter (name: elem each (key nodes.${name})) names)))
    (attrNames (listToAttrs (map (each: pair each null) (concatMap (name: key nodes.${name}) names)))));
  inventory.all = {
    hosts = builtins.mapAttrs (_: node: { ansible_host = node.lan; ansible_user = user.name; }) nodes;
    children =
      listToAttrs (map (name: pair name (members names)) [ "linux" "posix" "status_up" ])
      // listToAttrs (map (name: pair name (members [ ])) [ "macos" "windows" "wsl" "trial" "status_offline" "status_on_demand" ])
      // keyed (node: [ node.arch ]) "arch" // keyed (node: [ node.os ]) "os" // keyed (node: node.roles) "role"
      // listToAttrs (mapNames (name: pair "group_${replaceStrings [ "-" ] [ "_" ] name}" (members groups.${name})) groups);
  };

  options = share: concatStringsSep "," [
    "credentials=/run/colab/${share}.cred"
    "uid=${toString user.uid}"
    "gid=${toString user.gid}"
    "vers=3.1.1"
    "iocharset=utf8"
    "hard"
    "_netdev"
    "nofail"
    "x-systemd.automount"
    "x-systemd.idle-timeout=600s"
    "x-systemd.mount-timeout=30s"
    "x-systemd.requires=colab-secret-share-${share}.service"
    "x-systemd.before=docker.service"
  ];
  mounts = name: concatStringsSep "" (
    map (disk: "${disk.device} ${disk.mount} ${disk.fs} defaults 0 0\n") (attrValues (nodes.${name}.disks or { }))
    ++ map
      (share: "//${nodes.${shares.${share}.server}.lan}/${share} ${shares.${share}.mount} cifs ${options share} 0 0\n")
      (filter (share: shares.${share}.server != name && elem name shares.${share}.clients) (attrNames shares))
  );

  site = host: to: ''
    ${host} {
      tls internal
      @outside not remote_ip ${concatStringsSep " " reach}
      handle @outside {
        respond 403
      }
      handle {
        reverse_proxy ${to}
      }
    }
  '';
  sites = listToAttrs (concatMap
    (name:
      let service = services.${name}; in
      mapNames
        (host:
          let to = service.sites.${host}; in
          pair host "${if service.on == services.${edge}.on then "127.0.0.1" else nodes.${service.on}.lan}:${
            toString service.containers.${to.container}.ports.${to.port}.host}")
        (service.sites or { }))
    (attrNames services));
in
listToAttrs (concatMap compose (attrNames services) ++ map (name: pair "fstab/${name}" (mounts name)) names) // {
  "ansible/inventory.yml" = inventory;
  hosts = concatStringsSep "" (map
    (name: let node = nodes.${name}; in "${node.lan} ${name} ${node.alias}\n${node.mesh} ${name}.scale\n")
    names);
  Caddyfile = "{\n\tskip_install_trust\n}\n" + concatStringsSep "" (mapNames (host: site host sites.${host}) sites);
}
