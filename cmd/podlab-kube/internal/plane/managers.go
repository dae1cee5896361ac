package plane

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/client-go/tools/cache"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	controlleroptions "k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	scheduleroptions "k8s.io/kubernetes/cmd/kube-scheduler/app/options"

	"podlab/cmd/podlab-kube/internal/pki"
)

// withoutUse are controllers that have nothing to do here: there is no cloud,
// no node joins, no volume is attached, no certificate is asked for. The check
// of ValidatingAdmissionPolicies' types costs 8 MB and writes warnings only.
var withoutUse = []string{
	"bootstrap-signer-controller", "token-cleaner-controller",
	"certificatesigningrequest-signing-controller", "certificatesigningrequest-approving-controller",
	"certificatesigningrequest-cleaner-controller",
	"persistentvolume-attach-detach-controller", "persistentvolume-expander-controller",
	"node-ipam-controller", "resourceclaim-controller", "device-taint-eviction-controller",
	"podcertificaterequest-cleaner-controller", "horizontal-pod-autoscaler-controller",
	"storage-version-migrator-controller", "selinux-warning-controller",
	"validatingadmissionpolicy-status-controller",
}

// runControllers runs the controller manager until ctx ends.
func runControllers(ctx context.Context, kubeconfig string, certs *pki.Store) error {
	accounts, err := certs.ServiceAccountKey()
	if err != nil {
		return err
	}
	s, err := controlleroptions.NewKubeControllerManagerOptions()
	if err != nil {
		return fmt.Errorf("options of the controller manager: %w", err)
	}
	all, disabled, aliases := controllers.KnownControllers(), controllers.ControllersDisabledByDefault(), controllers.ControllerAliases()
	err = parse(s.Flags(all, disabled, aliases), []string{
		"--kubeconfig=" + kubeconfig,
		"--secure-port=0",
		"--leader-elect=false",
		"--service-account-private-key-file=" + accounts,
		"--root-ca-file=" + certs.Cluster.File,
		"--controllers=*,-" + strings.Join(withoutUse, ",-"),
		// Everything is on this machine: nothing has to be spared but it.
		"--kube-api-qps=500", "--kube-api-burst=1000",
		"--profiling=false",
	})
	if err != nil {
		return err
	}
	config, err := s.Config(ctx, all, disabled, aliases)
	if err != nil {
		return fmt.Errorf("configure the controller manager: %w", err)
	}
	return controllers.Run(ctx, config.Complete())
}

// runScheduler runs the scheduler until ctx ends.
func runScheduler(ctx context.Context, kubeconfig string) error {
	s := scheduleroptions.NewOptions()
	err := parse(*s.Flags, []string{
		"--kubeconfig=" + kubeconfig,
		"--secure-port=0",
		"--leader-elect=false",
		"--kube-api-qps=500", "--kube-api-burst=1000",
		"--profiling=false",
	})
	if err != nil {
		return err
	}
	if s.InformerName, err = cache.NewInformerName("kube-scheduler"); err != nil {
		return err
	}
	config, sched, err := scheduler.Setup(ctx, s)
	if err != nil {
		return fmt.Errorf("configure the scheduler: %w", err)
	}
	return scheduler.Run(ctx, config, sched)
}
