package retrieve

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/client"
	"sq/stages/retrieve_go/jsonsearch"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/opensearch"
	"sq/stages/retrieve_go/search"
	"sq/stages/retrieve_go/solr"
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
	protocol   search.Protocol
	indexField string // names what the endpoint does not know where it answers 404
	client     client.Options
	shownURL   string // for logs: without credentials
}

// newSettings fails with *stagekit.InputError on a configuration that can't work.
func newSettings(config *sqv1.RetrieveConfig, shard stagekit.Shard) (*settings, error) {
	s := &settings{topK: or(config.GetTopK(), defaultTopK)}
	user, err := s.setProtocol(config)
	if err != nil {
		return nil, err
	}
	authorization, err := authorizationOf(config.GetCredentials(), user)
	if err != nil {
		return nil, err
	}
	s.client = client.Options{
		Protocol:          s.protocol,
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

// setProtocol chooses how to speak to the endpoint, and gives the credentials that its URL holds.
func (s *settings) setProtocol(config *sqv1.RetrieveConfig) (*url.Userinfo, error) {
	s.mapping = mapping.New(config.GetFields())
	address, user, err := search.Address(addressOf(config))
	if err != nil {
		return nil, err
	}
	s.shownURL = address.String()
	switch endpoint := config.GetEndpoint().(type) {
	case *sqv1.RetrieveConfig_Opensearch:
		s.indexField = "opensearch.index"
		s.protocol, err = opensearch.New(endpoint.Opensearch, address, s.topK, s.mapping)
	case *sqv1.RetrieveConfig_Solr:
		s.indexField = "solr.collection"
		s.protocol, err = solr.New(endpoint.Solr, address, s.topK, s.mapping, secret)
	case *sqv1.RetrieveConfig_Json:
		s.indexField = "json.url"
		var protocol *jsonsearch.Protocol
		if protocol, err = jsonsearch.New(endpoint.Json, address, s.topK, secret); err != nil {
			break
		}
		if protocol.Authorizes() && (user != nil || config.GetCredentials() != nil) {
			return nil, &stagekit.InputError{Field: "credentials", Problem: "json.headers give Authorization too", Fix: "leave one of them out"}
		}
		s.protocol, s.mapping = protocol, mapping.New(protocol.Mapping())
	}
	return user, err
}

func addressOf(config *sqv1.RetrieveConfig) (address, field string) {
	switch endpoint := config.GetEndpoint().(type) {
	case *sqv1.RetrieveConfig_Solr:
		return endpoint.Solr.GetUrl(), "solr.url"
	case *sqv1.RetrieveConfig_Json:
		return endpoint.Json.GetUrl(), "json.url"
	}
	return config.GetOpensearch().GetUrl(), "opensearch.url"
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
