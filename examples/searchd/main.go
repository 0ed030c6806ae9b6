// Command sq-searchd is the search service of the sample shop. It is based on bleve and supports part of OpenSearch's _search.
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
	exitBadInput    = 2
	shutdownTimeout = 5 * time.Second
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
	flags.StringVar(&options.data, "data", "", "folder with searchd.json and index.MARKET.ndjson")
	flags.StringVar(&options.listen, "listen", "127.0.0.1:0", "address to listen on; port 0 means any free port")
	flags.StringVar(&options.urlFile, "url-file", "", "file to write the URL to when the service is ready")
	if err := flags.Parse(arguments); err != nil {
		return options, err
	}
	if options.data == "" || flags.NArg() > 0 {
		return options, errors.New("--data is missing, or there are arguments that are not flags; see --help")
	}
	return options, nil
}

// run serves until the context ends, and returns the exit code.
func run(ctx context.Context, arguments []string, out io.Writer) int {
	options, err := parse(arguments)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		slog.Error("cannot start", "error", err)
		return exitBadInput
	}
	handler, err := data{options.data}.open()
	if err != nil {
		slog.Error("cannot read --data", "error", err)
		return exitBadInput
	}
	listener, err := net.Listen("tcp", options.listen)
	if err != nil {
		slog.Error("cannot listen on --listen", "error", err)
		return exitBadInput
	}
	url := "http://" + listener.Addr().String()
	if err := announce(options.urlFile, url); err != nil {
		slog.Error("cannot write --url-file", "error", err)
		return exitBadInput
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
		limit, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
		defer cancel()
		return server.Shutdown(limit)
	}
}

// announce writes the URL atomically, because others wait for the file and read it at once.
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
