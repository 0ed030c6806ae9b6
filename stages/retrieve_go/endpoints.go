package retrieve

import (
	"fmt"
	"net/url"

	"google.golang.org/protobuf/reflect/protoreflect"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/jsonsearch"
	"sq/stages/retrieve_go/mapping"
	"sq/stages/retrieve_go/opensearch"
	"sq/stages/retrieve_go/search"
	"sq/stages/retrieve_go/solr"
)

// endpoint is one kind of search endpoint.
type endpoint struct {
	url        func(config *sqv1.RetrieveConfig) string
	indexField string // field of the configuration that is wrong if the endpoint answers 404 to every query
	open       func(config *sqv1.RetrieveConfig, address *url.URL, topK uint32, read search.Secrets) (search.Protocol, *mapping.Mapping, error)
}

// endpoints has an entry for each field of the oneof RetrieveConfig.endpoint. A test fails for a field without an entry.
var endpoints = map[protoreflect.Name]endpoint{
	"opensearch": {
		url:        func(config *sqv1.RetrieveConfig) string { return config.GetOpensearch().GetUrl() },
		indexField: "opensearch.index",
		open: func(config *sqv1.RetrieveConfig, address *url.URL, topK uint32, read search.Secrets) (search.Protocol, *mapping.Mapping, error) {
			fields := mapping.New(config.GetFields())
			protocol, err := opensearch.New(config.GetOpensearch(), address, topK, fields)
			return protocol, fields, err
		},
	},
	"solr": {
		url:        func(config *sqv1.RetrieveConfig) string { return config.GetSolr().GetUrl() },
		indexField: "solr.collection",
		open: func(config *sqv1.RetrieveConfig, address *url.URL, topK uint32, read search.Secrets) (search.Protocol, *mapping.Mapping, error) {
			fields := mapping.New(config.GetFields())
			protocol, err := solr.New(config.GetSolr(), address, topK, fields, read)
			return protocol, fields, err
		},
	},
	"json": {
		url:        func(config *sqv1.RetrieveConfig) string { return config.GetJson().GetUrl() },
		indexField: "json.url",
		open: func(config *sqv1.RetrieveConfig, address *url.URL, topK uint32, read search.Secrets) (search.Protocol, *mapping.Mapping, error) {
			protocol, err := jsonsearch.New(config.GetJson(), address, topK, read)
			if err != nil {
				return nil, nil, err
			}
			return protocol, mapping.New(protocol.Mapping()), nil
		},
	},
}

// endpointOf returns the configured endpoint and the name of its field. Errors: *stagekit.InputError.
func endpointOf(config *sqv1.RetrieveConfig) (protoreflect.Name, endpoint, error) {
	message := config.ProtoReflect()
	field := message.WhichOneof(message.Descriptor().Oneofs().ByName("endpoint"))
	if field == nil {
		return "", endpoint{}, &stagekit.InputError{Field: "endpoint", Problem: "is missing", Fix: "add the field of a search endpoint, such as opensearch"}
	}
	chosen, known := endpoints[field.Name()]
	if !known {
		return "", endpoint{}, &stagekit.InputError{Field: string(field.Name()), Problem: fmt.Sprintf("this sq-retrieve has no protocol for %s", field.Name()), Fix: "use another endpoint or a newer sq-retrieve"}
	}
	return field.Name(), chosen, nil
}
