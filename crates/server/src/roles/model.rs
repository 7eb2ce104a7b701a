use std::fmt;
use std::str::FromStr;

use super::RoleError;

/// What a scope of an API key begins with where it lets the key call the management API. A tenant's own scopes are names
/// in the tenant's own world and never let a key manage Authflow.
pub(crate) const SCOPE_PREFIX: &str = "authflow:";

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// Something that an administrator or an API key may be allowed to do. Written `resource:action`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)+
        }

        impl Action {
            /// Every action, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As written in roles, scopes and refusals.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

actions! {
    /// See a tenant, its settings and branding.
    TenantRead = "tenants:read",
    /// Make tenants, list all of them.
    TenantCreate = "tenants:create",
    /// Change a tenant's name, settings and branding.
    TenantWrite = "tenants:write",
    /// See users and what they own.
    UserRead = "users:read",
    /// Make and change users, let them sign in or not.
    UserWrite = "users:write",
    /// See sessions.
    SessionRead = "sessions:read",
    /// End sessions.
    SessionRevoke = "sessions:revoke",
    /// See clients.
    ClientRead = "clients:read",
    /// Make, change and delete clients, give them new secrets.
    ClientWrite = "clients:write",
    /// See API resources and scopes.
    ResourceRead = "resources:read",
    /// Make API resources and scopes.
    ResourceWrite = "resources:write",
    /// See API keys and how much they are used.
    ApiKeyRead = "api_keys:read",
    /// Make, change and rotate API keys.
    ApiKeyWrite = "api_keys:write",
    /// Revoke API keys.
    ApiKeyRevoke = "api_keys:revoke",
    /// Ask whether an API key that somebody presented is good.
    ApiKeyVerify = "api_keys:verify",
    /// Read what happened.
    EventRead = "events:read",
    /// See who administers a tenant.
    RoleRead = "roles:read",
    /// Give and withdraw roles.
    RoleAssign = "roles:assign",
}

impl Action {
    /// The scope of an API key that allows it, such as `authflow:users:read`.
    pub fn scope(self) -> String {
        format!("{SCOPE_PREFIX}{}", self.as_str())
    }

    /// The action that a scope allows; `None` for a tenant's own scopes.
    pub fn of_scope(scope: &str) -> Option<Self> {
        let text = scope.strip_prefix(SCOPE_PREFIX)?;
        Self::ALL.iter().copied().find(|action| action.as_str() == text)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A built-in role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the installation: everything, in every tenant. Given in the `system` tenant.
    Operator,
    /// Everything in one tenant, also who else administers it.
    Owner,
    /// Everything in one tenant but its owners.
    Admin,
    /// Clients, API resources and keys of one tenant.
    Developer,
    /// Helps users of one tenant: sees them, ends their sessions.
    Support,
    /// Sees how much a tenant uses.
    Billing,
    /// Sees everything in one tenant, changes nothing.
    Viewer,
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: [Self; 7] = [
        Self::Operator,
        Self::Owner,
        Self::Admin,
        Self::Developer,
        Self::Support,
        Self::Billing,
        Self::Viewer,
    ];

    /// As stored and written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Developer => "developer",
            Self::Support => "support",
            Self::Billing => "billing",
            Self::Viewer => "viewer",
        }
    }

    /// Whether the role may do `action`. This is the whole table; a snapshot test prints it.
    pub const fn allows(self, action: Action) -> bool {
        use Action as A;
        match self {
            Self::Operator => true,
            Self::Owner | Self::Admin => !matches!(action, A::TenantCreate),
            Self::Developer => matches!(
                action,
                A::TenantRead
                    | A::ClientRead
                    | A::ClientWrite
                    | A::ResourceRead
                    | A::ResourceWrite
                    | A::ApiKeyRead
                    | A::ApiKeyWrite
                    | A::ApiKeyRevoke
                    | A::ApiKeyVerify
                    | A::EventRead
            ),
            Self::Support => matches!(
                action,
                A::TenantRead | A::UserRead | A::SessionRead | A::SessionRevoke | A::EventRead
            ),
            Self::Billing => matches!(action, A::TenantRead | A::ApiKeyRead),
            Self::Viewer => matches!(
                action,
                A::TenantRead
                    | A::UserRead
                    | A::SessionRead
                    | A::ClientRead
                    | A::ResourceRead
                    | A::ApiKeyRead
                    | A::EventRead
                    | A::RoleRead
            ),
        }
    }

    /// Whether a holder may give and withdraw `other`, besides being allowed to give roles at all: nobody raises anybody,
    /// themselves included, above themselves.
    pub fn may_give(self, other: Self) -> bool {
        match self {
            Self::Operator | Self::Owner => self <= other,
            Self::Admin => self < other,
            _ => false,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| RoleError::Unknown(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn table() -> String {
        let mut text = format!("{:16}", "action");
        for role in Role::ALL {
            let _ = write!(text, " {role:9}");
        }
        text = format!("{}\n", text.trim_end());
        for action in Action::ALL {
            let mut line = format!("{:16}", action.as_str());
            for role in Role::ALL {
                let _ = write!(line, " {:9}", if role.allows(*action) { "yes" } else { "-" });
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    #[test]
    fn who_may_do_what() {
        let expected = "\
action           operator  owner     admin     developer support   billing   viewer
tenants:read     yes       yes       yes       yes       yes       yes       yes
tenants:create   yes       -         -         -         -         -         -
tenants:write    yes       yes       yes       -         -         -         -
users:read       yes       yes       yes       -         yes       -         yes
users:write      yes       yes       yes       -         -         -         -
sessions:read    yes       yes       yes       -         yes       -         yes
sessions:revoke  yes       yes       yes       -         yes       -         -
clients:read     yes       yes       yes       yes       -         -         yes
clients:write    yes       yes       yes       yes       -         -         -
resources:read   yes       yes       yes       yes       -         -         yes
resources:write  yes       yes       yes       yes       -         -         -
api_keys:read    yes       yes       yes       yes       -         yes       yes
api_keys:write   yes       yes       yes       yes       -         -         -
api_keys:revoke  yes       yes       yes       yes       -         -         -
api_keys:verify  yes       yes       yes       yes       -         -         -
events:read      yes       yes       yes       yes       yes       -         yes
roles:read       yes       yes       yes       -         -         -         yes
roles:assign     yes       yes       yes       -         -         -         -
";
        assert_eq!(table(), expected, "\n{}", table());
    }

    #[test]
    fn nobody_gives_a_role_above_their_own() {
        for role in Role::ALL {
            for other in Role::ALL {
                if role.may_give(other) {
                    assert!(role.allows(Action::RoleAssign), "{role} gives {other}");
                    assert!(
                        Action::ALL.iter().all(|a| role.allows(*a) || !other.allows(*a)),
                        "{role} gives {other}"
                    );
                }
            }
        }
        assert!(!Role::Admin.may_give(Role::Owner));
        assert!(!Role::Admin.may_give(Role::Admin));
        assert!(!Role::Owner.may_give(Role::Operator));
    }

    #[test]
    fn a_tenants_own_scope_is_no_action() {
        assert_eq!(Action::of_scope("authflow:users:read"), Some(Action::UserRead));
        for own in [
            "users:read",
            "authflow:",
            "authflow:users",
            "authflow:users:read ",
            "AUTHFLOW:users:read",
        ] {
            assert_eq!(Action::of_scope(own), None, "{own}");
        }
        for action in Action::ALL {
            assert_eq!(Action::of_scope(&action.scope()), Some(*action));
        }
    }
}
