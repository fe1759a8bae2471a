package lot_test

import (
	"testing"

	"flowviz/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
