//! Every route, with who may call it and from which origins: an undeclared route does not compile.

use axum::Router;
use axum::handler::Handler;
use axum::middleware;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::cors;

/// Who may call a route. Laws over the whole table test that each kind refuses everybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody; the reason says why that is safe.
    Public(&'static str),
    /// A client that authenticates as its registration says (RFC 6749 2.3).
    Client,
    /// Who holds an access token of this tenant (RFC 6750).
    Bearer,
    /// A browser with a live session, otherwise it is sent to sign in.
    Session,
    /// A browser that carries the binding cookie of the sign-in it names.
    SignIn,
    /// Only `authflow dev`.
    Dev,
}

/// Which web origins may read the answers of a route from a page (Fetch, CORS protocol).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cors {
    /// None: the route is for navigation and servers.
    None,
    /// Every origin: the answer is the same public document for all.
    Any,
    /// The origins that clients of the tenant registered.
    Registered,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct RouteInfo {
    /// The HTTP method.
    pub method: &'static str,
    /// The path below the tenant's base.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// From where pages may read it.
    pub cors: Cors,
}

/// Collects routes and the table that describes them.
#[derive(Default)]
pub struct Routes {
    router: Router,
    table: Vec<RouteInfo>,
}

impl Routes {
    /// Adds a GET (and HEAD) route.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, access: Access, cors: Cors, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        self.add("GET", path, access, cors, on(MethodFilter::GET, handler))
    }

    /// Adds a POST route.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, access: Access, cors: Cors, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        self.add("POST", path, access, cors, on(MethodFilter::POST, handler))
    }

    /// Adds a PUT route.
    #[must_use]
    pub fn put<H, T>(self, path: &'static str, access: Access, cors: Cors, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        self.add("PUT", path, access, cors, on(MethodFilter::PUT, handler))
    }

    /// Adds a DELETE route.
    #[must_use]
    pub fn delete<H, T>(self, path: &'static str, access: Access, cors: Cors, handler: H) -> Self
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        self.add("DELETE", path, access, cors, on(MethodFilter::DELETE, handler))
    }

    /// Adds the routes of another slice.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// The table: what the law tests walk.
    pub fn table(&self) -> &[RouteInfo] {
        &self.table
    }

    /// The router itself.
    pub fn into_router(self) -> Router {
        self.router
    }

    fn add(
        mut self,
        method: &'static str,
        path: &'static str,
        access: Access,
        cors: Cors,
        route: MethodRouter,
    ) -> Self {
        let first_of_path = !self
            .table
            .iter()
            .any(|row| row.path == path && row.cors != Cors::None);
        self.table.push(RouteInfo {
            method,
            path,
            access,
            cors,
        });
        let route = match cors {
            Cors::None => route,
            Cors::Any => route.layer(middleware::map_response(cors::allow_any)),
            Cors::Registered => route.layer(middleware::from_fn(cors::allow_registered)),
        };
        self.router = self.router.route(path, route);
        if cors != Cors::None && first_of_path {
            let preflight = match cors {
                Cors::Registered => on(MethodFilter::OPTIONS, cors::preflight_registered),
                _ => on(MethodFilter::OPTIONS, cors::preflight_any),
            };
            self.router = self.router.route(path, preflight);
        }
        self
    }
}
