//! READ RECORD until the AFL is done, then everything that is decided about the card.
//!
//! EMV Contactless Book C-2, waiting for a record, and what follows the last one: limits,
//! mandatory data, data authentication, restrictions, cardholder verification, risk, action analysis.

use alloc::boxed::Box;

use mpos_tlv::Tag;

use super::{Context, State, cda, cvm, generate_ac, restrictions};
use crate::apdu::Apdu;
use crate::error::Refusal;
use crate::next::{Halt, Next};
use crate::outcome::AccountData;
use crate::records::{RecordPlan, RecordRef, StaticData, take_record};
use crate::tvr::TvrBit;

/// Waits for the answer to READ RECORD.
pub(crate) struct ExpectRecord {
    context: Box<Context>,
    plan: RecordPlan,
    current: RecordRef,
    static_data: StaticData,
}

/// The first record.
pub(super) fn start(context: Box<Context>, plan: RecordPlan) -> Result<Next<State>, Halt> {
    read_next(context, plan, StaticData::new())
}

impl ExpectRecord {
    pub(super) fn step(self, response: &[u8]) -> Result<Next<State>, Halt> {
        let Self { mut context, plan, current, mut static_data } = self;
        take_record(current, response, &mut context.selected.card, &mut static_data)?;
        read_next(context, plan, static_data)
    }
}

fn read_next(
    context: Box<Context>,
    mut plan: RecordPlan,
    static_data: StaticData,
) -> Result<Next<State>, Halt> {
    match plan.next() {
        Some(current) => {
            let command = Apdu::read_record(current.sfi, current.record);
            let state = State::Record(ExpectRecord { context, plan, current, static_data });
            Ok(Next::Send(command, state))
        }
        None => decide(context, static_data),
    }
}

/// All records are read.
fn decide(mut context: Box<Context>, static_data: StaticData) -> Result<Next<State>, Halt> {
    check_limit(&context)?;
    // Book C-2, mandatory data: expiry, account number and CDOL1 must be there; an account number that cannot be read
    // is as good as none.
    let card = &context.selected.card;
    card.require_fixed::<3>(Tag::EXPIRATION_DATE)?;
    card.require(Tag::PAN)?;
    card.require(Tag::CDOL1)?;
    let account = AccountData::read(card)?;

    let tvr = &mut context.selected.terminal.tvr;
    tvr.set(TvrBit::RELAY_RESISTANCE_NOT_PERFORMED);
    // Data authentication, restrictions, cardholder verification.
    let signature = cda::decide(&mut context, static_data);
    restrictions::check(&mut context)?;
    let cvm = cvm::select(&mut context)?;
    // Book C-2, terminal risk management: floor limit.
    let floor_limit = context.selected.terminal.rules().floor_limit;
    if context.selected.transaction.amount > floor_limit {
        context.selected.terminal.tvr.set(TvrBit::FLOOR_LIMIT_EXCEEDED);
    }
    generate_ac::start(context, account, signature, cvm)
}

/// Book C-2, processing limits: over the transaction limit, the card's next application is tried.
fn check_limit(context: &Context) -> Result<(), Halt> {
    // Reading a card for a refund has no limit.
    if context.selected.transaction.is_refund() {
        return Ok(());
    }
    let limit = if context.has_on_device_cvm() {
        context.kernel.transaction_limit_on_device
    } else {
        context.selected.terminal.rules().transaction_limit
    };
    if limit.is_some_and(|limit| context.selected.transaction.amount > limit) {
        return Err(Halt::select_next(Refusal::OverLimit));
    }
    Ok(())
}
