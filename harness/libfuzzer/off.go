//go:build !linkflap_libfuzzer || !cgo

package libfuzzer

// On says that the binary is one of libFuzzer's.
const On = false

// Drive panics: who calls it asks On first.
func Drive(func(input []byte)) { panic("libfuzzer: this binary was built without it") }

// Args are those of the command line, for libFuzzer: none.
func Args() []string { return nil }

// Known is nothing: nobody drives this process.
func Known(string) []string { return nil }
