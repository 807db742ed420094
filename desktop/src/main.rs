//! The `mpos` program: a terminal, the bank host and virtual cards on a desktop, and an engineer's tools.
//!
//! Each command is a module; this one reads the arguments and turns the outcome into an exit status.
#![forbid(unsafe_code)]

mod arguments;
mod asking;
mod bank;
mod cards_command;
mod core_dumps;
mod counter;
mod data_folder;
mod demo;
mod development_bank;
mod emv_run;
mod error;
mod exit;
mod held_card;
mod history;
mod host_arguments;
mod host_command;
mod interrupt;
mod journal_command;
#[cfg(test)]
mod panics;
mod pay;
#[cfg(test)]
mod pin_memory;
mod receipt;
mod reconcile_report;
mod refund;
mod replay;
mod sale_report;
mod supervisor;
mod terminal;
mod terminal_command;
mod toolbox;
mod virtual_field;
#[cfg(test)]
mod wrong_clock;

use arguments::{Arguments, Command, Demo, EmvCommand};
use clap::{CommandFactory, Parser};
use exit::Exit;
use std::{io::IsTerminal, process::ExitCode};
use toolbox::{dukpt::Dukpt, pin_block::PinBlock};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter =
        EnvFilter::try_from_env("MPOS_LOG").unwrap_or_else(|_| EnvFilter::new(arguments.log_level()));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    core_dumps::forbid();
    let data = arguments.data.as_deref();
    let command = arguments.command.unwrap_or_else(|| Command::Demo(Demo::default()));
    let result = match command {
        Command::Demo(demo) => demo::run(data, &demo),
        Command::Pay(pay) => pay::run(data, pay),
        Command::Refund(refund) => refund::run(data, refund),
        Command::History(history) => history::run(data, history),
        Command::Receipt(receipt) => receipt::run(data, receipt),
        Command::SupervisorCode(arguments) => supervisor::run(data, arguments),
        Command::Terminal(terminal) => terminal_command::run(data, &terminal),
        Command::Journal(journal) => journal_command::run(data, &journal),
        Command::Host(host) => host_command::run(data, host),
        Command::Cards(cards) => match &cards.hold {
            Some(card) => held_card::run(data, card, cards.port),
            None => cards_command::run(),
        },
        Command::Emv(EmvCommand::Run(run)) => emv_run::run(&run),
        Command::Emv(EmvCommand::Decode(decode)) => {
            toolbox::run(|report| toolbox::decode::run(&decode, report))
        }
        Command::Emv(EmvCommand::Arqc(arqc)) => toolbox::run(|report| toolbox::arqc::run(&arqc, report)),
        Command::Emv(EmvCommand::Oda(oda)) => toolbox::run(|report| toolbox::oda::run(&oda, report)),
        Command::Dukpt(Dukpt::Derive(derive)) => {
            toolbox::run(|report| toolbox::dukpt::derive(&derive, report))
        }
        Command::Pinblock(PinBlock::Encode(block)) => {
            toolbox::run(|report| toolbox::pin_block::encode(&block, report))
        }
        Command::Pinblock(PinBlock::Decode(block)) => {
            toolbox::run(|report| toolbox::pin_block::decode(&block, report))
        }
        Command::Replay(replay) => replay::run(&replay),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "mpos", &mut std::io::stdout());
            Ok(Exit::Done)
        }
    };
    match result {
        Ok(exit) => exit.into(),
        Err(error) => {
            eprintln!("mpos: {error}");
            error.exit().into()
        }
    }
}
