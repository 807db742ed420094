-- The bank's books. Hashes, keys' names and references are BLOBs; money is INTEGER minor units; times are
-- milliseconds since 1970 UTC. No PAN and no PIN is here: accounts are found by a keyed hash.

CREATE TABLE bank_secret (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- One row. `revocations` counts up with each revocation, so that every host process can see a change cheaply.
-- `last_message` is the number of the newest row of `message`.
CREATE TABLE counter (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    revocations  INTEGER NOT NULL,
    last_message INTEGER NOT NULL
) STRICT;
INSERT INTO counter (id, revocations, last_message) VALUES (1, 0, 0);

-- AUTOINCREMENT: the number of a terminal is never given again. The first is TM000016.
CREATE TABLE terminal (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    merchant_name     TEXT NOT NULL,
    merchant_address  TEXT NOT NULL,
    model             TEXT NOT NULL,
    system            TEXT NOT NULL,
    software          TEXT NOT NULL,
    device_key        BLOB NOT NULL,
    certificate       BLOB NOT NULL,
    certificate_hash  BLOB NOT NULL UNIQUE,
    initial_key_id    BLOB NOT NULL UNIQUE,
    enrolled_ms       INTEGER NOT NULL,
    revoked_ms        INTEGER
) STRICT;
INSERT INTO sqlite_sequence (name, seq) VALUES ('terminal', 15);

-- What changes with each message, apart from the certificate so that the row stays small.
CREATE TABLE terminal_chain (
    terminal      INTEGER PRIMARY KEY REFERENCES terminal (id),
    next_sequence INTEGER NOT NULL,
    last_hash     BLOB NOT NULL,
    data_counter  INTEGER NOT NULL,
    pin_counter   INTEGER NOT NULL
) STRICT;

CREATE TABLE activation_code (
    code_hash        BLOB PRIMARY KEY,
    merchant_name    TEXT NOT NULL,
    merchant_address TEXT NOT NULL,
    created_ms       INTEGER NOT NULL,
    expires_ms       INTEGER NOT NULL,
    used_ms          INTEGER,
    terminal         INTEGER REFERENCES terminal (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE wrong_code (
    id    INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    peer  TEXT NOT NULL
) STRICT;
CREATE INDEX wrong_code_at ON wrong_code (at_ms);

CREATE TABLE account (
    id             INTEGER PRIMARY KEY,
    pan_lookup     BLOB NOT NULL UNIQUE,
    last_four      INTEGER NOT NULL,
    scheme         TEXT NOT NULL,
    sequence       INTEGER NOT NULL,
    expiry         INTEGER NOT NULL,
    pin_reference  BLOB NOT NULL,
    pin_tries_left INTEGER NOT NULL CHECK (pin_tries_left >= 0),
    balance        INTEGER NOT NULL CHECK (balance >= 0),
    blocked        INTEGER NOT NULL,
    last_atc       INTEGER NOT NULL
) STRICT;

-- What each terminal signed and what the bank answered, byte for byte: the proof of who asked for what.
-- A row without bytes stands for a message that was taken back before it came.
CREATE TABLE message (
    id          INTEGER PRIMARY KEY,
    terminal    INTEGER NOT NULL REFERENCES terminal (id),
    sequence    INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    request     BLOB,
    answer      BLOB,
    UNIQUE (terminal, sequence),
    CHECK ((request IS NULL) = (answer IS NULL))
) STRICT;

-- A decided sale; its number is its message's.
CREATE TABLE sale (
    message     INTEGER PRIMARY KEY REFERENCES message (id),
    kind        TEXT NOT NULL,
    receipt     INTEGER NOT NULL,
    amount      INTEGER NOT NULL CHECK (amount >= 0),
    currency    TEXT NOT NULL,
    scheme      TEXT NOT NULL,
    last_four   INTEGER NOT NULL,
    cvm         TEXT NOT NULL,
    account     INTEGER REFERENCES account (id),
    reference   TEXT NOT NULL,
    auth_code   TEXT,
    declined    TEXT,
    signed_ms   INTEGER NOT NULL,
    reversed_by INTEGER REFERENCES message (id),
    CHECK ((auth_code IS NULL) <> (declined IS NULL))
) STRICT;

-- Messages that were not processed, the newest kept.
CREATE TABLE refused_message (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms    INTEGER NOT NULL,
    name     TEXT NOT NULL,
    terminal INTEGER,
    peer     TEXT NOT NULL,
    hash     BLOB NOT NULL
) STRICT;
