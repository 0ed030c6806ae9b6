package retrieve

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	sqv1 "sq/proto/sq/v1"
	stagekit "sq/stagekit/go"
	"sq/stages/retrieve_go/client"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/opensearch"
)

// What stands in the contract for fields that are 0 or absent.
const (
	defaultTopK           = 25
	defaultConcurrency    = 8
	defaultAttemptSeconds = 10
	defaultQuerySeconds   = 60
	defaultRetries        = 4
)

const (
	firstPause    = 200 * time.Millisecond
	largestAnswer = 32 << 20
)

// settings are the configuration with its defaults, its secrets read, and the shard's part of shared limits.
type settings struct {
	topK       uint32
	mapping    *mapping.Mapping
	idIsBeside bool // the product's id is the document's _id
	requests   *opensearch.Requests
	client     client.Options
	shownURL   string // for logs: without credentials
}

// newSettings fails with *stagekit.InputError on a configuration that can't work.
func newSettings(config *sqv1.RetrieveConfig, shard stagekit.Shard) (*settings, error) {
	s := &settings{
		topK:       or(config.GetTopK(), defaultTopK),
		mapping:    mapping.New(config.GetFields()),
		idIsBeside: config.GetFields().GetId() == opensearch.IDField,
	}
	paths, prefixes := s.mapping.Fields()
	var err error
	if s.requests, err = opensearch.NewRequests(config.GetOpensearch(), s.topK, paths, prefixes); err != nil {
		return nil, &stagekit.InputError{Field: "opensearch.body_template", Problem: err.Error(), Fix: "give a JSON object with {{query}} in it"}
	}
	address, user, err := searchURL(config.GetOpensearch())
	if err != nil {
		return nil, err
	}
	s.shownURL = address.String()
	authorization, err := authorizationOf(config.GetCredentials(), user)
	if err != nil {
		return nil, err
	}
	s.client = client.Options{
		URL:               address,
		Authorization:     authorization,
		CAFile:            config.GetCaFile(),
		Concurrency:       max(1, int(or(config.GetConcurrency(), defaultConcurrency))/int(shard.Count)),
		RequestsPerSecond: config.GetRequestsPerSecond() / float64(shard.Count),
		AttemptTimeout:    seconds(or(config.GetAttemptTimeoutSeconds(), defaultAttemptSeconds)),
		QueryTimeout:      seconds(or(config.GetQueryTimeoutSeconds(), defaultQuerySeconds)),
		MaxRetries:        defaultRetries,
		FirstPause:        firstPause,
		LargestAnswer:     largestAnswer,
	}
	if config.MaxRetries != nil {
		s.client.MaxRetries = int(config.GetMaxRetries())
	}
	return s, nil
}

func or[N uint32 | float64](value, otherwise N) N {
	if value == 0 {
		return otherwise
	}
	return value
}

func seconds(value float64) time.Duration { return time.Duration(value * float64(time.Second)) }

// searchURL gives the URL to send searches to, and apart from it the credentials that the configured one holds.
func searchURL(endpoint *sqv1.OpenSearchEndpoint) (*url.URL, *url.Userinfo, error) {
	address, err := url.Parse(endpoint.GetUrl())
	// The URL is not repeated in the problem: it may hold a password.
	if err != nil || address.Host == "" {
		return nil, nil, &stagekit.InputError{Field: "opensearch.url", Problem: "is not a URL", Fix: "give one such as https://search.example.com:9200"}
	}
	if address.RawQuery != "" || address.Fragment != "" {
		return nil, nil, &stagekit.InputError{Field: "opensearch.url", Problem: "has a query or fragment", Fix: "leave out what follows ? or #"}
	}
	if index := endpoint.GetIndex(); index == "." || index == ".." {
		return nil, nil, &stagekit.InputError{Field: "opensearch.index", Problem: index + " is no index", Fix: "give its name"}
	}
	user := address.User
	address.User = nil
	// Joined to an empty path, the result would not begin with a slash.
	address.Path = "/" + strings.TrimPrefix(address.Path, "/")
	address = address.JoinPath(url.PathEscape(endpoint.GetIndex()), "_search")
	// The same copies of the shards answer each time, so that equal scores fall in the same order.
	address.RawQuery = "preference=sq"
	return address, user, nil
}

// authorizationOf gives the value of the Authorization header, empty for none.
func authorizationOf(credentials *sqv1.Credentials, inURL *url.Userinfo) (string, error) {
	switch method := credentials.GetMethod().(type) {
	case *sqv1.Credentials_Basic:
		username, err := secret(method.Basic.GetUsername(), "credentials.basic.username")
		if err != nil {
			return "", err
		}
		password, err := secret(method.Basic.GetPassword(), "credentials.basic.password")
		return basic(username, password), err
	case *sqv1.Credentials_Bearer:
		token, err := secret(method.Bearer, "credentials.bearer")
		return "Bearer " + token, err
	case *sqv1.Credentials_ApiKey:
		key, err := secret(method.ApiKey, "credentials.api_key")
		return "ApiKey " + key, err
	}
	if inURL == nil {
		return "", nil
	}
	password, _ := inURL.Password()
	return basic(inURL.Username(), password), nil
}

func basic(username, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))
}

// secret refuses what no header can carry; sending it would look like an endpoint that is down.
func secret(source *sqv1.SecretSource, field string) (string, error) {
	value, err := stagekit.ReadSecret(source, field)
	if err != nil {
		return "", err
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", &stagekit.InputError{Field: field, Problem: "holds a line feed or another control character", Fix: "remove it from the secret"}
	}
	return value, nil
}
