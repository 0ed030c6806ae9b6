package stagekit

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	sqv1 "sq/proto/sq/v1"
)

func TestUnusable(t *testing.T) {
	share := func(value float64) *float64 { return &value }
	for name, c := range map[string]struct {
		alarm            *sqv1.Alarm
		max              *float64
		usable, unusable int
		exceeds          bool
		warnings         int // at the first look and at the end
	}{
		"nothing":                  {nil, nil, 0, 0, false, 0},
		"all usable":               {nil, nil, 60, 0, false, 0},
		"all unusable":             {nil, nil, 0, 60, true, 2},
		"all but one":              {nil, nil, 1, 59, false, 2},
		"few units":                {nil, nil, 0, 3, true, 1},
		"below the warning":        {nil, nil, 40, 30, false, 0},
		"more than allowed":        {nil, share(0.1), 40, 30, true, 0},
		"as many as allowed":       {nil, share(0.5), 30, 30, false, 1},
		"never":                    {nil, share(1), 0, 60, false, 2},
		"an alarm of its own":      {&sqv1.Alarm{FirstLook: 5, WarnShare: share(0.1)}, nil, 8, 2, false, 1},
		"an alarm that looks once": {&sqv1.Alarm{FirstLook: 70}, nil, 0, 60, true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var logs bytes.Buffer
			u := NewUnusable("queries failed", c.alarm, c.max, slog.New(slog.NewTextHandler(&logs, nil)))
			for range c.usable {
				u.Add("")
			}
			for range c.unusable {
				u.Add("HTTP 400")
			}
			u.Warn()
			if got := strings.Count(logs.String(), "queries failed: HTTP 400"); got != c.warnings || u.Exceeds() != c.exceeds {
				t.Errorf("%d warnings, exceeds %v\n%s", got, u.Exceeds(), logs.String())
			}
		})
	}
}

func TestUnusableNamesTheMostFrequentReasons(t *testing.T) {
	u := NewUnusable("queries failed", nil, nil, slog.New(slog.DiscardHandler))
	for _, reason := range []string{"a", "b", "", "b", "c", "d", "c", "c"} {
		u.Add(reason)
	}
	if want := "7 of 8 queries failed: c (3), b (2), a (1)"; u.String() != want {
		t.Error(u.String())
	}
}
