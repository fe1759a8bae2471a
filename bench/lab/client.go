package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// Client sends requests over connections that are kept.
type Client struct{ http http.Client }

// NewClient keeps so many connections.
func NewClient(connections int) *Client {
	// Compression would be the client's processor time, and what is compared has none.
	return &Client{http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, DisableCompression: true}}}
}

// Body is all of an answer.
func (c *Client) Body(req *http.Request) ([]byte, error) {
	var buf bytes.Buffer
	_, err := c.Read(req, &buf)
	return buf.Bytes(), err
}

// Read sends the answer's body to w and returns its length. Any status but 200 is an error.
func (c *Client) Read(req *http.Request, w io.Writer) (int64, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 2000))
		return 0, fmt.Errorf("status %s: %s", resp.Status, text)
	}
	return io.Copy(w, resp.Body)
}

// GraphQL is a request to the API, signed in where there is a token.
func GraphQL(ctx context.Context, address, token, query string, variables any) (*http.Request, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}
