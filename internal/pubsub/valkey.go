package pubsub

import (
	"context"
	"sync"

	"github.com/valkey-io/valkey-go"

	"flowviz/internal/fault"
)

// Valkey carries hints by the PUBLISH of Valkey or Redis.
type Valkey struct {
	option valkey.ClientOption

	mu     sync.Mutex
	client valkey.Client // nil before it was reached
}

// NewValkey takes the server's URL: valkey:// or redis://, with TLS valkeys:// or rediss://. It need not be there yet.
func NewValkey(url string) (*Valkey, error) {
	option, err := valkey.ParseURL(url)
	if err != nil {
		return nil, fault.BadInput("VALKEY_URL", "write it as valkey://user:password@host:6379")
	}
	option.DisableCache, option.ForceSingleClient = true, true // hints are all that it carries
	return &Valkey{option: option}, nil
}

func (v *Valkey) reach() (valkey.Client, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.client == nil {
		client, err := valkey.NewClient(v.option)
		if err != nil {
			return nil, err
		}
		v.client = client
	}
	return v.client, nil
}

// Close ends its connections. Nothing may use it any more.
func (v *Valkey) Close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.client != nil {
		v.client.Close()
	}
}

// Send implements Carrier.
func (v *Valkey) Send(ctx context.Context) error {
	client, err := v.reach()
	if err != nil {
		return err
	}
	return client.Do(ctx, client.B().Publish().Channel(channel).Message("").Build()).Error()
}

// Receive implements Carrier.
func (v *Valkey) Receive(ctx context.Context, hint func()) error {
	client, err := v.reach()
	if err != nil {
		return err
	}
	return client.Receive(ctx, client.B().Subscribe().Channel(channel).Build(), func(valkey.PubSubMessage) { hint() })
}
