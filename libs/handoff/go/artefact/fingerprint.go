package artefact

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Fingerprint returns "sha256:<hex>" of the schema of a message and of all messages and enums that it refers to.
//
// It covers names, numbers, kinds and cardinality. It ignores comments and options, because they do not change what stored
// records mean. It uses only reflection, so that Go and Python compute the same value.
func Fingerprint(message protoreflect.MessageDescriptor) string {
	texts := map[string]string{}
	describe(message, texts)
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		all.WriteString(texts[name])
	}
	return Digest([]byte(all.String()))
}

func describe(message protoreflect.MessageDescriptor, texts map[string]string) {
	name := string(message.FullName())
	if _, done := texts[name]; done {
		return
	}
	texts[name] = "" // a message may refer to itself
	fields := make([]protoreflect.FieldDescriptor, message.Fields().Len())
	for i := range fields {
		fields[i] = message.Fields().Get(i)
	}
	slices.SortFunc(fields, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number()) - int(b.Number()) })
	var text strings.Builder
	fmt.Fprintf(&text, "message %s\n", name)
	for _, field := range fields {
		describeField(field, &text)
		if field.Message() != nil {
			describe(field.Message(), texts)
		}
		if field.Enum() != nil {
			texts[string(field.Enum().FullName())] = describeEnum(field.Enum())
		}
	}
	texts[name] = text.String()
}

func describeField(field protoreflect.FieldDescriptor, text *strings.Builder) {
	cardinality, typeName, oneof := "optional", "-", "-"
	if field.Cardinality() == protoreflect.Repeated {
		cardinality = "repeated"
	}
	if field.Message() != nil {
		typeName = string(field.Message().FullName())
	}
	if field.Enum() != nil {
		typeName = string(field.Enum().FullName())
	}
	if of := field.ContainingOneof(); of != nil && !of.IsSynthetic() {
		oneof = string(of.Name())
	}
	fmt.Fprintf(text, "%d %s %s %s %s %s\n", field.Number(), field.Name(), field.Kind(), cardinality, typeName, oneof)
}

func describeEnum(enum protoreflect.EnumDescriptor) string {
	values := make([]protoreflect.EnumValueDescriptor, enum.Values().Len())
	for i := range values {
		values[i] = enum.Values().Get(i)
	}
	slices.SortStableFunc(values, func(a, b protoreflect.EnumValueDescriptor) int { return int(a.Number()) - int(b.Number()) })
	text := fmt.Sprintf("enum %s\n", enum.FullName())
	for _, value := range values {
		text += fmt.Sprintf("%d %s\n", value.Number(), value.Name())
	}
	return text
}
