// Package pki makes the certificates of the embedded control plane: two
// authorities that stay as long as its data, and what they sign, made anew at
// each start.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
	"k8s.io/client-go/util/cert"
	"k8s.io/client-go/util/keyutil"
)

// How long certificates hold. Leaves are made at each start of the process.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	leafLife      = 365 * 24 * time.Hour
)

// begin is when all certificates begin to hold. It is fixed: a clock that is
// ahead when they are made may be set back by any amount.
var begin = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// Pair names the files of a certificate and its key.
type Pair struct{ Cert, Key string }

// Store is a directory of certificates, for its owner alone.
type Store struct {
	dir string
	// Cluster signs whoever talks to the API server, and the API server
	// itself; Etcd those that may talk to etcd: the API server and nobody else.
	Cluster, Etcd *Authority
}

// Authority is a certificate authority.
type Authority struct {
	// File is the certificate's file; PEM what is in it.
	File string
	PEM  []byte
	cert *x509.Certificate
	key  crypto.Signer
	dir  string
}

// Open opens the certificates below dir, and makes those that must last where
// they are missing.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of certificates: %w", err)
	}
	s := &Store{dir: dir}
	for name, authority := range map[string]**Authority{"ca": &s.Cluster, "etcd-ca": &s.Etcd} {
		a, err := openAuthority(dir, name)
		if err != nil {
			return nil, err
		}
		*authority = a
	}
	return s, nil
}

// ServiceAccountKey returns the file of the key that signs tokens of service
// accounts. It lasts, so that tokens outlive a restart.
func (s *Store) ServiceAccountKey() (string, error) {
	file := filepath.Join(s.dir, "service-account.key")
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return file, err
	}
	key, err := newKey()
	if err != nil {
		return "", err
	}
	return file, writeKey(file, key)
}

func openAuthority(dir, name string) (*Authority, error) {
	a := &Authority{File: filepath.Join(dir, name+".crt"), dir: dir}
	keyFile := filepath.Join(dir, name+".key")
	// The certificate is written last: where it is, the key is.
	if _, err := os.Stat(a.File); errors.Is(err, fs.ErrNotExist) {
		key, err := newKey()
		if err != nil {
			return nil, err
		}
		template := &x509.Certificate{
			Subject:               pkix.Name{CommonName: "podlab " + name},
			NotBefore:             begin,
			NotAfter:              time.Now().Add(authorityLife),
			KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
			BasicConstraintsValid: true,
			IsCA:                  true,
		}
		if err := writeKey(keyFile, key); err != nil {
			return nil, err
		}
		if err := writeCert(a.File, template, template, key.Public(), key); err != nil {
			return nil, err
		}
	}
	var err error
	if a.PEM, err = os.ReadFile(a.File); err != nil {
		return nil, fmt.Errorf("read a certificate authority: %w", err)
	}
	certs, err := cert.ParseCertsPEM(a.PEM)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.File, err)
	}
	key, err := keyutil.PrivateKeyFromFile(keyFile)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s: not a key that signs", keyFile)
	}
	a.cert, a.key = certs[0], signer
	return a, nil
}

// Server makes a certificate for a server on loopback, under further names too.
func (a *Authority) Server(name string, names ...string) (Pair, error) {
	return a.leaf(name, &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		DNSNames:    append([]string{"localhost"}, names...),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		// etcd's server is a client of itself.
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
}

// Client makes a certificate for a user of groups; file names its files.
func (a *Authority) Client(file, user string, groups ...string) (Pair, error) {
	return a.leaf(file, &x509.Certificate{
		Subject:     pkix.Name{CommonName: user, Organization: groups},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

func (a *Authority) leaf(name string, template *x509.Certificate) (Pair, error) {
	key, err := newKey()
	if err != nil {
		return Pair{}, err
	}
	template.NotBefore, template.NotAfter = begin, time.Now().Add(leafLife)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	pair := Pair{Cert: filepath.Join(a.dir, name+".crt"), Key: filepath.Join(a.dir, name+".key")}
	if err := writeKey(pair.Key, key); err != nil {
		return Pair{}, err
	}
	return pair, writeCert(pair.Cert, template, a.cert, key.Public(), a.key)
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return key, nil
}

func writeKey(file string, key *ecdsa.PrivateKey) error {
	text, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return fmt.Errorf("encode a key: %w", err)
	}
	return write(file, text)
}

func writeCert(file string, template, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer) error {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return fmt.Errorf("make a serial number: %w", err)
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, signer)
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	return write(file, pem.EncodeToMemory(&pem.Block{Type: cert.CertificateBlockType, Bytes: der}))
}

func write(file string, text []byte) error {
	if err := renameio.WriteFile(file, text, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(file), err)
	}
	return nil
}
