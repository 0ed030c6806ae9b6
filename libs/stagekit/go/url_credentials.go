package stagekit

import (
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// urlCredentials is a scheme, or several as in k8s://https://host, and then an authority with an @.
var urlCredentials = regexp.MustCompile(`^\s*([A-Za-z][A-Za-z0-9+.-]*://)+[^/?#]*@`)

// credentialFixes are by the last word of a field's name. sq_stagekit/url_credentials.py has the same table.
var credentialFixes = map[string]string{
	"url":      "remove them, and give credentials: {basic: {username: {env: NAME}, password: {env: NAME}}}",
	"base_url": "remove them, and give api_key: {env: NAME}",
	"cache_uri": "remove them, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the variables of your store; for " +
		"a Redis give cache: {password: {env: NAME}}",
	"uri":     "remove them, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the variables of your store",
	"address": "remove them, and give a certificate in ner_options.tls",
	"master":  "remove them, and give Spark's own settings by spark-defaults.conf",
}

// refuseURLCredentials returns an *InputError, without the URL, if a field that holds a URL has credentials in it. They would be
// shown on command lines, in pods and in logs.
func refuseURLCredentials(config proto.Message) error {
	return refuseIn(config.ProtoReflect(), "")
}

func refuseIn(message protoreflect.Message, prefix string) (err error) {
	message.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		path := prefix + string(field.Name())
		switch {
		case field.IsMap():
		case field.IsList():
			for i := 0; i < value.List().Len() && err == nil; i++ {
				err = refuseValue(field, value.List().Get(i), fmt.Sprintf("%s[%d]", path, i))
			}
		default:
			err = refuseValue(field, value, path)
		}
		return err == nil
	})
	return err
}

func refuseValue(field protoreflect.FieldDescriptor, value protoreflect.Value, path string) error {
	if field.Message() != nil {
		return refuseIn(value.Message(), path+".")
	}
	if field.Kind() != protoreflect.StringKind {
		return nil
	}
	name := string(field.Name())
	fix := credentialFixes[name]
	if fix == "" {
		fix = credentialFixes[name[strings.LastIndex(name, "_")+1:]]
	}
	if fix == "" || !urlCredentials.MatchString(value.String()) {
		return nil
	}
	return &InputError{Field: path, Problem: "has credentials in the URL", Fix: fix}
}
