//! A table for a terminal's window.

use crate::{Report, auth_code_of, minor, net, result_of, signed_amount, time_of};
use std::fmt::Write;

/// The table, with its totals below.
pub fn write(report: &Report) -> String {
    let mut text = format!("{}\n{}\n{}\n\n", report.bank, report.scope(), report.range());
    let _cannot_fail = writeln!(
        text,
        "{:<20} {:<9} {:<7} {:<12} {:<8} {:>14}  {:<8} {:<14} {:<6} RESULT",
        "TIME", "TERMINAL", "RECEIPT", "REFERENCE", "TYPE", "AMOUNT", "CARD", "CARD TYPE", "AUTH"
    );
    for row in &report.rows {
        let _cannot_fail = writeln!(
            text,
            "{:<20} {:<9} {:<7} {:<12} {:<8} {:>14}  {:<8} {:<14} {:<6} {}",
            time_of(row),
            row.terminal.to_string(),
            row.receipt.to_string(),
            row.reference.to_string(),
            row.kind.name(),
            format!("{} {}", row.currency.code(), signed_amount(row)),
            row.card.to_string(),
            row.scheme.name(),
            auth_code_of(row),
            result_of(row)
        );
    }
    let totals = &report.totals;
    let _cannot_fail = write!(
        text,
        "\nPurchases {:>6}  EUR {}\nRefunds   {:>6}  EUR {}\nNet               EUR {}\n",
        totals.purchases,
        minor(totals.purchased),
        totals.refunds,
        minor(totals.refunded),
        net(totals)
    );
    text
}
