//go:build !unix

package main

import (
	"errors"
	"os"
)

func windowSize(*os.File) (width, height int, err error) { return 0, 0, errors.ErrUnsupported }
