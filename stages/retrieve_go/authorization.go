package retrieve

import (
	"encoding/base64"

	sqv1 "sq/proto/sq/v1"
	"sq/stages/retrieve_go/search"
)

// authorizationOf returns the value of the Authorization header, or an empty string. Errors: *stagekit.InputError.
func authorizationOf(credentials *sqv1.Credentials, secret search.Secrets) (string, error) {
	switch method := credentials.GetMethod().(type) {
	case *sqv1.Credentials_Basic:
		username, err := secret(method.Basic.GetUsername(), "credentials.basic.username")
		if err != nil {
			return "", err
		}
		password, err := secret(method.Basic.GetPassword(), "credentials.basic.password")
		return basic(username, password), err
	case *sqv1.Credentials_Bearer:
		token, err := secret(method.Bearer, "credentials.bearer")
		return "Bearer " + token, err
	case *sqv1.Credentials_ApiKey:
		key, err := secret(method.ApiKey, "credentials.api_key")
		return "ApiKey " + key, err
	}
	return "", nil
}

func basic(username, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))
}
