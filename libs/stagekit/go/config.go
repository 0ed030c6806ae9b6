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

// position is where protojson stood in the JSON the YAML became: no use to the one who wrote the YAML.
var position = regexp.MustCompile(`^proto:\s*(\(line \d+:\d+\):\s*)?`)

// ReadConfig reads the value of --config, JSON that begins with "{" or the path of a YAML or JSON file, into a message,
// strictly, and checks it against the rules of its contract. Errors: *InputError with the fields that are off.
func ReadConfig(flag string, into proto.Message) error {
	name, text := "--config", []byte(flag)
	if !strings.HasPrefix(strings.TrimSpace(flag), "{") {
		var err error
		if text, err = os.ReadFile(flag); err != nil {
			return &InputError{name, err.Error(), "give a readable YAML or JSON file"}
		}
		name = flag
	}
	return ParseConfig(text, name, into)
}

// ParseConfig reads YAML or JSON text, which errors call by name.
func ParseConfig(text []byte, name string, into proto.Message) error {
	fields, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		return &InputError{name, "is not valid YAML: " + strings.ReplaceAll(err.Error(), "\n", " "), "correct the YAML"}
	}
	if string(fields) == "null" {
		fields = []byte("{}")
	}
	if !strings.HasPrefix(string(fields), "{") {
		return &InputError{name, "does not contain a mapping", "write `field: value` lines"}
	}
	if err := protojson.Unmarshal(fields, into); err != nil {
		return &InputError{name, position.ReplaceAllString(err.Error(), ""), seeFields(into)}
	}
	return CheckMessage(into, name)
}

// CheckMessage checks a message against the rules of its contract. Errors: *InputError with every field that is off.
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
