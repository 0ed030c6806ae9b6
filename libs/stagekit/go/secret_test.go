package stagekit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	sqv1 "sq/proto/sq/v1"
)

func TestReadSecret(t *testing.T) {
	t.Setenv("SQ_KEY", "k1")
	path := filepath.Join(t.TempDir(), "key")
	os.WriteFile(path, []byte("k2\n"), 0o600)
	env := func(name string) *sqv1.SecretSource {
		return &sqv1.SecretSource{Source: &sqv1.SecretSource_Env{Env: name}}
	}
	file := func(name string) *sqv1.SecretSource {
		return &sqv1.SecretSource{Source: &sqv1.SecretSource_File{File: name}}
	}
	for _, c := range []struct {
		source *sqv1.SecretSource
		want   string // empty: refused
	}{{env("SQ_KEY"), "k1"}, {file(path), "k2"}, {env("SQ_ABSENT"), ""}, {file("/absent"), ""}} {
		secret, err := ReadSecret(c.source, "api_key")
		input, refused := asInputError(err)
		if secret != c.want || refused != (c.want == "") || refused && input.Field != "api_key" {
			t.Errorf("%v: %q, %v", c.source, secret, err)
		}
	}
}

func TestASecretForTheNameOfItsVariableIsNotShown(t *testing.T) {
	_, err := ReadSecret(&sqv1.SecretSource{Source: &sqv1.SecretSource_Env{Env: "ghp_q8Zt"}}, "api_key")
	if err == nil || strings.Contains(err.Error(), "ghp") {
		t.Error(err)
	}
}
