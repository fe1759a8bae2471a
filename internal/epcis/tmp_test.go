package epcis_test

import (
	"encoding/json"
	"fmt"
	"testing"
)

func TestTmp(t *testing.T) {
	w := newWorld(t)
	t.Log(w.own("dairy.jsonld"))
	b, _ := json.MarshalIndent(w.state(), "", " ")
	fmt.Println(string(b))
	fmt.Println(w.ask("select kind||' '||message from alert"), w.ask("select kind||' '||void_reason||' '||coalesce(replaced_by_id::text,'-') from transformation where voided_at is not null"))
}
