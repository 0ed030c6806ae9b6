package stagekit

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
)

const (
	logInterval  = 10 * time.Second
	drawInterval = 50 * time.Millisecond
)

// Progress draws a bar on a terminal. Elsewhere it logs a line at most every ten seconds. Not for concurrent use.
type Progress struct {
	terminal io.Writer // nil if stderr is not a terminal
	log      *slog.Logger
	last     time.Time
}

func newProgress(out *os.File, log *slog.Logger) *Progress {
	progress := &Progress{log: log, last: time.Now()}
	if isTerminal(out) {
		progress.terminal = out
	}
	return progress
}

// Show reports that done of total units are done.
func (p *Progress) Show(done, total uint64, unit string) {
	if p.terminal == nil {
		if time.Since(p.last) >= logInterval {
			p.last = time.Now()
			p.log.Info("progress", "done", done, "total", total, "unit", unit)
		}
		return
	}
	if done < total && time.Since(p.last) < drawInterval {
		return
	}
	p.last = time.Now()
	const width = 30
	filled := int(width * min(done, total) / max(total, 1))
	end := ""
	if done >= total {
		end = "\n"
	}
	bar := strings.Repeat("█", filled) + strings.Repeat("░", width-filled)
	fmt.Fprintf(p.terminal, "%s%s %d/%d %s%s", eraseLine, bar, done, total, unit, end)
}
