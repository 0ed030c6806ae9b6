package solr

import "testing"

func TestErrorKind(t *testing.T) {
	for body, want := range map[string]string{
		`{"responseHeader":{"status":400},"error":{"metadata":["error-class","org.apache.solr.common.SolrException",
			"root-error-class","org.apache.solr.parser.ParseException"],"msg":"Cannot parse","code":400}}`: "org.apache.solr.parser.ParseException",
		`{"error":{"metadata":["root-error-class"],"msg":"m"}}`:       "",
		`{"error":{"metadata":["root-error-class","at 10.0.0.1:1"]}}`: "",
		`{"error":{"metadata":{"error-class":"x"},"msg":"m"}}`:        "",
		`{"error":{"trace":"at 10.0.0.1"}}`:                           "",
		`<html>`:                                                      "",
	} {
		if kind := (&Protocol{}).ErrorKind([]byte(body)); kind != want {
			t.Error(body, kind)
		}
	}
}
