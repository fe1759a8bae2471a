package scenario

// MaxVersions is how many versions a Library keeps.
const MaxVersions = maxVersions

// Publishable is what Publish asks of the version that it has locked.
var Publishable = (*Scenario).publishable
