//! The phone's word on itself, told to the bank before each sale: a debugger, rights of the owner, the patch level.
//!
//! Whoever owns the phone's system can make all of it look well; the attestation is what cannot be made up. This finds
//! the careless cases, and the merchant reads why a phone may not sell.

use crate::{device::Phone, java};
use mpos_ports::DeviceWatch;
use mpos_protocol::{Text, standing::DeviceState};
use mpos_std::device_watch::DesktopWatch;
use std::path::Path;

/// Where the programs are that give others the rights of the phone's owner.
const SU_PLACES: [&str; 7] = [
    "/system/bin/su",
    "/system/xbin/su",
    "/sbin/su",
    "/vendor/bin/su",
    "/system/app/Superuser.apk",
    "/data/local/bin/su",
    "/debug_ramdisk/su",
];

/// Watches the phone that this runs on.
#[derive(Clone, Debug)]
pub(crate) struct PhoneWatch {
    phone: Phone,
    /// A tracer is found on a phone as on a desktop: both have proc(5).
    process: DesktopWatch,
}

impl PhoneWatch {
    pub(crate) fn new(phone: Phone) -> Self {
        let process = DesktopWatch::new(&phone.device.software);
        Self { phone, process }
    }
}

impl DeviceWatch for PhoneWatch {
    fn state(&mut self) -> DeviceState {
        let process = self.process.state();
        DeviceState {
            software: self.phone.device.software.clone(),
            system: Text::clipped(&self.phone.device.system),
            system_patch: self.phone.patch,
            debugger: process.debugger || java::is_debugger_connected(),
            rooted: process.rooted || SU_PLACES.iter().any(|place| Path::new(place).exists()),
            emulator: self.phone.emulator,
        }
    }
}
