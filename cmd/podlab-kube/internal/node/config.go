package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// lookup finds the ConfigMaps and Secrets that Pods refer to. What every Pod
// mounts is remembered for a moment.
type lookup struct {
	client kubernetes.Interface

	mu   sync.Mutex
	seen map[string]time.Time // ConfigMaps without keys of interest, by namespace/name
}

// rememberFor bounds how long a ConfigMap counts as there without being asked for.
const rememberFor = 30 * time.Second

// keys returns what a ConfigMap or Secret holds. The error of one that is not
// there reads as the kubelet's.
func (l *lookup) keys(kind, namespace, name string) (map[string]bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	keys := map[string]bool{}
	if kind == "configmap" {
		found, err := l.client.CoreV1().ConfigMaps(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return nil, notFound(kind, name, err)
		}
		for key := range found.Data {
			keys[key] = true
		}
		for key := range found.BinaryData {
			keys[key] = true
		}
		return keys, nil
	}
	found, err := l.client.CoreV1().Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, notFound(kind, name, err)
	}
	for key := range found.Data {
		keys[key] = true
	}
	return keys, nil
}

func notFound(kind, name string, err error) error {
	if apierrors.IsNotFound(err) {
		return fmt.Errorf("%s %q not found", kind, name)
	}
	return err
}

// environment says what keeps a container's environment from being made, as
// the kubelet does (pkg/kubelet/kubelet_pods.go).
func (l *lookup) environment(pod *corev1.Pod, c *corev1.Container) error {
	whole := func(kind, name string, optional *bool) error {
		_, err := l.keys(kind, pod.Namespace, name)
		if is(optional) {
			return nil
		}
		return err
	}
	key := func(kind, title, name, key string, optional *bool) error {
		if is(optional) {
			return nil
		}
		keys, err := l.keys(kind, pod.Namespace, name)
		if err == nil && !keys[key] {
			err = fmt.Errorf("couldn't find key %v in %s %v/%v", key, title, pod.Namespace, name)
		}
		return err
	}
	for _, from := range c.EnvFrom {
		if ref := from.ConfigMapRef; ref != nil {
			if err := whole("configmap", ref.Name, ref.Optional); err != nil {
				return err
			}
		}
		if ref := from.SecretRef; ref != nil {
			if err := whole("secret", ref.Name, ref.Optional); err != nil {
				return err
			}
		}
	}
	for _, e := range c.Env {
		if e.ValueFrom == nil {
			continue
		}
		if ref := e.ValueFrom.ConfigMapKeyRef; ref != nil {
			if err := key("configmap", "ConfigMap", ref.Name, ref.Key, ref.Optional); err != nil {
				return err
			}
		}
		if ref := e.ValueFrom.SecretKeyRef; ref != nil {
			if err := key("secret", "Secret", ref.Name, ref.Key, ref.Optional); err != nil {
				return err
			}
		}
	}
	return nil
}

// rootCA is the ConfigMap that is mounted into every Pod.
const rootCA = "kube-root-ca.crt"

// volumes says what keeps a Pod's volumes from being mounted.
func (l *lookup) volumes(pod *corev1.Pod) error {
	for _, v := range pod.Spec.Volumes {
		if err := l.volume(pod.Namespace, v); err != nil {
			return fmt.Errorf("MountVolume.SetUp failed for volume %q : %w", v.Name, err)
		}
	}
	return nil
}

func (l *lookup) volume(namespace string, v corev1.Volume) error {
	switch {
	case v.ConfigMap != nil:
		return l.mounted("configmap", namespace, v.ConfigMap.Name, v.ConfigMap.Items, v.ConfigMap.Optional)
	case v.Secret != nil:
		return l.mounted("secret", namespace, v.Secret.SecretName, v.Secret.Items, v.Secret.Optional)
	case v.Projected != nil:
		for _, s := range v.Projected.Sources {
			var err error
			switch {
			case s.ConfigMap != nil && s.ConfigMap.Name == rootCA:
				err = l.root(namespace)
			case s.ConfigMap != nil:
				err = l.mounted("configmap", namespace, s.ConfigMap.Name, s.ConfigMap.Items, s.ConfigMap.Optional)
			case s.Secret != nil:
				err = l.mounted("secret", namespace, s.Secret.Name, s.Secret.Items, s.Secret.Optional)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *lookup) mounted(kind, namespace, name string, items []corev1.KeyToPath, optional *bool) error {
	if is(optional) {
		return nil
	}
	keys, err := l.keys(kind, namespace, name)
	if err != nil {
		return err
	}
	for _, item := range items {
		if !keys[item.Key] {
			return fmt.Errorf("references non-existent %s key: %s", map[string]string{"configmap": "config", "secret": "secret"}[kind], item.Key)
		}
	}
	return nil
}

// root looks for the certificate authority of a namespace, which is there a
// moment after the namespace is.
func (l *lookup) root(namespace string) error {
	l.mu.Lock()
	at, seen := l.seen[namespace]
	l.mu.Unlock()
	if seen && time.Since(at) < rememberFor {
		return nil
	}
	if _, err := l.keys("configmap", namespace, rootCA); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for name, at := range l.seen {
		if time.Since(at) > rememberFor {
			delete(l.seen, name)
		}
	}
	l.seen[namespace] = time.Now()
	return nil
}

func is(b *bool) bool { return b != nil && *b }
