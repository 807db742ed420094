-- What the bank makes of each terminal's device, and what it wants renewed. A client certificate and an initial key
-- have a successor from when it is given until it is first used; only then is the old one worth nothing.

ALTER TABLE terminal ADD COLUMN next_certificate BLOB;
ALTER TABLE terminal ADD COLUMN next_certificate_hash BLOB;
CREATE UNIQUE INDEX terminal_next_certificate ON terminal (next_certificate_hash)
    WHERE next_certificate_hash IS NOT NULL;

-- The initial key that is in use, beside its counters; `terminal.initial_key_id` is the one of the enrolment.
ALTER TABLE terminal_chain ADD COLUMN key_id BLOB;
ALTER TABLE terminal_chain ADD COLUMN next_key_id BLOB;
UPDATE terminal_chain SET key_id = (SELECT initial_key_id FROM terminal WHERE id = terminal);
CREATE UNIQUE INDEX terminal_chain_key ON terminal_chain (key_id);
CREATE UNIQUE INDEX terminal_chain_next_key ON terminal_chain (next_key_id) WHERE next_key_id IS NOT NULL;

-- One row a terminal that has reported. `proof` is what its last attestation came to, in postcard, and `attestation` the
-- same for people. What the bank's staff wants done is told with the next report, and taken away when it is done.
CREATE TABLE terminal_standing (
    terminal      INTEGER PRIMARY KEY REFERENCES terminal (id),
    reported_ms   INTEGER,
    decision      TEXT,
    concerns      TEXT NOT NULL DEFAULT '',
    software      TEXT NOT NULL DEFAULT '',
    system        TEXT NOT NULL DEFAULT '',
    proof         BLOB,
    attestation   TEXT NOT NULL DEFAULT '',
    wants_attest  INTEGER NOT NULL DEFAULT 0,
    wants_keys    INTEGER NOT NULL DEFAULT 0
) STRICT;
