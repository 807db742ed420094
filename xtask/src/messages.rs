//! `cargo xtask messages`: the table of `protocol/src/routes.rs` for people, as a Mermaid picture and a table.
//!
//! ARCHITECTURE.md holds a copy between two markers. `--write` renews it, and `--check`, a step of the check,
//! fails when it is not what the code says: the picture cannot drift from the table that decides what compiles.

use crate::{failure::Failure, workspace::Workspace};
use clap::Args;
use mpos_protocol::{ActorId, ROUTES, Route};
use std::{collections::BTreeMap, fmt::Write as _, fs};

const PAGE: &str = "ARCHITECTURE.md";
const BEGIN: &str = "<!-- routes:begin -->";
const END: &str = "<!-- routes:end -->";

/// Options of `cargo xtask messages`.
#[derive(Args)]
pub(crate) struct Options {
    /// Fail unless ARCHITECTURE.md shows the table as it is
    #[arg(long)]
    check: bool,
    /// Put the table into ARCHITECTURE.md, between its markers
    #[arg(long, conflicts_with = "check")]
    write: bool,
}

/// Prints, checks or writes the table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<(), Failure> {
    if options.check {
        check(workspace)
    } else if options.write {
        write(workspace)
    } else {
        print!("{}", rendered(ROUTES));
        Ok(())
    }
}

/// Fails unless ARCHITECTURE.md shows the table as it is.
pub(crate) fn check(workspace: &Workspace) -> Result<(), Failure> {
    let page = workspace.read(PAGE)?.unwrap_or_default();
    if with_table(&page, &rendered(ROUTES))? == page {
        Ok(())
    } else {
        Err(Failure::TableOutdated { path: PAGE })
    }
}

fn write(workspace: &Workspace) -> Result<(), Failure> {
    let page = workspace.read(PAGE)?.unwrap_or_default();
    let renewed = with_table(&page, &rendered(ROUTES))?;
    let path = workspace.path(PAGE);
    fs::write(&path, renewed).map_err(|source| Failure::File { path, source })
}

/// `page` with `table` between its markers.
fn with_table(page: &str, table: &str) -> Result<String, Failure> {
    let missing = |marker| Failure::MarkerMissing { path: PAGE, marker };
    let (before, rest) = page.split_once(BEGIN).ok_or(missing(BEGIN))?;
    let (_, after) = rest.split_once(END).ok_or(missing(END))?;
    Ok(format!("{before}{BEGIN}\n{table}{END}{after}"))
}

/// The picture, then a table a receiver.
fn rendered(routes: &[Route]) -> String {
    let mut text = picture(routes);
    for receiver in ActorId::ALL {
        let rows = rows_of(*receiver, routes);
        if rows.is_empty() {
            continue;
        }
        let _ = write!(text, "\n**{receiver:?}** receives\n\n| # | message | from |\n|--:|---|---|\n");
        for (ordinal, row) in rows {
            let mark = if row.secret { " (secret)" } else { "" };
            let _ = writeln!(text, "| {ordinal} | `{}`{mark} | {} |", row.name, row.senders.join(", "));
        }
    }
    text
}

/// One arrow for each pair that speaks, labelled with how many messages it stands for.
fn picture(routes: &[Route]) -> String {
    let mut arrows: BTreeMap<(ActorId, ActorId), usize> = BTreeMap::new();
    for route in routes {
        *arrows.entry((route.from, route.to)).or_default() += 1;
    }
    let mut text = "```mermaid\nflowchart LR\n".to_owned();
    for ((from, to), messages) in arrows {
        let _ = writeln!(text, "    {from:?} -->|{messages}| {to:?}");
    }
    text.push_str("```\n");
    text
}

/// A message with all that may send it: the table has an entry for each sender.
struct Row {
    name: &'static str,
    secret: bool,
    senders: Vec<String>,
}

fn rows_of(receiver: ActorId, routes: &[Route]) -> BTreeMap<u8, Row> {
    let mut rows = BTreeMap::new();
    for route in routes.iter().filter(|route| route.to == receiver) {
        let row = rows.entry(route.ordinal).or_insert(Row {
            name: route.name,
            secret: route.secret,
            senders: Vec::new(),
        });
        row.senders.push(format!("{:?}", route.from));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::{ActorId, BEGIN, END, Failure, ROUTES, Route, rendered, with_table};

    const fn route(from: ActorId, to: ActorId, ordinal: u8, name: &'static str, secret: bool) -> Route {
        Route { from, to, ordinal, name, secret }
    }

    #[test]
    fn senders_of_one_message_share_a_row_and_each_pair_an_arrow() {
        let text = rendered(&[
            route(ActorId::Till, ActorId::Ledger, 0, "OpenLedger", false),
            route(ActorId::Till, ActorId::Ledger, 1, "Record", true),
            route(ActorId::HostLink, ActorId::Ledger, 1, "Record", true),
        ]);
        assert!(text.contains("    Till -->|2| Ledger\n"), "{text}");
        assert!(text.contains("    HostLink -->|1| Ledger\n"), "{text}");
        assert!(text.contains("**Ledger** receives"), "{text}");
        assert!(text.contains("| 1 | `Record` (secret) | Till, HostLink |"), "{text}");
    }

    #[test]
    fn every_message_of_the_real_table_is_shown() {
        let text = rendered(ROUTES);
        assert!(ROUTES.iter().all(|route| text.contains(&format!("`{}`", route.name))));
    }

    #[test]
    fn the_table_goes_between_the_markers_and_writing_twice_changes_nothing() {
        let page = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let once = with_table(&page, "new\n").unwrap();
        assert_eq!(once, format!("before\n{BEGIN}\nnew\n{END}\nafter\n"));
        assert_eq!(with_table(&once, "new\n").unwrap(), once);
    }

    #[test]
    fn a_page_without_markers_is_named() {
        assert!(matches!(with_table("no markers", ""), Err(Failure::MarkerMissing { marker: BEGIN, .. })));
        assert!(matches!(with_table(BEGIN, ""), Err(Failure::MarkerMissing { marker: END, .. })));
    }
}
