package opensearch

import (
	"strings"
	"testing"
)

func TestFindFault(t *testing.T) {
	faults, err := ReadFaults([]byte(`{"markets":{"uk":[
		{"pattern":"\\d","status":400,"type":"number_format_exception","reason":"no number"},
		{"pattern":"&","truncate":true},
		{"pattern":"['’]","status":500}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	for query, status := range map[string]int{"jeans 32": 400, "a & 1": 400, "men's": 500, "men’s": 500, "a & b": 0} {
		fault := faults.Find("uk", query)
		if fault == nil || fault.Status != status || fault.Truncate != (status == 0) {
			t.Errorf("%s: %+v", query, fault)
		}
	}
	if fault := faults.Find("uk", "jeans"); fault != nil {
		t.Error(fault)
	}
	if fault := faults.Find("de", "jeans 32"); fault != nil {
		t.Error("a fault of another market:", fault)
	}
}

func TestInvalidFaults(t *testing.T) {
	for text, problem := range map[string]string{
		`{"markets":{"uk":[{"pattern":"(","status":500}]}}`:                 "markets.uk[0]: pattern",
		`{"markets":{"uk":[{"pattern":"","status":500}]}}`:                  "pattern is empty",
		`{"markets":{"uk":[{"pattern":"a"}]}}`:                              "either status or truncate",
		`{"markets":{"uk":[{"pattern":"a","status":500,"truncate":true}]}}`: "either status or truncate",
		`{"markets":{"uk":[{"pattern":"a","status":200}]}}`:                 "status 200",
		`{"markets":{"uk":[{"pattern":"a","status":500,"delay":1}]}}`:       "delay",
		`{"market":{}}`: "market",
		`{} {}`:         "text after",
		``:              "EOF",
	} {
		if _, err := ReadFaults([]byte(text)); err == nil || !strings.Contains(err.Error(), problem) {
			t.Errorf("%s: %v, want %s", text, err, problem)
		}
	}
}
