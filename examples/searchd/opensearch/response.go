package opensearch

import (
	"encoding/json"
	"time"

	"sq/examples/searchd/shop"
)

type wireResponse struct {
	Took     int64      `json:"took"`
	TimedOut bool       `json:"timed_out"`
	Shards   wireShards `json:"_shards"`
	Hits     wireHits   `json:"hits"`
}

type wireShards struct {
	Total      int `json:"total"`
	Successful int `json:"successful"`
	Skipped    int `json:"skipped"`
	Failed     int `json:"failed"`
}

type wireHits struct {
	Total    *wireTotal `json:"total,omitempty"`
	MaxScore *float64   `json:"max_score"`
	Hits     []wireHit  `json:"hits"`
}

type wireTotal struct {
	Value    int    `json:"value"`
	Relation string `json:"relation"`
}

type wireHit struct {
	Index  string          `json:"_index"`
	ID     string          `json:"_id"`
	Score  float64         `json:"_score"`
	Source json.RawMessage `json:"_source"`
}

var oneShard = wireShards{Total: 1, Successful: 1}

// answer returns the body for one page of the hits.
func answer(market string, request *Request, hits []shop.Hit, took time.Duration) ([]byte, error) {
	response := wireResponse{Took: took.Milliseconds(), Shards: oneShard, Hits: wireHits{Hits: []wireHit{}}}
	if request.TrackTotalHits {
		response.Hits.Total = &wireTotal{len(hits), "eq"}
	}
	if len(hits) > 0 {
		response.Hits.MaxScore = &hits[0].Score
	}
	first := min(request.From, len(hits))
	for _, hit := range hits[first:min(first+request.Size, len(hits))] {
		source, err := request.Source.Apply(hit.Document)
		if err != nil {
			return nil, err
		}
		response.Hits.Hits = append(response.Hits.Hits, wireHit{market, hit.ID, hit.Score, source})
	}
	return json.Marshal(response)
}

type wireError struct {
	Error  wireErrorBody `json:"error"`
	Status int           `json:"status"`
}

type wireErrorBody struct {
	RootCause []wireCause `json:"root_cause"`
	wireCause
}

type wireCause struct {
	Type   string `json:"type"`
	Reason string `json:"reason"`
}

func refusal(status int, kind, reason string) wireError {
	cause := wireCause{kind, reason}
	return wireError{wireErrorBody{[]wireCause{cause}, cause}, status}
}
