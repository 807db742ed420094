-- Terminals belong to a business: its supervisor's code counts on all of them, its history shows all of them, and
-- what one of them sold another may give back. With it come refunds, grants, the audit of the code, and receipts.

CREATE TABLE business (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL,
    address TEXT NOT NULL,
    UNIQUE (name, address)
) STRICT;

-- Until now a business was what its terminals and codes said.
INSERT INTO business (name, address)
SELECT merchant_name, merchant_address FROM terminal
UNION
SELECT merchant_name, merchant_address FROM activation_code
ORDER BY 1, 2;

ALTER TABLE terminal ADD COLUMN business INTEGER REFERENCES business (id);
UPDATE terminal
SET business = (SELECT b.id FROM business AS b WHERE b.name = merchant_name AND b.address = merchant_address);
ALTER TABLE terminal DROP COLUMN merchant_name;
ALTER TABLE terminal DROP COLUMN merchant_address;
CREATE INDEX terminal_of_business ON terminal (business);

ALTER TABLE activation_code ADD COLUMN business INTEGER REFERENCES business (id);
UPDATE activation_code
SET business = (SELECT b.id FROM business AS b WHERE b.name = merchant_name AND b.address = merchant_address);
ALTER TABLE activation_code DROP COLUMN merchant_name;
ALTER TABLE activation_code DROP COLUMN merchant_address;

-- What a customer owes the bank: a refund was taken back after its money had been spent. What is credited later pays
-- this first.
ALTER TABLE account ADD COLUMN owed INTEGER NOT NULL DEFAULT 0 CHECK (owed >= 0);

-- A decided sale; its number is its message's. `business` and `terminal` are its message's too, here for the index.
-- `refunded` is the sum of the refunds of a purchase that stand; that it stays within the amount is checked here once
-- more, whatever the program believes.
CREATE TABLE decided_sale (
    message     INTEGER PRIMARY KEY REFERENCES message (id),
    business    INTEGER NOT NULL REFERENCES business (id),
    terminal    INTEGER NOT NULL REFERENCES terminal (id),
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
    refund_of   INTEGER REFERENCES decided_sale (message),
    refunded    INTEGER NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND amount),
    CHECK ((auth_code IS NULL) <> (declined IS NULL)),
    CHECK (refunded = 0 OR kind = 'Purchase')
) STRICT;
INSERT INTO decided_sale (message, business, terminal, kind, receipt, amount, currency, scheme, last_four, cvm, account,
                          reference, auth_code, declined, signed_ms, reversed_by)
SELECT s.message, t.business, t.id, s.kind, s.receipt, s.amount, s.currency, s.scheme, s.last_four, s.cvm, s.account,
       s.reference, s.auth_code, s.declined, s.signed_ms, s.reversed_by
FROM sale AS s JOIN message AS m ON m.id = s.message JOIN terminal AS t ON t.id = m.terminal;
DROP TABLE sale;
ALTER TABLE decided_sale RENAME TO sale;

-- The history walks this one, newest first, and adds its totals up without a look at the rows themselves.
CREATE INDEX sale_of_business
    ON sale (business, signed_ms, message, terminal, refund_of, amount, declined, reversed_by);
CREATE INDEX sale_refund ON sale (refund_of) WHERE refund_of IS NOT NULL;

-- The supervisor's code of a business: Argon2id under a key that is not in this database. `wrong` counts over all its
-- terminals since the last right one; the bank's reset takes the row away.
CREATE TABLE supervisor_code (
    business        INTEGER PRIMARY KEY REFERENCES business (id),
    salt            BLOB NOT NULL,
    hash            BLOB NOT NULL,
    memory_kib      INTEGER NOT NULL,
    passes          INTEGER NOT NULL,
    lanes           INTEGER NOT NULL,
    wrong           INTEGER NOT NULL DEFAULT 0 CHECK (wrong >= 0),
    locked_until_ms INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Every use of a code; never the code. The terminal is missing when it was the bank's staff.
CREATE TABLE supervisor_use (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms    INTEGER NOT NULL,
    terminal INTEGER REFERENCES terminal (id),
    business INTEGER NOT NULL REFERENCES business (id),
    purpose  TEXT NOT NULL,
    result   TEXT NOT NULL
) STRICT;

-- What a supervisor agreed to, by the SHA-256 of the 16 random bytes that the terminal shows.
CREATE TABLE supervisor_grant (
    grant_hash BLOB PRIMARY KEY,
    terminal   INTEGER NOT NULL REFERENCES terminal (id),
    purpose    TEXT NOT NULL,
    reference  TEXT,
    expires_ms INTEGER NOT NULL,
    CHECK ((purpose = 'Refund') = (reference IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX supervisor_grant_expires ON supervisor_grant (expires_ms);

-- Receipts on their way, and those that have left. `id` is the request's: asked again, it is the same row.
CREATE TABLE sms_message (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    terminal     INTEGER NOT NULL REFERENCES terminal (id),
    id           BLOB NOT NULL,
    sale         INTEGER NOT NULL REFERENCES sale (message),
    phone        TEXT NOT NULL,
    body         TEXT NOT NULL,
    queued_ms    INTEGER NOT NULL,
    attempts     INTEGER NOT NULL DEFAULT 0,
    next_ms      INTEGER NOT NULL,
    delivered_ms INTEGER,
    UNIQUE (terminal, id)
) STRICT;
CREATE INDEX sms_message_of_sale ON sms_message (sale);
CREATE INDEX sms_message_of_terminal ON sms_message (terminal, queued_ms);
CREATE INDEX sms_message_waiting ON sms_message (next_ms) WHERE delivered_ms IS NULL;
