package main

import (
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"podlab/cluster/bundle/pack"
	"podlab/hack/bundle/layer"
)

// users are the accounts of an image besides root and nobody.
type users []user

type user struct {
	name        string
	uid, gid    int
	group, home string
}

// write adds /etc/passwd, /etc/group and what looking them up needs.
func (u users) write(l *layer.Builder) {
	passwd := []string{"root:x:0:0:root:/root:/bin/sh", "nobody:x:65534:65534:nobody:/:/sbin/nologin"}
	group := []string{"root:x:0:root", "nobody:x:65534:"}
	for _, one := range u {
		passwd = append(passwd, fmt.Sprintf("%s:x:%d:%d:%s:%s:/sbin/nologin", one.name, one.uid, one.gid, one.name, one.home))
		group = append(group, fmt.Sprintf("%s:x:%d:%s", one.group, one.gid, one.name))
	}
	l.Text("etc/passwd", 0o644, strings.Join(passwd, "\n")+"\n")
	l.Text("etc/group", 0o644, strings.Join(group, "\n")+"\n")
}

// labImages makes the images that the labs use, under the references of the
// public ones and laid out like them: their paths, users, entrypoints, ports
// and signals. The programs are Debian's.
func (b *build) labImages() ([]pack.Image, error) {
	below, err := b.below()
	if err != nil {
		return nil, err
	}
	var images []pack.Image
	for _, one := range labList() {
		image, err := one.make(b, one.reference, below)
		if err != nil {
			return nil, err
		}
		b.say("  " + image.Reference)
		images = append(images, image)
	}
	return images, nil
}

// labImage is an image that labs use, and what makes it.
type labImage struct {
	reference string
	make      func(b *build, reference string, below *below) (pack.Image, error)
}

// below is the layers that images have in common: stored once in an archive
// and on a node.
type below struct {
	// small is a shell; tls is what clients and servers of TLS need.
	small, tls       *layer.Builder
	smallTar, tlsTar *layer.Layer
}

func (b *build) below() (*below, error) {
	small, err := b.small()
	if err != nil {
		return nil, err
	}
	made := &below{small: small, tls: layer.New(small)}
	if made.smallTar, err = b.save("small", small); err != nil {
		return nil, err
	}
	b.certificates(made.tls)
	if err := made.tls.Libraries(b.root("labs"), "/usr/bin/curl"); err != nil {
		return nil, err
	}
	made.tlsTar, err = b.save("tls", made.tls)
	return made, err
}

// above returns a new layer above both.
func (l *below) above() *layer.Builder { return layer.New(l.small, l.tls) }

// with returns both layers and one above them.
func (l *below) with(own v1.Layer) []v1.Layer { return []v1.Layer{l.smallTar, l.tlsTar, own} }

// labList is every image that labs use; a test compares it with the labs.
func labList() []labImage {
	return []labImage{
		{"busybox:1.37", (*build).busybox},
		{"alpine:3.22", (*build).alpine},
		{"debian:13-slim", (*build).debianSlim},
		{"nginx:1.29-alpine", (*build).nginx},
		{"httpd:2.4-alpine", (*build).httpd},
		{"redis:8.0-alpine", (*build).redis},
		{"haproxy:3.0-alpine", (*build).haproxy},
		{"nginx/nginx-prometheus-exporter:1.4.1", (*build).exporter},
		{"curlimages/curl:8.14.1", (*build).curl},
	}
}

// small is the layer below all images with a shell: busybox, with a link for
// each of its programs.
func (b *build) small() (*layer.Builder, error) {
	root := b.root("labs")
	l := layer.New()
	l.Dirs("usr", "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "usr/local", "usr/local/bin", "usr/local/sbin",
		"etc", "dev", "proc", "sys", "run", "home", "var", "var/log", "var/lib", "var/cache", "var/spool")
	for _, name := range []string{"bin", "sbin", "lib", "lib64"} {
		l.Symlink(name, "usr/"+name)
	}
	l.Symlink("var/run", "../run")
	l.Dir("root", 0o700)
	l.Dir("tmp", 0o1777)
	l.Dir("var/tmp", 0o1777)
	users{}.write(l)
	l.Text("etc/nsswitch.conf", 0o644, "passwd: files\ngroup: files\nhosts: files dns\n")
	if err := l.StageAll(root, "/usr/bin/busybox"); err != nil {
		return nil, err
	}
	// glibc loads it when a thread ends.
	if err := l.Library(root, "libgcc_s.so.1"); err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(b.ctx, "chroot", root, "/usr/bin/busybox", "--list").Output()
	if err != nil {
		return nil, fmt.Errorf("asking busybox for its programs: %w", err)
	}
	for _, name := range strings.Fields(string(out)) {
		if name != "busybox" {
			l.Symlink("usr/bin/"+name, "busybox")
		}
	}
	return l, nil
}

func (b *build) busybox(reference string, below *below) (pack.Image, error) {
	return b.image(reference, v1.Config{Cmd: []string{"sh"}}, below.smallTar)
}

func (b *build) alpine(reference string, below *below) (pack.Image, error) {
	l := layer.New()
	l.Text("etc/alpine-release", 0o644, "3.22.0\n")
	l.Text("etc/os-release", 0o644, "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.0\nPRETTY_NAME=\"Alpine Linux v3.22\"\nVARIANT=\"podlab stand-in, built from Debian\"\n")
	own, err := b.save("alpine", l)
	if err != nil {
		return pack.Image{}, err
	}
	return b.image(reference, v1.Config{Cmd: []string{"/bin/sh"}}, below.smallTar, own)
}

func (b *build) debianSlim(reference string, _ *below) (pack.Image, error) {
	l := layer.New()
	if err := l.Tree("/", b.root("debian"), nil); err != nil {
		return pack.Image{}, err
	}
	own, err := b.save("debian", l)
	if err != nil {
		return pack.Image{}, err
	}
	return b.image(reference, v1.Config{Cmd: []string{"bash"}}, own)
}

// certificates adds the authorities that TLS clients trust.
func (b *build) certificates(l *layer.Builder) {
	l.Dirs("etc/ssl", "etc/ssl/certs")
	const bundle = "etc/ssl/certs/ca-certificates.crt"
	l.Copy(bundle, filepath.Join(b.root("labs"), bundle), 0o644)
}

func (b *build) nginx(reference string, below *below) (pack.Image, error) {
	root := b.root("labs")
	l := below.above()
	users{{"nginx", 101, 101, "nginx", "/var/cache/nginx"}}.write(l)
	if err := l.StageAll(root, "/usr/sbin/nginx", "/usr/bin/curl"); err != nil {
		return pack.Image{}, err
	}
	l.Dirs("etc/nginx", "etc/nginx/conf.d", "etc/nginx/modules", "usr/lib/nginx", "usr/lib/nginx/modules", "docker-entrypoint.d",
		"usr/share", "usr/share/nginx", "usr/share/nginx/html", "var/log/nginx", "var/cache/nginx", "var/lib/nginx")
	l.Own("var/cache/nginx", 101, 101)
	for _, name := range []string{"mime.types", "fastcgi_params", "scgi_params", "uwsgi_params"} {
		l.Copy("etc/nginx/"+name, filepath.Join(root, "etc/nginx", name), 0o644)
	}
	l.Symlink("var/log/nginx/access.log", "/dev/stdout")
	l.Symlink("var/log/nginx/error.log", "/dev/stderr")
	if err := placeAll(l, 0o644, "etc/nginx/nginx.conf", "nginx/nginx.conf", "etc/nginx/conf.d/default.conf", "nginx/default.conf",
		"usr/share/nginx/html/index.html", "nginx/index.html", "usr/share/nginx/html/50x.html", "nginx/50x.html"); err != nil {
		return pack.Image{}, err
	}
	if err := place(l, "docker-entrypoint.sh", 0o755, "nginx/docker-entrypoint.sh"); err != nil {
		return pack.Image{}, err
	}
	own, err := b.save("nginx", l)
	if err != nil {
		return pack.Image{}, err
	}
	return b.image(reference, v1.Config{
		Entrypoint: []string{"/docker-entrypoint.sh"}, Cmd: []string{"nginx", "-g", "daemon off;"},
		ExposedPorts: ports("80/tcp"), StopSignal: "SIGQUIT",
	}, below.with(own)...)
}

func (b *build) httpd(reference string, below *below) (pack.Image, error) {
	const prefix = "usr/local/apache2"
	root := b.root("labs")
	l := below.above()
	users{{"www-data", 82, 82, "www-data", "/home/www-data"}}.write(l)
	if err := l.Stage(root, "/usr/sbin/apache2", prefix+"/bin/httpd"); err != nil {
		return pack.Image{}, err
	}
	l.Dirs(prefix, prefix+"/bin", prefix+"/conf", prefix+"/htdocs", prefix+"/cgi-bin", prefix+"/logs", prefix+"/modules", "etc/apache2")
	modules, err := filepath.Glob(filepath.Join(root, "usr/lib/apache2/modules/*.so"))
	if err != nil {
		return pack.Image{}, err
	}
	for _, module := range modules {
		name := filepath.Base(module)
		if err := l.Stage(root, path.Join("/usr/lib/apache2/modules", name), path.Join(prefix, "modules", name)); err != nil {
			return pack.Image{}, err
		}
	}
	l.Copy(prefix+"/conf/mime.types", filepath.Join(root, "etc/mime.types"), 0o644)
	l.Text(prefix+"/htdocs/index.html", 0o644, "<html><body><h1>It works!</h1></body></html>\n")
	// Debian's httpd looks for its configuration there.
	l.Symlink("etc/apache2/apache2.conf", "/"+prefix+"/conf/httpd.conf")
	if err := place(l, prefix+"/conf/httpd.conf", 0o644, "httpd/httpd.conf"); err != nil {
		return pack.Image{}, err
	}
	if err := place(l, "usr/local/bin/httpd-foreground", 0o755, "httpd/httpd-foreground"); err != nil {
		return pack.Image{}, err
	}
	own, err := b.save("httpd", l)
	if err != nil {
		return pack.Image{}, err
	}
	return b.image(reference, v1.Config{
		Env: []string{"PATH=/usr/local/apache2/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HTTPD_PREFIX=/usr/local/apache2"},
		Cmd: []string{"httpd-foreground"}, WorkingDir: "/usr/local/apache2",
		ExposedPorts: ports("80/tcp"), StopSignal: "SIGWINCH",
	}, below.with(own)...)
}

func (b *build) redis(reference string, below *below) (pack.Image, error) {
	root := b.root("labs")
	l := below.above()
	users{{"redis", 999, 1000, "redis", "/data"}}.write(l)
	l.Dirs("data", "usr/local/libexec")
	l.Own("data", 999, 1000)
	for program, name := range map[string]string{
		"/usr/bin/redis-server": "usr/local/libexec/redis-server", "/usr/bin/redis-cli": "usr/local/bin/redis-cli",
		"/usr/bin/redis-benchmark": "usr/local/bin/redis-benchmark",
		// busybox has one that cannot change the user.
		"/usr/bin/setpriv": "usr/local/bin/setpriv",
	} {
		if err := l.Stage(root, program, name); err != nil {
			return pack.Image{}, err
		}
	}
	if err := placeAll(l, 0o755, "usr/local/bin/docker-entrypoint.sh", "redis/docker-entrypoint.sh",
		"usr/local/bin/redis-server", "redis/redis-server"); err != nil {
		return pack.Image{}, err
	}
	own, err := b.save("redis", l)
	if err != nil {
		return pack.Image{}, err
	}
	return b.image(reference, v1.Config{
		Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"redis-server"}, WorkingDir: "/data",
		ExposedPorts: ports("6379/tcp"), Volumes: ports("/data"),
	}, below.with(own)...)
}

func (b *build) haproxy(reference string, below *below) (pack.Image, error) {
	l := below.above()
	users{{"haproxy", 99, 99, "haproxy", "/var/lib/haproxy"}}.write(l)
	if err := l.Stage(b.root("labs"), "/usr/sbin/haproxy", "usr/local/sbin/haproxy"); err != nil {
		return pack.Image{}, err
	}
	l.Dirs("usr/local/etc", "usr/local/etc/haproxy", "var/lib/haproxy")
	l.Own("var/lib/haproxy", 99, 99)
	if err := place(l, "usr/local/bin/docker-entrypoint.sh", 0o755, "haproxy/docker-entrypoint.sh"); err != nil {
		return pack.Image{}, err
	}
	own, err := b.save("haproxy", l)
	if err != nil {
		return pack.Image{}, err
	}
	return b.image(reference, v1.Config{
		Entrypoint: []string{"docker-entrypoint.sh"}, Cmd: []string{"haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"},
		User: "haproxy", WorkingDir: "/var/lib/haproxy", StopSignal: "SIGUSR1",
	}, below.with(own)...)
}

// exporter has nothing but the program, as the public image.
func (b *build) exporter(reference string, _ *below) (pack.Image, error) {
	l := layer.New()
	l.Dirs("usr", "usr/bin", "etc")
	b.certificates(l)
	l.Copy("usr/bin/nginx-prometheus-exporter", b.bin("nginx-prometheus-exporter"), 0o755)
	own, err := b.save("exporter", l)
	if err != nil {
		return pack.Image{}, err
	}
	return b.image(reference, v1.Config{
		Entrypoint: []string{"/usr/bin/nginx-prometheus-exporter"}, User: "1001:1001", ExposedPorts: ports("9113/tcp"),
	}, own)
}

func (b *build) curl(reference string, below *below) (pack.Image, error) {
	l := below.above()
	users{{"curl_user", 100, 101, "curl_group", "/home/curl_user"}}.write(l)
	l.Dirs("home/curl_user")
	l.Own("home/curl_user", 100, 101)
	if err := l.StageAll(b.root("labs"), "/usr/bin/curl"); err != nil {
		return pack.Image{}, err
	}
	if err := place(l, "entrypoint.sh", 0o755, "curl/entrypoint.sh"); err != nil {
		return pack.Image{}, err
	}
	own, err := b.save("curl", l)
	if err != nil {
		return pack.Image{}, err
	}
	return b.image(reference, v1.Config{
		Entrypoint: []string{"/entrypoint.sh"}, Cmd: []string{"curl"}, User: "curl_user", WorkingDir: "/home/curl_user",
		Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "CURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt"},
	}, below.with(own)...)
}

// ports is a set, as an image's configuration writes ports and volumes.
func ports(names ...string) map[string]struct{} {
	set := map[string]struct{}{}
	for _, name := range names {
		set[name] = struct{}{}
	}
	return set
}
