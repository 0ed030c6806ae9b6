package opensearch

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"sq/examples/searchd/shop"
)

const faultsText = `{"markets":{"uk":[
	{"pattern":"\\d","status":400,"type":"number_format_exception","reason":"no number"},
	{"pattern":"&","truncate":true}]}}`

func server(t *testing.T) *httptest.Server {
	t.Helper()
	market, err := shop.NewMarket(shop.Analysis{Language: "en"})
	if err != nil {
		t.Fatal(err)
	}
	documents := `{"id":"1","title":"red dress","price":1.50}
{"id":"2","title":"red dress","price":2}
{"id":"3","title":"red and blue dress"}`
	if err := market.Load(strings.NewReader(documents)); err != nil {
		t.Fatal(err)
	}
	faults, err := ReadFaults([]byte(faultsText))
	if err != nil {
		t.Fatal(err)
	}
	pictures := fstest.MapFS{"dress.svg": {Data: []byte("<svg/>")}}
	server := httptest.NewServer(NewServer(map[string]*shop.Market{"uk": market}, faults, pictures))
	t.Cleanup(server.Close)
	return server
}

func exchange(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func search(query, more string) string {
	text, _ := json.Marshal(query)
	return `{"query":{"multi_match":{"fields":["title"],"operator":"and","query":` + string(text) + `}}` + more + `}`
}

func TestSearch(t *testing.T) {
	url := server(t).URL + "/uk/_search"
	for name, c := range map[string]struct{ body, want string }{
		"ties by id":    {search("red dress", `,"size":2,"_source":"price"`), `"total":{"value":3,"relation":"eq"},"hits":["1:{\"price\":1.50}","2:{\"price\":2}"]`},
		"the next page": {search("red dress", `,"from":2,"size":2`), `"total":{"value":3,"relation":"eq"},"hits":["3:{\"id\":\"3\",\"title\":\"red and blue dress\"}"]`},
		"past the end":  {search("red dress", `,"from":9`), `"total":{"value":3,"relation":"eq"},"hits":[]`},
		"uncounted":     {search("blue", `,"track_total_hits":false,"_source":"x"`), `"total":null,"hits":["3:{}"]`},
		"nothing found": {search("green", ``), `"total":{"value":0,"relation":"eq"},"hits":[]`},
		"no words":      {search("!", ``), `"total":{"value":0,"relation":"eq"},"hits":[]`},
	} {
		t.Run(name, func(t *testing.T) {
			status, text := exchange(t, "POST", url, c.body)
			if status != http.StatusOK {
				t.Fatal(status, text)
			}
			if found := shown(t, text); found != c.want {
				t.Errorf("%s\nwant %s", found, c.want)
			}
		})
	}
}

// shown gives the total and each hit's id and source.
func shown(t *testing.T, text string) string {
	t.Helper()
	var answer struct {
		TimedOut bool `json:"timed_out"`
		Shards   struct{ Total, Failed int }
		Hits     struct {
			Total json.RawMessage
			Hits  []struct {
				ID     string          `json:"_id"`
				Index  string          `json:"_index"`
				Score  float64         `json:"_score"`
				Source json.RawMessage `json:"_source"`
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err, text)
	}
	hits := []string{}
	for _, hit := range answer.Hits.Hits {
		if hit.Index != "uk" || hit.Score <= 0 {
			t.Errorf("%+v", hit)
		}
		hits = append(hits, hit.ID+":"+string(hit.Source))
	}
	total := "null"
	if len(answer.Hits.Total) > 0 {
		total = string(answer.Hits.Total)
	}
	list, _ := json.Marshal(hits)
	return `"total":` + total + `,"hits":` + string(list)
}

func TestErrors(t *testing.T) {
	url := server(t).URL
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		kind               string
	}{
		"unknown market":    {"POST", "/fr/_search", search("a", ""), 404, "index_not_found_exception"},
		"unknown action":    {"GET", "/uk/_mapping", "", 404, "index_not_found_exception"},
		"search by GET":     {"GET", "/uk/_search", search("a", ""), 404, "index_not_found_exception"},
		"no JSON":           {"POST", "/uk/_search", "{", 400, "parsing_exception"},
		"unknown part":      {"POST", "/uk/_search", search("a", `,"sort":[]`), 400, "parsing_exception"},
		"unknown parameter": {"POST", "/uk/_search?size=3", search("a", ""), 400, "parsing_exception"},
		"fault":             {"POST", "/uk/_search", search("dress 38", ""), 400, "number_format_exception"},
	} {
		t.Run(name, func(t *testing.T) {
			status, text := exchange(t, c.method, url+c.path, c.body)
			var answer struct {
				Error struct {
					Type      string
					Reason    string
					RootCause []struct{ Type, Reason string } `json:"root_cause"`
				}
				Status int
			}
			if err := json.Unmarshal([]byte(text), &answer); err != nil {
				t.Fatal(err, text)
			}
			if status != c.status || answer.Status != c.status || answer.Error.Type != c.kind || answer.Error.Reason == "" {
				t.Errorf("%d %s", status, text)
			}
			if len(answer.Error.RootCause) != 1 || answer.Error.RootCause[0].Type != c.kind {
				t.Error(text)
			}
		})
	}
}

func TestATruncatedAnswerEndsInTheMiddle(t *testing.T) {
	status, text := exchange(t, "POST", server(t).URL+"/uk/_search", search("red & blue", ""))
	if status != http.StatusOK || !strings.HasPrefix(text, `{"took":`) || json.Valid([]byte(text)) {
		t.Error(status, text)
	}
}

func TestWhatElseIsServed(t *testing.T) {
	url := server(t).URL
	for path, want := range map[string]string{
		"/":                   `"status":"green"`,
		"/uk/_count":          `"count":3`,
		"/pictures/dress.svg": "<svg/>",
	} {
		if status, text := exchange(t, "GET", url+path, ""); status != http.StatusOK || !strings.Contains(text, want) {
			t.Error(path, status, text)
		}
	}
	if status, _ := exchange(t, "POST", url+"/uk/_search?preference=sq", search("dress", "")); status != http.StatusOK {
		t.Error("a preference among copies is refused")
	}
	if status, _ := exchange(t, "GET", url+"/pictures/none.svg", ""); status != http.StatusNotFound {
		t.Error("a picture that is not there is served")
	}
}
