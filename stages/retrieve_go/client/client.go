// Package client sends searches to one endpoint: rate limit, deadlines, retries, and what became of each query.
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"sq/stages/retrieve_go/search"
)

// drained is how much of an answer that is not needed is read, so that its connection can be used again.
const drained = 256 << 10

// Client is safe for concurrent use.
type Client struct {
	options Options
	http    *http.Client
	limiter *rate.Limiter
	calls   atomic.Uint64
}

// New makes a client. It fails where the file of certificate authorities cannot be used.
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
			// A redirect would take queries and credentials where nobody meant them to go.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Calls is how many requests were sent so far, repeated ones too.
func (c *Client) Calls() uint64 { return c.calls.Load() }

// Search sends one request, again while that may help, and returns the answer. Errors: *Failure, or that of ctx.
func (c *Client) Search(ctx context.Context, request *search.Request) (*search.Answer, error) {
	// The first wait for the rate limit is no fault of the query's: its deadline starts afterwards.
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
		if !c.mayTryAgain(failure, attempt) || !c.waitForAttempt(query, failure, attempt) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			return nil, failure
		}
	}
}

// mayTryAgain: an endpoint that asks for patience gets it until the query's deadline, unless no retry is wanted at all.
func (c *Client) mayTryAgain(failure *Failure, attempt int) bool {
	patient := failure.Reason == rateLimited && c.options.MaxRetries > 0
	return failure.mayPass && (patient || attempt <= c.options.MaxRetries)
}

// waitForAttempt reports false where the deadline would pass before the next attempt.
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
		return nil, ofTransport(withoutURL(err), 0)
	}
	defer drain(response.Body)
	return c.read(response)
}

func (c *Client) read(response *http.Response) (*search.Answer, *Failure) {
	status := response.StatusCode
	if status != http.StatusOK {
		// However its body reads: the status says enough.
		body, _ := io.ReadAll(io.LimitReader(response.Body, drained))
		kind, note := c.options.Protocol.Refusal(body)
		return nil, ofStatus(response, kind, note, time.Now())
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, c.options.LargestAnswer+1))
	if err != nil {
		return nil, ofTransport(err, status)
	}
	if int64(len(body)) > c.options.LargestAnswer {
		detail := fmt.Sprintf("the answer has over %d MiB", c.options.LargestAnswer>>20)
		return nil, &Failure{Reason: malformed, Status: status, Detail: detail}
	}
	answer, err := c.options.Protocol.ParseAnswer(body)
	if err != nil {
		return nil, ofAnswer(err, status)
	}
	return answer, nil
}

// withoutURL unwraps what net/http says, which names the endpoint.
func withoutURL(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

func drain(body io.ReadCloser) {
	io.CopyN(io.Discard, body, drained)
	body.Close()
}
