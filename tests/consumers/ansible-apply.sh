#!/bin/sh
# ansible-apply.sh ROOT PLAYBOOK TAGS HOSTS: plays twice over a copy of ROOT for each
# host, as if it were the host's own file system. Leaves first.json and second.json,
# what Ansible says of the runs, and below written/HOST every file that it wrote.
set -eu
root=$1 playbook=$2 tags=$3 hosts=$4
mkdir /run/copies
mount -t tmpfs tmpfs /run/copies
for host in $hosts; do
  mkdir -p "/run/copies/$host/upper" "/run/copies/$host/work" "/run/hosts/$host"
  mount -t overlay overlay "/run/hosts/$host" \
    -o "lowerdir=$root,upperdir=/run/copies/$host/upper,workdir=/run/copies/$host/work"
  mount -t proc proc "/run/hosts/$host/proc"
done
# Beats every variable of the inventory; the root that runs this needs nobody's leave.
here='{"ansible_connection": "community.general.chroot", "ansible_become": false,
  "ansible_host": "/run/hosts/{{ inventory_hostname }}", "ansible_python_interpreter": "/usr/bin/python3"}'
export ANSIBLE_STDOUT_CALLBACK=ansible.posix.json ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=1
for run in first second; do
  ansible-playbook "$playbook" --tags "$tags" --limit "$(echo "$hosts" | tr ' ' ,)" -e "$here" \
    > "../$run.json" 2> "../$run.log" || { cat "../$run.log" "../$run.json" >&2; exit 1; }
done
mkdir ../written
for host in $hosts; do cp -a "/run/copies/$host/upper" "../written/$host"; done
