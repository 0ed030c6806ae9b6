package retrieve

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	sqv1 "sq/proto/sq/v1"
)

// products are the products of an output, without their hashes.
func products(records []*sqv1.RetrievalRecord) (found []string) {
	for _, r := range records {
		if p := r.GetProduct(); p != nil {
			p.ContentHash = ""
			found = append(found, strings.ReplaceAll(fmt.Sprint(p), "  ", " "))
		}
	}
	return found
}

func always(t *testing.T, code int, body string) string {
	t.Helper()
	return inTurn(t, code, body)
}

// inTurn answers with one body after the other.
func inTurn(t *testing.T, code int, bodies ...string) string {
	t.Helper()
	var asked atomic.Uint64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		io.WriteString(w, bodies[(asked.Add(1)-1)%uint64(len(bodies))])
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func solrConfig(url string) string {
	return fmt.Sprintf(`{"solr":{"url":%q,"collection":"products","search_fields":["title"]},
		"fields":{"id":"id","title":"title","attributes":[{"field":"colour","tag_type":"COLOUR"}]},"max_retries":0}`, url)
}

func jsonConfig(url string, more ...string) string {
	own := strings.Join(append(more, `"max_retries":0`), ",")
	return fmt.Sprintf(`{"json":{"url":%q,"parameters":[{"name":"q","value":"{{query}}"},{"name":"n","value":"{{size}}"}],
		"answer":{"hits":"$.found","total":"$.count","id":"$.sku","title":"$.name","brand":"$.brand",
			"attributes":[{"path":"$.colour","name":"colour","tag_type":"COLOUR"}]}},%s}`, url, own)
}

func TestProtocolsGiveTheSameProducts(t *testing.T) {
	const want = `product_id:"7" title:"Red dress" attributes:{name:"colour" values:"red" values:"blue" tag_type:"COLOUR"}`
	for name, text := range map[string]string{
		"opensearch": config(always(t, 200, `{"hits":{"total":1,"hits":[{"_score":2,"_source":{"id":7,"title":"Red dress","colour":["red","blue"]}}]}}`)),
		"solr":       solrConfig(always(t, 200, `{"response":{"numFound":1,"docs":[{"id":"7","title":["Red dress"],"colour":["red","blue"],"score":2}]}}`)),
		"json":       jsonConfig(always(t, 200, `{"count":1,"found":[{"sku":7,"name":"Red dress","colour":["red","blue"]}]}`)),
	} {
		t.Run(name, func(t *testing.T) {
			e := execute(t, commandLine{queries: querySet(t, 3), config: text})
			if found := products(e.records); e.code != 0 || !slices.Equal(found, []string{want}) || len(e.records) != 4 {
				t.Fatal(e.code, e.logs, found)
			}
		})
	}
}

func TestSameAnswerToEveryQuery(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		code   int
		says   string
	}{
		"solr without the collection": {solrConfig(always(t, 404, "<html>")), 2, "solr.collection: 3 of 3 queries failed: REFUSED, HTTP 404"},
		"solr refuses the queries": {solrConfig(always(t, 400, `{"error":{"metadata":["root-error-class","org.apache.solr.parser.ParseException"],"msg":"no"}}`)),
			2, "HTTP 400: org.apache.solr.parser.ParseException"},
		"solr gave up":               {solrConfig(always(t, 200, `{"responseHeader":{"partialResults":true},"response":{"numFound":1,"docs":[]}}`)), 75, "TIMEOUT"},
		"solr's answers lack the id": {solrConfig(always(t, 200, `{"response":{"numFound":1,"docs":[{"title":"a"}]}}`)), 2, "hit 1: the product id in field id is missing or empty"},
		"json at another place":      {jsonConfig(always(t, 404, "")), 2, "json.url"},
		"json of another shape":      {jsonConfig(always(t, 200, `{"count":1,"items":[]}`)), 2, `json.answer.hits: does not fit the answer to any of 3 queries`},
		"json without the id":        {jsonConfig(always(t, 200, `{"count":1,"found":[{"name":"a"}]}`)), 2, `json.answer.id: does not fit`},
		"json whose only answer with hits lacks the id": {jsonConfig(inTurn(t, 200, `{"count":0,"found":[]}`, `{"count":1,"found":[{"name":"a"}]}`, `{"count":0,"found":[]}`)),
			2, `json.answer.id: does not fit the answer to any of 1 queries; the other 2 found nothing`},
		"json that says why":                   {jsonConfig(always(t, 400, `{"error":"unknown facet colour"}`)), 2, "REFUSED, HTTP 400: unknown facet colour"},
		"json that says why in an object":      {jsonConfig(always(t, 422, `{"error":{"message":"q is too long"}}`)), 2, "REFUSED, HTTP 422: q is too long"},
		"json that is busy and says why":       {jsonConfig(always(t, 500, `{"detail":"no replica"}`)), 75, "SERVER_ERROR, HTTP 500 (no replica)"},
		"json with errors in place of results": {jsonConfig(always(t, 200, `{"errors":[{"message":"Cannot query field found"}]}`)), 2, "(Cannot query field found)"},
		"solr with a plain text":               {solrConfig(always(t, 400, "undefined field nme")), 2, "HTTP 400: undefined field nme"},
		"json that breaks off":                 {jsonConfig(always(t, 200, `{"count":1,"found":[{"na`)), 2, "MALFORMED"},
		"json whose paths fit no hit":          {jsonConfig(always(t, 200, `{"count":1,"found":[{"sku":"1","name":"a"}]}`)), 0, "json.answer.brand"},
	} {
		t.Run(name, func(t *testing.T) {
			e := execute(t, commandLine{queries: querySet(t, 3), config: c.config})
			if e.code != c.code || !strings.Contains(e.logs, c.says) || (e.code == 0) != (e.handoff != nil) {
				t.Fatal(e.code, e.logs)
			}
		})
	}
}

func TestEveryEndpointOfTheContractHasAProtocol(t *testing.T) {
	fields := (&sqv1.RetrieveConfig{}).ProtoReflect().Descriptor().Oneofs().ByName("endpoint").Fields()
	for i := range fields.Len() {
		if name := fields.Get(i).Name(); endpoints[name].open == nil {
			t.Errorf("retrieve_config.proto has the endpoint %q, but endpoints.go has no protocol for it", name)
		}
	}
	if fields.Len() != len(endpoints) {
		t.Errorf("%d endpoints in retrieve_config.proto, %d in endpoints.go", fields.Len(), len(endpoints))
	}
}

func TestEndpointWithoutAProtocolIsBadInput(t *testing.T) {
	solr := endpoints["solr"]
	delete(endpoints, "solr")
	t.Cleanup(func() { endpoints["solr"] = solr })
	e := execute(t, commandLine{queries: querySet(t, 1), config: solrConfig("http://127.0.0.1:9")})
	if e.code != 2 || !strings.Contains(e.logs, "no protocol for solr") {
		t.Fatal(e.code, e.logs)
	}
}

func TestOneUnfittingAnswerIsAFailure(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("q") == "text 1" {
			io.WriteString(w, `{"count":1,"found":{"sku":1}}`)
			return
		}
		io.WriteString(w, `{"count":1,"found":[{"sku":1,"name":"a"}]}`)
	}))
	t.Cleanup(server.Close)
	e := execute(t, commandLine{queries: querySet(t, 3), config: jsonConfig(server.URL)})
	if e.code != 0 {
		t.Fatal(e.logs)
	}
	failure := e.records[2].GetFailure()
	want := `json.answer.hits: $.found matches an object {"sku": a number}, not a list of hits`
	if failure.GetReason() != sqv1.RetrievalFailureReason_RETRIEVAL_FAILURE_REASON_MALFORMED || failure.GetDetail() != want {
		t.Fatal(e.records)
	}
}

func TestInvalidEndpoints(t *testing.T) {
	queries := querySet(t, 1)
	for text, says := range map[string]string{
		`{"solr":{"url":"http://h","collection":"c"},"fields":{"id":"id","title":"t"}}`:                                                                                                               "give search_fields or parameters",
		`{"solr":{"url":"http://h","collection":"c","search_fields":["t"]}}`:                                                                                                                          "give fields with opensearch or solr",
		`{"solr":{"url":"http://h?x","collection":"c","search_fields":["t"]},"fields":{"id":"id","title":"t"}}`:                                                                                       "solr.url: has a query",
		`{"json":{"url":"http://h/{{query}}","answer":{"hits":"$.h","id":"$.i","title":"$.t"}},"fields":{"id":"i","title":"t"}}`:                                                                      "give fields with opensearch or solr",
		`{"json":{"url":"http://h/{{query}}","answer":{"hits":"h","id":"$.i","title":"$.t"}}}`:                                                                                                        "json.answer.hits",
		`{"json":{"url":"http://h/{{text}}","answer":{"hits":"$.h","id":"$.i","title":"$.t"}}}`:                                                                                                       "{{text}} is not a known placeholder",
		`{"json":{"url":"http://h/{{query}}","method":"HTTP_METHOD_GET","body_template":"{}","answer":{"hits":"$.h","id":"$.i","title":"$.t"}}}`:                                                      "a request by GET has no body",
		`{"json":{"url":"http://h/{{query}}","headers":[{"name":"X","secret":{"env":"NOT_SET"}}],"answer":{"hits":"$.h","id":"$.i","title":"$.t"}}}`:                                                  "json.headers[0].secret: NOT_SET is empty",
		`{"json":{"url":"http://h/{{query}}","headers":[{"name":"Authorization","secret":{"env":"PATH"}}],"answer":{"hits":"$.h","id":"$.i","title":"$.t"}},"credentials":{"bearer":{"env":"HOME"}}}`: "credentials",
	} {
		e := execute(t, commandLine{queries: queries, config: text})
		if e.code != 2 || !strings.Contains(e.logs, says) || e.handoff != nil {
			t.Errorf("%s\n%d, %s\nwant %s", text, e.code, e.logs, says)
		}
	}
}
