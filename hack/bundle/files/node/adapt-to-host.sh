#!/bin/sh
# Lets a node run on hosts that Kubernetes would refuse by itself. Where nothing
# of this applies, nothing is changed. Runs before containerd and the kubelet.
set -eu

# kubelet_argument ARGUMENT: add it, once
kubelet_argument() {
  if ! grep -qF -e "$1" /etc/default/kubelet; then
    sed -i "s/^KUBELET_EXTRA_ARGS=.*/& $1/" /etc/default/kubelet
  fi
}

# The kubelet wants to be told that cgroup v1 is meant.
if [ ! -f /sys/fs/cgroup/cgroup.controllers ]; then
  kubelet_argument --fail-cgroupv1=false
fi

# Without CAP_SYS_RESOURCE, which is bit 24, nobody may lower the OOM score of a
# process: containerd has to leave it, and the kubelet to get over it. Rootless
# engines are the same case, in which kind's entrypoint does the first.
bounds=$(awk '$1 == "CapBnd:" {print $2}' /proc/self/status)
if [ $((0x$bounds >> 24 & 1)) -eq 0 ]; then
  sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' /etc/containerd/config.toml
  kubelet_argument --feature-gates=KubeletInUserNamespace=true
fi
