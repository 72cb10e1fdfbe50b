//go:build !linkflap_libfuzzer || !cgo

package libfuzzer

// On says that the binary is one of libFuzzer's.
const On = false

// Drive is never called.
func Drive(func(input []byte)) { panic("libfuzzer: this binary was built without it") }

// Args are those of the command line, for libFuzzer.
func Args() []string { return nil }

// Known is nothing.
func Known(string) []string { return nil }
