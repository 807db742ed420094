//! One of each message about a terminal's standing.

use super::*;
use mpos_protocol::{
    admin::{AdminAnswer, AdminRequest},
    link::NoReply,
    reconcile::ChainHead,
    standing::*,
};

pub(crate) const CONCERNS: [Concern; 6] = [
    Concern::Debugger,
    Concern::Rooted,
    Concern::Emulator,
    Concern::ClockSkew { seconds: -172_800 },
    Concern::SoftwareTooOld,
    Concern::SystemTooOld { patch: 202_401 },
];

fn opinion(decision: Decision, concerns: &[Concern]) -> Opinion {
    Opinion { decision, concerns: list(concerns.to_vec()) }
}

fn device() -> DeviceState {
    DeviceState {
        software: text("1.2.3"),
        system: text("Android 14"),
        system_patch: Some(202_609),
        debugger: true,
        rooted: false,
        emulator: true,
    }
}

pub(crate) fn requests() -> Vec<(&'static str, AdminRequest)> {
    let report = StandingReport {
        challenge: bytes(&[0xC4; 32]),
        state: device(),
        keys_left: 4_000_000_000,
        attestation: Some(bytes(&[0x30, 1, 2])),
        chain: ChainHead { next_sequence: 42, head: Hash([0x22; 32]) },
    };
    vec![
        ("ReportStanding", AdminRequest::ReportStanding(report)),
        ("ReportStanding/First", AdminRequest::ReportStanding(StandingReport::default())),
        ("RenewCertificate", AdminRequest::RenewCertificate { certificate_request: bytes(&[0x30, 3]) }),
        ("RenewKeys", AdminRequest::RenewKeys { key_agreement: bytes(&[4; 65]) }),
    ]
}

pub(crate) fn replies() -> Vec<(&'static str, AdminAnswer)> {
    let orders =
        Orders { attest: true, renew_certificate: false, renew_keys: true, reconcile_from: Some(38) };
    let warned = Standing {
        word: BanksWord {
            opinion: opinion(Decision::Warned, &CONCERNS),
            pin_format: PinBlockFormat::Format0,
        },
        ticket: bytes(&[0x71; 32]),
        seconds: 300,
        challenge: bytes(&[0xC5; 32]),
        orders,
    };
    vec![
        ("Standing", AdminAnswer::Standing(warned)),
        ("Standing/Allowed", AdminAnswer::Standing(Standing::default())),
        ("Challenge", AdminAnswer::Challenge(bytes(&[0xC4; 32]))),
        (
            "CertificateRenewed",
            AdminAnswer::CertificateRenewed {
                certificates: list(vec![bytes(&[0x30, 4]), bytes(&[0x30, 5])]),
            },
        ),
        (
            "KeysRenewed",
            AdminAnswer::KeysRenewed { wrapped_initial_key: sealed(&SEALED_MARK), initial_key_id: [0xE1; 8] },
        ),
    ]
}

pub(crate) fn rows() -> Vec<Sample> {
    let blocked = opinion(Decision::Blocked, &[Concern::Attestation(AttestationFlaw::SecurityLevel)]);
    let mut rows = vec![
        row(actor::Till, "", CheckStanding),
        row(actor::HostLink, "", ProfileRenewed { profile: profile() }),
        row(actor::HostLink, "Failed", StandingTold { result: Err(NoReply::NoAnswer) }),
        row(
            actor::Till,
            "Warned",
            StandingChanged { opinion: opinion(Decision::Warned, &CONCERNS), reason: text("reason") },
        ),
    ];
    rows.push(row(
        actor::HostLink,
        "Blocked",
        StandingTold { result: Ok(BanksWord { opinion: blocked, ..BanksWord::default() }) },
    ));
    rows
}
