package stagekit

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"
)

// jsonPosition is the line and column that protojson reports. They refer to the JSON made from the YAML, so the author of the
// YAML cannot use them.
var jsonPosition = regexp.MustCompile(`^proto:\s*(\(line \d+:\d+\):\s*)?`)

// ReadConfig reads the value of --config into a message: JSON that begins with "{", or the path of a YAML or JSON file. It
// rejects unknown fields and checks the rules of the message. Errors: *InputError that names the invalid fields.
func ReadConfig(flag string, into proto.Message) error {
	name, text := "--config", []byte(flag)
	if !strings.HasPrefix(strings.TrimSpace(flag), "{") {
		var err error
		if text, err = os.ReadFile(flag); err != nil {
			return &InputError{name, err.Error(), "give the path of a readable YAML or JSON file"}
		}
		name = flag
	}
	return ParseConfig(text, name, into)
}

// ParseConfig is ReadConfig for YAML or JSON text. Errors call the text by name.
func ParseConfig(text []byte, name string, into proto.Message) error {
	fields, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		problem := unknownAnchor.ReplaceAllString(strings.ReplaceAll(err.Error(), "\n", " "), "a value that begins with * needs quotes")
		return &InputError{name, "is not valid YAML: " + problem, "correct the YAML"}
	}
	if string(fields) == "null" {
		fields = []byte("{}")
	}
	if !strings.HasPrefix(string(fields), "{") {
		return &InputError{name, "does not contain a mapping", "write `field: value` lines"}
	}
	if err := protojson.Unmarshal(fields, into); err != nil {
		problem, fix := parseProblem(err, into)
		return &InputError{name, problem, fix}
	}
	if err := refuseURLCredentials(into); err != nil {
		return err
	}
	return CheckMessage(into, name)
}

// CheckMessage checks a message against its protovalidate rules. Errors: *InputError that names every invalid field.
func CheckMessage(message proto.Message, name string) error {
	err := protovalidate.Validate(message)
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		return err
	}
	var problems []string
	for _, violation := range invalid.Violations {
		path := protovalidate.FieldPathString(violation.Proto.GetField())
		if path == "" {
			path = "configuration"
		}
		problems = append(problems, path+": "+violation.Proto.GetMessage())
	}
	return &InputError{name, strings.Join(problems, "; "), seeFields(message)}
}

func seeFields(message proto.Message) string {
	return fmt.Sprintf("see the fields of %s", message.ProtoReflect().Descriptor().FullName())
}
