# The same by the module system of NixOS, with a type for every option: layers are definitions of
# other priorities. `lib` is the folder `lib` of nixpkgs:
# `nix-instantiate --eval --strict --json --argstr facts DIR --argstr lib DIR modules.nix`
{ facts, lib }:
let
  layers = import ./layers.nix;
  nixpkgs = import lib;
  inherit (nixpkgs) mapAttrs mkOption mkOverride types;
  text = mkOption { type = types.str; };
  optional = type: mkOption { type = types.nullOr type; default = null; };
  texts = mkOption { type = types.attrsOf types.str; default = { }; };
  address = mkOption { type = types.addCheck types.str layers.isAddress; };
  port = mkOption { type = types.port; };
  sub = options: types.submodule { inherit options; };

  # A layer's values, each with how much it weighs: 100 is a value as people write it, less wins.
  weigh = priority: value:
    if builtins.isAttrs value then mapAttrs (_: weigh priority) value else mkOverride priority value;

  container = types.submodule ({ config, ... }: {
    config = nixpkgs.mkMerge (nixpkgs.mapAttrsToList
      (name: template: nixpkgs.mkIf (config.from == name) (weigh 150 (template config)))
      layers.templates);
    options = {
      from = optional types.str;
      name = optional types.str;
      tag = optional types.str;
      image = text;
      platform = text;
      restart = text;
      stop_grace_period = optional types.str;
      shm_size = optional types.str;
      network_mode = optional types.str;
      env = texts;
      labels = texts;
      credentials = texts;
      config = texts;
      depends_on = mkOption { type = types.listOf types.str; default = [ ]; };
      ports = mkOption { type = types.attrsOf (sub { host = port; container = port; }); default = { }; };
      volumes = mkOption {
        type = types.attrsOf (sub {
          local = optional types.str;
          bind = optional types.str;
          share = optional types.str;
          path = optional types.str;
          read_only = mkOption { type = types.bool; default = false; };
        });
        default = { };
      };
      limits = mkOption { type = sub { cpu = optional types.str; memory = mkOption { type = types.ints.positive; }; }; };
      logging = mkOption { type = sub { driver = text; max_size = text; max_file = text; }; };
      healthcheck = optional (sub {
        test = mkOption { type = types.listOf types.str; };
        interval = text;
        timeout = text;
        start_period = optional types.str;
        retries = mkOption { type = types.ints.positive; };
      });
    };
  });

  node = sub {
    alias = text;
    arch = mkOption { type = types.enum [ "arm64" "x86_64" ]; };
    os = text;
    memory = mkOption { type = types.ints.positive; };
    roles = mkOption { type = types.listOf (types.enum (builtins.attrNames layers.roles)); };
    lan = address;
    mesh = address;
    disks = mkOption { type = types.attrsOf (sub { device = text; fs = text; mount = text; }); default = { }; };
    vars = mkOption { type = types.attrsOf types.anything; default = { }; };
    container = mkOption { type = types.raw; default = { }; };
  };

  # What a service says is a definition of its containers, as its node's and the layers' are.
  service = nodes: types.submodule ({ config, ... }: {
    options = {
      on = mkOption { type = types.enum (builtins.attrNames nodes); };
      containers = mkOption { type = types.attrsOf container; };
      sites = mkOption { type = types.attrsOf (sub { container = text; port = text; }); default = { }; };
      on_os = mkOption { type = types.attrsOf types.raw; default = { }; };
      on_node = mkOption { type = types.attrsOf types.raw; default = { }; };
    };
    config.containers = nixpkgs.mkMerge [
      (mapAttrs
        (_: _:
          let
            of = nodes.${config.on};
            vars = layers.vars // builtins.foldl' (all: role: all // layers.roles.${role}.vars) { } of.roles // of.vars;
          in
          nixpkgs.mkMerge ([
            (weigh 140 (layers.everywhere vars))
            (weigh 130 layers.arch.${of.arch})
          ] ++ map (role: weigh 120 (layers.roles.${role}.container vars)) of.roles ++ [ of.container ]))
        labels.${config._module.args.name})
      (config.on_os.linux or { })
      (config.on_node.${config.on} or { })
    ];
  });
  # Which containers there are is asked before they are merged.
  labels = mapAttrs (_: service: service.containers) (import (facts + "/facts.nix")).services;

  evaluated = (nixpkgs.evalModules {
    modules = [
      (facts + "/module.nix")
      ({ config, ... }: {
        options = {
          nodes = mkOption { type = types.attrsOf node; };
          shares = mkOption { type = types.attrsOf (sub { server = text; disk = text; clients = mkOption { type = types.listOf types.str; }; mount = text; }); };
          groups = mkOption { type = types.attrsOf (types.listOf types.str); };
          services = mkOption { type = types.attrsOf (service config.nodes); };
        };
      })
    ];
  }).config;

  # What nobody said stands in no artifact.
  said = value:
    if builtins.isAttrs value
    then mapAttrs (_: said) (nixpkgs.filterAttrs (_: one: one != null && one != { } && one != [ ] && one != false) value)
    else value;
in
import ./artifacts.nix {
  inherit (evaluated) nodes shares groups services;
  containers = mapAttrs (_: service: said service.containers) evaluated.services;
}
