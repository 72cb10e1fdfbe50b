package apps

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// lights are the signals of the LED from a time on, with how long after it each began.
func lights(tr *trace.Trace, from time.Duration) (names []string, began []time.Duration) {
	for _, e := range tr.Events {
		if e.Kind == trace.Light && e.At >= from {
			names, began = append(names, e.Name), append(began, e.At-from)
		}
	}
	return names, began
}

// touched says that memory was used after it was freed.
func touched(tr *trace.Trace) bool {
	for _, e := range tr.Events {
		if e.Kind == trace.Touch {
			return true
		}
	}
	return false
}

// Report B, "what is happening in the video": after the cable is pulled the board "continues to breath[e] cyan for around 15 [to 20] seconds, flashes
// cyan for around 20 [to 30] seconds", and then the WLAN is reset, or "flashes red indicating that the Photon is rebooting"; "in all cases the
// result [of WiFi.ready()] is still true when the reset occurs". The orders of magnitude are wanted, no more.
func TestUplinkCut(t *testing.T) {
	for _, program := range []string{"web", "web5"} {
		for _, v := range deviceos.VariantNames() {
			var cut, reset time.Duration
			var ready bool
			tr := atDesk(t, v, program, func(l *lab) {
				var tally Tally
				l.w.Go("client", func() { Use(l.w, HTTP, l.air.Peer("p1"), l.program, &tally) })
				l.w.Sleep(minute)
				require.Greater(l, tally.Success, 30)
				cut = l.w.Now()
				l.router.Cable(false)
				for was := true; was && l.Resets() == 0; l.w.Sleep(100 * time.Millisecond) {
					ready, was, reset = was, l.WiFi.Ready(), l.w.Now()-cut
				}
			})
			names, began := lights(tr, cut)
			require.Contains(t, names, deviceos.CloudConnecting.Name)
			i := 0
			for names[i] != deviceos.CloudConnecting.Name {
				i++
			}
			require.True(t, ready, "%s on %s: it is ready when it is reset", program, v)
			require.InDelta(t, 15, began[i].Seconds(), 12, "%s on %s: seconds of breathing cyan", program, v)
			require.InDelta(t, 20, (reset - began[i]).Seconds(), 15, "%s on %s: seconds of blinking cyan", program, v)
			if v == "v0" {
				require.True(t, touched(tr), "%s: got no touch of a client that was closed before", program)
			}
			if v == "v4" {
				require.False(t, touched(tr), program)
				require.NotContains(t, names, "red SOS", program)
			}
		}
	}
}

// Report A: telnet once, switch the access point off and on, telnet again. The example follows the vendor's procedure, "stop and begin it again",
// which works on every release; that it goes over a freed client on the oldest is seen in the trace, and by the reporter in the LED.
func TestTelnetAfterTheAccessPointWasOff(t *testing.T) {
	for _, v := range deviceos.VariantNames() {
		tr := atDesk(t, v, "telnet", func(l *lab) {
			l.w.Sleep(powerOn)
			require.Equal(l, Telnet.Times, l.served(Telnet).Success)
			l.router.Power(false)
			l.w.Sleep(Pi.Off)
			l.router.Power(true)
			l.w.Sleep(30 * time.Second)
			if l.Resets() == 0 {
				require.Equal(l, Telnet.Times, l.served(Telnet).Success, "on %s", v)
			}
			require.True(l, v == "v0" || l.Resets() == 0)
		})
		require.Equal(t, v == "v0", touched(tr), "on %s", v)
	}
}

// Without that first connection nothing happens: "When there was no TCP connection established before, the P1 is breathing white."
func TestNoConnectionNoTrouble(t *testing.T) {
	for _, v := range deviceos.VariantNames() {
		tr := atDesk(t, v, "communication", func(l *lab) {
			l.w.Sleep(powerOn)
			l.Asleep = true
			l.w.Sleep(5 * time.Second)
			require.Zero(l, l.Resets())
			require.False(l, l.WiFi.Ready())
		})
		names, _ := lights(tr, powerOn)
		require.Equal(t, deviceos.NetworkOff.Name, names[len(names)-1])
	}
}

// With one, the class Communication goes over freed memory in Off-Mode, up to 0.7.0. It never stops and begins its server, so after Off-Mode it
// has lost it on every release: that the fixed ones close it, and its handle stays what it was, is no bug of theirs.
func TestOffMode(t *testing.T) {
	old := map[string]bool{"v0": true, "v1": true, "v2": true}
	for _, v := range deviceos.VariantNames() {
		tr := atDesk(t, v, "communication", func(l *lab) {
			l.w.Sleep(powerOn)
			require.Equal(l, Phone.Times, l.served(Phone).Success)
			l.Asleep = true
			l.w.Sleep(10 * time.Second)
			require.False(l, l.WiFi.Ready())
			l.Asleep = false
			l.w.Sleep(10 * time.Second)
			require.True(l, l.WiFi.Ready() || l.Resets() > 0)
			if v == "v4" {
				require.Zero(l, l.Resets())
				require.Equal(l, Counters{RequestConnErr: 1}, l.served(Phone))
			}
		})
		require.Equal(t, old[v], touched(tr), "on %s", v)
	}
}

// The telnet example disconnects who says nothing for 15 s, the five-client server who says nothing for 30 s.
func TestInactivity(t *testing.T) {
	for _, c := range []struct {
		program string
		limit   time.Duration
	}{{"telnet", clientPatience}, {"web5", inactivityTimeout}} {
		atDesk(t, "v4", c.program, func(l *lab) {
			l.w.Sleep(powerOn)
			p := l.air.Peer("p1")
			require.NoError(l, p.Dial(l.program.Port))
			start := l.w.Now()
			err := p.Read(1)
			for l.w.Now()-start < time.Minute && err != io.EOF {
				err = p.Read(1)
			}
			require.ErrorIs(l, err, io.EOF, c.program)
			require.InDelta(l, c.limit.Seconds(), (l.w.Now() - start).Seconds(), 1, c.program)
		})
	}
}

// The five-client server serves whoever comes while others say nothing; the one-request server does not, and lets the system wait, too.
func TestOneClientOrMore(t *testing.T) {
	for program, want := range map[string]Counters{"web5": {Success: 1}, "web": {RequestOtherException: 1}} {
		atDesk(t, "v4", program, func(l *lab) {
			l.w.Sleep(powerOn)
			for _, name := range []string{"p2", "p3"} {
				require.NoError(l, l.air.Peer(name).Dial(l.program.Port))
			}
			l.w.Sleep(time.Second)
			require.Equal(l, want, l.served(HTTP), program)
		})
	}
}

// It serves five: a sixth is connected, and waits until one of those who say nothing is disconnected for it. Peers have one connection each to
// talk on; those that they have vanished from, and that nobody closes, are further clients.
func TestFiveClients(t *testing.T) {
	for silent, want := range map[int]Counters{maxClients - 1: {Success: 1}, maxClients: {RequestOtherException: 1}} {
		atDesk(t, "v4", "web5", func(l *lab) {
			l.w.Sleep(powerOn)
			for range silent {
				require.NoError(l, l.air.Peer("p2").Dial(l.program.Port))
				require.NoError(l, l.air.Peer("p2").Vanish())
				l.air.Heal()
			}
			l.w.Sleep(time.Second)
			require.Equal(l, want, l.served(HTTP), "with %d others", silent)
			l.w.Sleep(inactivityTimeout)
			require.Equal(l, Counters{Success: 1}, l.served(HTTP), "the others were disconnected")
		})
	}
}

// Between the end of a request and the file's end the five-client server writes the file more than once, as posted.
func TestWeb5RepeatsItself(t *testing.T) {
	atDesk(t, "v4", "web5", func(l *lab) {
		l.w.Sleep(powerOn)
		p := l.air.Peer("p1")
		require.NoError(l, p.Dial(l.program.Port))
		require.NoError(l, p.Send(requestSize))
		require.NoError(l, p.Read(web5Answer+3*fileSize))
	})
}
