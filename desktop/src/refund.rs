//! `mpos refund`: gives a purchase back, with the supervisor's code and the card that paid.

use crate::{
    arguments::Refund, asking::Range, bank::Bank, counter::Counter, data_folder::DataFolder,
    error::ProgramError, exit::Exit,
};
use mpos_protocol::{
    Moment,
    admin::{HISTORY_RANGE_MAX_MS, SupervisorPurpose},
    shell::BeginRefund,
};
use mpos_std::clock::SystemClock;
use std::path::Path;

/// Runs the command.
///
/// # Errors
/// [`ProgramError`], each with the status it ends in.
pub(crate) fn run(data: Option<&Path>, refund: Refund) -> Result<Exit, ProgramError> {
    let card = crate::cards_command::find(&refund.card)?;
    let code = refund.supervisor_code.clone().supervisor_code()?;
    let folder = DataFolder::open(data)?;
    let bank = Bank::open(&folder, &refund.bank)?;
    let counter = Counter::open(&folder, &bank)?;
    let refunded = (|| {
        eprintln!("Step 1 of 3: the supervisor code");
        let purchase = counter.transaction(&refund.reference, &code, &last_year(&refund))?;
        let amount = refund.amount.unwrap_or_else(|| purchase.refundable());
        if amount.minor() == 0 || amount > purchase.refundable() {
            return Err(ProgramError::NotRefundable {
                reference: refund.reference.to_string(),
                asked: amount,
                left: purchase.refundable(),
            });
        }
        let purpose = SupervisorPurpose::Refund { reference: refund.reference.clone() };
        let grant = counter.agreed(&code, purpose)?;
        eprintln!("Step 2 of 3: the customer's card");
        counter.refund(&card, BeginRefund { reference: refund.reference.clone(), amount, grant })
    })();
    counter.close();
    let ended = refunded?;
    eprintln!("Step 3 of 3: the result");
    crate::sale_report::print(&ended, refund.json)?;
    Ok(ended.receipt.outcome.into())
}

/// Where the purchase is looked for.
fn last_year(refund: &Refund) -> Range {
    let Moment { unix_ms, .. } = mpos_ports::Clock::now(&SystemClock::new());
    // To the end of the day, in case another terminal's clock is ahead.
    let to_ms = unix_ms.saturating_add(3_600_000);
    let from_ms = to_ms.saturating_sub(HISTORY_RANGE_MAX_MS);
    Range { from_ms, to_ms, search: Some(refund.reference.clone()) }
}
