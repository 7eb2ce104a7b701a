use std::ops::Deref;

use super::error::Denied;
use super::model::Action;
use crate::cx::Actor;
use crate::{Cx, Fault};

/// The actions that a request may do in its tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authority(u64);

impl Authority {
    /// None: whoever has not proven anything.
    pub const NONE: Self = Self(0);
    /// All: the person at the command line, and Authflow itself.
    pub const ALL: Self = Self(u64::MAX);

    /// What an actor may do who shows nothing but who they are.
    pub(crate) const fn of(actor: Actor) -> Self {
        match actor {
            Actor::Operator | Actor::System => Self::ALL,
            _ => Self::NONE,
        }
    }

    /// With `action` too.
    #[must_use]
    pub const fn with(self, action: Action) -> Self {
        Self(self.0 | 1 << action as u64)
    }

    /// What both allow.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether `action` is among them.
    pub const fn allows(self, action: Action) -> bool {
        self.0 & (1 << action as u64) != 0
    }

    /// Whether everything that `other` allows is among them.
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

impl FromIterator<Action> for Authority {
    fn from_iter<I: IntoIterator<Item = Action>>(actions: I) -> Self {
        actions.into_iter().fold(Self::NONE, Self::with)
    }
}

/// Something that the caller was found to be allowed to act on.
///
/// INVARIANT: made only by [`Cx::fetch_for`], so that an operation that takes one cannot be called without the check.
#[derive(Debug, Clone)]
pub struct Authorized<T>(T);

impl<T> Authorized<T> {
    /// The thing itself; the permission ends here.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Authorized<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// What [`Cx::fetch_for`] finds by its id.
pub trait Fetch: Sized {
    /// Its id.
    type Id: Send;

    /// The stable code of its absence.
    const NOT_FOUND: &'static str;

    /// The thing with `id` in the context's tenant.
    fn fetch(cx: &mut Cx, id: Self::Id) -> impl Future<Output = Result<Option<Self>, Fault>> + Send;
}

impl Cx {
    /// The thing with `id`, for `action` on it.
    ///
    /// # Errors
    /// [`Denied::Forbidden`] before anything is read, so that whoever may not act cannot tell what exists;
    /// [`Denied::Invisible`] for what is not the tenant's.
    pub async fn fetch_for<T: Fetch>(&mut self, action: Action, id: T::Id) -> Result<Authorized<T>, Denied> {
        self.permit(action)?;
        let found = T::fetch(self, id).await?;
        found.map(Authorized).ok_or(Denied::Invisible(T::NOT_FOUND))
    }

    /// Checks that the caller may do `action` in this tenant: for what is about no one thing, such as lists.
    ///
    /// # Errors
    /// [`Denied::Forbidden`].
    pub fn permit(&self, action: Action) -> Result<(), Denied> {
        if self.authority().allows(action) {
            Ok(())
        } else {
            Err(Denied::Forbidden(action))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authorities_meet_and_cover() {
        let one: Authority = [Action::UserRead, Action::ClientRead].into_iter().collect();
        let two = Authority::NONE.with(Action::UserRead).with(Action::UserWrite);
        assert_eq!(one.and(two), Authority::NONE.with(Action::UserRead));
        assert!(Authority::ALL.covers(one) && one.covers(one.and(two)));
        assert!(!one.covers(two));
        assert!(Authority::NONE.covers(Authority::NONE));
        assert!(Action::ALL.iter().all(|action| !Authority::NONE.allows(*action)));
    }

    #[test]
    fn only_the_command_line_and_authflow_itself_may_do_everything() {
        assert_eq!(Authority::of(Actor::Anonymous), Authority::NONE);
        assert_eq!(Authority::of(Actor::Operator), Authority::ALL);
        assert!(Action::ALL.len() <= 64);
    }
}
