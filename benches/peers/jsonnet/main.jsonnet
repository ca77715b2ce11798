// The layers of the generated clusters in Jsonnet, and the five artifacts: each a text by its path.
// `jrsonnet -J FACTS -S -c -m OUT main.jsonnet`
local facts = import 'facts.libsonnet';
local nodes = facts.nodes, shares = facts.shares, services = facts.services;

local zone = 'Etc/UTC', user = { name: 'ops', uid: 1000, gid: 1000 };
local edge = 'edge', reach = ['10.0.0.0/8', '100.64.0.0/10'];

local templates = {
  app: {
    image: 'registry.example.net/%s:%s' % [self.name, self.tag],
    limits: { memory: 128 },
  },
  postgres: {
    image: 'postgres:' + self.tag,
    stop_grace_period: '1m',
    shm_size: '128m',
    healthcheck: {
      test: ['CMD-SHELL', 'pg_isready -q -h 127.0.0.1 -U "$$POSTGRES_USER" -d "$${POSTGRES_DB:-$$POSTGRES_USER}"'],
      interval: '10s',
      timeout: '5s',
      start_period: '30s',
      retries: 5,
    },
  },
  redis: {
    image: 'redis:' + self.tag,
    healthcheck: { test: ['CMD', 'redis-cli', 'ping'], interval: '10s', timeout: '5s', retries: 5 },
  },
  caddy: {
    image: 'caddy:' + self.tag,
    volumes: { '/etc/caddy/Caddyfile': { bind: '/etc/caddy/Caddyfile', read_only: true } },
    healthcheck: {
      test: ['CMD', 'wget', '-q', '-O', '/dev/null', 'http://127.0.0.1:2019/config/'],
      interval: '30s',
      timeout: '5s',
      retries: 3,
    },
  },
};

local everywhere(vars) = {
  restart: 'always',
  logging: { driver: 'json-file', max_size: vars.log_size, max_file: '3' },
  env: { TZ: zone, REGION: vars.region },
};
local arch = { arm64: { platform: 'linux/arm64' }, x86_64: { platform: 'linux/amd64' } };
local roles = {
  worker: { vars: { pool: 'work' }, container(vars): { labels: { 'org.example.pool': vars.pool } } },
  data: { vars: {}, container(vars): {} },
  gpu: { vars: { runtime: ['cuda', 'pytorch'] }, container(vars): {} },
};

local isAddress(text) =
  local parts = std.split(text, '.');
  std.length(parts) == 4 && std.all([std.parseInt(part) >= 0 && std.parseInt(part) < 256 for part in parts]);
local isPort(number) = number > 0 && number < 65536;

// What a node says of all its containers.
local layers = {
  [name]:
    local node = nodes[name];
    assert isAddress(node.lan) && isAddress(node.mesh) : 'addresses of ' + name;
    local vars = { region: 'core', log_size: '10m' }
                 + std.foldl(function(all, role) all + roles[role].vars, node.roles, {})
                 + std.get(node, 'vars', {});
    everywhere(vars) + arch[node.arch]
    + std.foldl(function(all, role) all + roles[role].container(vars), node.roles, {})
    + std.get(node, 'container', {})
  for name in std.objectFields(nodes)
};

local container(service, label) =
  local own = service.containers[label];
  local merged =
    std.get(templates, std.get(own, 'from', ''), {})
    + layers[service.on]
    + own
    + std.get(std.get(std.get(service, 'on_os', {}), 'linux', {}), label, {})
    + std.get(std.get(std.get(service, 'on_node', {}), service.on, {}), label, {});
  assert std.all([isPort(p.host) && isPort(p.container) for p in std.objectValues(std.get(merged, 'ports', {}))]) : label;
  merged;

local published(node, ports) = [
  '%s:%d:%d/tcp' % [address, ports[name].host, ports[name].container]
  for name in std.objectFields(ports)
  for address in [node.lan, node.mesh, '127.0.0.1']
];

local bind(source, target, how={}) = { type: 'bind', source: source, target: target, bind: { create_host_path: false } + how };
local volume(on, target, v) =
  if std.objectHas(v, 'local') then { type: 'volume', source: v['local'], target: target }
  else if std.objectHas(v, 'share') then
    local share = shares[v.share];
    if share.server == on then bind(nodes[on].disks[share.disk].mount + '/' + v.path, target)
    else bind(share.mount + '/' + v.path, target, { propagation: 'rslave' })
  else bind(v.bind, target) + (if std.get(v, 'read_only', false) then { read_only: true } else {});

local size(mebibytes) = if mebibytes % 1024 == 0 then '%dg' % (mebibytes / 1024) else '%dm' % mebibytes;

local compose(name) =
  local service = services[name], node = nodes[service.on];
  local all = { [label]: container(service, label) for label in std.objectFields(service.containers) };
  local part(label, c, key) = if std.objectHas(c, key) then { [key]: c[key] } else {};
  local one(label) =
    local c = all[label];
    local rows = [volume(service.on, target, c.volumes[target]) for target in std.objectFields(std.get(c, 'volumes', {}))]
                 + [
                   bind('./%s/%s%s' % [name, label, target], target) + { read_only: true }
                   for target in std.objectFields(std.get(c, 'config', {}))
                 ];
    local credentials = std.objectFields(std.get(c, 'credentials', {}));
    {
      image: c.image,
      platform: c.platform,
      restart: c.restart,
      environment: c.env,
      deploy: { resources: { limits: { memory: size(c.limits.memory) } + (if std.objectHas(c.limits, 'cpu') then { cpus: c.limits.cpu } else {}) } },
      logging: { driver: c.logging.driver, options: { 'max-size': c.logging.max_size, 'max-file': c.logging.max_file } },
      labels: c.labels,
    }
    + part(label, c, 'stop_grace_period')
    + part(label, c, 'shm_size')
    + part(label, c, 'network_mode')
    + part(label, c, 'healthcheck')
    + (if std.objectHas(c, 'depends_on') then {
         depends_on: {
           [name + '-' + other]: { condition: if std.objectHas(all[other], 'healthcheck') then 'service_healthy' else 'service_started' }
           for other in c.depends_on
         },
       } else {})
    + (if std.objectHas(c, 'ports') then { ports: published(node, c.ports) } else {})
    + (if rows != [] then { volumes: rows } else {})
    + (if credentials != [] then {
         secrets: [{ source: label + '-' + key, target: '/run/secrets/' + key, mode: '0400' } for key in credentials],
       } else {});
  local locals = [
    v['local']
    for label in std.objectFields(all)
    for v in std.objectValues(std.get(all[label], 'volumes', {}))
    if std.objectHas(v, 'local')
  ];
  local secrets = {
    [label + '-' + key]: { environment: all[label].credentials[key] }
    for label in std.objectFields(all)
    for key in std.objectFields(std.get(all[label], 'credentials', {}))
  };
  local folder = 'compose/%s/%s' % [service.on, name];
  local project =
    { name: name, services: { [name + '-' + label]: one(label) for label in std.objectFields(all) } }
    + (if locals != [] then { volumes: { [source]: { name: source } for source in locals } } else {})
    + (if secrets != {} then { secrets: secrets } else {});
  [{ path: folder + '.yml', text: std.manifestYamlDoc(project) + '\n' }] + [
    { path: '%s/%s%s' % [folder, label, target], text: all[label].config[target] }
    for label in std.objectFields(all)
    for target in std.objectFields(std.get(all[label], 'config', {}))
  ];

local names = std.objectFields(nodes);
local members(holds) = { hosts: { [name]: {} for name in names if holds(nodes[name]) } };
local inventory = {
  all: {
    hosts: { [name]: { ansible_host: nodes[name].lan, ansible_user: user.name } for name in names },
    children:
      { [name]: members(function(node) true) for name in ['linux', 'posix', 'status_up'] }
      + { [name]: { hosts: {} } for name in ['macos', 'windows', 'wsl', 'trial', 'status_offline', 'status_on_demand'] }
      + { ['arch_' + each]: members(function(node) node.arch == each) for each in std.set([nodes[name].arch for name in names]) }
      + { ['os_' + each]: members(function(node) node.os == each) for each in std.set([nodes[name].os for name in names]) }
      + {
        ['role_' + each]: members(function(node) std.member(node.roles, each))
        for each in std.set([role for name in names for role in nodes[name].roles])
      }
      + {
        ['group_' + std.strReplace(name, '-', '_')]: { hosts: { [node]: {} for node in facts.groups[name] } }
        for name in std.objectFields(facts.groups)
      },
  },
};

local options(share) = std.join(',', [
  'credentials=/run/colab/%s.cred' % share,
  'uid=%d' % user.uid,
  'gid=%d' % user.gid,
  'vers=3.1.1',
  'iocharset=utf8',
  'hard',
  '_netdev',
  'nofail',
  'x-systemd.automount',
  'x-systemd.idle-timeout=600s',
  'x-systemd.mount-timeout=30s',
  'x-systemd.requires=colab-secret-share-%s.service' % share,
  'x-systemd.before=docker.service',
]);
local mounts(name) =
  [
    '%s %s %s defaults 0 0\n' % [disk.device, disk.mount, disk.fs]
    for disk in std.objectValues(std.get(nodes[name], 'disks', {}))
  ] + [
    '//%s/%s %s cifs %s 0 0\n' % [nodes[shares[share].server].lan, share, shares[share].mount, options(share)]
    for share in std.objectFields(shares)
    if shares[share].server != name && std.member(shares[share].clients, name)
  ];

local sites = {
  [host]:
    local to = services[name].sites[host], on = services[name].on;
    '%s:%d' % [
      if on == services[edge].on then '127.0.0.1' else nodes[on].lan,
      services[name].containers[to.container].ports[to.port].host,
    ]
  for name in std.objectFields(services)
  for host in std.objectFields(std.get(services[name], 'sites', {}))
};
local site(host) = |||
  %s {
  	tls internal
  	@outside not remote_ip %s
  	handle @outside {
  		respond 403
  	}
  	handle {
  		reverse_proxy %s
  	}
  }
||| % [host, std.join(' ', reach), sites[host]];

{ [file.path]: file.text for file in std.flatMap(compose, std.objectFields(services)) }
+ { ['fstab/' + name]: std.join('', mounts(name)) for name in names }
+ {
  'ansible/inventory.yml': std.manifestYamlDoc(inventory) + '\n',
  hosts: std.join('', [
    '%s %s %s\n%s %s.scale\n' % [nodes[name].lan, name, nodes[name].alias, nodes[name].mesh, name]
    for name in names
  ]),
  Caddyfile: '{\n\tskip_install_trust\n}\n' + std.join('', [site(host) for host in std.objectFields(sites)]),
}
