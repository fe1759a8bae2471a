package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

// TestEnvExample: .env.example names each setting, and no other.
func TestEnvExample(t *testing.T) {
	t.Parallel()
	want := []string{"POSTGRES_PASSWORD"} // docker-compose.yml's
	for field := range reflect.TypeFor[config]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("env"), ",")
		want = append(want, name)
	}
	var got []string
	for _, match := range regexp.MustCompile(`(?m)^#?([A-Z0-9_]+)=`).FindAllStringSubmatch(read(t, ".env.example"), -1) {
		got = append(got, match[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings of flowviz (-) and of .env.example (+):\n%s", diff)
	}
}

// TestCompose: what docker-compose.yml sets for flowviz are its settings, or what PostgreSQL's clients know.
func TestCompose(t *testing.T) {
	t.Parallel()
	_, service, found := strings.Cut(read(t, "docker-compose.yml"), "\n  flowviz:\n")
	if !found {
		t.Fatal("docker-compose.yml has no service flowviz")
	}
	settings := read(t, ".env.example") + "\nPGPASSWORD="
	matches := regexp.MustCompile(`(?m)^      ([A-Z_]+): `).FindAllStringSubmatch(service, -1)
	if len(matches) < 3 {
		t.Errorf("found %d settings", len(matches))
	}
	for _, match := range matches {
		if !regexp.MustCompile(`(?m)^#?` + match[1] + `=`).MatchString(settings) {
			t.Errorf("%s is no setting", match[1])
		}
	}
}

// TestComposeKeepsCheckpoints: in a volume that isn't the database's, whose folder the image has made for its user.
func TestComposeKeepsCheckpoints(t *testing.T) {
	t.Parallel()
	_, service, _ := strings.Cut(read(t, "docker-compose.yml"), "\n  flowviz:\n")
	for _, want := range []string{
		"FLOWVIZ_CHECKPOINTS: file:///var/lib/flowviz/checkpoints\n", "FLOWVIZ_CHECKPOINT_KEY: /var/lib/flowviz/checkpoint.key\n", `volumes: ["flowviz:/var/lib/flowviz"]`,
	} {
		if !strings.Contains(service, want) {
			t.Errorf("docker-compose.yml says nothing of %s", want)
		}
	}
	if !regexp.MustCompile(`(?m)^COPY --from=build --chown=65534:65534 \S+ /var/lib/flowviz$`).MatchString(read(t, "Dockerfile")) {
		t.Error("the Dockerfile makes no /var/lib/flowviz for its user")
	}
}

// TestDockerfileCopiesWhatIsThere: there is an engine neither here nor in CI to build the image with.
func TestDockerfileCopiesWhatIsThere(t *testing.T) {
	t.Parallel()
	copies := regexp.MustCompile(`(?m)^COPY (.*) \S+$`).FindAllStringSubmatch(read(t, "Dockerfile"), -1)
	if len(copies) == 0 {
		t.Fatal("no COPY is found")
	}
	for _, match := range copies {
		if strings.HasPrefix(match[1], "--from=") {
			continue
		}
		for source := range strings.FieldsSeq(match[1]) {
			if _, err := os.Stat(filepath.Join(root, source)); err != nil {
				t.Error(err)
			}
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	check(t, err)
	return string(text)
}
