package canary

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/targets/canary/gadget"
)

func TestRace(t *testing.T) { harness.TestRace(t, Target) }

// plantEnv is set in the process that runs the planted race: there the test must fail.
const plantEnv = "LINKFLAP_CANARY_RACE"

func TestRacePlantIsCaught(t *testing.T) {
	switch {
	case !sim.SeesRaces:
		t.Skip("races show only under the race detector: run make race T=canary")
	case os.Getenv(plantEnv) != "":
		harness.TestRace(t, Planted(gadget.UnlockedCounter))
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), plantEnv+"=1", newEnv+"="+t.TempDir())
	out, err := cmd.CombinedOutput()
	require.Error(t, err, "the planted race was not caught:\n%s", out)
	require.Contains(t, string(out), "race: gadget.Send and gadget.write")
}
