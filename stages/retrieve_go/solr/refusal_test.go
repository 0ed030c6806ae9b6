package solr

import (
	"testing"
)

func TestRefusal(t *testing.T) {
	for body, want := range map[string][2]string{
		`{"responseHeader":{"status":400},"error":{"metadata":["error-class","org.apache.solr.common.SolrException",
			"root-error-class","org.apache.solr.parser.ParseException"],"msg":"Cannot parse","code":400}}`: {"org.apache.solr.parser.ParseException", "Cannot parse"},
		`{"error":{"metadata":{"error-class":"x"},"msg":"m"}}`: {"", "m"},
		`{"error":{"trace":"at 10.0.0.1"}}`:                    {"", ""},
		`<html>`:                                               {"", ""},
	} {
		if kind, reason := (&Protocol{}).Refusal([]byte(body)); kind != want[0] || reason != want[1] {
			t.Error(body, kind, reason)
		}
	}
}
