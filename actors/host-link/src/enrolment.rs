//! Becoming a terminal: a certificate request and a key-agreement point go to the bank with the activation code;
//! a profile and the wrapped initial key come back, and are durable before the till hears of it.

use crate::{HostLink, Out, State, timing};
use mpos_ports::{KeyFault, LineKind, LineTarget};
use mpos_protocol::{
    Bytes, Flow, PROTOCOL_VERSION,
    book::RecordEnrolment,
    host::{EnrolmentAnswer, EnrolmentRequest, normalise_activation_code},
    link::{Enrol, EnrolmentEnded, EnrolmentFault, LineFault, LinkProgress},
    standing::{enrolment_challenge, join_attestation},
    terminal::TerminalProfile,
};
use zeroize::Zeroizing;

/// Common name in the certificate request; the bank sets the terminal's own.
pub(crate) const REQUEST_SUBJECT: &str = "mPOS device";

/// An enrolment under way.
pub(crate) struct Enrolment {
    flow: Flow,
    step: Step,
}

enum Step {
    ExpectLine { request: Zeroizing<Vec<u8>> },
    ExpectAnswer,
    ExpectRecorded(TerminalProfile),
}

impl HostLink {
    pub(crate) fn begin_enrolment(&mut self, flow: Flow, enrol: &Enrol, outbox: &mut Out) {
        let Some(address) = self.config.as_ref().map(|config| config.bank_address.to_string()) else {
            return outbox.send(EnrolmentEnded::Failed(EnrolmentFault::Interrupted));
        };
        // A till that asks again has given up the enrolment under way.
        if !matches!(self.state, State::Idle | State::Enrolling(_)) || self.profile().is_some() {
            return outbox.send(EnrolmentEnded::Failed(EnrolmentFault::Interrupted));
        }
        let request = match self.enrolment_request(enrol) {
            Ok(request) => request,
            Err(fault) => return outbox.send(EnrolmentEnded::Failed(fault)),
        };
        self.state = State::Enrolling(Box::new(Enrolment { flow, step: Step::ExpectLine { request } }));
        self.line.open(LineTarget { address, kind: LineKind::Enrolment });
        self.wait_ms(timing::LINE_WAIT_MS, outbox);
        outbox.send(LinkProgress::Connecting);
    }

    fn enrolment_request(&self, enrol: &Enrol) -> Result<Zeroizing<Vec<u8>>, EnrolmentFault> {
        let activation_code =
            normalise_activation_code(enrol.code.expose()).ok_or(EnrolmentFault::MalformedCode)?;
        let unusable = |_fault: KeyFault| EnrolmentFault::KeyUnavailable;
        let key_agreement = self.keys.begin_key_agreement().map_err(unusable)?;
        // Before the certificate request: a platform that attests makes the device key for this challenge.
        let chain = self.keys.attest(&enrolment_challenge(&activation_code)).map_err(unusable)?;
        let attestation = if chain.is_empty() { None } else { join_attestation(&chain) };
        let certificate_request = self.keys.certificate_request(REQUEST_SUBJECT).map_err(unusable)?;
        let request = EnrolmentRequest {
            version: PROTOCOL_VERSION,
            activation_code,
            certificate_request: Bytes::try_from(certificate_request)
                .map_err(|_| EnrolmentFault::KeyUnavailable)?,
            key_agreement: Bytes::new(&key_agreement).map_err(|_| EnrolmentFault::KeyUnavailable)?,
            device: self.device.clone(),
            attestation,
        };
        postcard::to_allocvec(&request).map(Zeroizing::new).map_err(|_| EnrolmentFault::KeyUnavailable)
    }

    /// The line stands, during enrolment.
    pub(crate) fn enrolment_line_opened(&mut self, outbox: &mut Out) {
        let State::Enrolling(enrolment) = &mut self.state else { return };
        if let Step::ExpectLine { request } = &enrolment.step {
            self.line.send(request);
            let flow = enrolment.flow;
            enrolment.step = Step::ExpectAnswer;
            self.wait_ms(timing::ENROLMENT_ANSWER_WAIT_MS, outbox);
            outbox.send_in(flow, LinkProgress::Sent);
        }
    }

    /// The bank's answer to the enrolment.
    pub(crate) fn enrolment_answered(&mut self, message: &[u8], outbox: &mut Out) {
        self.line.close();
        let State::Enrolling(enrolment) = &mut self.state else { return };
        if !matches!(enrolment.step, Step::ExpectAnswer) {
            return self.enrolment_failed(EnrolmentFault::BadAnswer, outbox);
        }
        match postcard::take_from_bytes(message) {
            Ok((EnrolmentAnswer::Enrolled { profile, wrapped_initial_key, initial_key_id }, [])) => {
                if self.keys.install_initial_key(&wrapped_initial_key, initial_key_id).is_err() {
                    return self.enrolment_failed(EnrolmentFault::KeyUnavailable, outbox);
                }
                let flow = enrolment.flow;
                enrolment.step = Step::ExpectRecorded(profile.clone());
                outbox.send_in(flow, RecordEnrolment { profile });
            }
            Ok((EnrolmentAnswer::Refused(refusal), [])) => {
                self.enrolment_failed(EnrolmentFault::Refused(refusal), outbox);
            }
            _ => self.enrolment_failed(EnrolmentFault::BadAnswer, outbox),
        }
    }

    pub(crate) fn enrolment_recorded(&mut self, outbox: &mut Out) {
        if !matches!(&self.state, State::Enrolling(enrolment) if matches!(enrolment.step, Step::ExpectRecorded(_)))
        {
            return;
        }
        if let State::Enrolling(enrolment) = std::mem::replace(&mut self.state, State::Idle)
            && let Step::ExpectRecorded(profile) = enrolment.step
        {
            if let Some(config) = &mut self.config {
                config.profile = Some(profile.clone());
            }
            // Another terminal's chain begins anew.
            self.chain = None;
            outbox.send_in(enrolment.flow, EnrolmentEnded::Enrolled(profile));
        }
    }

    /// The line closed, the time is up, or the book failed, during enrolment.
    pub(crate) fn enrolment_failed(&mut self, fault: EnrolmentFault, outbox: &mut Out) {
        self.line.close();
        if let State::Enrolling(enrolment) = std::mem::replace(&mut self.state, State::Idle) {
            outbox.send_in(enrolment.flow, EnrolmentEnded::Failed(fault));
        }
    }

    /// What a lost line means at this step: once the request is out the answer is what is missing.
    pub(crate) fn enrolment_line_closed(&mut self, fault: LineFault, outbox: &mut Out) {
        let State::Enrolling(enrolment) = &self.state else { return };
        match enrolment.step {
            Step::ExpectLine { .. } => self.enrolment_failed(EnrolmentFault::Line(fault), outbox),
            Step::ExpectAnswer if fault == LineFault::TimedOut => {
                self.enrolment_failed(EnrolmentFault::NoAnswer, outbox);
            }
            Step::ExpectAnswer => self.enrolment_failed(EnrolmentFault::Line(fault), outbox),
            // The line was closed by us: the book is silent beyond the wait for the answer.
            Step::ExpectRecorded(_) => self.enrolment_failed(EnrolmentFault::Interrupted, outbox),
        }
    }
}
