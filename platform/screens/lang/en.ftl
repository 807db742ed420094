# English. The labels are those of the brochure; why a sale was not approved is said in the till's words.

### Names

-app = mPOS
app-name = { -app }
bank = ProCredit Bank

### Everywhere

next = Next
done = Done
cancel = Cancel
back = Back
confirm = Confirm
send = Send
later = Later
try-again = Try again
language = Language
asking-bank = Asking the bank…

### Start and activation

opening = Opening the terminal…
opening-failed = The terminal could not be opened. Start the app again; if it happens again, call the bank.
unusable = This terminal cannot be used.
unusable-book = The terminal's book: { $why }. Mend this, then start { -app } again. What was sold is safe.
activation-title = Activate the terminal
activation-explained = Type the activation code that the bank sent by e-mail.
activation-code = Activation code
activation-malformed = That is not an activation code: it has 16 letters and digits, such as ABCD-EFGH-JKMN-PQRS. Check the e-mail.
activation-code-unknown = The bank does not know this activation code. Check it against the e-mail and type it again.
activation-code-used = This activation code was used before. Ask the bank for a new one.
activation-code-expired = This activation code has expired. Ask the bank for a new one.
activation-too-many = Too many wrong activation codes. Wait { $time }, then try again.
activation-refused = The bank refused the activation: { $why }. Call the bank if it happens again.
activation-line = { $why } The terminal is not activated; try again.
activation-bad-answer = The bank's answer makes no sense: update the app and try again.
activation-no-answer = The bank did not answer in time. Try again with the same code.
activation-no-keys = This device cannot keep the terminal's keys: check its storage and try again.
activation-not-kept = The activation could not be kept: { $why }. Mend this, then try again.
activation-interrupted = The activation was interrupted. Try again with the same code.
not-activated = This terminal is not activated.
    .next = Activate it with the code that the bank sent.

### Supervisor code

supervisor-title = Supervisor code
supervisor-code = Supervisor code
supervisor-code-again = Supervisor code once more
supervisor-state-explained = The bank is asked whether your business has a supervisor code.
supervisor-define-explained = Define the supervisor code. It confirms refunds and shows the transactions of all terminals of your business.
supervisor-join-explained = Your business has a supervisor code. Type it to add this terminal.
supervisor-hint = 4 to 8 digits, not easy to guess.
supervisor-defined = The supervisor code is defined.
supervisor-joined = The supervisor code is right.
supervisor-not-the-same = The two codes are not the same. Type the second one again.
supervisor-wrong = The supervisor code is wrong.
    .next =
        { $tries ->
            [0] There is a pause before the next try.
            [one] Type it again: one more try before there is a pause.
           *[other] Type it again: { $tries } more tries before there is a pause.
        }
supervisor-locked = Too many wrong supervisor codes. Wait { $time }, then try again.
supervisor-locked-by-bank = Too many wrong supervisor codes. Call the bank: only the bank can reset the code.
supervisor-not-defined = Your business has no supervisor code yet. Define it in the settings.
supervisor-already-defined = Your business has a supervisor code already. Type that one; if nobody knows it, call the bank.
supervisor-bad-key = The bank could not read the code. Type it again; if it happens again, call the bank.
trivial-length = A supervisor code has 4 to 8 digits, and nothing else.
trivial-same-digit = One digit again and again is easy to guess. Choose another code.
trivial-sequence = Digits in a row are easy to guess. Choose another code.
trivial-repeated = The same digits twice are easy to guess. Choose another code.

### Menu and settings

menu = Main menu
new-payment = New payment
transaction-history = Transaction History
settings = Settings
terminal-id = Terminal ID
merchant = Merchant
address = Address
version = Version
connection = Connection to the bank
connection-check = Check the connection
connection-good = The bank answers. The connection is good.
about = About
about-text = { -app } takes contactless cards on this device for { bank }. Purchases and refunds only. Help: 080005555, www.procreditbank-kos.com.

### Payment

amount-explained = Type the amount.
amount-not-a-number = That is not an amount: type it as 12.30.
amount-negative = The amount is negative: type one above zero.
amount-too-fine = The amount has more than two decimals: the smallest coin is 0.01.
amount-zero = The amount is zero: type one above zero.
amount-too-large = The amount is more than a card transaction can be.
key-clear = Clear
key-erase = Erase
key-ok = OK
starting = Starting…
cancelling = Cancelling…
tap-card = Tap your card
antenna-hint = Hold the card to the back of this device, where its antenna is.
seconds-left =
    { $seconds ->
        [one] { $seconds } second left
       *[other] { $seconds } seconds left
    }
card-hold = Hold the card still
card-hold-hint = The card is being read.
card-read = Take the card away
card-read-hint = The card is read.
card-one-only = One card only
card-one-only-hint = There is more than one card at the device. Hold one card alone to it.
card-see-phone = See your phone
card-see-phone-hint = The customer's phone wants to be unlocked. Then hold it to the device again.
card-again = Hold the card to the device again
card-again-hint = The card was taken away too early. Hold it still until the tone.
pin-enter = Enter the PIN
pin-hint = For the customer: hand the device over. Nobody else may see the PIN.
pad-fixed-hint = The digits stand as on a telephone: 1 at the upper left, 0 between Clear and OK.
pad-fixed = Accessible keypad
pad-shuffled = Shuffled keypad
pad-typed =
    { $digits ->
        [one] { $digits } digit typed
       *[other] { $digits } digits typed
    }
pad-covered = Another app covers the PIN pad. Close it to go on.
pad-captured = The screen is being recorded or shown elsewhere. Stop that to go on.
pad-place = Row { $row }, { $place }
pad-left = left
pad-middle = middle
pad-right = right
bank-working = One moment…
bank-connecting = Connecting to the bank…
bank-online = Waiting for the bank…
bank-repeating = The bank has not answered: asking again…
    .next = Do not start another sale. Nothing is charged twice.
bank-reversing = The bank has not answered: taking it back…
    .next = Do not hand over the goods yet.

### Results

result-title = Result
approved = Approved
declined = Declined
another-card = Use another card
reversed = Taken back
unknown = Not known yet
cancelled = Cancelled
receipt = Receipt
reference-number = Reference number
card = Card
auth-code = Auth Code
card-type = Card type
transaction-type = Transaction Type
purchase = Purchase
refund = Refund
refund-of = Refund of
sms-receipt = SMS Receipt

network-missing = This phone has no network: the bank cannot be reached.
    .next = Turn off airplane mode, or turn on Wi-Fi or mobile data. Until then no sale is possible.

### What the bank holds against this device: `next` mends it

device-debugger = Another program is looking into { -app }.
    .next = Turn off the developer options and USB debugging, then restart the phone.
device-rooted = This phone is rooted: other programs can read what { -app } does.
    .next = Put the maker's own system back, or use another phone.
device-emulator = { -app } runs in an emulator.
    .next = Payments can be taken on a real phone only.
device-clock = The clock of this phone is off by { $time }.
    .next = Set date and time to automatic in the phone's settings.
device-app-old = This { -app } is older than the bank allows.
    .next = Update the app, then start it again.
device-system-unknown = This phone does not say how old its system is.
    .next = Update the phone's system; if there is no update, use another phone.
device-system-old = The phone's security update is of { $month }: too old.
    .next = Install the updates in the phone's settings; if there are none, use a newer phone.
attestation-absent = This phone cannot prove where it keeps its keys.
    .next = Ask the bank which phones can be used.
attestation-too-old = The phone's last proof of its safety is too old.
    .next = Keep the phone connected for a minute, then try again.
attestation-malformed = The phone's proof of its safety cannot be read.
    .next = Update the phone and the app; if it happens again, call the bank.
attestation-untrusted = The phone's proof of its safety comes from nobody that the bank trusts.
    .next = Use a phone of another maker: ask the bank which.
attestation-broken = The phone's proof of its safety is incomplete.
    .next = Restart the phone and try again; if it happens again, call the bank.
attestation-out-of-date = The phone's proof of its safety has expired, or the phone's date is wrong.
    .next = Set date and time to automatic, update the phone, then try again.
attestation-revoked = The maker has taken back this phone's security keys.
    .next = Use another phone.
attestation-challenge = The phone's proof of its safety is an old one.
    .next = Try again; if it happens again, call the bank.
attestation-key = The phone's proof of its safety is of another key than this terminal's.
    .next = Call the bank: the terminal must be activated again.
attestation-software = This phone keeps its keys in software only.
    .next = Use a phone with secure hardware: ask the bank which.
attestation-boot = This phone was started with a changed system, or its boot loader is unlocked.
    .next = Put the maker's own system back and lock the boot loader, or use another phone.
attestation-application = This is not the bank's own { -app } app.
    .next = Remove it, and install { -app } from where the bank says.
attestation-patch = The phone has proved that its security update is of { $month }: too old.
    .next = Install the updates in the phone's settings; if there are none, use a newer phone.
attestation-purpose = The phone's key was not made as the bank asks.
    .next = Update the app, and activate the terminal again.

### Why a sale was not approved, and what to do

nothing-charged =
    { $kind ->
        [refund] Nothing was given back.
       *[purchase] Nothing was charged.
    }
start-again =
    { $kind ->
        [refund] Start the refund again.
       *[purchase] Start the sale again.
    }
other-card =
    { $kind ->
        [refund] { nothing-charged } Ask for the card of the purchase.
       *[purchase] { nothing-charged } Ask for another card or another way to pay.
    }
again = { nothing-charged } { start-again }
declined-insufficient-funds = There is not enough money on the card.
    .next = { other-card }
declined-wrong-pin = The PIN is wrong.
    .next = { start-again } Let the customer retype the PIN.
declined-pin-blocked = The PIN was wrong too many times.
    .next = The customer's bank must unblock it. Ask for another card.
declined-pin-required = The customer's bank asks for the PIN.
    .next = Start the sale again with a card that takes a PIN.
declined-by-issuer = The customer's bank declined.
    .next = { other-card }
declined-unknown-card = The customer's bank does not know this card.
    .next = { other-card }
declined-data-mismatch = The card's data do not match this sale.
    .next = { again }
declined-over-limit = The amount is above the card's limit.
    .next = { other-card }
declined-issuer-unavailable = The customer's bank cannot be reached.
    .next = { nothing-charged } Try again in a few minutes.
declined-supervisor-required = The supervisor's agreement is over.
    .next = Nothing was given back. Start the refund again with the supervisor code.
declined-other-card = This is not the card that paid.
    .next = Nothing was given back. Ask for the card of the purchase.
declined-more-than-paid = The amount is more than what is left of the purchase.
    .next = Nothing was given back. Look at the purchase's details.
declined-not-refundable = There is no purchase here that could be refunded.
    .next = Nothing was given back. Look for the purchase in the history.
card-expired = The card has expired.
    .next = { other-card }
card-not-genuine = The card could not be proven genuine.
    .next = { other-card }
tap-no-card = No card was presented within 30 seconds.
    .next = { again }
tap-cancelled =
    { $kind ->
        [refund] The refund was cancelled.
       *[purchase] The sale was cancelled.
    }
    .next = { nothing-charged }
tap-card-moved = The card was taken away too early.
    .next = { nothing-charged } Start again and hold the card still until the tone.
tap-card-moved-late = The card was taken away at the last moment.
    .next =
        { $kind ->
            [refund] Nothing was given back: the bank was not asked. Start again and hold the card still until the tone.
           *[purchase] Nothing was charged: the bank was not asked. Start again and hold the card still until the tone.
        }
tap-card-misbehaved = The card could not be read.
    .next = { other-card }
tap-not-accepted = This card is not accepted here.
    .next = { other-card }
tap-refused-by-card =
    { $kind ->
        [refund] The card refused the refund.
       *[purchase] The card refused the payment.
    }
    .next = { other-card }
tap-refused-by-terminal =
    { $kind ->
        [refund] The card may not be used for this refund.
       *[purchase] The card may not be used for this payment.
    }
    .next = { other-card }
tap-no-verification = The customer cannot be verified with this card here.
    .next = { other-card }
tap-over-limit = The amount is above the limit for contactless cards.
    .next = { other-card }
pin-cancelled = This amount needs the card's PIN, and none was entered.
    .next = { again }
pin-timed-out = The PIN was not entered in time.
    .next = { again }
pin-wrong-length = A PIN has 4 to 12 digits.
    .next = { again }
keys-unusable = This terminal's keys cannot be used.
    .next = { nothing-charged } Try again. If that does not help, call the bank: the terminal must be activated again.
sale-reversed =
    { $kind ->
        [refund] The bank's answer did not arrive, so the refund was taken back.
       *[purchase] The bank's answer did not arrive, so the sale was taken back.
    }
    .next =
        { $kind ->
            [refund] The bank has confirmed that nothing was given back. Start the refund again.
           *[purchase] The bank has confirmed that nothing was charged. Start the sale again.
        }
sale-unknown = The bank's answer did not arrive, and the bank cannot be reached now.
    .next =
        { $kind ->
            [refund] Do not give the money back in another way. The terminal takes the refund back as soon as the bank answers.
           *[purchase] Do not hand over the goods on this card. The terminal takes the sale back as soon as the bank answers.
        }
sale-interrupted = The terminal had to restart a part of itself in the middle of the sale.
    .next = { again }
sale-forgotten = The terminal had to restart itself, and no sale is open. Look at the last receipt before you start again.
sale-clock-wrong = The clock of this phone is wrong.
    .next = { nothing-charged } Set date and time to automatic in the phone's settings.
sale-terminal-blocked = The bank has blocked this terminal.
    .next = { nothing-charged } Call the bank.
sale-app-outdated = The bank needs a newer version of { -app }.
    .next = { nothing-charged } Update the app.
sale-bank-busy = The bank is busy.
    .next = { nothing-charged } Try again in a minute.
sale-device-blocked = { $why }
    .next = { nothing-charged } { $mend }
sale-device-blocked-unsaid = The bank lets this phone take no payments as it is.
    .next = { nothing-charged } Start again to see why.
sale-device-unreported = The bank has no fresh word of this phone's state.
    .next = { nothing-charged } Start again.
sale-book-is-old = An old copy of this terminal's data was put back: the bank has later sales of it.
    .next = { nothing-charged } Call the bank: the terminal must be activated again.
sale-books-disagree = The bank and this terminal do not agree on what was sold before.
    .next = { nothing-charged } Call the bank: it has to compare the books.
sale-keys-used-before = This terminal's keys were used before: an old copy of its data was put back.
    .next = { nothing-charged } The terminal fetches new keys now: start again.
sale-message-refused = The bank did not accept the message: { $why }.
    .next = { nothing-charged } Try again; if it happens again, call the bank.
sale-not-kept = The sale could not be kept: { $why }.
    .next = { nothing-charged } Mend this, then start again.
sale-link-busy = Another sale is still being settled with the bank.
    .next = { nothing-charged } Try again in a minute.
sale-line-bad-address = { line-bad-address }
    .next = { nothing-charged } Check the bank's address in the settings.
sale-line-unreachable = { line-unreachable }
    .next = { nothing-charged } Check the internet connection and try again.
sale-line-timed-out = { line-timed-out }
    .next = { nothing-charged } Check the internet connection and try again.
sale-line-broken = { line-broken }
    .next = { nothing-charged } Check the internet connection and try again.
sale-line-not-the-bank = { line-not-the-bank }
    .next = { nothing-charged } Use another network; if it happens there too, call the bank.
sale-line-certificate-revoked = { line-certificate-revoked }
    .next = { nothing-charged } Call the bank: the terminal must be activated again.
sale-line-certificate-expired = { line-certificate-expired }
    .next = { nothing-charged } Call the bank: the terminal must be activated again.
sale-line-certificate-refused = { line-certificate-refused }
    .next = { nothing-charged } Call the bank: the terminal must be activated again.
sale-line-incompatible = { line-incompatible }
    .next = { nothing-charged } Update the app.

### The line to the bank

line-bad-address = The bank's address is not valid.
line-unreachable = The bank cannot be reached.
line-timed-out = The bank did not answer in time.
line-not-the-bank = Who answered is not the bank: its certificate is not one that this terminal trusts.
line-certificate-revoked = The bank has revoked this terminal's certificate.
line-certificate-expired = This terminal's certificate has expired.
line-certificate-refused = The bank does not accept this terminal's certificate.
line-incompatible = The bank speaks another version of the protocol.
line-broken = The connection to the bank broke.

### The terminal's book, within a sentence

store-full = the disk is full
store-unreadable = the ledger cannot be read or written (permissions, or the disk is failing)
store-damaged = the ledger is damaged at entry { $entry }
store-newer-version = the ledger is of version { $version }, newer than this program understands
store-in-use = another { -app } is using the same data
store-too-many-unresolved = too many sales wait for the bank's confirmation
store-out-of-order = the ledger was asked to record something out of order

### What the bank says of a message, within a sentence

host-malformed = the message does not decode
host-version = the bank speaks version { $version }
host-bad-signature = the message's signature does not verify
host-wrong-terminal = the message is of another terminal than the connection
host-terminal-blocked = the bank has blocked this terminal
host-replayed = this message was used before
host-sequence-gap = a message is missing
host-broken-chain = the message does not follow the one before it
host-stale-time = the terminal's clock is { $seconds } seconds away from the bank's
host-already-reversed = the message was reversed before it arrived
host-bad-key-serial = the card data does not decrypt
host-not-allowed = this terminal may not do this
host-busy = the bank is busy
host-code-unknown = the activation code is not known
host-code-used = the activation code was used before
host-code-expired = the activation code has expired
host-too-many-attempts = too many wrong codes, wait { $seconds } seconds
host-bad-certificate-request = the certificate request is not acceptable
host-key-unknown = the card data's key is not one of this terminal
host-key-used-before = the card data's key was used before
host-key-impossible = no terminal has the card data's key
host-standing-missing = the terminal's state has not been reported
host-attestation-refused = the phone's proof of its safety is not acceptable
host-pin-format = the bank does not take PIN blocks of this format

### Why something was not begun

refused-busy = Another sale is in progress: finish or cancel it first.
refused-already-activated = This terminal is activated already.
refused-amount-zero = The amount is zero: type an amount above zero.
refused-amount-over-limit = The amount is above what one sale on this terminal may be.
refused-book-unusable = The terminal's book cannot be used: nothing can be sold before that is mended.
refused-overloaded = The terminal is too busy: try again in a moment.
refused-interrupted = The terminal had to restart a part of itself. Nothing was charged: start again.

### Why a question to the bank has no answer

ask-line = { $why } Check the internet connection and try again.
ask-busy = An earlier sale is still being settled with the bank. Try again in a minute.
ask-no-keys = This terminal's keys cannot be used. Call the bank: the terminal must be activated again.
ask-store = The terminal's book cannot be used: { $why }. Mend this, then try again.
ask-interrupted = The terminal had to restart a part of itself. Try again.
ask-no-answer = The bank did not answer in time. Try again.
ask-refused = The bank did not accept the message: { $why }. If it happens again, call the bank.
ask-no-sense = The bank's answer makes no sense. Update the app and try again.

### SMS receipt

sms-explained = Type the customer's number in the format 383 4x xxx xxx. The digital receipt is sent there.
phone-number = Phone number
sms-sent = The receipt is on its way to { $number }.
phone-empty = Type the customer's number, such as 383 44 123 456.
phone-not-a-digit = “{ $character }” is not a digit: a number is such as 383 44 123 456.
phone-former-country = Numbers with +{ $country } are no longer used in Kosovo: ask for the one with +383.
phone-other-country = Only numbers of Kosovo get receipts: 383 4x xxx xxx.
phone-not-mobile = This is not a mobile number: after 383 it goes on with 43 to 49.
phone-too-short = The number is too short: after 383 there are eight digits.
phone-too-long = The number is too long: after 383 there are eight digits.
receipt-unknown = Your business has no such transaction. Look for it in the history.
receipt-not-paid = This transaction was not paid, or was taken back: there is no receipt of it.
receipt-too-many = Too many receipts were sent in a short time. Try again later.

### Transaction History

merchant-or-device = Merchant or Device
device-transactions = Device Transactions
merchant-transactions = Merchant Transactions
date-range = Date Range
today = Today
yesterday = Yesterday
this-week = This week
this-month = This month
custom = Custom
from-date = From Date
to-date = To Date
generate = Gjenero transaksionet
date-form = That is not a date: type it as 2022/09/02 00:00:00.
date-no-such-day = There is no such day or time in the calendar: type it as 2022/09/02 00:00:00.
date-in-future = This date is in the future: choose today or earlier.
history-reversed = To Date is before From Date: change one of them.
history-too-long = The range is longer than a year: choose a shorter one.
history-grant-expired = The supervisor's agreement is over. Type the code again.
history-code-explained = The transactions of all terminals of your business are shown with the supervisor code.
history-empty = There are no transactions here.
history-shown = { $first } to { $last }, newest first
total-transactions = Transactions
total-purchases = Purchases
total-refunds = Refunds
total-net = Net
refunded = Refunded
search = Reference number, or the card's last four digits
search-button = Search
search-too-long = Type a reference number of at most 12 characters, or the card's last four digits.
previous-page = Previous page
next-page = Next page
details-title = Transaction
reversed-explained = The terminal did not see the bank's answer, and the bank took it back.
refund-transaction = Refund Transaction

### Export

export-csv = Export CSV
export-pdf = Export PDF
export-progress =
    { $count ->
        [one] Collecting: { $count } transaction…
       *[other] Collecting: { $count } transactions…
    }
export-saved = Saved: { $name }
export-too-many = An export holds at most { $limit } transactions. Choose a shorter range.
export-withdrawn = Nothing was saved.
export-not-permitted = The file may not be written there. Choose another place.
export-full = There is no room for the file. Free some space and try again.
export-failed = The file could not be written. Try again.

### Refund

refund-title = Refund
refund-step-1 = Step 1 of 3
refund-step-2 = Step 2 of 3
refund-step-3 = Step 3 of 3
refund-explained = Type the supervisor code. The customer then taps the card that paid.
refund-amount = Amount to give back
refund-paid = Paid
refund-left = Left
refund-more-than-left = That is more than what is left of the purchase: at most { $left }.

### Why there is no screen at all

start-full = This phone's storage is full: free some space, then open { -app } again.
start-failed = { -app } could not start: { $why }. Start the phone again; if that does not help, call your bank.
