# Shqip (Kosovë). Fjalët janë ato të broshurës: kartelë, kodi mbikëqyrës, kthim, fatura me SMS.

### Emrat

-app = mPOS
app-name = { -app }
bank = ProCredit Bank

### Gjithkund

next = Vazhdo
done = Përfundo
cancel = Anulo
back = Kthehu
confirm = Konfirmo
send = Dërgo
later = Më vonë
try-again = Provo përsëri
language = Gjuha
asking-bank = Po pyetet banka…

### Fillimi dhe aktivizimi

opening = Po hapet terminali…
opening-failed = Terminali nuk mund të hapej. Nisni aplikacionin përsëri; nëse përsëritet, telefononi bankën.
unusable = Ky terminal nuk mund të përdoret.
unusable-book = Libri i terminalit: { $why }. Rregullojeni këtë, pastaj nisni { -app } përsëri. Çfarë është shitur është e sigurt.
activation-title = Aktivizimi i terminalit
activation-explained = Shkruani kodin për aktivizim që e keni pranuar nga banka me e-mail.
activation-code = Kodi për aktivizim
activation-malformed = Ky nuk është kod për aktivizim: ai ka 16 shkronja dhe shifra, si ABCD-EFGH-JKMN-PQRS. Kontrolloni e-mailin.
activation-code-unknown = Banka nuk e njeh këtë kod për aktivizim. Krahasojeni me e-mailin dhe shkruajeni përsëri.
activation-code-used = Ky kod për aktivizim është përdorur më parë. Kërkoni një kod të ri nga banka.
activation-code-expired = Këtij kodi për aktivizim i ka kaluar afati. Kërkoni një kod të ri nga banka.
activation-too-many = Tepër kode të gabuara për aktivizim. Pritni { $time }, pastaj provoni përsëri.
activation-refused = Banka e refuzoi aktivizimin: { $why }. Nëse përsëritet, telefononi bankën.
activation-line = { $why } Terminali nuk është aktivizuar; provoni përsëri.
activation-bad-answer = Përgjigjja e bankës është e pakuptueshme: përditësoni aplikacionin dhe provoni përsëri.
activation-no-answer = Banka nuk u përgjigj me kohë. Provoni përsëri me të njëjtin kod.
activation-no-keys = Kjo pajisje nuk mund t'i ruajë çelësat e terminalit: kontrolloni hapësirën e saj dhe provoni përsëri.
activation-not-kept = Aktivizimi nuk mund të ruhej: { $why }. Rregullojeni këtë, pastaj provoni përsëri.
activation-interrupted = Aktivizimi u ndërpre. Provoni përsëri me të njëjtin kod.
not-activated = Ky terminal nuk është aktivizuar.
    .next = Aktivizojeni me kodin që e ka dërguar banka.

### Kodi mbikëqyrës

supervisor-title = Kodi mbikëqyrës
supervisor-code = Kodi mbikëqyrës
supervisor-code-again = Kodi mbikëqyrës edhe një herë
supervisor-state-explained = Banka pyetet nëse biznesi juaj ka kod mbikëqyrës.
supervisor-define-explained = Përcaktoni kodin mbikëqyrës. Me të konfirmohen kthimet e pagesave dhe gjenerimi i transaksioneve të të gjitha terminaleve të biznesit.
supervisor-join-explained = Biznesi juaj ka kod mbikëqyrës. Shkruajeni për ta shtuar këtë terminal.
supervisor-hint = 4 deri në 8 shifra, që nuk gjenden lehtë.
supervisor-defined = Kodi mbikëqyrës u përcaktua.
supervisor-joined = Kodi mbikëqyrës është i saktë.
supervisor-not-the-same = Dy kodet nuk janë të njëjta. Shkruajeni përsëri të dytin.
supervisor-wrong = Kodi mbikëqyrës është i gabuar.
    .next =
        { $tries ->
            [0] Ka një pauzë para provës së radhës.
            [one] Shkruajeni përsëri: edhe një provë para se të ketë pauzë.
           *[other] Shkruajeni përsëri: edhe { $tries } prova para se të ketë pauzë.
        }
supervisor-locked = Tepër kode mbikëqyrëse të gabuara. Pritni { $time }, pastaj provoni përsëri.
supervisor-locked-by-bank = Tepër kode mbikëqyrëse të gabuara. Telefononi bankën: vetëm banka mund ta ndryshojë kodin.
supervisor-not-defined = Biznesi juaj ende nuk ka kod mbikëqyrës. Përcaktojeni te cilësimet.
supervisor-already-defined = Biznesi juaj tashmë ka kod mbikëqyrës. Shkruani atë; nëse askush nuk e di, telefononi bankën.
supervisor-bad-key = Banka nuk mundi ta lexojë kodin. Shkruajeni përsëri; nëse përsëritet, telefononi bankën.
trivial-length = Kodi mbikëqyrës ka 4 deri në 8 shifra, dhe asgjë tjetër.
trivial-same-digit = E njëjta shifër gjithë kohën gjendet lehtë. Zgjidhni një kod tjetër.
trivial-sequence = Shifrat me radhë gjenden lehtë. Zgjidhni një kod tjetër.
trivial-repeated = Të njëjtat shifra dy herë gjenden lehtë. Zgjidhni një kod tjetër.

### Menyja dhe cilësimet

menu = Menyja kryesore
new-payment = Pagesë e re
transaction-history = Historia e transaksioneve
settings = Cilësimet
terminal-id = ID e terminalit
merchant = Tregtari
address = Adresa
version = Versioni
connection = Lidhja me bankën
connection-check = Kontrollo lidhjen
connection-good = Banka përgjigjet. Lidhja është në rregull.
about = Rreth aplikacionit
about-text = { -app } pranon kartela pa kontakt në këtë pajisje për { bank }. Vetëm blerje dhe kthime. Ndihmë: 080005555, www.procreditbank-kos.com.

### Pagesa

amount-explained = Shënoni vlerën e pagesës.
amount-not-a-number = Kjo nuk është vlerë: shkruajeni si 12.30.
amount-negative = Vlera është nën zero: shkruani një vlerë mbi zero.
amount-too-fine = Vlera ka më shumë se dy decimale: monedha më e vogël është 0.01.
amount-zero = Vlera është zero: shkruani një vlerë mbi zero.
amount-too-large = Vlera është më e madhe sesa mund të jetë një transaksion me kartelë.
key-clear = Fshi
key-erase = Fshi një
key-ok = OK
starting = Po fillon…
cancelling = Po anulohet…
tap-card = Afroni kartelën
antenna-hint = Vendosni kartelën prapa pajisjes, aty ku e ka antenën.
seconds-left =
    { $seconds ->
        [one] edhe { $seconds } sekondë
       *[other] edhe { $seconds } sekonda
    }
card-hold = Mbajeni kartelën pa lëvizur
card-hold-hint = Kartela po lexohet.
card-read = Largoni kartelën
card-read-hint = Kartela u lexua.
card-one-only = Vetëm një kartelë
card-one-only-hint = Te pajisja ka më shumë se një kartelë. Afroni vetëm njërën.
card-see-phone = Shikoni telefonin tuaj
card-see-phone-hint = Telefoni i klientit duhet të zhbllokohet. Pastaj afrojeni përsëri te pajisja.
card-again = Afroni kartelën përsëri
card-again-hint = Kartela u largua shumë herët. Mbajeni pa lëvizur deri te sinjali.
pin-enter = Shkruani PIN-in
pin-hint = Për klientin: jepjani pajisjen. Askush tjetër nuk guxon ta shohë PIN-in.
pad-fixed-hint = Shifrat janë si në telefon: 1 lart majtas, 0 ndërmjet Fshi dhe OK.
pad-fixed = Tastierë e qasshme
pad-shuffled = Tastierë e përzier
pad-typed =
    { $digits ->
        [one] { $digits } shifër e shkruar
       *[other] { $digits } shifra të shkruara
    }
pad-covered = Një aplikacion tjetër e mbulon tastierën e PIN-it. Mbylleni për të vazhduar.
pad-captured = Ekrani po regjistrohet ose po shfaqet diku tjetër. Ndaleni këtë për të vazhduar.
pad-place = Rreshti { $row }, { $place }
pad-left = majtas
pad-middle = në mes
pad-right = djathtas
bank-working = Një moment…
bank-connecting = Po lidhet me bankën…
bank-online = Po pritet banka…
bank-repeating = Banka nuk është përgjigjur: po pyetet përsëri…
    .next = Mos filloni pagesë tjetër. Asgjë nuk tarifohet dy herë.
bank-reversing = Banka nuk është përgjigjur: po stornohet…
    .next = Mos e dorëzoni ende mallin.

### Rezultatet

result-title = Rezultati
approved = Aprovuar
declined = Refuzuar
another-card = Përdorni kartelë tjetër
reversed = Stornuar
unknown = Ende nuk dihet
cancelled = Anuluar
receipt = Fatura
reference-number = Numri i referencës
card = Kartela
auth-code = Kodi i autorizimit
card-type = Lloji i kartelës
transaction-type = Lloji i transaksionit
purchase = Blerje
refund = Kthim
refund-of = Kthim i blerjes
sms-receipt = Fatura me SMS

network-missing = Ky telefon nuk ka rrjet: banka nuk mund të kontaktohet.
    .next = Çaktivizoni modalitetin e aeroplanit, ose aktivizoni Wi-Fi apo të dhënat celulare. Deri atëherë nuk mund të shitet.

### Çfarë ka banka kundër kësaj pajisjeje: `next` e ndreq

device-debugger = Një program tjetër po vëzhgon { -app }.
    .next = Çaktivizoni opsionet e zhvilluesit dhe USB debugging, pastaj rindizni telefonin.
device-rooted = Ky telefon është root: programet tjera mund të lexojnë çka bën { -app }.
    .next = Kthejeni sistemin e prodhuesit, ose përdorni një telefon tjetër.
device-emulator = { -app } po punon në emulator.
    .next = Pagesat mund të pranohen vetëm në telefon të vërtetë.
device-clock = Ora e këtij telefoni dallon për { $time }.
    .next = Te cilësimet e telefonit caktoni datën dhe kohën në automatike.
device-app-old = Ky { -app } është më i vjetër se sa lejon banka.
    .next = Përditësoni aplikacionin, pastaj hapeni përsëri.
device-system-unknown = Ky telefon nuk tregon sa i vjetër është sistemi i tij.
    .next = Përditësoni sistemin e telefonit; nëse nuk ka përditësim, përdorni një telefon tjetër.
device-system-old = Përditësimi i sigurisë së telefonit është i { $month }: tepër i vjetër.
    .next = Instaloni përditësimet te cilësimet e telefonit; nëse nuk ka, përdorni një telefon më të ri.
attestation-absent = Ky telefon nuk mund të dëshmojë ku i ruan çelësat.
    .next = Pyetni bankën cilët telefona mund të përdoren.
attestation-too-old = Dëshmia e fundit e sigurisë së telefonit është tepër e vjetër.
    .next = Mbajeni telefonin të lidhur një minutë, pastaj provoni përsëri.
attestation-malformed = Dëshmia e sigurisë së telefonit nuk mund të lexohet.
    .next = Përditësoni telefonin dhe aplikacionin; nëse përsëritet, telefononi bankën.
attestation-untrusted = Dëshmia e sigurisë së telefonit vjen nga dikush që banka nuk i beson.
    .next = Përdorni telefon të një prodhuesi tjetër: pyetni bankën cilin.
attestation-broken = Dëshmia e sigurisë së telefonit nuk është e plotë.
    .next = Rindizni telefonin dhe provoni përsëri; nëse përsëritet, telefononi bankën.
attestation-out-of-date = Dëshmisë së sigurisë së telefonit i ka kaluar afati, ose data e telefonit është e gabuar.
    .next = Caktoni datën dhe kohën në automatike, përditësoni telefonin, pastaj provoni përsëri.
attestation-revoked = Prodhuesi i ka tërhequr çelësat e sigurisë së këtij telefoni.
    .next = Përdorni një telefon tjetër.
attestation-challenge = Dëshmia e sigurisë së telefonit është e mëhershme.
    .next = Provoni përsëri; nëse përsëritet, telefononi bankën.
attestation-key = Dëshmia e sigurisë së telefonit është e një çelësi tjetër nga i këtij terminali.
    .next = Telefononi bankën: terminali duhet të aktivizohet përsëri.
attestation-software = Ky telefon i ruan çelësat vetëm në softuer.
    .next = Përdorni një telefon me harduer të sigurt: pyetni bankën cilin.
attestation-boot = Ky telefon është ndezur me sistem të ndryshuar, ose boot loader-i i tij është i hapur.
    .next = Kthejeni sistemin e prodhuesit dhe mbylleni boot loader-in, ose përdorni një telefon tjetër.
attestation-application = Ky nuk është aplikacioni { -app } i bankës.
    .next = Fshijeni, dhe instaloni { -app } nga vendi që e thotë banka.
attestation-patch = Telefoni ka dëshmuar se përditësimi i tij i sigurisë është i { $month }: tepër i vjetër.
    .next = Instaloni përditësimet te cilësimet e telefonit; nëse nuk ka, përdorni një telefon më të ri.
attestation-purpose = Çelësi i telefonit nuk është krijuar siç kërkon banka.
    .next = Përditësoni aplikacionin, dhe aktivizoni terminalin përsëri.

### Pse nuk u aprovua, dhe çfarë të bëhet

nothing-charged =
    { $kind ->
        [refund] Asgjë nuk u kthye.
       *[purchase] Asgjë nuk u tarifua.
    }
start-again =
    { $kind ->
        [refund] Fillojeni kthimin përsëri.
       *[purchase] Fillojeni pagesën përsëri.
    }
other-card =
    { $kind ->
        [refund] { nothing-charged } Kërkoni kartelën me të cilën është paguar.
       *[purchase] { nothing-charged } Kërkoni një kartelë tjetër ose mënyrë tjetër të pagesës.
    }
again = { nothing-charged } { start-again }
declined-insufficient-funds = Në kartelë nuk ka mjete të mjaftueshme.
    .next = { other-card }
declined-wrong-pin = PIN-i është i gabuar.
    .next = { start-again } Klienti le ta shkruajë PIN-in përsëri.
declined-pin-blocked = PIN-i është shkruar gabim tepër herë.
    .next = Banka e klientit duhet ta zhbllokojë. Kërkoni një kartelë tjetër.
declined-pin-required = Banka e klientit kërkon PIN-in.
    .next = Fillojeni pagesën përsëri me një kartelë që pranon PIN.
declined-by-issuer = Banka e klientit e refuzoi.
    .next = { other-card }
declined-unknown-card = Banka e klientit nuk e njeh këtë kartelë.
    .next = { other-card }
declined-data-mismatch = Të dhënat e kartelës nuk përputhen me këtë pagesë.
    .next = { again }
declined-over-limit = Vlera është mbi limitin e kartelës.
    .next = { other-card }
declined-issuer-unavailable = Banka e klientit nuk mund të kontaktohet.
    .next = { nothing-charged } Provoni përsëri pas disa minutash.
declined-supervisor-required = Pëlqimi i mbikëqyrësit ka skaduar.
    .next = Asgjë nuk u kthye. Fillojeni kthimin përsëri me kodin mbikëqyrës.
declined-other-card = Kjo nuk është kartela me të cilën është paguar.
    .next = Asgjë nuk u kthye. Kërkoni kartelën e blerjes.
declined-more-than-paid = Vlera është më e madhe se sa ka mbetur nga blerja.
    .next = Asgjë nuk u kthye. Shikoni detajet e blerjes.
declined-not-refundable = Këtu nuk ka blerje që mund të kthehet.
    .next = Asgjë nuk u kthye. Kërkojeni blerjen te historia.
card-expired = Kartelës i ka kaluar afati.
    .next = { other-card }
card-not-genuine = Nuk u vërtetua që kartela është origjinale.
    .next = { other-card }
tap-no-card = Për 30 sekonda nuk u afrua asnjë kartelë.
    .next = { again }
tap-cancelled =
    { $kind ->
        [refund] Kthimi u anulua.
       *[purchase] Pagesa u anulua.
    }
    .next = { nothing-charged }
tap-card-moved = Kartela u largua shumë herët.
    .next = { nothing-charged } Filloni përsëri dhe mbajeni kartelën pa lëvizur deri te sinjali.
tap-card-moved-late = Kartela u largua në momentin e fundit.
    .next =
        { $kind ->
            [refund] Asgjë nuk u kthye: banka nuk u pyet. Filloni përsëri dhe mbajeni kartelën pa lëvizur deri te sinjali.
           *[purchase] Asgjë nuk u tarifua: banka nuk u pyet. Filloni përsëri dhe mbajeni kartelën pa lëvizur deri te sinjali.
        }
tap-card-misbehaved = Kartela nuk mund të lexohej.
    .next = { other-card }
tap-not-accepted = Kjo kartelë nuk pranohet këtu.
    .next = { other-card }
tap-refused-by-card =
    { $kind ->
        [refund] Kartela e refuzoi kthimin.
       *[purchase] Kartela e refuzoi pagesën.
    }
    .next = { other-card }
tap-refused-by-terminal =
    { $kind ->
        [refund] Kartela nuk mund të përdoret për këtë kthim.
       *[purchase] Kartela nuk mund të përdoret për këtë pagesë.
    }
    .next = { other-card }
tap-no-verification = Klienti nuk mund të verifikohet këtu me këtë kartelë.
    .next = { other-card }
tap-over-limit = Vlera është mbi limitin për kartela pa kontakt.
    .next = { other-card }
pin-cancelled = Për këtë vlerë kërkohet PIN-i i kartelës, dhe ai nuk u shkrua.
    .next = { again }
pin-timed-out = PIN-i nuk u shkrua me kohë.
    .next = { again }
pin-wrong-length = PIN-i ka 4 deri në 12 shifra.
    .next = { again }
keys-unusable = Çelësat e këtij terminali nuk mund të përdoren.
    .next = { nothing-charged } Provoni përsëri. Nëse kjo nuk ndihmon, telefononi bankën: terminali duhet të aktivizohet përsëri.
sale-reversed =
    { $kind ->
        [refund] Përgjigjja e bankës nuk arriti, prandaj kthimi u stornua.
       *[purchase] Përgjigjja e bankës nuk arriti, prandaj pagesa u stornua.
    }
    .next =
        { $kind ->
            [refund] Banka ka konfirmuar se asgjë nuk u kthye. Fillojeni kthimin përsëri.
           *[purchase] Banka ka konfirmuar se asgjë nuk u tarifua. Fillojeni pagesën përsëri.
        }
sale-unknown = Përgjigjja e bankës nuk arriti, dhe banka tani nuk mund të kontaktohet.
    .next =
        { $kind ->
            [refund] Mos i ktheni mjetet në mënyrë tjetër. Terminali e stornon kthimin sapo të përgjigjet banka.
           *[purchase] Mos e dorëzoni mallin me këtë kartelë. Terminali e stornon pagesën sapo të përgjigjet banka.
        }
sale-interrupted = Terminalit iu desh ta rinisë një pjesë të vetën në mes të pagesës.
    .next = { again }
sale-forgotten = Terminalit iu desh të riniset, dhe asnjë pagesë nuk është e hapur. Shikoni faturën e fundit para se të filloni përsëri.
sale-clock-wrong = Ora e këtij telefoni është e gabuar.
    .next = { nothing-charged } Te cilësimet e telefonit caktoni datën dhe kohën në automatike.
sale-terminal-blocked = Banka e ka bllokuar këtë terminal.
    .next = { nothing-charged } Telefononi bankën.
sale-app-outdated = Banka kërkon një version më të ri të { -app }.
    .next = { nothing-charged } Përditësoni aplikacionin.
sale-bank-busy = Banka është e ngarkuar.
    .next = { nothing-charged } Provoni përsëri pas një minute.
sale-device-blocked = { $why }
    .next = { nothing-charged } { $mend }
sale-device-blocked-unsaid = Banka nuk e lejon këtë telefon të pranojë pagesa kështu siç është.
    .next = { nothing-charged } Filloni përsëri për të parë pse.
sale-device-unreported = Banka nuk ka fjalë të re për gjendjen e këtij telefoni.
    .next = { nothing-charged } Filloni përsëri.
sale-book-is-old = Është kthyer një kopje e vjetër e të dhënave të këtij terminali: banka ka pagesa të mëvonshme të tij.
    .next = { nothing-charged } Telefononi bankën: terminali duhet të aktivizohet përsëri.
sale-books-disagree = Banka dhe ky terminal nuk pajtohen për atë që është shitur më parë.
    .next = { nothing-charged } Telefononi bankën: ajo duhet t'i krahasojë librat.
sale-keys-used-before = Çelësat e këtij terminali janë përdorur më parë: është kthyer një kopje e vjetër e të dhënave të tij.
    .next = { nothing-charged } Terminali tani merr çelësa të rinj: filloni përsëri.
sale-message-refused = Banka nuk e pranoi mesazhin: { $why }.
    .next = { nothing-charged } Provoni përsëri; nëse përsëritet, telefononi bankën.
sale-not-kept = Pagesa nuk mund të ruhej: { $why }.
    .next = { nothing-charged } Rregullojeni këtë, pastaj filloni përsëri.
sale-link-busy = Një pagesë tjetër ende po zgjidhet me bankën.
    .next = { nothing-charged } Provoni përsëri pas një minute.
sale-line-bad-address = { line-bad-address }
    .next = { nothing-charged } Kontrolloni adresën e bankës te cilësimet.
sale-line-unreachable = { line-unreachable }
    .next = { nothing-charged } Kontrolloni lidhjen e internetit dhe provoni përsëri.
sale-line-timed-out = { line-timed-out }
    .next = { nothing-charged } Kontrolloni lidhjen e internetit dhe provoni përsëri.
sale-line-broken = { line-broken }
    .next = { nothing-charged } Kontrolloni lidhjen e internetit dhe provoni përsëri.
sale-line-not-the-bank = { line-not-the-bank }
    .next = { nothing-charged } Përdorni një rrjet tjetër; nëse ndodh edhe aty, telefononi bankën.
sale-line-certificate-revoked = { line-certificate-revoked }
    .next = { nothing-charged } Telefononi bankën: terminali duhet të aktivizohet përsëri.
sale-line-certificate-expired = { line-certificate-expired }
    .next = { nothing-charged } Telefononi bankën: terminali duhet të aktivizohet përsëri.
sale-line-certificate-refused = { line-certificate-refused }
    .next = { nothing-charged } Telefononi bankën: terminali duhet të aktivizohet përsëri.
sale-line-incompatible = { line-incompatible }
    .next = { nothing-charged } Përditësoni aplikacionin.

### Lidhja me bankën

line-bad-address = Adresa e bankës nuk është e vlefshme.
line-unreachable = Banka nuk mund të kontaktohet.
line-timed-out = Banka nuk u përgjigj me kohë.
line-not-the-bank = Kush u përgjigj nuk është banka: certifikatës së saj ky terminal nuk i beson.
line-certificate-revoked = Banka e ka tërhequr certifikatën e këtij terminali.
line-certificate-expired = Certifikatës së këtij terminali i ka kaluar afati.
line-certificate-refused = Banka nuk e pranon certifikatën e këtij terminali.
line-incompatible = Banka flet një version tjetër të protokollit.
line-broken = Lidhja me bankën u ndërpre.

### Libri i terminalit, brenda fjalisë

store-full = disku është plot
store-unreadable = libri nuk mund të lexohet ose të shkruhet (lejet, ose disku po prishet)
store-damaged = libri është i dëmtuar te regjistrimi { $entry }
store-newer-version = libri është i versionit { $version }, më i ri se sa e kupton ky program
store-in-use = një { -app } tjetër po i përdor të njëjtat të dhëna
store-too-many-unresolved = tepër pagesa presin konfirmimin e bankës
store-out-of-order = librit iu kërkua të regjistrojë diçka jashtë radhe

### Çfarë thotë banka për një mesazh, brenda fjalisë

host-malformed = mesazhi nuk mund të lexohet
host-version = banka flet versionin { $version }
host-bad-signature = nënshkrimi i mesazhit nuk verifikohet
host-wrong-terminal = mesazhi është i një terminali tjetër nga lidhja
host-terminal-blocked = banka e ka bllokuar këtë terminal
host-replayed = ky mesazh është përdorur më parë
host-sequence-gap = mungon një mesazh
host-broken-chain = mesazhi nuk vjen pas atij paraprak
host-stale-time = ora e terminalit dallon { $seconds } sekonda nga ajo e bankës
host-already-reversed = mesazhi u stornua para se të arrijë
host-bad-key-serial = të dhënat e kartelës nuk deshifrohen
host-not-allowed = ky terminal nuk guxon ta bëjë këtë
host-busy = banka është e ngarkuar
host-code-unknown = kodi për aktivizim nuk njihet
host-code-used = kodi për aktivizim është përdorur më parë
host-code-expired = kodit për aktivizim i ka kaluar afati
host-too-many-attempts = tepër kode të gabuara, pritni { $seconds } sekonda
host-bad-certificate-request = kërkesa për certifikatë nuk pranohet
host-key-unknown = çelësi i të dhënave të kartelës nuk është i këtij terminali
host-key-used-before = çelësi i të dhënave të kartelës është përdorur më parë
host-key-impossible = asnjë terminal nuk e ka çelësin e të dhënave të kartelës
host-standing-missing = gjendja e terminalit nuk është raportuar
host-attestation-refused = dëshmia e sigurisë së telefonit nuk pranohet
host-pin-format = banka nuk pranon blloqe PIN të këtij formati

### Pse diçka nuk filloi

refused-busy = Një pagesë tjetër është në vazhdim: së pari përfundojeni ose anulojeni.
refused-already-activated = Ky terminal tashmë është aktivizuar.
refused-amount-zero = Vlera është zero: shkruani një vlerë mbi zero.
refused-amount-over-limit = Vlera është mbi atë që lejohet për një pagesë në këtë terminal.
refused-book-unusable = Libri i terminalit nuk mund të përdoret: asgjë nuk mund të shitet derisa të rregullohet.
refused-overloaded = Terminali është i ngarkuar: provoni përsëri pas një momenti.
refused-interrupted = Terminalit iu desh ta rinisë një pjesë të vetën. Asgjë nuk u tarifua: filloni përsëri.

### Pse pyetja për bankën nuk ka përgjigje

ask-line = { $why } Kontrolloni lidhjen e internetit dhe provoni përsëri.
ask-busy = Një pagesë e mëparshme ende po zgjidhet me bankën. Provoni përsëri pas një minute.
ask-no-keys = Çelësat e këtij terminali nuk mund të përdoren. Telefononi bankën: terminali duhet të aktivizohet përsëri.
ask-store = Libri i terminalit nuk mund të përdoret: { $why }. Rregullojeni këtë, pastaj provoni përsëri.
ask-interrupted = Terminalit iu desh ta rinisë një pjesë të vetën. Provoni përsëri.
ask-no-answer = Banka nuk u përgjigj me kohë. Provoni përsëri.
ask-refused = Banka nuk e pranoi mesazhin: { $why }. Nëse përsëritet, telefononi bankën.
ask-no-sense = Përgjigjja e bankës është e pakuptueshme. Përditësoni aplikacionin dhe provoni përsëri.

### Fatura me SMS

sms-explained = Shënoni numrin e telefonit të klientit në formatin 383 4x xxx xxx. Aty dërgohet fatura digjitale.
phone-number = Numri i telefonit
sms-sent = Fatura u nis te { $number }.
phone-empty = Shkruani numrin e klientit, si 383 44 123 456.
phone-not-a-digit = „{ $character }“ nuk është shifër: numri është si 383 44 123 456.
phone-former-country = Numrat me +{ $country } nuk përdoren më në Kosovë: kërkoni numrin me +383.
phone-other-country = Fatura dërgohet vetëm te numrat e Kosovës: 383 4x xxx xxx.
phone-not-mobile = Ky nuk është numër i telefonisë mobile: pas 383 vazhdon me 43 deri në 49.
phone-too-short = Numri është tepër i shkurtër: pas 383 ka tetë shifra.
phone-too-long = Numri është tepër i gjatë: pas 383 ka tetë shifra.
receipt-unknown = Biznesi juaj nuk ka transaksion të tillë. Kërkojeni te historia.
receipt-not-paid = Ky transaksion nuk u pagua, ose u stornua: për të nuk ka faturë.
receipt-too-many = Tepër fatura u dërguan për një kohë të shkurtër. Provoni përsëri më vonë.

### Historia e transaksioneve

merchant-or-device = Tregtari ose pajisja
device-transactions = Transaksionet e pajisjes
merchant-transactions = Transaksionet e tregtarit
date-range = Periudha
today = Sot
yesterday = Dje
this-week = Këtë javë
this-month = Këtë muaj
custom = Sipas zgjedhjes
from-date = Nga data
to-date = Deri më datën
generate = Gjenero transaksionet
date-form = Kjo nuk është datë: shkruajeni si 2022/09/02 00:00:00.
date-no-such-day = Në kalendar nuk ka ditë ose kohë të tillë: shkruajeni si 2022/09/02 00:00:00.
date-in-future = Kjo datë është në të ardhmen: zgjidhni sot ose më herët.
history-reversed = Data e fundit është para datës së parë: ndryshojeni njërën.
history-too-long = Periudha është më e gjatë se një vit: zgjidhni një më të shkurtër.
history-grant-expired = Pëlqimi i mbikëqyrësit ka skaduar. Shkruajeni kodin përsëri.
history-code-explained = Transaksionet e të gjitha terminaleve të biznesit shfaqen me kodin mbikëqyrës.
history-empty = Këtu nuk ka transaksione.
history-shown = { $first } deri në { $last }, më të rejat të parat
total-transactions = Transaksione
total-purchases = Blerje
total-refunds = Kthime
total-net = Neto
refunded = Kthyer
search = Numri i referencës, ose katër shifrat e fundit të kartelës
search-button = Kërko
search-too-long = Shkruani një numër reference me më së shumti 12 shenja, ose katër shifrat e fundit të kartelës.
previous-page = Faqja paraprake
next-page = Faqja tjetër
details-title = Transaksioni
reversed-explained = Terminali nuk e pa përgjigjen e bankës, dhe banka e stornoi.
refund-transaction = Kthe transaksionin

### Eksporti

export-csv = Eksporto CSV
export-pdf = Eksporto PDF
export-progress =
    { $count ->
        [one] Po mblidhet: { $count } transaksion…
       *[other] Po mblidhen: { $count } transaksione…
    }
export-saved = U ruajt: { $name }
export-too-many = Një eksport mban më së shumti { $limit } transaksione. Zgjidhni një periudhë më të shkurtër.
export-withdrawn = Asgjë nuk u ruajt.
export-not-permitted = Skedari nuk lejohet të shkruhet aty. Zgjidhni një vend tjetër.
export-full = Nuk ka hapësirë për skedarin. Lironi hapësirë dhe provoni përsëri.
export-failed = Skedari nuk mund të shkruhej. Provoni përsëri.

### Kthimi

refund-title = Kthimi i pagesës
refund-step-1 = Hapi 1 nga 3
refund-step-2 = Hapi 2 nga 3
refund-step-3 = Hapi 3 nga 3
refund-explained = Shkruani kodin mbikëqyrës. Pastaj klienti e afron kartelën me të cilën ka paguar.
refund-amount = Vlera që kthehet
refund-paid = Paguar
refund-left = Mbetur
refund-more-than-left = Kjo është më shumë se sa ka mbetur nga blerja: më së shumti { $left }.

### Pse nuk ka fare ekran

start-full = Hapësira e këtij telefoni është plot: lironi hapësirë, pastaj hapeni { -app } përsëri.
start-failed = { -app } nuk mund të nisej: { $why }. Rindizni telefonin; nëse kjo nuk ndihmon, telefononi bankën tuaj.
