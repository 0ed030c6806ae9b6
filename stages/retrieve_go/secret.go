package retrieve

import (
	"strings"

	stagekit "sq/libs/stagekit/go"
	sqv1 "sq/proto/sq/v1"
)

// secrets reads secrets and remembers their values, so that they can be kept out of logs.
type secrets struct{ values []string }

// read reads a secret. It rejects control characters, because a request with them in a header fails like an endpoint that is
// down. Errors: *stagekit.InputError.
func (s *secrets) read(source *sqv1.SecretSource, field string) (string, error) {
	value, err := stagekit.ReadSecret(source, field)
	if err != nil {
		return "", err
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", &stagekit.InputError{Field: field, Problem: "contains a line feed or another control character", Fix: "remove it from the secret"}
	}
	s.values = append(s.values, value)
	return value, nil
}
