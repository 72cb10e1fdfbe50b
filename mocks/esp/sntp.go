package esp

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
)

// How often SNTP asks.
const (
	sntpPoll  = time.Hour        // CONFIG_LWIP_SNTP_UPDATE_DELAY
	sntpRetry = 15 * time.Second // lwIP SNTP_RETRY_TIMEOUT
)

// sntp is lwIP's SNTP client (components/lwip/include/apps/esp_sntp.h). Its server is host echo of the air: whoever answers a ping has the time.
type sntp struct {
	c      *Chip
	synced func() // sntp_set_time_sync_notification_cb
	timer  *sim.Timer
}

// SNTPInit is esp_sntp_init in mode SNTP_OPMODE_POLL; synced is called, in lwIP's task, each time the clock was set.
func (c *Chip) SNTPInit(synced func()) {
	c.call("esp_sntp_init", func() Err {
		c.sntp.stop()
		c.sntp = sntp{c: c, synced: synced}
		c.sntp.ask(air.RTT)
		return OK
	})
}

// SNTPStop is esp_sntp_stop. Without a client it does nothing.
func (c *Chip) SNTPStop() {
	c.call("esp_sntp_stop", func() Err { c.sntp.stop(); return OK })
}

// SNTPRestart is esp_sntp_restart: the client, if there is one, asks at once. It returns whether there is one.
func (c *Chip) SNTPRestart() bool {
	c.call("esp_sntp_restart", func() Err { c.sntp.wake(); return OK })
	return c.sntp.timer != nil
}

func (s *sntp) stop() {
	if s.timer != nil {
		s.c.w.Cancel(s.timer)
		s.timer = nil
	}
}

// wake asks at once.
func (s *sntp) wake() {
	if s.timer != nil {
		s.stop()
		s.ask(air.RTT)
	}
}

// ask looks for an answer after d.
func (s *sntp) ask(d time.Duration) {
	s.timer = s.c.w.After(d, 0, func(time.Time) {
		server, _ := s.c.air.HostIP("echo")
		if !s.c.air.Reaches(server) {
			s.ask(sntpRetry)
			return
		}
		s.ask(sntpPoll)
		s.c.w.Go("tiT", s.synced)
	})
}
