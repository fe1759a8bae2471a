package scenario

// MaxVersions is how many versions a Library keeps.
const MaxVersions = maxVersions
