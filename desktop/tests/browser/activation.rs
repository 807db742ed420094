//! Activation: from the bank's e-mail to the main menu.

use crate::{
    demo::{Demo, SUPERVISOR_CODE},
    user::{ENTER, User},
};

/// The code in the bank's e-mail, beside the phone.
pub(crate) fn emailed_code(user: &User) -> String {
    let code = user.wait_for("the e-mail", || user.text_of("//section[h2='E-mail from the bank']//strong"));
    assert_eq!(code.len(), 19, "four groups of four");
    code
}

/// The first terminal of a business defines the supervisor's code.
fn defines_supervisor_code(user: &User) {
    user.sees("Define the supervisor code");
    user.types("Supervisor code", SUPERVISOR_CODE);
    user.types("Supervisor code once more", SUPERVISOR_CODE);
    user.presses("Confirm");
    user.sees("Main menu");
}

#[test]
fn a_terminal_is_activated_by_the_emailed_code_whatever_its_case_and_grouping() {
    let demo = Demo::new();
    let user = User::of(&demo);
    user.sees("Activate the terminal");
    user.keeps_picture("activation");
    let code = emailed_code(&user).replace('-', " ").to_lowercase();
    user.types("Activation code", &code);
    user.presses("Next");
    defines_supervisor_code(&user);
    assert!(user.reads().contains("Demo Shop"));
    user.pays("123", "mastercard", "Approved");
    assert_eq!(user.field("Receipt"), "000001");
}

#[test]
fn a_mistyped_code_is_told_and_can_be_mended() {
    let demo = Demo::new();
    let user = User::of(&demo);
    let code = emailed_code(&user);
    user.types("Activation code", "ABCD");
    user.browser.keys(ENTER);
    let error = "//*[@id='app']//*[@class='error' or contains(@class, 'failure')]";
    user.wait_for("the reason", || user.text_of(error).filter(|words| !words.is_empty()));
    let line = user.line("Activation code");
    user.browser.clear(&line);
    user.types("Activation code", &code);
    user.browser.keys(ENTER);
    defines_supervisor_code(&user);
}

#[test]
fn a_code_half_typed_is_asked_for_again_on_a_page_that_was_reloaded() {
    let demo = Demo::new();
    let user = User::of(&demo);
    let code = emailed_code(&user);
    user.types("Activation code", "ABCD-EF");
    user.browser.reload();
    user.sees("Activate the terminal");
    assert_eq!(emailed_code(&user), code, "the code is the same");
    user.types("Activation code", &code);
    user.presses("Next");
    defines_supervisor_code(&user);
}
