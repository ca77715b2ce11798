# Layers merged by a function of one's own, with nothing but the builtins:
# `nix-instantiate --eval --strict --json --argstr facts DIR main.nix`
{ facts }:
let
  said = import (facts + "/facts.nix");
  layers = import ./layers.nix;
  inherit (builtins) all attrValues foldl' isAttrs listToAttrs map mapAttrs;

  # What the later says wins; sets are merged as deep as they go.
  merge = a: b: a // mapAttrs (name: value: if isAttrs value && isAttrs (a.${name} or null) then merge a.${name} value else value) b;
  mergeAll = foldl' merge { };

  ofNode = mapAttrs
    (name: node:
      let vars = mergeAll ([ layers.vars ] ++ map (role: layers.roles.${role}.vars) node.roles ++ [ (node.vars or { }) ]); in
      assert layers.isAddress node.lan && layers.isAddress node.mesh;
      mergeAll ([ (layers.everywhere vars) layers.arch.${node.arch} ]
        ++ map (role: layers.roles.${role}.container vars) node.roles
        ++ [ (node.container or { }) ]))
    said.nodes;

  containers = mapAttrs
    (_: service: mapAttrs
      (label: own:
        let
          template = if own ? from then layers.templates.${own.from} own else { };
          merged = mergeAll [
            template
            ofNode.${service.on}
            own
            (service.on_os.linux.${label} or { })
            (service.on_node.${service.on}.${label} or { })
          ];
        in
        assert all (port: layers.isPort port.host && layers.isPort port.container) (attrValues (merged.ports or { }));
        merged)
      service.containers)
    said.services;
in
import ./artifacts.nix { inherit (said) nodes shares groups services; inherit containers; }
