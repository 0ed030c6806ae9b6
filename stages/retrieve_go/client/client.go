// Package client sends searches to one endpoint, with rate limit, deadlines and retries. It classifies what fails.
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"sq/stages/retrieve_go/search"
)

// drainLimit is how many bytes of an unneeded body are read. A connection can be reused only after its body was read.
const drainLimit = 256 << 10

// Client is safe for concurrent use.
type Client struct {
	options Options
	http    *http.Client
	limiter *rate.Limiter
	calls   atomic.Uint64
}

// New returns a client. It fails if the CA file cannot be used.
func New(options Options) (*Client, error) {
	transport, err := options.transport()
	if err != nil {
		return nil, err
	}
	return &Client{
		options: options,
		limiter: options.limiter(),
		http: &http.Client{
			Transport: transport,
			// Following a redirect could send queries and credentials to another host.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Calls is the number of requests sent so far, including retries.
func (c *Client) Calls() uint64 { return c.calls.Load() }

// Search sends a request, retries it if that may help, and returns the answer. Errors: *Failure, or the error of ctx.
func (c *Client) Search(ctx context.Context, request *search.Request) (*search.Answer, error) {
	// The query's deadline starts after the first wait for the rate limit, which does not depend on the query.
	if err := c.limiter.Wait(ctx); err != nil {
		return nil, err
	}
	query, cancel := context.WithTimeout(ctx, c.options.QueryTimeout)
	defer cancel()
	status := 0
	for attempt := 1; ; attempt++ {
		answer, failure := c.attempt(query, request)
		if failure == nil {
			return answer, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if failure.Status == 0 {
			failure.Status = status
		}
		status = failure.Status
		if !c.shouldRetry(failure, attempt) || !c.waitForAttempt(query, failure, attempt) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return nil, failure
		}
	}
}

// shouldRetry limits the attempts to MaxRetries. After 429 it allows retries until the deadline, unless MaxRetries is 0.
func (c *Client) shouldRetry(failure *Failure, attempt int) bool {
	rateLimit := failure.Reason == rateLimited && c.options.MaxRetries > 0
	return failure.retryable && (rateLimit || attempt <= c.options.MaxRetries)
}

// waitForAttempt waits before the next attempt. It returns false at once if the deadline is earlier.
func (c *Client) waitForAttempt(query context.Context, failure *Failure, attempt int) bool {
	wait := pause(c.options.FirstPause, attempt, failure.retryAfter)
	if deadline, _ := query.Deadline(); time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-query.Done():
		return false
	case <-timer.C:
	}
	return c.limiter.Wait(query) == nil
}

func (c *Client) attempt(query context.Context, wanted *search.Request) (*search.Answer, *Failure) {
	ctx, cancel := context.WithTimeout(query, c.options.AttemptTimeout)
	defer cancel()
	request := &http.Request{
		Method: wanted.Method,
		URL:    wanted.URL,
		Header: wanted.Header.Clone(),
	}
	if wanted.Body != nil {
		request.Body = io.NopCloser(bytes.NewReader(wanted.Body))
		request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(wanted.Body)), nil }
		request.ContentLength = int64(len(wanted.Body))
	}
	if c.options.Authorization != "" {
		request.Header.Set("Authorization", c.options.Authorization)
	}
	c.calls.Add(1)
	response, err := c.http.Do(request.WithContext(ctx))
	if err != nil {
		return nil, transportFailure(withoutURL(err), 0)
	}
	defer drain(response.Body)
	return c.read(response)
}

func (c *Client) read(response *http.Response) (*search.Answer, *Failure) {
	status := response.StatusCode
	if status != http.StatusOK {
		// An error while reading the body does not matter: the status is enough.
		body, _ := io.ReadAll(io.LimitReader(response.Body, drainLimit))
		return nil, statusFailure(response, c.options.Protocol.ErrorKind(body), c.reason(body), time.Now())
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, c.options.LargestAnswer+1))
	if err != nil {
		return nil, transportFailure(err, status)
	}
	if int64(len(body)) > c.options.LargestAnswer {
		detail := fmt.Sprintf("the answer is larger than %d MiB", c.options.LargestAnswer>>20)
		return nil, &Failure{Reason: malformed, Status: status, Detail: detail}
	}
	answer, err := c.options.Protocol.ParseAnswer(body)
	if err != nil {
		failure := answerFailure(err, status)
		// Some services tell errors with status 200.
		failure.Note = c.reason(body)
		return nil, failure
	}
	return answer, nil
}

// reason is what the endpoint says is wrong, without the secrets that some endpoints repeat.
func (c *Client) reason(body []byte) string {
	reason := search.Reason(body)
	for _, secret := range c.options.Secrets {
		reason = strings.ReplaceAll(reason, secret, "(a secret)")
	}
	return reason
}

// withoutURL removes the URL from an error of net/http, so that the error does not name the endpoint.
func withoutURL(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

func drain(body io.ReadCloser) {
	io.CopyN(io.Discard, body, drainLimit)
	body.Close()
}
