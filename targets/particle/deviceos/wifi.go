package deviceos

import "github.com/linkflap/linkflap/mocks/air"

// WiFi is the object WiFi of the wiring API.
type WiFi struct{ d *Device }

// On is WiFi.on(). With SYSTEM_THREAD it returns at once, as Off, Connect and Disconnect do, and the system thread does the work.
func (w WiFi) On() {
	defer w.d.guard(w.d.enter())
	w.d.run(func() { w.d.on(true) })
}

// Off is WiFi.off(). A join that is under way is given up first, by the caller.
func (w WiFi) Off() {
	defer w.d.guard(w.d.enter())
	w.d.stack.CancelJoin()
	w.d.run(w.d.off)
}

// Connect is WiFi.connect(), and WiFi.connect(WIFI_CONNECT_SKIP_LISTEN) if skipListen. Without SYSTEM_THREAD it returns when the network is
// ready, or cannot be had.
func (w WiFi) Connect(skipListen bool) {
	defer w.d.guard(w.d.enter())
	w.d.run(func() { w.d.connect(!skipListen) })
}

// Disconnect is WiFi.disconnect(): the radio stays on. A join that is under way is given up first, by the caller.
func (w WiFi) Disconnect() {
	defer w.d.guard(w.d.enter())
	w.d.stack.CancelJoin()
	w.d.run(w.d.disconnect)
}

// Listen is WiFi.listen(on): listening mode, in which the board waits for credentials.
func (w WiFi) Listen(on bool) { w.d.listen(on) }

// Ready is WiFi.ready(): there is an address. Whether anybody can be reached is another matter.
func (w WiFi) Ready() bool { return w.d.net.ready() }

// Connecting is WiFi.connecting().
func (w WiFi) Connecting() bool { return w.d.net.started && w.d.net.connecting }

// Listening is WiFi.listening().
func (w WiFi) Listening() bool { return w.d.net.listening }

// HasCredentials is WiFi.hasCredentials().
func (w WiFi) HasCredentials() bool { return w.d.hasCredentials() }

// LocalIP is WiFi.localIP(), the zero address without one.
func (w WiFi) LocalIP() (ip air.IP) {
	if w.d.net.ready() {
		ip, _ = w.d.stack.Address()
	}
	return ip
}

// Particle is the object Particle of the wiring API.
type Particle struct{ d *Device }

// Process is Particle.process(): without SYSTEM_THREAD a pass of the system loop, with it nothing: no events of the application are
// modelled.
func (p Particle) Process() {
	defer p.d.guard(p.d.enter())
	p.d.idle(true)
}

// Connect is Particle.connect(): the system connects to the cloud, and to the network first, and keeps both.
func (p Particle) Connect() {
	p.d.cloud.wanted, p.d.net.sleep = true, false
	p.d.changed()
}

// Disconnect is Particle.disconnect(): the cloud is let go.
func (p Particle) Disconnect() {
	p.d.cloud.wanted = false
	p.d.changed()
}

// Connected is Particle.connected().
func (p Particle) Connected() bool { return p.d.cloud.socketed && p.d.cloud.connected }
