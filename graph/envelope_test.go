package graph

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// FuzzParse holds the reader of bodies to encoding/json: what it takes, that takes too, and reads the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"query":"{a}"}`, ` { "query" : "{a}" , "variables" : { "a" : [ 1.5e3 , -0 , true , false , null , { } ] , "b" : "\u00e9\n\ud83d" } } `,
		`{"query":"x","extensions":{"a":{"b":[[],[""]]}},"operationName":null}`, "{\"query\":\"\xff\"}", `{"query":"a","query":"b"}`, `[]`, `{`, `{"":0,"query":"a"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		params, refused := parse(body, nil)
		if refused != nil {
			return // that a good one isn't refused, TestRefusedBodies and all others show
		}
		var want struct {
			Query         string         `json:"query"`
			OperationName string         `json:"operationName"`
			Variables     map[string]any `json:"variables"`
			Extensions    map[string]any `json:"extensions"`
		}
		members := map[string]json.RawMessage{}
		if err := json.Unmarshal(body, &members); err != nil {
			t.Fatalf("%q is taken: %v", body, err)
		}
		for name, into := range map[string]any{"query": &want.Query, "operationName": &want.OperationName, "variables": &want.Variables, "extensions": &want.Extensions} {
			if raw, ok := members[name]; ok {
				decoder := json.NewDecoder(bytes.NewReader(raw))
				decoder.UseNumber()
				if err := decoder.Decode(into); err != nil {
					t.Fatalf("%s of %q is taken: %v", name, body, err)
				}
			}
		}
		got := want
		got.Query, got.OperationName, got.Variables, got.Extensions = params.Query, params.OperationName, params.Variables, params.Extensions
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-encoding/json +ours):\n%s", body, diff)
		}
	})
}

// FuzzReadSaid holds the reader of a socket's messages to encoding/json.
func FuzzReadSaid(f *testing.F) {
	for _, seed := range []string{
		`{"id":"1","type":"subscribe","payload":{"query":"{a}","variables":{"x":[1,{"y":"]}"}]}}}`, ` { "type" : "ping" , "payload" : 12 } `,
		`{"payload":"a\"b","x":[[],{}],"id":"\u00e9","type":"pong"}`, `{"type":"pong","payload":null}`, `{"id":1}`, `{"type":"a"}x`, `[]`, `null`, `{`, ``, `{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		got, ok := readSaid(frame)
		if !ok {
			return // that a good one isn't refused, all tests of sockets show
		}
		members := map[string]json.RawMessage{}
		if err := json.Unmarshal(frame, &members); err != nil {
			t.Fatalf("%q is taken: %v", frame, err)
		}
		want := said{Payload: members["payload"]}
		for name, into := range map[string]*string{"id": &want.ID, "type": &want.Type} {
			if raw, ok := members[name]; ok {
				if err := json.Unmarshal(raw, into); err != nil {
					t.Fatalf("%s of %q is taken: %v", name, frame, err)
				}
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-encoding/json +ours):\n%s", frame, diff)
		}
	})
}
