package netdev

import (
	"errors"
	"fmt"

	"tinygo.org/x/drivers/netdev"
	"tinygo.org/x/drivers/netlink"

	"github.com/linkflap/linkflap/harness"
)

// notSupported are the errors by which drivers say that they do not offer something.
var notSupported = []error{netdev.ErrNotSupported, netdev.ErrProtocolNotSupported, netlink.ErrNotSupported}

// supported makes ops say so, in the harness's words, where the driver does not offer them.
func supported(ops []op) []op {
	for i := range ops {
		do := ops[i].Do
		ops[i].Do = func(c call) (int64, error) {
			n, err := do(c)
			for _, known := range notSupported {
				if errors.Is(err, known) {
					return n, fmt.Errorf("%w: %w", harness.ErrUnsupported, err)
				}
			}
			return n, err
		}
	}
	return ops
}
