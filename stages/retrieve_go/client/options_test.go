package client

import (
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"
)

func TestRetriesCountForTheRateLimit(t *testing.T) {
	var requests atomic.Int32
	_, o := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.WriteHeader(500)
	}))
	o.RequestsPerSecond, o.MaxRetries = 20, 3
	start := time.Now()
	searched(t, o)
	// Four requests, the first at once: three intervals of 50 ms.
	if took := time.Since(start); requests.Load() != 4 || took < 140*time.Millisecond {
		t.Fatalf("%d requests in %v", requests.Load(), took)
	}
}

func TestCertificates(t *testing.T) {
	server := httptest.NewUnstartedServer(answer(200, found))
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	o := options(t, server.URL)
	failure := searched(t, o)
	if failure == nil || failure.Reason != unreachable || failure.Detail != "the endpoint's certificate is not trusted" {
		t.Fatal(failure)
	}
	o.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(o.CAFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if failure := searched(t, o); failure != nil {
		t.Fatal(failure)
	}
	os.WriteFile(o.CAFile, []byte("none"), 0o600)
	if _, err := New(o); !errors.Is(err, errNoCertificate) {
		t.Fatal(err)
	}
}
