package plane

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"podlab/cmd/podlab-kube/internal/pki"
)

// etcd is the running store.
type etcd struct {
	*embed.Etcd
	// url of its only client, the API server, with what that shows.
	url    string
	client pki.Pair
}

// startEtcd runs etcd on loopback. It answers only to certificates of its own
// authority. It syncs what it acknowledges, so that a process that is killed
// loses nothing.
func startEtcd(ctx context.Context, dir string, certs *pki.Store, log zapcore.WriteSyncer) (*etcd, error) {
	server, err := certs.Etcd.Server("etcd")
	if err != nil {
		return nil, err
	}
	client, err := certs.Etcd.Client("etcd-client", "kube-apiserver")
	if err != nil {
		return nil, err
	}
	config := embed.NewConfig()
	config.Name = "podlab"
	config.Dir = filepath.Join(dir, "etcd")
	anyPort := url.URL{Scheme: "https", Host: "127.0.0.1:0"}
	// There are no peers; the address is only the member's name, and must not
	// change from start to start.
	member := url.URL{Scheme: "https", Host: "127.0.0.1:2380"}
	config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{anyPort}, []url.URL{member}
	config.ListenPeerUrls, config.AdvertisePeerUrls = []url.URL{anyPort}, []url.URL{member}
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	tls := transport.TLSInfo{
		CertFile: server.Cert, KeyFile: server.Key, TrustedCAFile: certs.Etcd.File, ClientCertAuth: true,
	}
	config.ClientTLSInfo, config.PeerTLSInfo = tls, tls
	config.EnableGRPCGateway = false
	// The log is kept in memory for members that lag behind. There are none.
	config.SnapshotCount, config.SnapshotCatchUpEntries = 500, 10
	// One member elects itself: there is nobody to wait for.
	config.TickMs, config.ElectionMs = 10, 100
	logger := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), log, zap.WarnLevel))
	config.ZapLoggerBuilder = embed.NewZapLoggerBuilder(logger)

	started, err := embed.StartEtcd(config)
	if err != nil {
		return nil, fmt.Errorf("start etcd: %w", err)
	}
	select {
	case <-started.Server.ReadyNotify():
	case err := <-started.Err():
		started.Close()
		return nil, fmt.Errorf("start etcd: %w", err)
	case <-ctx.Done():
		started.Close()
		return nil, context.Cause(ctx)
	}
	return &etcd{Etcd: started, url: "https://" + started.Clients[0].Addr().String(), client: client}, nil
}
