package retrieve

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASecretThatTheEndpointRepeatsIsNotShown(t *testing.T) {
	t.Setenv("SECRET", "s3cret")
	url := always(t, 401, `{"error":"the key s3cret is not valid"}`)
	header := strings.Replace(jsonConfig(url), `"parameters":[`, `"headers":[{"name":"X-Key","secret":{"env":"SECRET"}}],"parameters":[`, 1)
	for _, text := range []string{header, jsonConfig(url, `"credentials":{"api_key":{"env":"SECRET"}}`)} {
		e := execute(t, commandLine{queries: querySet(t, 1), config: text})
		if e.code != 2 || strings.Contains(e.logs, "s3cret") || !strings.Contains(e.logs, "the key (a secret) is not valid") {
			t.Error(e.code, e.logs)
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Setenv("SECRET", "s3cret")
	file := filepath.Join(t.TempDir(), "name")
	os.WriteFile(file, []byte("müller\n"), 0o600)
	for name, c := range map[string]struct{ credentials, want string }{
		"none":   {"", ""},
		"basic":  {`"basic":{"username":{"file":"` + file + `"},"password":{"env":"SECRET"}}`, "Basic bcO8bGxlcjpzM2NyZXQ="},
		"bearer": {`"bearer":{"env":"SECRET"}`, "Bearer s3cret"},
		"key":    {`"api_key":{"env":"SECRET"}`, "ApiKey s3cret"},
	} {
		t.Run(name, func(t *testing.T) {
			found := "no request"
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				found = r.Header.Get("Authorization")
				io.WriteString(w, hits(1))
			}))
			t.Cleanup(server.Close)
			more := []string{}
			if c.credentials != "" {
				more = append(more, `"credentials":{`+c.credentials+`}`)
			}
			e := execute(t, commandLine{queries: querySet(t, 1), config: config(server.URL, more...)})
			if e.code != 0 || found != c.want {
				t.Errorf("%d, %q, want %q", e.code, found, c.want)
			}
			if strings.Contains(e.logs, "s3cret") {
				t.Error("a secret was logged: ", e.logs)
			}
		})
	}
}
