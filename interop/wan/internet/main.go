// SPDX-License-Identifier: Apache-2.0

// Command internet connects network namespaces by lines that have a rate, a delay, a queue and a loss each way.
//
//	internet [-seed N] [-report FILE] NETNS:DEVICE:ADDRESS[:SETTING,...]...
//
// Each line is a TUN device in its namespace; a packet goes up the line of its sender and down the line of the address it is sent to. One
// thread reads, queues and writes, in batches at most every 300 µs, and allocates nothing once it is warm. It says "ready" when the devices are
// there, and ends on SIGTERM.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

const (
	mtu     = 1500
	batch   = 256
	breath  = 300 * time.Microsecond
	setNs   = 308 // the number of setns(2) on amd64
	setNs64 = 268 // and on arm64
)

type internet struct {
	lines  []*line
	routes map[[4]byte]*line
	polled []pollFd
	spare  [][]byte
}

type pollFd struct {
	fd              int32
	events, revents int16
}

func main() {
	seed := flag.Int64("seed", 1, "what the dice of loss begin with")
	report := flag.String("report", "", "a file for what each line did")
	flag.Parse()
	runtime.LockOSThread()
	net := &internet{routes: map[[4]byte]*line{}}
	for i, text := range flag.Args() {
		l, err := parseLine(text, *seed+int64(2*i))
		if err == nil {
			l.fd, err = openDevice(l.netns, l.device)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "internet:", err)
			os.Exit(1)
		}
		net.lines = append(net.lines, l)
		net.routes[l.address] = l
		net.polled = append(net.polled, pollFd{fd: int32(l.fd), events: 1})
	}
	var ended atomic.Bool
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	go func() { <-signals; ended.Store(true) }()
	fmt.Println("ready")
	for !ended.Load() {
		net.turn()
	}
	if *report != "" {
		if err := os.WriteFile(*report, []byte(net.report()), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "internet:", err)
		}
	}
}

// Makes a TUN device in a namespace. It goes with the file.
func openDevice(netns, device string) (int, error) {
	number := uintptr(setNs)
	if runtime.GOARCH == "arm64" {
		number = setNs64
	}
	enter := func(file *os.File) error {
		if _, _, errno := syscall.RawSyscall(number, file.Fd(), syscall.CLONE_NEWNET, 0); errno != 0 {
			return fmt.Errorf("setns %s: %w", file.Name(), errno)
		}
		return nil
	}
	own, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return 0, err
	}
	defer own.Close()
	there, err := os.Open("/run/netns/" + netns)
	if err != nil {
		return 0, err
	}
	defer there.Close()
	if err := enter(there); err != nil {
		return 0, err
	}
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("/dev/net/tun: %w", err)
	}
	var request struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:15], device)
	request.flags = syscall.IFF_TUN | syscall.IFF_NO_PI
	if _, _, errno := syscall.RawSyscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&request))); errno != 0 {
		return 0, fmt.Errorf("device %s in %s: %w", device, netns, errno)
	}
	return fd, enter(own)
}

// Waits for packets or until one is due, then moves all that can be moved.
func (n *internet) turn() {
	began := now()
	timeout := syscall.NsecToTimespec(max(0, min(n.next()-began, int64(100*time.Millisecond))))
	_, _, _ = syscall.Syscall6(syscall.SYS_PPOLL, uintptr(unsafe.Pointer(&n.polled[0])), uintptr(len(n.polled)),
		uintptr(unsafe.Pointer(&timeout)), 0, 0, 0)
	if rest := int64(breath) - (now() - began); rest > 0 {
		pause := syscall.NsecToTimespec(rest)
		_ = syscall.Nanosleep(&pause, nil)
	}
	for _, l := range n.lines {
		n.read(l)
	}
	moment := now()
	for _, l := range n.lines {
		for l.up.flying.size > 0 && l.up.flying.next() <= moment {
			p := l.up.flying.pop()
			to := n.routes[[4]byte(p.bytes[16:20])]
			if to == nil || !to.down.offer(p.bytes, p.due) {
				n.spare = append(n.spare, p.bytes)
			}
		}
	}
	for _, l := range n.lines {
		for l.down.flying.size > 0 && l.down.flying.next() <= moment {
			p := l.down.flying.pop()
			_, _, _ = syscall.RawSyscall(syscall.SYS_WRITE, uintptr(l.fd), uintptr(unsafe.Pointer(&p.bytes[0])), uintptr(len(p.bytes)))
			n.spare = append(n.spare, p.bytes)
		}
	}
}

// When the next packet is to be moved.
func (n *internet) next() int64 {
	next := int64(1<<63 - 1)
	for _, l := range n.lines {
		for _, w := range []*way{&l.up, &l.down} {
			if w.flying.size > 0 {
				next = min(next, w.flying.next())
			}
		}
	}
	return next
}

func (n *internet) read(l *line) {
	moment := now()
	for range batch {
		bytes := n.room()
		size, _, errno := syscall.RawSyscall(syscall.SYS_READ, uintptr(l.fd), uintptr(unsafe.Pointer(&bytes[0])), uintptr(len(bytes)))
		if errno != 0 || size < 20 || bytes[0]>>4 != 4 {
			n.spare = append(n.spare, bytes)
			if errno != 0 {
				return
			}
			continue
		}
		if !l.up.offer(bytes[:size], moment) {
			n.spare = append(n.spare, bytes)
		}
	}
}

func (n *internet) room() []byte {
	if last := len(n.spare) - 1; last >= 0 {
		bytes := n.spare[last]
		n.spare = n.spare[:last]
		return bytes[:mtu]
	}
	return make([]byte, mtu)
}

func (n *internet) report() string {
	text := ""
	for _, l := range n.lines {
		for i, w := range []*way{&l.up, &l.down} {
			text += fmt.Sprintf("%s %s: %d packets, %d lost, %d found no room\n", l.netns, []string{"up", "down"}[i], w.sent, w.lost, w.dropped)
		}
	}
	return text
}

var start = time.Now()

func now() int64 { return int64(time.Since(start)) }
