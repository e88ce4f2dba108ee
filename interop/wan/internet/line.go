// SPDX-License-Identifier: Apache-2.0
package main

import (
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"time"
)

// A packet on its way, and when it has come to the end of what it is in.
type packet struct {
	bytes []byte
	due   int64
}

// One direction of a line: a queue that drops what does not fit, a transmitter of a rate, a delay, a loss.
type way struct {
	rate  float64 // bytes per nanosecond
	delay int64   // nanoseconds
	queue int64   // bytes that may wait for the transmitter
	loss  float64 // 0 to 1
	dice  *rand.Rand

	free    int64 // when the transmitter has sent all it was given
	flying  fifo
	sent    int64
	lost    int64
	dropped int64
}

// Takes a packet at a moment; false if it was lost or there was no room.
func (w *way) offer(bytes []byte, now int64) bool {
	begin := max(now, w.free)
	if float64(begin-now)*w.rate > float64(w.queue) {
		w.dropped++
		return false
	}
	w.free = begin + int64(float64(len(bytes))/w.rate)
	if w.loss > 0 && w.dice.Float64() < w.loss {
		w.lost++
		return false
	}
	w.sent++
	w.flying.push(packet{bytes, w.free + w.delay})
	return true
}

// Packets in the order in which they are due, since each way has one delay.
type fifo struct {
	ring        []packet
	first, size int
}

func (f *fifo) push(p packet) {
	if f.size == len(f.ring) {
		larger := make([]packet, max(64, 2*f.size))
		for i := range f.size {
			larger[i] = f.ring[(f.first+i)%f.size]
		}
		f.ring, f.first = larger, 0
	}
	f.ring[(f.first+f.size)%len(f.ring)] = p
	f.size++
}

func (f *fifo) next() int64 { return f.ring[f.first].due }

func (f *fifo) pop() packet {
	p := f.ring[f.first]
	f.ring[f.first].bytes = nil
	f.first = (f.first + 1) % len(f.ring)
	f.size--
	return p
}

// How a host, or the router before it, is connected.
type line struct {
	netns, device string
	address       [4]byte
	fd            int
	up, down      way
}

// Reads NETNS:DEVICE:ADDRESS[:SETTING,...].
func parseLine(text string, seed int64) (*line, error) {
	parts := strings.SplitN(text, ":", 4)
	if len(parts) < 3 {
		return nil, fmt.Errorf("line %q: expected NETNS:DEVICE:ADDRESS[:SETTING,...]", text)
	}
	l := &line{netns: parts[0], device: parts[1]}
	if _, err := fmt.Sscanf(parts[2], "%d.%d.%d.%d", &l.address[0], &l.address[1], &l.address[2], &l.address[3]); err != nil {
		return nil, fmt.Errorf("line %q: %q is no IPv4 address", text, parts[2])
	}
	for i, w := range []*way{&l.up, &l.down} {
		*w = way{rate: 300e6 / 8 / 1e9, queue: -1, dice: rand.New(rand.NewSource(seed + int64(i)))}
	}
	if len(parts) == 4 && parts[3] != "" {
		for _, setting := range strings.Split(parts[3], ",") {
			if err := l.set(setting); err != nil {
				return nil, fmt.Errorf("line %q: %w", text, err)
			}
		}
	}
	for _, w := range []*way{&l.up, &l.down} {
		if w.queue < 0 {
			w.queue = int64(w.rate * float64(50*time.Millisecond))
		}
	}
	return l, nil
}

// Reads KEY=VALUE, both ways, or up-KEY=VALUE, from the host, or down-KEY=VALUE, to it.
func (l *line) set(setting string) error {
	key, value, _ := strings.Cut(setting, "=")
	ways := []*way{&l.up, &l.down}
	if rest, is := strings.CutPrefix(key, "up-"); is {
		key, ways = rest, ways[:1]
	} else if rest, is := strings.CutPrefix(key, "down-"); is {
		key, ways = rest, ways[1:]
	}
	for _, w := range ways {
		var err error
		switch key {
		case "rate": // bits a second
			var bits float64
			bits, err = number(value)
			w.rate = bits / 8 / 1e9
		case "queue": // bytes
			var bytes float64
			bytes, err = number(value)
			w.queue = int64(bytes)
		case "delay":
			var delay time.Duration
			delay, err = time.ParseDuration(value)
			w.delay = delay.Nanoseconds()
		case "loss": // per cent
			w.loss, err = strconv.ParseFloat(strings.TrimSuffix(value, "%"), 64)
			w.loss /= 100
		default:
			err = fmt.Errorf("expected rate, delay, queue or loss")
		}
		if err == nil && (w.rate <= 0 || w.delay < 0 || w.loss < 0 || w.loss > 1) {
			err = fmt.Errorf("out of range")
		}
		if err != nil {
			return fmt.Errorf("%q: %w", setting, err)
		}
	}
	return nil
}

// Reads 300, 64k, 300m, 1g; thousands, as lines are sold.
func number(text string) (float64, error) {
	factor := 1.0
	if text != "" {
		switch text[len(text)-1] {
		case 'k':
			factor = 1e3
		case 'm':
			factor = 1e6
		case 'g':
			factor = 1e9
		}
	}
	if factor > 1 {
		text = text[:len(text)-1]
	}
	value, err := strconv.ParseFloat(text, 64)
	return value * factor, err
}
