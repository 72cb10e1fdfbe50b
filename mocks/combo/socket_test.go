package combo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/combo"
)

// Guide, TCP-IP_AT_Examples.rst, "as a TCP client": the ConID, the prompt, OK, the bytes that are announced and read.
func TestTCPClient(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+SOCKETRECVCFG=0
			< OK
			> AT+SOCKET=4,` + b.host("echo") + `,7
			< connect success ConID=1
			< OK
			> AT+SOCKET?
			< 1,4,3,` + b.host("echo") + `,7,-1,0
			< OK
			> AT+SOCKETSEND=1,9
			< >
			>> aithinker
			< OK
			< +EVENT:SocketDown,1,9
			> AT+SOCKETREAD=1
			< +SOCKETREAD,1,9,aithinker
			< OK
			> AT+SOCKETREAD=1
			< +SOCKETREAD:102
			< ERROR
			> AT+SOCKETSENDLINE=1,5,12345678
			< OK
			< +EVENT:SocketDown,1,5
			> AT+SOCKETDEL=1
			< OK
			< +EVENT:SocketAutoDel,1
			> AT+SOCKETDEL=1
			< +SOCKETDEL:4
			< ERROR`)
	})
}

// Guide, AT+SOCKETRECVCFG, mode 1: what arrives is printed with its event; it may hold anything.
func TestActiveMode(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+SOCKET=4,echo,7
			< connect success ConID=1
			< OK
			> AT+SOCKETSEND=1,6
			< >`)
		b.write("a\r\n>,b")
		b.Equal("\r\nOK\r\n\r\n+EVENT:SocketDown,1,6,a\r\n>,b\r\n", b.drain(time.Second))
	})
}

// Guide, AT+SOCKETSEND: any number of bytes, in packets of 1024; command-set/index.rst: what is received, too.
func TestPackets(t *testing.T) {
	online(t, func(b *board) {
		text := strings.Repeat("0123456789", 250)
		b.says(`
			> AT+SOCKET=4,echo,7
			< connect success ConID=1
			< OK
			> AT+SOCKETSEND=1,2500
			< >`)
		start := b.w.Now()
		b.write(text)
		b.says(`< OK`)
		b.Greater(b.w.Now()-start, 2500*10*time.Second/115200, "the line takes its time")
		got, events := b.drain(5*time.Second), 0
		for got != "" {
			var id, n int
			_, err := fmt.Sscanf(got, "\r\n+EVENT:SocketDown,%d,%d,", &id, &n)
			b.NoError(err)
			b.LessOrEqual(n, combo.MaxPacket)
			_, rest, _ := strings.Cut(got, fmt.Sprintf(",%d,%d,", id, n))
			b.Equal(text[:n], rest[:n])
			text, got = text[n:], rest[n+2:]
			events++
		}
		b.Empty(text)
		b.GreaterOrEqual(events, 3)
	})
}

// Reference 4.2.10, note: what is not read waits in memory, until there is none left.
func TestStoreIsFull(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+SOCKETRECVCFG=0
			< OK
			> AT+SOCKET=4,` + b.listening() + `,80
			< connect success ConID=1
			< OK`)
		b.peer(func(p *air.Peer) { _ = p.Send(3 * combo.MaxStored) })
		stored := 0
		for _, l := range strings.Split(b.drain(10*time.Second), "\r\n\r\n") {
			var id, n int
			_, err := fmt.Sscanf(strings.TrimSpace(l), "+EVENT:SocketDown,%d,%d", &id, &n)
			b.NoError(err)
			stored += n
		}
		b.LessOrEqual(stored, combo.MaxStored)
		b.Greater(stored, combo.MaxStored-2*combo.MaxPacket)
	})
}

// Guide, AT+SOCKET, and error_code_.rst, 96 to 104.
func TestErrors(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+SOCKET=4,` + b.host("closed") + `,80
			< +SOCKET:97
			< ERROR
			> AT+SOCKET=4,nobody,80
			< +SOCKET:98
			< ERROR
			> AT+SOCKET=3,8888
			< +SOCKET:104
			< ERROR
			> AT+SOCKET=5,echo,7
			< +SOCKET:100
			< ERROR
			> AT+SOCKET=4,echo
			< +SOCKET:3
			< ERROR
			> AT+SOCKET=4,echo,http
			< +SOCKET:4
			< ERROR
			> AT+SOCKETSEND=,5
			< +SOCKETSEND:4
			< ERROR
			> AT+SOCKETSENDLINE=3,5,hello
			< +SOCKETSENDLINE:4
			< ERROR
			> AT+SOCKET?
			< OK`)
	})
	tr := onBoard(t, func(b *board) {
		b.write("ATE0\r\n")
		b.drain(time.Second)
		b.says(`
			> AT+SOCKET=4,` + b.host("echo") + `,7
			< +SOCKET:97
			< ERROR
			> AT+SOCKET=2,` + b.host("echo") + `,7
			< +SOCKET:96
			< ERROR`)
	})
	require.Empty(t, ledger(tr), "what was not opened is free again")
}

// ledger is the sockets that are taken at the end.
func ledger(tr *trace.Trace) map[int64]bool {
	taken := map[int64]bool{}
	for _, e := range tr.Events {
		if e.Kind == trace.Take {
			taken[e.A] = true
		}
		if e.Kind == trace.Free {
			delete(taken, e.A)
		}
	}
	return taken
}

// at_device_aiwb2, on a module: the prompt comes for a ConID that does not exist, and then nothing.
func TestSendToNobody(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+SOCKETSEND=3,5
			< >
			>> hello
			.
			> AT
			< OK`)
	})
}

// Guide, AT+SOCKET, conID; reference 4.2.3.
func TestConIDs(t *testing.T) {
	tr := online(t, func(b *board) {
		echo := b.host("echo")
		b.says(`
			> AT+SOCKET=4,` + echo + `,7,0,2
			< connect success ConID=2
			< OK
			> AT+SOCKET=4,` + echo + `,7
			< connect success ConID=1
			< OK
			> AT+SOCKET=4,` + echo + `,7,0,2
			< +SOCKET:96
			< ERROR`)
		for id := 3; id <= combo.NumSockets; id++ {
			b.says(fmt.Sprintf(`
				> AT+SOCKET=2,%s,7
				< connect success ConID=%d
				< OK`, echo, id))
		}
		b.says(`
			> AT+SOCKET=2,` + echo + `,7
			< +SOCKET:96
			< ERROR
			> AT+SOCKETDEL=2
			< OK
			< +EVENT:SocketAutoDel,2
			> AT+SOCKET=2,` + echo + `,7
			< connect success ConID=2
			< OK`)
	})
	require.Len(t, ledger(tr), combo.NumSockets)
}

// Guide, AT+SOCKETREAD, note: a UDP client's server answers to where it was sent from.
func TestUDPClient(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+SOCKET=2,` + b.host("echo") + `,7
			< connect success ConID=1
			< OK
			> AT+SOCKETSEND=1,5
			< >
			>> hello
			< OK
			< +EVENT:SocketDown,1,5,hello
			> AT+SOCKETSEND=1,1100
			< >`)
		b.write(strings.Repeat("x", 1100))
		b.says(`
			< OK
			< +EVENT:SocketDown,1,1024,...
			< +EVENT:SocketDown,1,76,...`)
	})
}

func TestSSLClient(t *testing.T) {
	online(t, func(b *board) {
		start := b.w.Now()
		b.says(`
			> AT+SOCKET=7,echo,7
			< connect success ConID=1
			< OK`)
		b.Greater(b.w.Now()-start, combo.TLSTime)
	})
}

// Reference, events: SocketDisconnect (at_device_aiwb2 for the spelling), SocketReconnect, SocketAutoDel; error code 99.
func TestOtherEndCloses(t *testing.T) {
	tr := online(t, func(b *board) {
		b.says(`
			> AT+SOCKET=4,` + b.listening() + `,80
			< connect success ConID=1
			< OK`)
		b.peer(func(p *air.Peer) { _, _ = p.Send(4), p.Close() })
		b.says(`
			< +EVENT:SocketDown,1,4,...
			< +EVENT:SocketDisconnect,1
			> AT+SOCKETSEND=1,5
			< +SOCKETSEND:99
			< ERROR
			< +EVENT:SocketReconnect,1
			> AT+SOCKET?
			< 1,4,3,...
			< OK`)
		b.peer(func(p *air.Peer) { _, _ = p.Listen(0), p.Reset() })
		b.says(`
			< +EVENT:SocketDisconnect,1
			> AT+SOCKET?
			< 1,4,0,...
			< OK
			< +EVENT:SocketAutoDel,1
			> AT+SOCKET?
			< OK`)
	})
	require.Empty(t, ledger(tr))
}

// A socket that the host deletes while it is opened anew stays deleted.
func TestDeleteWhileDown(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+SOCKET=4,` + b.listening() + `,80
			< connect success ConID=1
			< OK`)
		b.peer(func(p *air.Peer) { _ = p.Close() })
		b.says(`
			< +EVENT:SocketDisconnect,1
			> AT+SOCKETDEL=1
			< OK
			< +EVENT:SocketAutoDel,1
			.
			> AT+SOCKET?
			< OK`)
	})
}

// A line that is busy holds the sender up: nothing is lost, and the stack's window fills.
func TestFlowControl(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+SOCKET=4,` + b.listening() + `,80
			< connect success ConID=1
			< OK`)
		const all = 30_000
		var sent time.Duration
		start := b.w.Now()
		b.peer(func(p *air.Peer) {
			_ = p.Send(all)
			sent = b.w.Now()
		})
		got := b.drain(10 * time.Second)
		b.Greater(len(got), all)
		b.Greater(sent-start, (all-2*air.Window-2*combo.MaxPacket)*10*time.Second/115200, "the peer is held up")
	})
}

// A send that finds no room lasts until there is some; the next command is turned down.
func TestSendBlocks(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+SOCKET=4,` + b.host("sink") + `,80
			< connect success ConID=1
			< OK
			> AT+SOCKETSEND=1,20000
			< >`)
		b.write(strings.Repeat("x", 20_000))
		b.says(`
			.
			> AT
			< [Busy]Cmd running
			.`)
		b.a.Heal()
		b.says(`< OK`)
	})
}

// What a reset leaves: nothing of Wi-Fi and sockets, and passive mode.
func TestReset(t *testing.T) {
	tr := online(t, func(b *board) {
		b.says(`
			> AT+SOCKET=4,` + b.listening() + `,80
			< connect success ConID=1
			< OK`)
		b.m.Reset()
		b.says(`< ready`)
		b.write("ATE0\r\n")
		b.drain(time.Second)
		b.says(`
			> AT+SOCKET?
			< OK
			> AT+WJAP?
			< +WJAP:0,...
			< OK
			> AT+WJAP=home,password1
			< +EVENT:WIFI_CONNECT
			< +EVENT:WIFI_GOT_IP
			< OK
			> AT+SOCKET=2,` + b.host("echo") + `,7
			< connect success ConID=1
			< OK
			> AT+SOCKETSENDLINE=1,2,hi
			< OK
			< +EVENT:SocketDown,1,2
			.`)
	})
	require.Len(t, ledger(tr), 1)
}

// One program, one trace.
func TestDeterminism(t *testing.T) {
	run := func() uint64 {
		return online(t, func(b *board) {
			b.says(`
				> AT+SOCKET=4,echo,7
				< connect success ConID=1
				< OK
				> AT+SOCKETSENDLINE=1,2,hi
				< OK
				< +EVENT:SocketDown,1,2,hi`)
		}).Hash()
	}
	want := run()
	for range 10 {
		require.Equal(t, want, run())
	}
}
