//! Reading the records that an application file locator names, for both kernels.
//!
//! EMV 4.3 Book 3, 10.2; what of them is signed: 10.3.

use alloc::vec::Vec;

use mpos_tlv::Tag;
use zeroize::Zeroize;

use crate::card_data::{CardData, only_object, success};
use crate::error::{CardFault, CommandKind};
use crate::limits::{RECORDS_MAX, STATIC_DATA_BYTES_MAX};
use crate::verdict::OdaFault;

/// One record to be read.
#[derive(Clone, Copy)]
pub(crate) struct RecordRef {
    pub(crate) sfi: u8,
    pub(crate) record: u8,
    /// Whether it is part of the static data to be authenticated.
    signed: bool,
}

/// The records of an AFL, in order.
pub(crate) struct RecordPlan {
    records: alloc::vec::IntoIter<RecordRef>,
}

/// The last SFI whose records are EMV's; those above are the scheme's or issuer's.
const SFI_EMV_LAST: u8 = 10;

impl RecordPlan {
    // EMV 4.3 Book 3, 10.2: four bytes an entry: SFI, first record, last record, how many are signed.
    pub(crate) fn parse(afl: &[u8]) -> Result<Self, CardFault> {
        let (entries, []) = afl.as_chunks::<4>() else { return Err(CardFault::Length(Tag::AFL)) };
        let mut records = Vec::new();
        for [sfi_bits, first, last, signed] in entries {
            let sfi = sfi_bits >> 3;
            let well_formed =
                sfi_bits & 0b111 == 0 && (1..=30).contains(&sfi) && *first >= 1 && last >= first;
            if !well_formed || u16::from(*signed) > u16::from(*last) - u16::from(*first) + 1 {
                return Err(CardFault::Value(Tag::AFL));
            }
            for (position, record) in (*first..=*last).enumerate() {
                if records.len() >= RECORDS_MAX {
                    return Err(CardFault::TooManyRecords);
                }
                records.push(RecordRef { sfi, record, signed: position < usize::from(*signed) });
            }
        }
        Ok(Self { records: records.into_iter() })
    }

    pub(crate) fn next(&mut self) -> Option<RecordRef> {
        self.records.next()
    }
}

/// The static data to be authenticated, as the records come in. Account data: wiped on drop.
pub(crate) struct StaticData {
    bytes: Vec<u8>,
    fault: Option<OdaFault>,
}

impl StaticData {
    pub(crate) fn new() -> Self {
        Self { bytes: Vec::with_capacity(STATIC_DATA_BYTES_MAX), fault: None }
    }

    fn add(&mut self, bytes: &[u8]) {
        if self.bytes.len().saturating_add(bytes.len()) > STATIC_DATA_BYTES_MAX {
            self.fail(OdaFault::StaticDataTooLong);
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn fail(&mut self, fault: OdaFault) {
        self.fault.get_or_insert(fault);
    }

    /// EMV 4.3 Book 3, 10.3: the signed records, then the AIP if the SDA tag list is there. The list
    /// may hold nothing but the AIP.
    pub(crate) fn finish(mut self, card: &CardData) -> Result<Self, OdaFault> {
        match card.get(Tag::SDA_TAG_LIST) {
            None => {}
            Some([0x82]) => self.add(card.get(Tag::AIP).unwrap_or_default()),
            Some(_) => self.fail(OdaFault::SdaTagList),
        }
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for StaticData {
    fn drop(&mut self) {
        // What was used: the space behind it was never written.
        self.bytes.as_mut_slice().zeroize();
    }
}

/// Takes the answer to READ RECORD: its objects into `card`, its signed part into `static_data`.
pub(crate) fn take_record(
    record: RecordRef,
    response: &[u8],
    card: &mut CardData,
    static_data: &mut StaticData,
) -> Result<(), CardFault> {
    let data = success(CommandKind::ReadRecord, response)?;
    let tlv = only_object(CommandKind::ReadRecord, data);
    if record.sfi <= SFI_EMV_LAST {
        let tlv = tlv?;
        if tlv.tag != Tag::RECORD_TEMPLATE {
            return Err(CardFault::Template(CommandKind::ReadRecord));
        }
        card.keep(CommandKind::ReadRecord, tlv.value)?;
        // EMV 4.3 Book 3, 10.3: without tag and length.
        if record.signed {
            static_data.add(tlv.value);
        }
    } else if record.signed {
        // The whole record, which must then be a record template.
        match tlv {
            Ok(tlv) if tlv.tag == Tag::RECORD_TEMPLATE => static_data.add(data),
            _ => static_data.fail(OdaFault::RecordTemplate),
        }
    }
    Ok(())
}
