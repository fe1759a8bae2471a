package identity

import (
	"strings"

	"flowviz/internal/fault"
)

// everySite stands for all sites there are.
const everySite = "*"

// RoleMap says what groups of an identity provider are here: a group may be a member of several sites.
type RoleMap map[string][]SiteRole

// ParseRoleMap reads a list such as plant-managers=DUNA=MANAGER,auditors=*=AUDITOR, where * stands for all sites.
func ParseRoleMap(text string) (RoleMap, error) {
	roles := RoleMap{}
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		var group string
		given, ok := parseSiteRole(item)
		if ok {
			cut := strings.LastIndexByte(given.SiteCode, '=')
			ok = cut > 0 && cut < len(given.SiteCode)-1
			if ok {
				group, given.SiteCode = given.SiteCode[:cut], given.SiteCode[cut+1:]
			}
		}
		if !ok {
			return nil, fault.BadInput("FLOWVIZ_OIDC_ROLES", "%q is no GROUP=SITE=ROLE, such as plant-managers=DUNA=MANAGER or auditors=*=AUDITOR", item)
		}
		roles[group] = append(roles[group], given)
	}
	return roles, nil
}

// parseSiteRole reads a text such as DUNA=MANAGER.
func parseSiteRole(text string) (SiteRole, bool) {
	cut := strings.LastIndexByte(text, '=')
	if cut < 1 {
		return SiteRole{}, false
	}
	given := SiteRole{SiteCode: text[:cut], Role: Role(text[cut+1:])}
	return given, given.Role.Valid()
}

// siteRoles are what somebody in these groups is: as the map says, or as a group's name itself says. Providers name groups that
// mean nothing here.
func (m RoleMap) siteRoles(groups []string) []SiteRole {
	var given []SiteRole
	for _, group := range groups {
		if mapped, ok := m[group]; ok {
			given = append(given, mapped...)
		} else if named, ok := parseSiteRole(group); ok {
			given = append(given, named)
		}
	}
	return given
}

// atSites are the roles at sites, given their ids by code, and the codes that stand for none. Of several roles at one site the
// most powerful counts.
func atSites(given []SiteRole, sites map[string]int32) (roles map[int32]Role, unknown []string) {
	roles = map[int32]Role{}
	for _, g := range given {
		if g.SiteCode == everySite {
			for _, site := range sites {
				roles[site] = morePowerful(roles[site], g.Role)
			}
		} else if site, ok := sites[g.SiteCode]; ok {
			roles[site] = morePowerful(roles[site], g.Role)
		} else {
			unknown = append(unknown, g.SiteCode)
		}
	}
	return roles, unknown
}

// morePowerful is the more powerful of two roles; one may be "".
func morePowerful(a, b Role) Role {
	for _, role := range byPower {
		if role == a || role == b {
			return role
		}
	}
	return b
}
