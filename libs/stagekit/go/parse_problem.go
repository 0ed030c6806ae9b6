package stagekit

import (
	"regexp"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

var (
	// unexpectedToken and invalidValue are errors of protojson that show a value, which may be a secret in a wrong place.
	unexpectedToken = regexp.MustCompile(`^(syntax error )?.*unexpected token .*$`)
	invalidValue    = regexp.MustCompile(`(?s)^invalid value for (\S+) (type|field (\S+)): .*$`)
	unknownAnchor   = regexp.MustCompile(`unknown anchor '[^']*' referenced`)
)

// parseProblem is the problem and the fix of an error of protojson, without the value.
func parseProblem(err error, into proto.Message) (problem, fix string) {
	text := jsonPosition.ReplaceAllString(err.Error(), "")
	if unexpectedToken.MatchString(text) {
		return "has a text, a number or a list where fields are needed, or the other way round", seeFields(into)
	}
	found := invalidValue.FindStringSubmatch(text)
	if found == nil {
		return text, seeFields(into)
	}
	field := found[3]
	problem = "has an invalid value of the type " + found[1]
	if field != "" {
		problem = field + ": " + problem
	}
	if values := enumValues(into.ProtoReflect().Descriptor(), field, map[protoreflect.FullName]bool{}); len(values) > 0 {
		return problem, "give one of " + strings.Join(values, ", ")
	}
	return problem, seeFields(into)
}

// enumValues lists the values of the first enum field of that name in a message and those below it, without the first one, which
// stands for no value.
func enumValues(message protoreflect.MessageDescriptor, field string, seen map[protoreflect.FullName]bool) (values []string) {
	if seen[message.FullName()] {
		return nil
	}
	seen[message.FullName()] = true
	for i := range message.Fields().Len() {
		each := message.Fields().Get(i)
		if of := each.Enum(); of != nil && (each.JSONName() == field || string(each.Name()) == field) {
			for k := range of.Values().Len() {
				if value := of.Values().Get(k); value.Number() != 0 {
					values = append(values, string(value.Name()))
				}
			}
			return values
		}
		if below := each.Message(); below != nil {
			if values = enumValues(below, field, seen); values != nil {
				return values
			}
		}
	}
	return nil
}
