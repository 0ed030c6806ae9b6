package stagekit

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"sq/libs/handoff/go/artefact"
	"sq/libs/handoff/go/store"
	sqv1 "sq/proto/sq/v1"
)

// Input is an artefact given to the stage.
type Input struct {
	Name     string
	URI      string
	Manifest *sqv1.Manifest
}

// openInputs fetches the manifests of the inputs, given as NAME=URI. Errors: *InputError, *artefact.Error, *store.Error.
func openInputs(ctx context.Context, contract *sqv1.StageContract, given []string) ([]Input, error) {
	uris, err := urisByName(contract, given)
	if err != nil {
		return nil, err
	}
	var inputs []Input
	for _, wanted := range contract.GetInputs() {
		name := wanted.GetName()
		switch count := len(uris[name]); {
		case count == 0 && !wanted.GetOptional():
			return nil, &InputError{"--input", name + " is missing", fmt.Sprintf("add --input %s=URI", name)}
		case count > 1 && !wanted.GetMany():
			return nil, &InputError{"--input", fmt.Sprintf("%s is given %d times", name, count), "give it once"}
		}
		for _, uri := range uris[name] {
			input, err := openInput(ctx, wanted, uri)
			if err != nil {
				return nil, err
			}
			inputs = append(inputs, input)
		}
	}
	return inputs, nil
}

func urisByName(contract *sqv1.StageContract, given []string) (map[string][]string, error) {
	uris := map[string][]string{}
	for _, input := range contract.GetInputs() {
		uris[input.GetName()] = nil
	}
	for _, text := range given {
		name, uri, _ := strings.Cut(text, "=")
		if _, known := uris[name]; !known || uri == "" {
			return nil, &InputError{"--input", fmt.Sprintf("%q does not name an input", text), "inputs of this stage: " + inputNames(contract)}
		}
		uris[name] = append(uris[name], uri)
	}
	return uris, nil
}

func inputNames(contract *sqv1.StageContract) string {
	var names []string
	for _, input := range contract.GetInputs() {
		names = append(names, input.GetName())
	}
	return strings.Join(names, ", ")
}

func openInput(ctx context.Context, wanted *sqv1.StageInput, uri string) (Input, error) {
	objects, err := store.At(uri)
	if err != nil {
		return Input{}, &InputError{"--input " + wanted.GetName(), err.Error(), uriFix}
	}
	manifest, err := artefact.FetchManifest(ctx, objects.URI())
	if err != nil {
		return Input{}, err
	}
	message, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(wanted.GetMessageType()))
	if err != nil {
		return Input{}, fmt.Errorf("contract: input %s: %w", wanted.GetName(), err)
	}
	if err := artefact.CheckType(objects.URI(), manifest, message.Descriptor()); err != nil {
		return Input{}, err
	}
	return Input{wanted.GetName(), objects.URI(), manifest}, nil
}
