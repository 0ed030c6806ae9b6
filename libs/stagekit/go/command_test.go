package stagekit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBadInputExitsWith2AndNamesTheField(t *testing.T) {
	input, folder := differences(t), t.TempDir()
	twice := filepath.Join(folder, "twice.yaml")
	os.WriteFile(twice, []byte("depth: 1\ndepth: 2\n"), 0o600)
	for name, c := range map[string]struct{ flag, says string }{
		"unknown field":            {"--config={depht: 3}", "depht"},
		"wrong type of field":      {"--config={depth: many}", "depth"},
		"field given twice":        {"--config=" + twice, "depth"},
		"no such file":             {"--config=/dev/null/x", "--config"},
		"list as configuration":    {"--config=" + writeFile(t, "- a\n"), "does not contain a mapping"},
		"broken YAML":              {"--config=" + writeFile(t, "a: [\n"), "is not valid YAML"},
		"shard out of range":       {"--shard=3/3", "--shard"},
		"shard of zero":            {"--shard=0/0", "--shard"},
		"shard below zero":         {"--shard=-1/2", "--shard"},
		"unknown input":            {"--input=nothing=/x", "inputs of this stage: differences"},
		"input without URI":        {"--input=differences", "does not name an input"},
		"absent input":             {"--input=differences=/nowhere", "no artefact is published here"},
		"unknown scheme":           {"--input=differences=ftp://x/y", "scheme"},
		"input with a password":    {"--input=differences=s3://me:s3cret@lake/x", "the URI has credentials in it"},
		"output with a password":   {"--output=s3://me:s3cret@lake/x", "the URI has credentials in it"},
		"output of unknown scheme": {"--output=ftp://x/y", "--output"},
		"empty run id":             {"--run-id=", "--run-id"},
		"run id of a flag's form":  {"--run-id=-x", "is not a valid run id"},
		"run id with a space":      {"--run-id=a b", "is not a valid run id"},
		"run id that is too long":  {"--run-id=" + strings.Repeat("r", 201), "at most 200"},
		"unknown flag":             {"--speed=9", "speed"},
		"extra argument":           {"extra", "extra"},
	} {
		t.Run(name, func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "out")
			done := start(t, flagsOf(input, output, c.flag)...)
			if done.code != ExitBadInput || !strings.Contains(done.stderr, c.says) || strings.Contains(done.stderr, "s3cret") || done.stdout != "" {
				t.Error(done)
			}
			if _, err := os.Stat(output); err == nil {
				t.Error("the output was written")
			}
		})
	}
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
