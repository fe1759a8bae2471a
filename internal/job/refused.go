package job

import (
	"time"

	"flowviz/internal/identity"
)

// refusedEach is how long audit logs may know nothing of a wrong password.
const refusedEach = time.Minute

type refusedArgs struct{}

// Kind implements river.JobArgs.
func (refusedArgs) Kind() string { return "refused_passwords" }

// Refused tells audit logs of wrong passwords.
func Refused(users *identity.Service) Work {
	return every(refusedEach, refusedArgs{}, &worker[refusedArgs]{do: users.TellRefused})
}
