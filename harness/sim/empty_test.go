package sim_test

import "testing"

// FuzzEmpty is what the native engine's speed is measured against.
func FuzzEmpty(f *testing.F) {
	f.Add([]byte("0"), []byte("0"), []byte("0"))
	f.Fuzz(func(*testing.T, []byte, []byte, []byte) {})
}
