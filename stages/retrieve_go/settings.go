package retrieve

import (
	"time"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/client"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/search"
)

// The defaults that retrieve_config.proto promises for fields that are 0 or absent.
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

// settings are the configuration with defaults and secrets filled in, and this shard's part of the shared limits.
type settings struct {
	topK       uint32
	mapping    *mapping.Mapping
	protocol   search.Protocol
	endpoint   string // field of the configuration
	indexField string // field of the configuration that is wrong if the endpoint answers 404 to every query
	client     client.Options
	shownURL   string // for logs: without credentials
}

// newSettings reads the secrets too. Errors: *stagekit.InputError.
func newSettings(config *sqv1.RetrieveConfig, shard stagekit.Shard) (*settings, error) {
	s := &settings{topK: or(config.GetTopK(), defaultTopK)}
	var known secrets
	if err := s.setProtocol(config, known.read); err != nil {
		return nil, err
	}
	authorization, err := authorizationOf(config.GetCredentials(), known.read)
	if err != nil {
		return nil, err
	}
	s.client = client.Options{
		Protocol:          s.protocol,
		Authorization:     authorization,
		Secrets:           known.values,
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

// setProtocol opens the endpoint's protocol.
func (s *settings) setProtocol(config *sqv1.RetrieveConfig, read search.Secrets) error {
	name, chosen, err := endpointOf(config)
	if err != nil {
		return err
	}
	address, err := search.Address(chosen.url(config), string(name)+".url")
	if err != nil {
		return err
	}
	s.endpoint, s.shownURL, s.indexField = string(name), address.String(), chosen.indexField
	if s.protocol, s.mapping, err = chosen.open(config, address, s.topK, read); err != nil {
		return err
	}
	authorizer, is := s.protocol.(search.Authorizer)
	if is && authorizer.SetsAuthorization() && config.GetCredentials() != nil {
		return &stagekit.InputError{
			Field:   "credentials",
			Problem: string(name) + " already has a header Authorization",
			Fix:     "remove either the credentials or the header",
		}
	}
	return nil
}
