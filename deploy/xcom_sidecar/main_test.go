package main

import (
	"bytes"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	full := filepath.Join(t.TempDir(), "return.json")
	if err := os.WriteFile(full, []byte(`{"stage":"x"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "return.json")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		full:                            `{"stage":"x"}`,
		empty:                           noHandoff + "\n",
		filepath.Join(t.TempDir(), "x"): noHandoff + "\n",
	} {
		var out, complaints bytes.Buffer
		if code := read(path, &out, &complaints); code != 0 || out.String() != want || complaints.Len() > 0 {
			t.Errorf("read(%s): exit %d, %q, %q", path, code, out.String(), complaints.String())
		}
	}
}

func TestListen(t *testing.T) {
	for _, c := range []struct {
		line  string
		fails error
		code  int
		ended bool
	}{
		{endCommand + "\n", nil, 0, true},
		{endCommand + "\n", errors.New("no such process"), 1, true},
		{"rm -rf /\n", nil, exitUnknownCommand, false},
		{"", nil, 0, false},
	} {
		ended := false
		var complaints bytes.Buffer
		code := listen(strings.NewReader(c.line), &complaints, func() error { ended = true; return c.fails })
		if code != c.code || ended != c.ended || (code != 0) != (complaints.Len() > 0) {
			t.Errorf("%q: exit %d, ended %v, %q", c.line, code, ended, complaints.String())
		}
	}
}

func TestUnknownCommands(t *testing.T) {
	for _, arguments := range [][]string{{"-c", "ls"}, {"-c"}, {"-x", waitCommand}, {"-c", waitCommand, "more"}} {
		var out, complaints bytes.Buffer
		if code := answer(arguments, strings.NewReader(""), &out, &complaints); code != exitUnknownCommand || complaints.Len() == 0 {
			t.Errorf("%q: exit %d, %q", arguments, code, complaints.String())
		}
	}
}

func TestWaitEndsWithTheSignal(t *testing.T) {
	// Until wait() listens, the signal must not end the test.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGINT)
	ended := make(chan int)
	go func() { ended <- answer([]string{"-c", waitCommand}, nil, nil, nil) }()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		select {
		case code := <-ended:
			if code != 0 {
				t.Fatalf("exit %d", code)
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("still waiting")
}
