//! Who may talk to the page's server. A browser lets any site send requests to a loopback address, under its own name
//! (DNS rebinding) or another's; so each request must name this machine by its address, and one that a page made must
//! come from this very page.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::net::IpAddr;

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Stranger {
    /// It was sent to a name that anybody may point at this machine.
    #[error("open this page by the address that `mpos demo` printed")]
    Host,
    /// Another site's page made it.
    #[error("another site's page may not use this one")]
    Origin,
}

/// Looks at a request's `Host` and `Origin`. A socket's request must have an origin: every browser gives one.
///
/// # Errors
/// [`Stranger`].
pub(super) fn admit(headers: &HeaderMap, is_remote_allowed: bool, is_socket: bool) -> Result<(), Stranger> {
    let host = single(headers, header::HOST).ok_or(Stranger::Host)?;
    let is_ours = match name_of(host).parse::<IpAddr>() {
        Ok(address) => is_remote_allowed || address.is_loopback(),
        // Browsers resolve this one name themselves (RFC 6761, 6.3).
        Err(_) => name_of(host).eq_ignore_ascii_case("localhost"),
    };
    if !is_ours {
        return Err(Stranger::Host);
    }
    if !headers.contains_key(header::ORIGIN) && !is_socket {
        return Ok(());
    }
    let origin = single(headers, header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
    if origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host)) {
        Ok(())
    } else {
        Err(Stranger::Origin)
    }
}

/// The value of a header that is there once.
fn single(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.to_str().ok()).flatten()
}

/// A host without its port, an IPv6 address without its brackets.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _port)) => address,
        None => host.split_once(':').map_or(host, |(name, _port)| name),
    }
}

/// What every answer says: nothing but this page's own files runs here, nobody shows the page within another, nothing
/// is kept.
pub(super) const HEADERS: [(HeaderName, HeaderValue); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(HeaderName, &'static str)]) -> HeaderMap {
        given.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn asked(host: &'static str, origin: Option<&'static str>) -> HeaderMap {
        let mut given = vec![(header::HOST, host)];
        given.extend(origin.map(|origin| (header::ORIGIN, origin)));
        headers(&given)
    }

    #[test]
    fn the_page_is_reached_by_an_address_of_this_machine() {
        for host in
            ["127.0.0.1:8383", "127.9.9.9:8383", "[::1]:8383", "localhost:8383", "LOCALHOST", "127.0.0.1"]
        {
            assert_eq!(admit(&asked(host, None), false, false), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_name_that_anybody_may_point_here_is_refused_even_where_other_machines_may_come() {
        for host in ["evil.example:8383", "localhost.evil.example", "127.0.0.1.evil.example:8383", "", "[::1"]
        {
            for is_remote_allowed in [false, true] {
                assert_eq!(
                    admit(&asked(host, None), is_remote_allowed, false),
                    Err(Stranger::Host),
                    "{host}"
                );
            }
        }
        assert_eq!(admit(&HeaderMap::new(), true, false), Err(Stranger::Host));
    }

    #[test]
    fn the_address_of_another_machine_is_one_of_ours_only_if_that_was_wished() {
        let asked = asked("192.168.1.7:8383", None);
        assert_eq!(admit(&asked, false, false), Err(Stranger::Host));
        assert_eq!(admit(&asked, true, false), Ok(()));
    }

    #[test]
    fn another_sites_page_is_refused_and_a_socket_must_say_whose_it_is() {
        let host = "127.0.0.1:8383";
        assert_eq!(admit(&asked(host, Some("http://127.0.0.1:8383")), false, true), Ok(()));
        assert_eq!(admit(&asked(host, None), false, true), Err(Stranger::Origin));
        for origin in [
            "http://evil.example",
            "http://127.0.0.1:9999",
            "https://127.0.0.1:8383",
            "null",
            "http://localhost:8383",
        ] {
            for is_socket in [false, true] {
                assert_eq!(
                    admit(&asked(host, Some(origin)), false, is_socket),
                    Err(Stranger::Origin),
                    "{origin}"
                );
            }
        }
    }

    #[test]
    fn a_header_that_is_given_twice_is_no_header() {
        let mut twice = asked("127.0.0.1:8383", None);
        twice.append(header::HOST, HeaderValue::from_static("evil.example"));
        assert_eq!(admit(&twice, false, false), Err(Stranger::Host));
    }
}
