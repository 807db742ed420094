-- What the bank makes of each terminal's device, and what it wants renewed. A client certificate and an initial key
-- have a successor from when it is given until it is first used; only then is the old one worth nothing.

-- Certificates that were given and not used yet: the newest few, since an answer may be lost, and which one a terminal
-- kept is known when it shows it. Its first use makes it the terminal's, and takes the others away.
CREATE TABLE next_certificate (
    certificate_hash BLOB PRIMARY KEY,
    terminal         INTEGER NOT NULL REFERENCES terminal (id),
    certificate      BLOB NOT NULL,
    given_ms         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX next_certificate_of_terminal ON next_certificate (terminal, given_ms);

-- The initial key that is in use, beside its counters; `terminal.initial_key_id` is the one of the enrolment.
ALTER TABLE terminal_chain ADD COLUMN key_id BLOB;
ALTER TABLE terminal_chain ADD COLUMN next_key_id BLOB;
UPDATE terminal_chain SET key_id = (SELECT initial_key_id FROM terminal WHERE id = terminal);
CREATE UNIQUE INDEX terminal_chain_key ON terminal_chain (key_id);
CREATE UNIQUE INDEX terminal_chain_next_key ON terminal_chain (next_key_id) WHERE next_key_id IS NOT NULL;

-- One row a terminal that has reported. `proof` is what its last attestation came to, in postcard, and `attestation` the
-- same for people. What the bank's staff wants done is told with the next report, and taken away when it is done.
CREATE TABLE terminal_standing (
    terminal          INTEGER PRIMARY KEY REFERENCES terminal (id),
    reported_ms       INTEGER,
    decision          TEXT,
    concerns          TEXT NOT NULL DEFAULT '',
    software          TEXT NOT NULL DEFAULT '',
    system            TEXT NOT NULL DEFAULT '',
    proof             BLOB,
    attestation       TEXT NOT NULL DEFAULT '',
    wants_attest      INTEGER NOT NULL DEFAULT 0,
    wants_keys        INTEGER NOT NULL DEFAULT 0,
    wants_certificate INTEGER NOT NULL DEFAULT 0
) STRICT;
