package find

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sq/examples/searchd/opensearch"
	"sq/examples/searchd/shop"
)

func TestFind(t *testing.T) {
	market, err := shop.NewMarket(shop.Analysis{Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	const documents = `{"id":"p1","title":"red dress","colour":"red","sizes":["s","m"],"price":25.50,"image":"a.svg"}
{"id":"p2","title":"red red hat","brand":"Acme","category":"hat","description":"A hat."}
`
	if err := market.Load(strings.NewReader(documents)); err != nil {
		t.Fatal(err)
	}
	faults, err := opensearch.ReadFaults([]byte(`{"markets":{"uk":[{"pattern":"7","status":500,"type":"t","reason":"no"},{"pattern":"&","truncate":true}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /{market}/find", NewServer(map[string]*shop.Market{"uk": market}, faults))
	for path, c := range map[string]struct {
		status int
		says   string
	}{
		"/uk/find?q=dress": {200, `"item":{"sku":"p1","texts":{"name":"red dress"},"offer":{"amount":25.50},"media":[{"href":"a.svg"}],` +
			`"facts":[{"name":"colour","values":"red"},{"name":"size","values":["s","m"]}]}`},
		"/uk/find?q=hat":         {200, `"item":{"sku":"p2","texts":{"name":"red red hat","about":"A hat."},"shelf":"hat","maker":{"name":"Acme"},"facts":[]}`},
		"/uk/find?q=red&n=1":     {200, `"found":2,"entries":[{"position":1,`},
		"/uk/find?q=nothing":     {200, `{"query":"nothing","page":{"found":0,"entries":[]}}`},
		"/uk/find?q=7":           {500, `{"problem":"no"}`},
		"/uk/find?q=hat&n=x":     {400, "n must be a number"},
		"/uk/find?q=hat&page=2":  {400, "unknown parameter page"},
		"/uk/find?q=hat&q=dress": {400, "q is given twice"},
		"/uk/find":               {400, "q is missing"},
		"/fr/find?q=hat":         {404, "unknown market fr"},
	} {
		recorder := httptest.NewRecorder()
		mux.ServeHTTP(recorder, httptest.NewRequest("GET", path, nil))
		if body := recorder.Body.String(); recorder.Code != c.status || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d %s\nwant %s", path, recorder.Code, body, c.says)
		}
	}
	recorder := httptest.NewRecorder()
	mux.ServeHTTP(recorder, httptest.NewRequest("GET", "/uk/find?q=hat%26", nil))
	if body := recorder.Body.String(); recorder.Code != 200 || strings.HasSuffix(body, "}") {
		t.Error(body)
	}
}
