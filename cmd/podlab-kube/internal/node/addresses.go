package node

import (
	"encoding/binary"
	"net/netip"
	"sync"
)

// podCIDR is where Pods get their addresses from, as in kind. Nothing answers
// there.
const podCIDR = "10.244.0.0/16"

// hostIP is the node's address: one that exists nowhere (RFC 5737), since the
// node does not.
const hostIP = "192.0.2.1"

// addresses gives every Pod an address that no other one has. It goes round, so
// that an address is not given again soon.
type addresses struct {
	mu    sync.Mutex
	of    map[string]netip.Addr // by the Pod's UID
	taken map[netip.Addr]bool
	last  uint16
}

func newAddresses() *addresses {
	return &addresses{of: map[string]netip.Addr{}, taken: map[netip.Addr]bool{}}
}

// keep notes an address that a Pod has already.
func (a *addresses) keep(uid, ip string) {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of[uid], a.taken[addr] = addr, true
}

// give returns the address of a Pod.
func (a *addresses) give(uid string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if addr, has := a.of[uid]; has {
		return addr.String()
	}
	base := netip.MustParsePrefix(podCIDR).Addr().As4()
	for range 1 << 16 {
		a.last++
		if low := byte(a.last); low == 0 || low == 255 {
			continue
		}
		bytes := base
		binary.BigEndian.PutUint16(bytes[2:], a.last)
		if addr := netip.AddrFrom4(bytes); !a.taken[addr] {
			a.of[uid], a.taken[addr] = addr, true
			return addr.String()
		}
	}
	return "" // 65000 Pods: the scheduler stops long before
}

// free takes the address of a Pod that is gone.
func (a *addresses) free(uid string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.taken, a.of[uid])
	delete(a.of, uid)
}
