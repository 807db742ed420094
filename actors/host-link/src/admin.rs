//! An administrative request's way: signed, sent once, answered, told. Nothing of it is in the book.
//!
//! It goes when no sale waits and nothing is open; whatever is in its way, the till hears of it and the merchant asks
//! again. A supervisor's code leaves here encrypted, under a key that the bank takes once.

use crate::{HostLink, Out, State, chain::Chain, envelope, timing};
use mpos_crypto::{dukpt::KeyUsage, seal};
use mpos_ports::KeyFault;
use mpos_protocol::{
    Bytes, Flow, Moment, Sealed,
    admin::{ADMIN_SEQUENCE, AdminRequest, EncryptedCode, SUPERVISOR_CODE_CONTEXT},
    host::{HostAnswer, HostRequest},
    link::{BankReplied, NoReply, NotSent, PutToBank},
    sale::ReceiptNumber,
    shell::{BankAsk, TypedCode},
    signed::Hash,
};

/// The request that the till waits for.
pub(crate) struct Admin {
    flow: Flow,
    request: AdminRequest,
    /// Of the content that was sent; none before.
    asked: Option<Hash>,
}

impl HostLink {
    pub(crate) fn begin_admin(&mut self, now: Moment, flow: Flow, put: &PutToBank, outbox: &mut Out) {
        if let Some(why) = self.not_ready() {
            return outbox.send(BankReplied { result: Err(NoReply::NotSent(why)) });
        }
        let request = match self.encrypted(&put.ask) {
            Ok(request) => request,
            Err(_fault) => {
                let why = NotSent::KeyUnavailable;
                return outbox.send(BankReplied { result: Err(NoReply::NotSent(why)) });
            }
        };
        // A till that asks anew has given up the one before.
        self.drop_admin();
        self.admin = Some(Admin { flow, request, asked: None });
        self.hurry();
        self.advance(now, outbox);
    }

    fn encrypted(&self, ask: &BankAsk) -> Result<AdminRequest, KeyFault> {
        Ok(match ask {
            BankAsk::SupervisorState => AdminRequest::SupervisorState,
            BankAsk::DefineSupervisorCode { code } => {
                AdminRequest::DefineSupervisorCode { code: self.encrypted_code(code)? }
            }
            BankAsk::CheckSupervisorCode { code, purpose } => AdminRequest::CheckSupervisorCode {
                code: self.encrypted_code(code)?,
                purpose: purpose.clone(),
            },
            BankAsk::History(request) => AdminRequest::History(request.clone()),
            BankAsk::SendReceipt(request) => AdminRequest::SendReceipt(request.clone()),
        })
    }

    fn encrypted_code(&self, code: &TypedCode) -> Result<EncryptedCode, KeyFault> {
        let (ksn, key) = self.keys.next_working_key(KeyUsage::DataEncrypt)?;
        let sealed = seal::seal_once(&key, SUPERVISOR_CODE_CONTEXT, code.expose().as_bytes())
            .map_err(|_| KeyFault::Unavailable)?;
        Ok(EncryptedCode {
            ksn: Bytes::new(&ksn.to_bytes()).map_err(|_| KeyFault::Unavailable)?,
            ciphertext: Sealed::try_from(sealed).map_err(|_| KeyFault::Unavailable)?,
        })
    }

    /// The line stands and nothing else is under way: ask.
    pub(crate) fn transmit_admin(&mut self, now: Moment, outbox: &mut Out) {
        let (Some(admin), Some(profile)) = (&self.admin, self.profile()) else { return };
        // Outside of the chain: no sequence, nothing before it.
        let place = Chain {
            next_sequence: ADMIN_SEQUENCE,
            head: Hash::default(),
            next_receipt: ReceiptNumber::default(),
        };
        let request = HostRequest::Admin(admin.request.clone());
        let Ok(signed) = envelope::sign(&*self.keys, profile.terminal, &place, now, request) else {
            return self.end_admin(Err(NoReply::NotSent(NotSent::KeyUnavailable)), outbox);
        };
        self.line.send(&signed.bytes);
        if let Some(admin) = &mut self.admin {
            admin.asked = Some(signed.hash);
        }
        self.state = State::ExpectAdminAnswer;
        let wait_ms = if self.may_ask_again() { self.answer_wait_ms() } else { timing::ANSWER_WAIT_MS };
        self.wait_ms(wait_ms, outbox);
    }

    /// Whether the request under way may be asked twice: all but a supervisor's code, of which the bank counts the tries.
    pub(crate) fn may_ask_again(&self) -> bool {
        self.admin.as_ref().is_some_and(|admin| {
            !matches!(
                admin.request,
                AdminRequest::DefineSupervisorCode { .. } | AdminRequest::CheckSupervisorCode { .. }
            )
        })
    }

    pub(crate) fn admin_answered(&mut self, message: &[u8], outbox: &mut Out) {
        let (Some(profile), Some(asked)) =
            (self.profile(), self.admin.as_ref().and_then(|admin| admin.asked))
        else {
            return;
        };
        match envelope::verify(profile, ADMIN_SEQUENCE, asked, message) {
            Ok(HostAnswer::Admin(answer)) => self.end_admin(Ok(answer), outbox),
            Ok(HostAnswer::Refused(refusal)) => self.end_admin(Err(NoReply::Refused(refusal)), outbox),
            Ok(_) | Err(envelope::NotTheAnswer) => {
                self.line.close();
                self.end_admin(Err(NoReply::NoAnswer), outbox);
            }
        }
    }

    /// Tells the till how its request ended, if it waits for one.
    pub(crate) fn end_admin(
        &mut self,
        result: Result<mpos_protocol::admin::AdminAnswer, NoReply>,
        outbox: &mut Out,
    ) {
        if matches!(self.state, State::ExpectAdminAnswer) {
            self.state = State::Idle;
        }
        if let Some(admin) = self.admin.take() {
            outbox.send_in(admin.flow, BankReplied { result });
        }
    }

    /// Forgets the request: whoever asked does not wait any more. An answer that is still on its way must not be
    /// taken for the next one's, so the line goes too.
    pub(crate) fn drop_admin(&mut self) {
        self.admin = None;
        if matches!(self.state, State::ExpectAdminAnswer) {
            self.line.close();
            self.state = State::Idle;
        }
    }
}
