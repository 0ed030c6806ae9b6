// Command sq-searchd is the search service of the sample shop: a small one on bleve that speaks OpenSearch's _search.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

const (
	badInput = 2
	grace    = 5 * time.Second
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout))
}

type options struct{ data, listen, urlFile string }

func parse(arguments []string) (options, error) {
	var options options
	flags := flag.NewFlagSet("sq-searchd", flag.ContinueOnError)
	flags.StringVar(&options.data, "data", "", "folder of the shop: searchd.json, index.MARKET.ndjson, …")
	flags.StringVar(&options.listen, "listen", "127.0.0.1:0", "address to listen at; port 0 for a free one")
	flags.StringVar(&options.urlFile, "url-file", "", "file to write the address to, once requests are served")
	if err := flags.Parse(arguments); err != nil {
		return options, err
	}
	if options.data == "" || flags.NArg() > 0 {
		return options, errors.New("--data: give the folder of a shop, and nothing besides flags")
	}
	return options, nil
}

// run serves until the context ends, and gives the exit code.
func run(ctx context.Context, arguments []string, out io.Writer) int {
	options, err := parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		slog.Error("cannot start", "error", err)
		return badInput
	}
	handler, err := data{options.data}.open()
	if err != nil {
		slog.Error("cannot read --data", "error", err)
		return badInput
	}
	listener, err := net.Listen("tcp", options.listen)
	if err != nil {
		slog.Error("cannot listen at --listen", "error", err)
		return badInput
	}
	url := "http://" + listener.Addr().String()
	if err := announce(options.urlFile, url); err != nil {
		slog.Error("cannot write --url-file", "error", err)
		return badInput
	}
	fmt.Fprintln(out, url)
	if err := serve(ctx, listener, handler); err != nil {
		slog.Error("stopped", "error", err)
		return 1
	}
	return 0
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		last, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		return server.Shutdown(last)
	}
}

// announce writes the file whole or not at all: whoever waits for it reads it at once.
func announce(file, url string) error {
	if file == "" {
		return nil
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".sq-searchd-*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(url + "\n")
	if err := errors.Join(err, draft.Close()); err != nil {
		return err
	}
	return os.Rename(draft.Name(), file)
}
