// SPDX-License-Identifier: Apache-2.0

// The smallest ExApp for a cluster: what AppAPI asks of one, and a page that shows its environment. With APP_ENDS it
// ends at once, with that code. Told where to dial in it does, with the frpc that is beside it in the image, and then
// listens where that leads and nowhere else.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
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
	listener, err := listen()
	if err == nil {
		fmt.Println("listening on", listener.Addr())
		err = http.Serve(listener, nil)
	}
	fmt.Println(err)
	os.Exit(1)
}

func listen() (net.Listener, error) {
	if os.Getenv("HP_SHARED_KEY") != "" && os.Getenv("HP_FRP_ADDRESS") != "" {
		if err := dialIn(); err != nil {
			return nil, err
		}
		return net.Listen("unix", socket)
	}
	port := os.Getenv("APP_PORT")
	if port == "" {
		port = "8080"
	}
	return net.Listen("tcp", ":"+port)
}

const (
	socket        = "/tmp/exapp.sock"
	configuration = "/tmp/frpc.toml"
)

// The variables and files are those that start scripts of ExApps know.
func dialIn() error {
	text := fmt.Sprintf("serverAddr = %q\nserverPort = %s\nloginFailExit = false\nmetadatas.token = %q\n",
		os.Getenv("HP_FRP_ADDRESS"), os.Getenv("HP_FRP_PORT"), os.Getenv("HP_SHARED_KEY"))
	if _, err := os.Stat("/certs/frp"); err == nil {
		text += `transport.tls.enable = true
transport.tls.certFile = "/certs/frp/client.crt"
transport.tls.keyFile = "/certs/frp/client.key"
transport.tls.trustedCaFile = "/certs/frp/ca.crt"
transport.tls.serverName = "harp.nc"
`
	} else {
		text += "transport.tls.enable = false\n"
	}
	text += fmt.Sprintf("[[proxies]]\nname = %q\ntype = \"tcp\"\nremotePort = %s\n[proxies.plugin]\ntype = \"unix_domain_socket\"\nunixPath = %q\n",
		os.Getenv("APP_ID"), os.Getenv("APP_PORT"), socket)
	if err := os.WriteFile(configuration, []byte(text), 0o600); err != nil {
		return err
	}
	frpc := exec.Command("/bin/frpc", "-c", configuration)
	frpc.Stdout, frpc.Stderr = os.Stdout, os.Stderr
	return frpc.Start()
}
