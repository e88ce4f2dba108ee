// SPDX-License-Identifier: Apache-2.0

// The smallest ExApp for a cluster: what AppAPI asks of one, and a page that shows its environment. With APP_ENDS it
// ends at once, with that code.
package main

import (
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	if code, err := strconv.Atoi(os.Getenv("APP_ENDS")); err == nil {
		os.Exit(code)
	}
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGTERM)
	go func() {
		<-ends
		os.Exit(0)
	}()
	data := os.Getenv("APP_PERSISTENT_STORAGE")
	if data != "" {
		old, _ := os.ReadFile(data + "/starts")
		if err := os.WriteFile(data+"/starts", append(old, 'x'), 0o600); err != nil {
			fmt.Println(err)
		}
	}
	http.HandleFunc("/heartbeat", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("content-type", "application/json")
		fmt.Fprint(w, `{"status": "ok"}`)
	})
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		starts, _ := os.ReadFile(data + "/starts")
		fmt.Fprintf(w, "path %s\nstarts %d\n", r.URL.Path, len(starts))
		for _, entry := range os.Environ() {
			if strings.HasPrefix(entry, "APP_") {
				fmt.Fprintln(w, entry)
			}
		}
	})
	port := os.Getenv("APP_PORT")
	if port == "" {
		port = "8080"
	}
	fmt.Println("listening on", port)
	if err := http.ListenAndServe(":"+port, nil); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
