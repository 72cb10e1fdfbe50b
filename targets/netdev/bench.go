package netdev

// Twenty is a program of an ordinary application's minute, for benchmarks: it connects, talks to a server in three rounds, and looks things
// up, in 20 calls.
const Twenty = `
connect(home)
c0 = dial(echo)
send(c0, 100)
recv(c0, 100)
sleep(7s)
send(c0, 1436)
recv(c0, 1436)
sleep(7s)
send(c0, 16)
recv(c0, 16)
sleep(7s)
addr()
mac()
resolve(echo)
c1 = dial(sink)
send(c1, 100)
close(c1)
addr()
sleep(7s)
close(c0)
`
