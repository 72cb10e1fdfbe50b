package particle

var scenarios = []scenario{
	{
		name: "stop-client-then-server",
		prose: `
B-1: a client is accepted and stopped, then its server is stopped. socket_dispose deletes the tcp_server_client_t, but
tcp_server_t::clients[] still points to it, and tcp_server_t::close closes every client that it finds there: a method call on freed memory.
Releases up to 0.6.4; fixed by pull request particle-iot/device-os#1250, which came in through #1286, first in 0.7.0-rc.1: disconnect()
takes the client out of the array. That nothing is seen if nobody has taken the memory meanwhile, and that a wild pointer is followed else,
so that "in around 1 case in 3 it results in a full reset" (community.particle.io, "Active TCPServer / Client appears to crash Photon"), is
inferred.`,
		program: `
boot(%s)
s0 = server(80)
p1: dial(80)
a: c0 = available(s0)
a: stop(c0)
a: stop(s0)
`,
		cells: [5]cell{staleClient, served, served, served, served},
	},
	{
		name: "stop-client-then-off",
		prose: `
B-1 without the application's doing: a client is accepted and stopped, then Wi-Fi is switched off, or the system resets it.
socket_close_all, which wlan_disconnect_now called up to 0.7.0, deletes the server, and tcp_server_t::close follows the pointer in
clients[] that socket_dispose has left there. Releases up to 0.6.4; fixed by pull request particle-iot/device-os#1250, which came in
through #1286, first in 0.7.0-rc.1. That a touch like this is what turned an Ethernet cable pulled out of the access point into SOS is
inferred.`,
		program: `
boot(%s)
s0 = server(80)
p1: dial(80)
a: c0 = available(s0)
a: stop(c0)
a: off()
a: delay(2s)
`,
		cells: [5]cell{
			staleClient, staleServer, staleServer,
			{
				want: "double-free: wiced_tcp_server_stop frees a netconn that wiced_connectivity_deinit freed",
				last: true,
				note: `
B-1 is gone; what is left is B-5: the stack was switched off below the server, which is stopped in the end. That switching it off frees the
netconns is inferred.`,
			},
			served,
		},
	},
	{
		name: "off-then-client",
		prose: `
B-2: Wi-Fi is switched off while a client is connected, and the application stops the client. Up to 0.7.0 wlan_disconnect_now called
socket_close_all, which deleted every socket_t, although TCPClient and TCPServer keep their addresses. "There's a bug in socket HAL, which
destroys all sockets on network disconnection, leaving invalid socket handles at the application side" (device-os,
user/tests/app/tcp_server). From 0.8.0-rc.3 on sockets are only closed (commit 080456b33).`,
		program: `
boot(%s)
s0 = server(80)
p1: dial(80)
a: c0 = available(s0)
a: off()
a: delay(2s)
a: stop(c0)
`,
		cells: [5]cell{
			danglingSocket, danglingSocket, danglingSocket,
			{
				want: freed("wiced_tcp_disconnect", "netconn", "wiced_connectivity_deinit"),
				last: true,
				note: `
B-5: these releases (0.8.0-rc.3 to rc.11) never call socket_close_all (commit 9748b3f8b), but switch the stack off all the same, so the sockets
outlive it. That switching it off frees the netconns is inferred: community.particle.io, topic 45911, has the hard fault, not the reason.
Fixed in 0.8.0-rc.12 (commit c4e585949, pull request #1639): wlan_deactivate closes all sockets first.`,
			},
			served,
		},
	},
	{
		name: "off-then-connected",
		prose: `
B-2, again: Wi-Fi is switched off while a client is connected, and the application asks the client whether it still is. connected() follows
the handle even while the network is down, and up to 0.7.0 the socket_t is gone. From 0.8.0-rc.3 on the answer is no.`,
		program: `
boot(%s)
s0 = server(80)
p1: dial(80)
a: c0 = available(s0)
a: off()
a: delay(2s)
a: connected(c0)
`,
		cells: [5]cell{
			danglingHandle, danglingHandle, danglingHandle,
			{
				want: freed("wiced_tcp_disconnect", "netconn", "wiced_connectivity_deinit"),
				note: `
B-5: the client says that it is not connected, but its netconn was freed with the stack, which switching off frees (inferred), and it is closed
all the same. Fixed in 0.8.0-rc.12.`,
			},
			fine,
		},
	},
	{
		name: "link-lost",
		prose: `
B-4 and B-3: the access point goes for a while; an application that calls available() meanwhile has lost its server for good. Up to 0.7.0
available() sets its handle to -1 while the network is not ready, without closing it: the listener stays bound. When the network is back
available() begins again on the same port, which fails (inferred: the port is in use), and every failed start leaves its entry in the
stack's table of five servers. The mode is AUTOMATIC: there the system tries to connect again at once, before the two seconds are over
after which it would switch Wi-Fi off and with that delete the forgotten socket. That this is what happened to the last post of "Active
TCPServer / Client appears to crash Photon" is inferred: nobody has explained it. Fixed in 0.8.0-rc.3 (commits 633af5437 and d387c0021,
pull request #1492).`,
		program: `
boot(%s, mode=auto)
s0 = server(80)
air: down(home)
air: sleep(15s)
air: up(home)
a: delay(10s)
a: c0 = available(s0)
a: delay(15s)
a: begin(s0)
`,
		cells: [5]cell{lostServer, lostServer, lostServer, served, served},
	},
	{
		name: "link-lost-then-client",
		prose: `
B-4 and B-3 as a remote client sees them: the access point goes for a while, the application calls available() meanwhile and, as a loop
does, again when the network is back; then a client connects. Up to 0.7.0 it reaches the listener that available() has forgotten, which
nobody looks at, and each failed attempt to begin again has left the address of a deleted tcp_server_t in the stack's table. From
0.8.0-rc.3 on available() has stopped the server, begins again, and gives the client out.`,
		program: `
boot(%s, mode=auto)
s0 = server(80)
air: down(home)
air: sleep(15s)
air: up(home)
a: delay(10s)
a: c0 = available(s0)
a: delay(15s)
a: c1 = available(s0)
p1: sleep(30s)
p1: dial(80)
a: c2 = available(s0, wait=15s)
`,
		cells: [5]cell{walkedTable, walkedTable, walkedTable, served, served},
	},
	{
		name: "failed-starts",
		prose: `
B-3: a server is to begin on a port that is in use, six times, and then one on a port that is not. A server that cannot start is deleted,
but up to 0.7.0 without wiced_tcp_server_stop: "causing an internal tcp server list in WICED to get completely filled. As a result, we are
unable to create any more tcp servers" (pull request particle-iot/device-os#1492). Fixed in 0.8.0-rc.3 (commit d387c0021). Stopping
everything does not help: there are never five servers to be had again. That a port in use is what makes the starts fail is inferred.`,
		program: `
boot(%s)
s0 = server(80)
s1 = server(80)
begin(s1)
begin(s1)
begin(s1)
begin(s1)
begin(s1)
s2 = server(81)
begin(s2)
`,
		cells: [5]cell{fullTable, fullTable, fullTable, served, served},
	},
	{
		name: "stop-both-copies",
		prose: `
Two copies of a TCPClient are stopped, and between the two another client is accepted. Up to 0.6.4 copies have the raw handle, nobody
counts, and handles are addresses: malloc gives the freed one to the new client's socket, so that the second copy's stop() finds it in the
list, and deletes it (ABA). From 0.7.0 on copies share one state (commit 84a930e65).`,
		program: `
boot(%s)
s0 = server(80)
p1: dial(80)
p2: sleep(2s)
p2: dial(80)
a: c0 = available(s0)
a: c1 = copy(c0)
a: stop(c0)
a: c2 = available(s0, wait=5s)
a: stop(c1)
`,
		cells: [5]cell{otherSocket, otherSocket, served, served, served},
	},
	{
		name: "stop-one-server",
		prose: `
One of two servers is stopped, and a client connects to the other. Before 0.7.0-rc.1 the other is deaf from then on: the stack completes
the handshake and tells nobody (vendor's test StoppedServerDoesntAffectOtherServers, fixed with pull request particle-iot/device-os#1286).
How the stack does that is not public; that a server which begins again hears again is inferred.`,
		program: `
boot(%s)
s0 = server(80)
s1 = server(81)
stop(s0)
p1: dial(81)
a: delay(1s)
a: c0 = available(s1)
`,
		cells: [5]cell{deaf, deaf, served, served, served},
	},
	{
		name: "off-and-on",
		prose: `
Wi-Fi is switched off and on, and the application, which does not stop its server, calls available() meanwhile. Up to 0.7.0 available()
forgets its handle (B-4), but socket_close_all has deleted the socket, and the server begins again: here one bug makes up for the other.
Whether it does depends on who comes first; when the link is lost and not switched off, the server is lost (link-lost).`,
		program: `
boot(%s)
s0 = server(80)
off()
delay(2s)
c0 = available(s0)
on()
connect()
delay(5s)
c1 = available(s0)
p1: dial(80)
a: c2 = available(s0)
`,
		cells: [5]cell{
			served, served, served,
			{
				want: "double-free: wiced_tcp_server_stop frees a netconn that wiced_connectivity_deinit freed",
				last: true,
				note: `
The server is back, but by a touch of freed memory (B-5): available() stops it, as it should, and its listening socket's netconn is gone with
the stack that was switched off. That switching it off frees the netconns is inferred.`,
			},
			served,
		},
	},
}
