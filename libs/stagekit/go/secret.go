package stagekit

import (
	"os"
	"regexp"
	"strings"

	sqv1 "sq/proto/sq/v1"
)

// variable is how variables are usually called. Somebody may have written the secret itself in its place: those have small
// letters, or are longer.
var variable = regexp.MustCompile(`^[A-Z_][A-Z0-9_]{0,63}$`)

// ReadSecret returns the secret that a source names. Errors: *InputError, which never contains the secret.
func ReadSecret(source *sqv1.SecretSource, field string) (string, error) {
	where, secret := source.GetEnv(), os.Getenv(source.GetEnv())
	if path := source.GetFile(); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return "", &InputError{field, "cannot read " + path, "mount the secret there"}
		}
		where, secret = path, strings.TrimSuffix(string(data), "\n")
	}
	if source.GetFile() == "" && !variable.MatchString(where) {
		where = "the variable that env names"
	}
	if secret == "" {
		return "", &InputError{field, where + " is empty or not set", "put the secret there"}
	}
	return secret, nil
}
