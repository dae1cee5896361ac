package picture

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// Volume is a volume of a Pod.
type Volume struct {
	Name string
	// Kind is the field of the spec that makes the volume what it is:
	// "emptyDir", "configMap", "persistentVolumeClaim".
	Kind string
	// Of names the object or the path behind it; empty where there is none.
	Of string
	// InMemory is an emptyDir of medium Memory.
	InMemory bool
}

// Mount is where a container sees a volume.
type Mount struct {
	Volume   string
	Path     string
	SubPath  string // may be empty
	ReadOnly bool
}

// tokenDir is where the kubelet mounts the token of the Pod's service account;
// nobody who looks at the picture has asked for it.
const tokenDir = "/var/run/secrets/kubernetes.io/serviceaccount"

func mountsOf(spec *corev1.Container) []Mount {
	var mounts []Mount
	for _, m := range spec.VolumeMounts {
		if m.MountPath == tokenDir {
			continue
		}
		sub := m.SubPath
		if sub == "" {
			sub = m.SubPathExpr
		}
		mounts = append(mounts, Mount{
			Volume: safe(m.Name), Path: safe(m.MountPath), SubPath: safe(sub), ReadOnly: m.ReadOnly,
		})
	}
	for _, d := range spec.VolumeDevices {
		mounts = append(mounts, Mount{Volume: safe(d.Name), Path: safe(d.DevicePath)})
	}
	return mounts
}

func volumesOf(p *corev1.Pod) []*Volume {
	var volumes []*Volume
	for i := range p.Spec.Volumes {
		v := &p.Spec.Volumes[i]
		if !automatic(p, v) {
			volumes = append(volumes, volumeOf(v))
		}
	}
	return volumes
}

// automatic reports whether a volume is the token that every Pod gets.
func automatic(p *corev1.Pod, v *corev1.Volume) bool {
	if v.Projected == nil || !strings.HasPrefix(v.Name, "kube-api-access-") {
		return false
	}
	elsewhere := func(c corev1.Container) bool {
		return slices.ContainsFunc(c.VolumeMounts, func(m corev1.VolumeMount) bool {
			return m.Name == v.Name && m.MountPath != tokenDir
		})
	}
	return !slices.ContainsFunc(p.Spec.InitContainers, elsewhere) && !slices.ContainsFunc(p.Spec.Containers, elsewhere)
}

func volumeOf(v *corev1.Volume) *Volume {
	volume := &Volume{Name: safe(v.Name)}
	is := func(kind string, of ...string) {
		volume.Kind, volume.Of = kind, safe(strings.Join(of, " + "))
	}
	switch s := v.VolumeSource; {
	case s.EmptyDir != nil:
		is("emptyDir")
		volume.InMemory = s.EmptyDir.Medium == corev1.StorageMediumMemory
	case s.ConfigMap != nil:
		is("configMap", s.ConfigMap.Name)
	case s.Secret != nil:
		is("secret", s.Secret.SecretName)
	case s.PersistentVolumeClaim != nil:
		is("persistentVolumeClaim", s.PersistentVolumeClaim.ClaimName)
	case s.HostPath != nil:
		is("hostPath", s.HostPath.Path)
	case s.Projected != nil:
		is("projected", projectedFrom(s.Projected)...)
	case s.DownwardAPI != nil:
		is("downwardAPI")
	case s.Image != nil:
		is("image", s.Image.Reference)
	case s.Ephemeral != nil:
		is("ephemeral")
	case s.CSI != nil:
		is("csi", s.CSI.Driver)
	case s.NFS != nil:
		is("nfs", s.NFS.Server+":"+s.NFS.Path)
	default:
		is("volume")
	}
	return volume
}

// projectedFrom names the sources of a projected volume.
func projectedFrom(p *corev1.ProjectedVolumeSource) []string {
	var names []string
	for _, s := range p.Sources {
		switch {
		case s.ConfigMap != nil:
			names = append(names, s.ConfigMap.Name)
		case s.Secret != nil:
			names = append(names, s.Secret.Name)
		case s.DownwardAPI != nil:
			names = append(names, "downwardAPI")
		case s.ServiceAccountToken != nil:
			names = append(names, "serviceAccountToken")
		}
	}
	return names
}
