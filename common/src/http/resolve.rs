//! Names to addresses, with one guard: where a public server sent us, no private address is connected to.
//! Knows nothing of redirects; whether the guard is up is said for each request.

use std::fmt;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::{address, wire};

/// The system's resolver; behind a proxy, which resolves by itself, only the proxy's own name comes here.
#[derive(Debug)]
pub(super) struct Guarded {
    inner: DefaultResolver,
    guard: bool,
}

impl Guarded {
    pub(super) fn new(guard: bool) -> Self {
        Self { inner: DefaultResolver::default(), guard }
    }
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        #[cfg(test)]
        let uri = &tests::stand_in(uri);
        let found = self.inner.resolve(uri, config, timeout)?;
        if self.guard && found.iter().any(|socket| address::is_private(socket.ip())) {
            if wire::is_public_only() {
                return Err(Error::Other(Box::new(Private(
                    uri.host().unwrap_or_default().to_owned(),
                ))));
            }
            wire::note_private();
        }
        Ok(found)
    }
}

/// The host whose address is private.
#[derive(Debug)]
pub(super) struct Private(pub(super) String);

impl fmt::Display for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has a private address", self.0)
    }
}

impl std::error::Error for Private {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name as an inner network has them: `inside.test` is this machine.
    pub(super) fn stand_in(uri: &Uri) -> Uri {
        uri.to_string().replace("//inside.test", "//127.0.0.1").parse().unwrap()
    }
}
