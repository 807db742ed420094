-- How far each terminal's transactions have been compared with the bank's, and what differed. No other table is changed by
-- it: a difference is for a person to look at.

-- One row a terminal that was compared, or is to be. Below `next_sequence` all was compared; `cursor` is where the pass
-- under way goes on. The heads are those of both chains as the last pass ended: while neither moves there is nothing new.
-- `waiting` is a request whose end the terminal did not know yet, and that holds the mark back.
CREATE TABLE reconciliation (
    terminal      INTEGER PRIMARY KEY REFERENCES terminal (id),
    next_sequence INTEGER NOT NULL DEFAULT 1 CHECK (next_sequence >= 1),
    cursor        INTEGER NOT NULL DEFAULT 1 CHECK (cursor >= 1),
    compared      INTEGER NOT NULL DEFAULT 0 CHECK (compared >= 0),
    compared_ms   INTEGER,
    waiting       INTEGER,
    wanted        INTEGER NOT NULL DEFAULT 0,
    passed_ms     INTEGER,
    terminal_next INTEGER NOT NULL DEFAULT 0,
    terminal_head BLOB NOT NULL DEFAULT X'0000000000000000000000000000000000000000000000000000000000000000',
    bank_next     INTEGER NOT NULL DEFAULT 0,
    bank_head     BLOB NOT NULL DEFAULT X'0000000000000000000000000000000000000000000000000000000000000000'
) STRICT;

-- The signed pages in which something differed, byte for byte: the proof of what the terminal said.
CREATE TABLE reconciliation_page (
    id       INTEGER PRIMARY KEY,
    terminal INTEGER NOT NULL REFERENCES terminal (id),
    at_ms    INTEGER NOT NULL,
    signed   BLOB NOT NULL
) STRICT;

-- What differed, in words of that day, since the books of either side may be others tomorrow. `sequence` is 0 where it is
-- the chains themselves. What a later pass does not find any more has ended; nothing is deleted.
CREATE TABLE reconciliation_difference (
    id            INTEGER PRIMARY KEY,
    terminal      INTEGER NOT NULL REFERENCES terminal (id),
    sequence      INTEGER NOT NULL,
    kind          TEXT NOT NULL,
    receipt       INTEGER,
    amount        INTEGER,
    terminal_says TEXT NOT NULL,
    bank_says     TEXT NOT NULL,
    page          INTEGER NOT NULL REFERENCES reconciliation_page (id),
    found_ms      INTEGER NOT NULL,
    ended_ms      INTEGER
) STRICT;
CREATE INDEX reconciliation_difference_of_terminal ON reconciliation_difference (terminal, sequence);
CREATE UNIQUE INDEX reconciliation_difference_open
    ON reconciliation_difference (terminal, sequence) WHERE ended_ms IS NULL;
