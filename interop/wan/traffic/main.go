// SPDX-License-Identifier: Apache-2.0

// Command traffic is both ends of what the lab measures.
//
//	traffic serve ADDRESS          /small, /bytes/N; what is posted is counted
//	traffic get URL                one download
//	traffic put URL BYTES          one upload, by POST
//	traffic small URL BULK SECONDS small requests, 25 a second, each due at its own time, beside downloads of BULK one after the other
//
// WAN_LIMIT, 10m by default, is what an exchange may take. Results are lines of a name and a number: bytes, seconds, first (until the first byte of the answer), p50, p99, errors.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const every = 40 * time.Millisecond

var limit time.Duration

func main() {
	arguments := append(os.Args[1:], "", "", "", "")
	var err error
	if limit, err = time.ParseDuration(cmp.Or(os.Getenv("WAN_LIMIT"), "10m")); err != nil {
		fmt.Fprintln(os.Stderr, "traffic: WAN_LIMIT:", err)
		os.Exit(1)
	}
	switch arguments[0] {
	case "serve":
		err = http.ListenAndServe(arguments[1], http.HandlerFunc(serve))
	case "get":
		err = transfer(http.NewRequest(http.MethodGet, arguments[1], nil))
	case "put":
		var size int64
		if size, err = strconv.ParseInt(arguments[2], 10, 64); err == nil {
			var request *http.Request
			request, err = http.NewRequest(http.MethodPost, arguments[1], io.LimitReader(zeros{}, size))
			if err == nil {
				request.ContentLength = size
				request.Header.Set("Content-Type", "application/octet-stream")
			}
			err = transfer(request, err)
		}
	case "small":
		var seconds int
		if seconds, err = strconv.Atoi(arguments[3]); err == nil {
			err = small(arguments[1], arguments[2], time.Duration(seconds)*time.Second)
		}
	default:
		err = fmt.Errorf("expected serve, get, put or small, found %q", arguments[0])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "traffic:", err)
		os.Exit(1)
	}
}

// A source without end, and without cost.
type zeros struct{}

func (zeros) Read(bytes []byte) (int, error) {
	clear(bytes)
	return len(bytes), nil
}

func serve(answer http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodGet {
		size, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, request.Body, make([]byte, 256<<10))
		if err != nil {
			return
		}
		fmt.Fprintln(answer, size)
		return
	}
	size := int64(100)
	if _, after, found := strings.Cut(request.URL.Path, "/bytes/"); found {
		var err error
		if size, err = strconv.ParseInt(after, 10, 64); err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
	}
	answer.Header().Set("Content-Length", strconv.FormatInt(size, 10))
	_, _ = io.CopyBuffer(struct{ io.Writer }{answer}, io.LimitReader(zeros{}, size), make([]byte, 256<<10))
}

func client() *http.Client {
	return &http.Client{
		Timeout: limit,
		Transport: &http.Transport{
			DisableCompression:  true,
			MaxIdleConnsPerHost: 64,
			WriteBufferSize:     256 << 10,
			ReadBufferSize:      256 << 10,
			DialContext:         (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
		},
	}
}

// Sends a request and reads the whole answer.
func exchange(client *http.Client, request *http.Request) (size int64, first time.Duration, err error) {
	began := time.Now()
	answer, err := client.Do(request)
	if err != nil {
		return 0, 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(answer.Body, 500))
		return 0, 0, fmt.Errorf("%s: %s: %s", request.URL, answer.Status, said)
	}
	first = time.Since(began)
	size, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, answer.Body, make([]byte, 256<<10))
	return size, first, err
}

func transfer(request *http.Request, err error) error {
	if err != nil {
		return err
	}
	began := time.Now()
	size, first, err := exchange(client(), request)
	if err != nil {
		return err
	}
	fmt.Printf("bytes %d\nseconds %.4f\nfirst %.4f\n", max(size, request.ContentLength), time.Since(began).Seconds(), first.Seconds())
	return nil
}

func small(url, bulk string, duration time.Duration) error {
	var bytes int64
	began := time.Now()
	lasting, stop := context.WithCancel(context.Background())
	defer stop()
	stopped := make(chan error)
	go func() { stopped <- downloads(lasting, bulk, &bytes) }()
	// The line is to be full before anything counts.
	time.Sleep(2 * time.Second)

	var lock sync.Mutex
	var taken []time.Duration
	var failures int
	var waiting sync.WaitGroup
	requests := client()
	for due := time.Now(); time.Since(began) < duration+2*time.Second; due = due.Add(every) {
		time.Sleep(time.Until(due))
		waiting.Add(1)
		go func() {
			defer waiting.Done()
			request, err := http.NewRequest(http.MethodGet, url, nil)
			if err == nil {
				_, _, err = exchange(requests, request)
			}
			lock.Lock()
			defer lock.Unlock()
			taken = append(taken, time.Since(due))
			if err != nil {
				failures++
			}
		}()
	}
	waiting.Wait()
	stop()
	if err := <-stopped; err != nil {
		return err
	}
	if bytes == 0 {
		return errors.New(bulk + ": not a byte of it came")
	}
	slices.Sort(taken)
	fmt.Printf("bytes %d\nseconds %.4f\np50 %.4f\np99 %.4f\nerrors %d\n", bytes, time.Since(began).Seconds(),
		taken[len(taken)/2].Seconds(), taken[len(taken)*99/100].Seconds(), failures)
	return nil
}

// Downloads one after the other until it is told to stop, in the middle of one if need be.
func downloads(lasting context.Context, url string, bytes *int64) error {
	requests := client()
	for lasting.Err() == nil {
		request, err := http.NewRequestWithContext(lasting, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		answer, err := requests.Do(request)
		if err == nil {
			var size int64
			size, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, answer.Body, make([]byte, 256<<10))
			answer.Body.Close()
			*bytes += size
		}
		if err != nil && lasting.Err() == nil {
			return err
		}
	}
	return nil
}
