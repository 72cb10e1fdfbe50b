package hunt_test

import (
	"context"
	"fmt"
	"path"

	"github.com/linkflap/linkflap/harness/hunt"
)

// A package has targets if its tests import the harness; the others are passed over.
func ExamplePackages() {
	found, err := hunt.Packages(context.Background(), "../..", []string{"./mocks/...", "./targets/canary"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range found {
		fmt.Println(path.Base(p.ImportPath))
	}
	_, err = hunt.Packages(context.Background(), "../..", []string{"./mocks/air"})
	fmt.Println(err)
	// Output:
	// canary
	// found no package in ./mocks/air whose tests import github.com/linkflap/linkflap/harness
}
