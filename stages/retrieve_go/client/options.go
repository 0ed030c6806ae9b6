package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/time/rate"

	"sq/stages/retrieve_go/search"
)

// Options of a client. All are required unless their comment says otherwise.
type Options struct {
	Protocol          search.Protocol
	Authorization     string   // value of the header; may be empty
	Secrets           []string // which the endpoint may repeat, and nobody may see
	CAFile            string   // PEM file; empty for the system's authorities only
	Concurrency       int
	RequestsPerSecond float64 // 0 for no limit
	AttemptTimeout    time.Duration
	QueryTimeout      time.Duration
	MaxRetries        int
	FirstPause        time.Duration // upper limit before the first retry
	LargestAnswer     int64         // bytes
}

func (o *Options) limiter() *rate.Limiter {
	if o.RequestsPerSecond == 0 {
		return rate.NewLimiter(rate.Inf, 1)
	}
	// A larger burst would exceed the configured rate.
	return rate.NewLimiter(rate.Limit(o.RequestsPerSecond), 1)
}

func (o *Options) transport() (*http.Transport, error) {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: o.AttemptTimeout, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          o.Concurrency,
		MaxIdleConnsPerHost:   o.Concurrency,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   o.AttemptTimeout,
		ExpectContinueTimeout: time.Second,
	}
	if o.CAFile == "" {
		return transport, nil
	}
	authorities, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(o.CAFile)
	if err != nil {
		return nil, err
	}
	if !authorities.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s: %w", o.CAFile, errNoCertificate)
	}
	transport.TLSClientConfig = &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}
	return transport, nil
}

var errNoCertificate = errors.New("contains no PEM certificate")
