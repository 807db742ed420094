//! How long the link waits, and for what.

/// A connection; the line's own limit is 10 s.
pub(crate) const LINE_WAIT_MS: u32 = 15_000;
/// The ledger's word. It writes in milliseconds, and an old phone's flash now and then takes seconds; one that was started
/// anew forgot what it was told.
pub(crate) const BOOK_WAIT_MS: u32 = 10_000;
/// An answer on a line that stands. Issuers answer within two seconds; schemes allow them more.
pub(crate) const ANSWER_WAIT_MS: u32 = 10_000;
/// An answer on a line that stood before: after that the same is asked on a new one.
pub(crate) const OLD_LINE_WAIT_MS: u32 = 4_000;
/// For so long after the sale was recorded the same bytes are sent again: the customer is still at the counter.
pub(crate) const REPEAT_WINDOW_MS: u64 = 20_000;
/// For so long after that the merchant waits for the reversal; then the sale is told as unknown and the reversal
/// goes on in the background.
pub(crate) const REVERSAL_WINDOW_MS: u64 = 15_000;
/// Between two tries while somebody waits.
pub(crate) const RETRY_MS: u32 = 500;
/// Between two tries in the background: doubles from the first to the second value.
pub(crate) const BACKOFF_MIN_MS: u32 = 2_000;
/// See [`BACKOFF_MIN_MS`].
pub(crate) const BACKOFF_MAX_MS: u32 = 300_000;
/// Enrolment makes a certificate and talks to a person's patience.
pub(crate) const ENROLMENT_ANSWER_WAIT_MS: u32 = 20_000;

/// The pause before try number `attempts` + 1 in the background.
pub(crate) fn backoff_ms(attempts: u32) -> u32 {
    BACKOFF_MIN_MS.saturating_mul(1_u32.checked_shl(attempts).unwrap_or(u32::MAX)).min(BACKOFF_MAX_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_doubles_up_to_its_limit() {
        assert_eq!([0, 1, 2, 40].map(backoff_ms), [2_000, 4_000, 8_000, BACKOFF_MAX_MS]);
    }
}
