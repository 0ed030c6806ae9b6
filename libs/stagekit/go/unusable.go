package stagekit

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	sqv1 "sq/proto/sq/v1"
)

const (
	defaultFirstLook = 50
	defaultWarnShare = 0.5
	toldReasons      = 3
)

// Unusable follows which share of a stage's work gives nothing that can be used. It warns at the first look of the alarm, and at
// the end. sq_stagekit/unusable.py has the same rules.
type Unusable struct {
	what      string
	firstLook uint64
	warnShare float64
	maxShare  *float64
	log       *slog.Logger

	total    uint64
	unusable uint64
	reasons  map[string]uint64
}

// NewUnusable returns an Unusable. what says what happened to the units that are unusable, such as "queries failed". A nil
// maxShare is exceeded only if every unit is unusable.
func NewUnusable(what string, alarm *sqv1.Alarm, maxShare *float64, log *slog.Logger) *Unusable {
	u := &Unusable{
		what: what, firstLook: defaultFirstLook, warnShare: defaultWarnShare, maxShare: maxShare, log: log,
		reasons: map[string]uint64{},
	}
	if first := alarm.GetFirstLook(); first > 0 {
		u.firstLook = uint64(first)
	}
	if alarm != nil && alarm.WarnShare != nil {
		u.warnShare = alarm.GetWarnShare()
	}
	return u
}

// Add counts one unit. An empty reason is one that can be used.
func (u *Unusable) Add(reason string) {
	u.total++
	if reason != "" {
		u.unusable++
		u.reasons[reason]++
	}
	if u.total == u.firstLook {
		u.Warn()
	}
}

// Total is the number of units so far.
func (u *Unusable) Total() uint64 { return u.total }

// AllAtFirstLook reports, once, that everything up to the first look is unusable.
func (u *Unusable) AllAtFirstLook() bool { return u.total == u.firstLook && u.unusable == u.total }

// AfterFirstLook reports whether there were enough units to judge the whole by them.
func (u *Unusable) AfterFirstLook() bool { return u.total >= u.firstLook }

// Exceeds reports whether a larger share is unusable than allowed.
func (u *Unusable) Exceeds() bool {
	if u.maxShare == nil {
		return u.total > 0 && u.unusable == u.total
	}
	return float64(u.unusable) > *u.maxShare*float64(u.total)
}

// Warn logs a warning if the share so far is large.
func (u *Unusable) Warn() {
	if u.unusable > 0 && float64(u.unusable) >= u.warnShare*float64(u.total) {
		u.log.Warn(u.String(), "unusable", u.unusable, "of", u.total)
	}
}

// String is such as "49 of 50 queries failed: REFUSED, HTTP 400 (48), TIMEOUT (1)".
func (u *Unusable) String() string {
	reasons := slices.SortedFunc(maps.Keys(u.reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(u.reasons[b], u.reasons[a]), cmp.Compare(a, b))
	})
	var told []string
	for _, reason := range reasons[:min(len(reasons), toldReasons)] {
		told = append(told, fmt.Sprintf("%s (%d)", reason, u.reasons[reason]))
	}
	return fmt.Sprintf("%d of %d %s: %s", u.unusable, u.total, u.what, strings.Join(told, ", "))
}
