//! What comes over the line: signed messages and their contents at the bank and at the terminal, and enrolment.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mpos_protocol::{
    host::{EnrolmentAnswer, EnrolmentRequest, normalise_activation_code},
    signed::{AnswerContent, Content, RequestContent, SIGNED_BYTES_MAX, Signed},
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(signed) = Signed::from_bytes(bytes) {
        content::<RequestContent>(&signed.content);
        content::<AnswerContent>(&signed.content);
        // A longer way to write a length is read, and written the short way.
        let written = signed.to_bytes().expect("fits: it came in fewer bytes");
        assert_eq!(Signed::from_bytes(&written).as_ref(), Ok(&signed));
        assert!(written.len() <= SIGNED_BYTES_MAX);
    }
    content::<RequestContent>(bytes);
    content::<AnswerContent>(bytes);

    if let Ok((request, _rest)) = postcard::take_from_bytes::<EnrolmentRequest>(bytes) {
        let _ = normalise_activation_code(&request.activation_code);
    }
    let _ = postcard::take_from_bytes::<EnrolmentAnswer>(bytes);
});

fn content<C: Content + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let Ok(read) = C::from_content(bytes) else { return };
    // The content inside an envelope is as long as any; one on its own may be too long to be written.
    if let Ok(written) = read.to_content() {
        assert_eq!(C::from_content(&written).as_ref(), Ok(&read));
    }
}
