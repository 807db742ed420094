//! One payment application of a card: its files, and the order in which it takes commands.
//!
//! SELECT starts it anew; GET PROCESSING OPTIONS comes next and once; then records may be read and, on a Mastercard,
//! one cryptogram asked for. Anything else is refused with 6985.

use mpos_crypto::SecretKey;
use mpos_crypto::arqc::{CryptogramKind, application_cryptogram};
use mpos_tlv::{StatusWord, Tag};

use crate::asked::{Answers, ObjectList};
use crate::command::{Answer, Command, MEMORY_FAILURE};
use crate::signature::sign_dynamic;
use crate::store::CardMemory;
use crate::{mastercard, visa};

/// First bytes of what a cryptogram covers, in order (see README.md).
pub(crate) const COVERED: [Tag; 8] = [
    Tag::AMOUNT_AUTHORISED,
    Tag::AMOUNT_OTHER,
    Tag::TERMINAL_COUNTRY_CODE,
    Tag::TVR,
    Tag::TRANSACTION_CURRENCY_CODE,
    Tag::TRANSACTION_DATE,
    Tag::TRANSACTION_TYPE,
    Tag::UNPREDICTABLE_NUMBER,
];

/// A record of a file.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) sfi: u8,
    pub(crate) number: u8,
    /// Template 70.
    pub(crate) bytes: Vec<u8>,
}

/// How the brand's application answers for a transaction.
#[derive(Clone)]
pub(crate) enum Program {
    Mastercard(mastercard::Program),
    Visa(visa::Program),
}

impl Program {
    pub(crate) const fn pdol(&self) -> ObjectList {
        match self {
            Self::Mastercard(program) => program.pdol(),
            Self::Visa(_) => visa::PDOL,
        }
    }
}

/// What only the card knows.
#[derive(Clone)]
pub(crate) struct Chip {
    pub(crate) memory: CardMemory,
    pub(crate) master_key: SecretKey,
}

impl Chip {
    /// The application cryptogram over what the terminal said, the AIP, the counter and a part of 9F10.
    pub(crate) fn cryptogram(
        &self,
        kind: CryptogramKind,
        answers: &Answers,
        aip: [u8; 2],
        atc: [u8; 2],
        from_issuer_data: &[u8],
    ) -> Result<[u8; 8], StatusWord> {
        let mut data = answers.concatenated(&COVERED);
        data.extend(aip);
        data.extend(atc);
        data.extend(from_issuer_data);
        let number = answers.get(Tag::UNPREDICTABLE_NUMBER).try_into().map_err(|_| StatusWord::UNKNOWN)?;
        application_cryptogram(kind, &self.master_key, atc, number, &data).map_err(|_| StatusWord::UNKNOWN)
    }

    /// The card's signature (9F4B).
    pub(crate) fn sign(&self, dynamic_data: &[u8], terminal_data: &[u8]) -> Result<Vec<u8>, StatusWord> {
        let key = self.memory.key().ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        sign_dynamic(key, dynamic_data, terminal_data)
    }
}

/// Where the application is in its transaction.
#[derive(Clone)]
enum Stage {
    ExpectOptions,
    ExpectCryptogram {
        atc: [u8; 2],
        options: Answers,
    },
    /// The cryptogram was given; records may still be read.
    Finished,
}

/// A payment application.
#[derive(Clone)]
pub(crate) struct Application {
    pub(crate) aid: Vec<u8>,
    fci: Vec<u8>,
    records: Vec<Record>,
    /// A record that is written anew in each transaction.
    dynamic: Option<Record>,
    program: Program,
    chip: Chip,
    stage: Stage,
}

impl Application {
    pub(crate) const fn new(
        aid: Vec<u8>,
        fci: Vec<u8>,
        records: Vec<Record>,
        program: Program,
        chip: Chip,
    ) -> Self {
        Self { aid, fci, records, dynamic: None, program, chip, stage: Stage::ExpectOptions }
    }

    /// Whether GET PROCESSING OPTIONS already gives the cryptogram.
    pub(crate) const fn is_visa(&self) -> bool {
        matches!(self.program, Program::Visa(_))
    }

    /// Forgets the transaction.
    pub(crate) fn reset(&mut self) {
        self.stage = Stage::ExpectOptions;
        self.dynamic = None;
    }

    /// Starts anew; the answer is the FCI.
    pub(crate) fn select(&mut self) -> Answer {
        self.reset();
        Ok(self.fci.clone())
    }

    /// Carries out a command other than SELECT.
    pub(crate) fn handle(&mut self, command: Command<'_>) -> Answer {
        match (command, &self.stage) {
            (Command::GetProcessingOptions { answers }, Stage::ExpectOptions) => self.begin(answers),
            (Command::ReadRecord { sfi, number }, Stage::ExpectCryptogram { .. } | Stage::Finished) => {
                self.read_record(sfi, number)
            }
            (Command::GenerateAc { reference, answers }, Stage::ExpectCryptogram { .. }) => {
                self.generate_ac(reference, answers)
            }
            _ => Err(StatusWord::CONDITIONS_NOT_SATISFIED),
        }
    }

    // EMV 4.3 Book 3, 6.5.8
    fn begin(&mut self, answers: &[u8]) -> Answer {
        let options = Answers::new(self.program.pdol(), answers).ok_or(StatusWord::WRONG_LENGTH)?;
        if let Program::Visa(program) = &self.program {
            program.accepts(&options)?;
        }
        let atc = self.chip.memory.next_counter().map_err(|_| MEMORY_FAILURE)?;
        let atc = atc.ok_or(StatusWord::CONDITIONS_NOT_SATISFIED)?;
        match &self.program {
            Program::Mastercard(program) => {
                self.stage = Stage::ExpectCryptogram { atc, options };
                Ok(program.processing_options())
            }
            Program::Visa(program) => {
                let (answer, dynamic) = program.processing_options(&self.chip, atc, &options)?;
                self.stage = Stage::Finished;
                self.dynamic = dynamic;
                Ok(answer)
            }
        }
    }

    // EMV 4.3 Book 3, 6.5.11
    fn read_record(&self, sfi: u8, number: u8) -> Answer {
        let mut file = self.records.iter().chain(&self.dynamic).filter(|record| record.sfi == sfi).peekable();
        if file.peek().is_none() {
            return Err(StatusWord::NOT_FOUND);
        }
        let record = file.find(|record| record.number == number).ok_or(StatusWord::RECORD_NOT_FOUND)?;
        Ok(record.bytes.clone())
    }

    // EMV 4.3 Book 3, 6.5.5
    fn generate_ac(&mut self, reference: u8, answers: &[u8]) -> Answer {
        let Stage::ExpectCryptogram { atc, options } = &self.stage else {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        let Program::Mastercard(program) = &self.program else {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        };
        let answer = program.generate_ac(&self.chip, *atc, options, reference, answers)?;
        self.stage = Stage::Finished;
        Ok(answer)
    }
}
