package combo

import (
	"net/netip"
	"strconv"

	"github.com/linkflap/linkflap/mocks/air"
)

// request is a command being carried out, its parameters being read.
type request struct {
	m     *Module
	c     *command
	args  []string
	next  int
	wrong int // error code, if a parameter is missing or is not what it must be
}

func (r *request) fail(code int) { r.m.fail(r.c, code) }

// reject notes that a parameter is wrong, unless one before it was.
func (r *request) reject(code int) {
	if r.wrong == 0 {
		r.wrong = code
	}
}

// count says that there must be low to high parameters.
func (r *request) count(low, high int) {
	if n := len(r.args); n < low || n > high {
		r.reject(codeCount)
	}
}

// text is the next parameter; one that is omitted is empty.
func (r *request) text() string {
	if r.next >= len(r.args) {
		return ""
	}
	r.next++
	return r.args[r.next-1]
}

// number is the next parameter, a number from low to high. One that is left out at the end is def; an empty one is not (guide,
// command-set/index.rst: what stands in angle brackets cannot be omitted).
func (r *request) number(low, high, def int) int {
	if r.next >= len(r.args) {
		return def
	}
	n, err := strconv.Atoi(r.text())
	if err != nil || n < low || n > high {
		r.reject(codeParameter)
		return def
	}
	return n
}

// address is the next parameter, an IPv4 address.
func (r *request) address() string {
	s := r.text()
	if _, err := netip.ParseAddr(s); err != nil {
		r.reject(codeParameter)
	}
	return s
}

func itoa(n int) string { return strconv.Itoa(n) }

// dotted is an address as the module writes it.
func dotted(ip air.IP) string { return netip.AddrFrom4(ip).String() }
