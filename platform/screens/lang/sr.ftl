# Srpski, latinica.

### Imena

-app = mPOS
app-name = { -app }
bank = ProCredit Bank

### Svuda

next = Dalje
done = Gotovo
cancel = Otkaži
back = Nazad
confirm = Potvrdi
send = Pošalji
later = Kasnije
try-again = Pokušaj ponovo
language = Jezik
asking-bank = Pita se banka…

### Početak i aktiviranje

opening = Otvara se terminal…
opening-failed = Terminal nije mogao da se otvori. Pokrenite aplikaciju ponovo; ako se ponovi, pozovite banku.
unusable = Ovaj terminal se ne može koristiti.
unusable-book = Knjiga terminala: { $why }. Otklonite to, pa pokrenite { -app } ponovo. Što je prodato, sigurno je.
activation-title = Aktiviranje terminala
activation-explained = Unesite kod za aktiviranje koji je banka poslala e-poštom.
activation-code = Kod za aktiviranje
activation-malformed = To nije kod za aktiviranje: on ima 16 slova i cifara, kao ABCD-EFGH-JKMN-PQRS. Proverite e-poštu.
activation-code-unknown = Banka ne zna ovaj kod za aktiviranje. Uporedite ga sa e-poštom i unesite ponovo.
activation-code-used = Ovaj kod za aktiviranje je već iskorišćen. Zatražite novi od banke.
activation-code-expired = Ovaj kod za aktiviranje je istekao. Zatražite novi od banke.
activation-too-many = Previše pogrešnih kodova za aktiviranje. Sačekajte { $time }, pa pokušajte ponovo.
activation-refused = Banka je odbila aktiviranje: { $why }. Ako se ponovi, pozovite banku.
activation-line = { $why } Terminal nije aktiviran; pokušajte ponovo.
activation-bad-answer = Odgovor banke nema smisla: ažurirajte aplikaciju i pokušajte ponovo.
activation-no-answer = Banka nije odgovorila na vreme. Pokušajte ponovo sa istim kodom.
activation-no-keys = Ovaj uređaj ne može da čuva ključeve terminala: proverite njegovu memoriju i pokušajte ponovo.
activation-not-kept = Aktiviranje nije moglo da se sačuva: { $why }. Otklonite to, pa pokušajte ponovo.
activation-interrupted = Aktiviranje je prekinuto. Pokušajte ponovo sa istim kodom.
not-activated = Ovaj terminal nije aktiviran.
    .next = Aktivirajte ga kodom koji je poslala banka.

### Kod nadzornika

supervisor-title = Kod nadzornika
supervisor-code = Kod nadzornika
supervisor-code-again = Kod nadzornika još jednom
supervisor-state-explained = Banka se pita da li vaša firma ima kod nadzornika.
supervisor-define-explained = Odredite kod nadzornika. Njime se potvrđuju povraćaji i prikazuju transakcije svih terminala vaše firme.
supervisor-join-explained = Vaša firma ima kod nadzornika. Unesite ga da biste dodali ovaj terminal.
supervisor-hint = 4 do 8 cifara, koje se ne pogađaju lako.
supervisor-defined = Kod nadzornika je određen.
supervisor-joined = Kod nadzornika je tačan.
supervisor-not-the-same = Dva koda nisu ista. Unesite drugi ponovo.
supervisor-wrong = Kod nadzornika je pogrešan.
    .next =
        { $tries ->
            [0] Pre sledećeg pokušaja je pauza.
            [one] Unesite ga ponovo: još { $tries } pokušaj pre pauze.
            [few] Unesite ga ponovo: još { $tries } pokušaja pre pauze.
           *[other] Unesite ga ponovo: još { $tries } pokušaja pre pauze.
        }
supervisor-locked = Previše pogrešnih kodova nadzornika. Sačekajte { $time }, pa pokušajte ponovo.
supervisor-locked-by-bank = Previše pogrešnih kodova nadzornika. Pozovite banku: samo banka može da ga poništi.
supervisor-not-defined = Vaša firma još nema kod nadzornika. Odredite ga u podešavanjima.
supervisor-already-defined = Vaša firma već ima kod nadzornika. Unesite taj; ako ga niko ne zna, pozovite banku.
supervisor-bad-key = Banka nije mogla da pročita kod. Unesite ga ponovo; ako se ponovi, pozovite banku.
trivial-length = Kod nadzornika ima 4 do 8 cifara, i ništa drugo.
trivial-same-digit = Ista cifra iznova se lako pogađa. Izaberite drugi kod.
trivial-sequence = Cifre po redu se lako pogađaju. Izaberite drugi kod.
trivial-repeated = Iste cifre dvaput se lako pogađaju. Izaberite drugi kod.

### Meni i podešavanja

menu = Glavni meni
new-payment = Novo plaćanje
transaction-history = Istorija transakcija
settings = Podešavanja
terminal-id = ID terminala
merchant = Trgovac
address = Adresa
version = Verzija
connection = Veza sa bankom
connection-check = Proveri vezu
connection-good = Banka odgovara. Veza je dobra.
about = O aplikaciji
about-text = { -app } prima beskontaktne kartice na ovom uređaju za { bank }. Samo kupovine i povraćaji. Pomoć: 080005555, www.procreditbank-kos.com.

### Plaćanje

amount-explained = Unesite iznos.
amount-not-a-number = To nije iznos: unesite ga kao 12.30.
amount-negative = Iznos je ispod nule: unesite iznos veći od nule.
amount-too-fine = Iznos ima više od dve decimale: najmanji novčić je 0.01.
amount-zero = Iznos je nula: unesite iznos veći od nule.
amount-too-large = Iznos je veći nego što transakcija karticom može da bude.
key-clear = Obriši
key-erase = Obriši jednu
key-ok = OK
starting = Počinje…
cancelling = Otkazuje se…
tap-card = Prislonite karticu
antenna-hint = Prislonite karticu na poleđinu uređaja, gde mu je antena.
seconds-left =
    { $seconds ->
        [one] još { $seconds } sekunda
        [few] još { $seconds } sekunde
       *[other] još { $seconds } sekundi
    }
card-hold = Držite karticu mirno
card-hold-hint = Kartica se čita.
card-read = Sklonite karticu
card-read-hint = Kartica je pročitana.
card-one-only = Samo jedna kartica
card-one-only-hint = Kod uređaja je više kartica. Prislonite samo jednu.
card-see-phone = Pogledajte svoj telefon
card-see-phone-hint = Telefon kupca treba otključati. Zatim ga ponovo prislonite na uređaj.
card-again = Prislonite karticu ponovo
card-again-hint = Kartica je sklonjena prerano. Držite je mirno do zvuka.
pin-enter = Unesite PIN
pin-hint = Za kupca: predajte mu uređaj. Niko drugi ne sme da vidi PIN.
pad-fixed-hint = Cifre stoje kao na telefonu: 1 gore levo, 0 između Obriši i OK.
pad-fixed = Pristupačna tastatura
pad-shuffled = Izmešana tastatura
pad-typed =
    { $digits ->
        [one] { $digits } uneta cifra
        [few] { $digits } unete cifre
       *[other] { $digits } unetih cifara
    }
pad-covered = Druga aplikacija prekriva tastaturu za PIN. Zatvorite je da nastavite.
pad-captured = Ekran se snima ili prikazuje na drugom mestu. Zaustavite to da nastavite.
pad-place = Red { $row }, { $place }
pad-left = levo
pad-middle = u sredini
pad-right = desno
bank-working = Trenutak…
bank-connecting = Povezivanje sa bankom…
bank-online = Čeka se banka…
bank-repeating = Banka nije odgovorila: pita se ponovo…
    .next = Ne počinjite drugo plaćanje. Ništa se ne naplaćuje dvaput.
bank-reversing = Banka nije odgovorila: transakcija se stornira…
    .next = Ne predajte još robu.

### Rezultati

result-title = Rezultat
approved = Odobreno
declined = Odbijeno
another-card = Upotrebite drugu karticu
reversed = Stornirano
unknown = Još nije poznato
cancelled = Otkazano
receipt = Račun
reference-number = Referentni broj
card = Kartica
auth-code = Kod autorizacije
card-type = Vrsta kartice
transaction-type = Vrsta transakcije
purchase = Kupovina
refund = Povraćaj
refund-of = Povraćaj kupovine
sms-receipt = Račun SMS-om

network-missing = Ovaj telefon nema mrežu: banka nije dostupna.
    .next = Isključite režim rada u avionu, ili uključite Wi-Fi ili mobilne podatke. Do tada prodaja nije moguća.

### Šta banka zamera ovom uređaju: `next` to popravlja

device-debugger = Drugi program posmatra { -app }.
    .next = Isključite opcije za programere i USB debugging, pa ponovo pokrenite telefon.
device-rooted = Ovaj telefon je rutovan: drugi programi mogu da čitaju šta { -app } radi.
    .next = Vratite sistem proizvođača, ili koristite drugi telefon.
device-emulator = { -app } radi u emulatoru.
    .next = Plaćanja mogu da se primaju samo na pravom telefonu.
device-clock = Sat ovog telefona odstupa za { $time }.
    .next = U podešavanjima telefona postavite datum i vreme na automatski.
device-app-old = Ovaj { -app } je stariji nego što banka dozvoljava.
    .next = Ažurirajte aplikaciju, pa je ponovo otvorite.
device-system-unknown = Ovaj telefon ne kaže koliko je star njegov sistem.
    .next = Ažurirajte sistem telefona; ako nema ažuriranja, koristite drugi telefon.
device-system-old = Bezbednosno ažuriranje telefona je iz { $month }: prestaro.
    .next = Instalirajte ažuriranja u podešavanjima telefona; ako ih nema, koristite noviji telefon.
attestation-absent = Ovaj telefon ne može da dokaže gde čuva ključeve.
    .next = Pitajte banku koji telefoni mogu da se koriste.
attestation-too-old = Poslednji dokaz bezbednosti telefona je prestar.
    .next = Držite telefon povezan jedan minut, pa pokušajte ponovo.
attestation-malformed = Dokaz bezbednosti telefona ne može da se pročita.
    .next = Ažurirajte telefon i aplikaciju; ako se ponovi, pozovite banku.
attestation-untrusted = Dokaz bezbednosti telefona je od nekoga kome banka ne veruje.
    .next = Koristite telefon drugog proizvođača: pitajte banku koji.
attestation-broken = Dokaz bezbednosti telefona nije potpun.
    .next = Ponovo pokrenite telefon i pokušajte opet; ako se ponovi, pozovite banku.
attestation-out-of-date = Dokaz bezbednosti telefona je istekao, ili datum telefona nije tačan.
    .next = Postavite datum i vreme na automatski, ažurirajte telefon, pa pokušajte ponovo.
attestation-revoked = Proizvođač je povukao bezbednosne ključeve ovog telefona.
    .next = Koristite drugi telefon.
attestation-challenge = Dokaz bezbednosti telefona je raniji.
    .next = Pokušajte ponovo; ako se ponovi, pozovite banku.
attestation-key = Dokaz bezbednosti telefona je za drugi ključ nego što je ovog terminala.
    .next = Pozovite banku: terminal mora ponovo da se aktivira.
attestation-software = Ovaj telefon čuva ključeve samo u softveru.
    .next = Koristite telefon sa bezbednim hardverom: pitajte banku koji.
attestation-boot = Ovaj telefon je pokrenut sa izmenjenim sistemom, ili mu je boot loader otključan.
    .next = Vratite sistem proizvođača i zaključajte boot loader, ili koristite drugi telefon.
attestation-application = Ovo nije bankina aplikacija { -app }.
    .next = Uklonite je, i instalirajte { -app } odande odakle kaže banka.
attestation-patch = Telefon je dokazao da je njegovo bezbednosno ažuriranje iz { $month }: prestaro.
    .next = Instalirajte ažuriranja u podešavanjima telefona; ako ih nema, koristite noviji telefon.
attestation-purpose = Ključ telefona nije napravljen kako banka traži.
    .next = Ažurirajte aplikaciju, i ponovo aktivirajte terminal.

### Zašto nije odobreno, i šta da se radi

nothing-charged =
    { $kind ->
        [refund] Ništa nije vraćeno.
       *[purchase] Ništa nije naplaćeno.
    }
start-again =
    { $kind ->
        [refund] Počnite povraćaj ponovo.
       *[purchase] Počnite plaćanje ponovo.
    }
other-card =
    { $kind ->
        [refund] { nothing-charged } Zatražite karticu kojom je plaćeno.
       *[purchase] { nothing-charged } Zatražite drugu karticu ili drugi način plaćanja.
    }
again = { nothing-charged } { start-again }
declined-insufficient-funds = Na kartici nema dovoljno novca.
    .next = { other-card }
declined-wrong-pin = PIN je pogrešan.
    .next = { start-again } Neka kupac ponovo unese PIN.
declined-pin-blocked = PIN je previše puta bio pogrešan.
    .next = Banka kupca mora da ga odblokira. Zatražite drugu karticu.
declined-pin-required = Banka kupca traži PIN.
    .next = Počnite plaćanje ponovo sa karticom koja prima PIN.
declined-by-issuer = Banka kupca je odbila.
    .next = { other-card }
declined-unknown-card = Banka kupca ne zna ovu karticu.
    .next = { other-card }
declined-data-mismatch = Podaci kartice ne odgovaraju ovom plaćanju.
    .next = { again }
declined-over-limit = Iznos je iznad limita kartice.
    .next = { other-card }
declined-issuer-unavailable = Banka kupca nije dostupna.
    .next = { nothing-charged } Pokušajte ponovo za nekoliko minuta.
declined-supervisor-required = Saglasnost nadzornika je istekla.
    .next = Ništa nije vraćeno. Počnite povraćaj ponovo sa kodom nadzornika.
declined-other-card = To nije kartica kojom je plaćeno.
    .next = Ništa nije vraćeno. Zatražite karticu od kupovine.
declined-more-than-paid = Iznos je veći od onoga što je ostalo od kupovine.
    .next = Ništa nije vraćeno. Pogledajte detalje kupovine.
declined-not-refundable = Ovde nema kupovine koja bi mogla da se vrati.
    .next = Ništa nije vraćeno. Potražite kupovinu u istoriji.
card-expired = Kartica je istekla.
    .next = { other-card }
card-not-genuine = Nije dokazano da je kartica prava.
    .next = { other-card }
tap-no-card = Kartica nije prislonjena u roku od 30 sekundi.
    .next = { again }
tap-cancelled =
    { $kind ->
        [refund] Povraćaj je otkazan.
       *[purchase] Plaćanje je otkazano.
    }
    .next = { nothing-charged }
tap-card-moved = Kartica je sklonjena prerano.
    .next = { nothing-charged } Počnite ponovo i držite karticu mirno do zvuka.
tap-card-moved-late = Kartica je sklonjena u poslednjem trenutku.
    .next =
        { $kind ->
            [refund] Ništa nije vraćeno: banka nije pitana. Počnite ponovo i držite karticu mirno do zvuka.
           *[purchase] Ništa nije naplaćeno: banka nije pitana. Počnite ponovo i držite karticu mirno do zvuka.
        }
tap-card-misbehaved = Kartica nije mogla da se pročita.
    .next = { other-card }
tap-not-accepted = Ova kartica se ovde ne prima.
    .next = { other-card }
tap-refused-by-card =
    { $kind ->
        [refund] Kartica je odbila povraćaj.
       *[purchase] Kartica je odbila plaćanje.
    }
    .next = { other-card }
tap-refused-by-terminal =
    { $kind ->
        [refund] Kartica ne sme da se koristi za ovaj povraćaj.
       *[purchase] Kartica ne sme da se koristi za ovo plaćanje.
    }
    .next = { other-card }
tap-no-verification = Kupac ne može da se proveri ovde sa ovom karticom.
    .next = { other-card }
tap-over-limit = Iznos je iznad limita za beskontaktne kartice.
    .next = { other-card }
pin-cancelled = Za ovaj iznos je potreban PIN kartice, a nije unet.
    .next = { again }
pin-timed-out = PIN nije unet na vreme.
    .next = { again }
pin-wrong-length = PIN ima 4 do 12 cifara.
    .next = { again }
keys-unusable = Ključevi ovog terminala ne mogu da se koriste.
    .next = { nothing-charged } Pokušajte ponovo. Ako to ne pomogne, pozovite banku: terminal mora ponovo da se aktivira.
sale-reversed =
    { $kind ->
        [refund] Odgovor banke nije stigao, pa je povraćaj storniran.
       *[purchase] Odgovor banke nije stigao, pa je plaćanje stornirano.
    }
    .next =
        { $kind ->
            [refund] Banka je potvrdila da ništa nije vraćeno. Počnite povraćaj ponovo.
           *[purchase] Banka je potvrdila da ništa nije naplaćeno. Počnite plaćanje ponovo.
        }
sale-unknown = Odgovor banke nije stigao, a banka sada nije dostupna.
    .next =
        { $kind ->
            [refund] Ne vraćajte novac na drugi način. Terminal stornira povraćaj čim banka odgovori.
           *[purchase] Ne predajte robu na ovu karticu. Terminal stornira plaćanje čim banka odgovori.
        }
sale-interrupted = Terminal je morao da ponovo pokrene jedan svoj deo usred plaćanja.
    .next = { again }
sale-forgotten = Terminal je morao ponovo da se pokrene, i nijedno plaćanje nije otvoreno. Pogledajte poslednji račun pre nego što počnete ponovo.
sale-clock-wrong = Sat ovog telefona nije tačan.
    .next = { nothing-charged } U podešavanjima telefona postavite datum i vreme na automatski.
sale-terminal-blocked = Banka je blokirala ovaj terminal.
    .next = { nothing-charged } Pozovite banku.
sale-app-outdated = Banci je potrebna novija verzija { -app }-a.
    .next = { nothing-charged } Ažurirajte aplikaciju.
sale-bank-busy = Banka je zauzeta.
    .next = { nothing-charged } Pokušajte ponovo za minut.
sale-device-blocked = { $why }
    .next = { nothing-charged } { $mend }
sale-device-blocked-unsaid = Banka ne dozvoljava ovom telefonu da prima plaćanja ovakvom kakav je.
    .next = { nothing-charged } Počnite ponovo da vidite zašto.
sale-device-unreported = Banka nema sveže reči o stanju ovog telefona.
    .next = { nothing-charged } Počnite ponovo.
sale-book-is-old = Vraćena je stara kopija podataka ovog terminala: banka ima njegova kasnija plaćanja.
    .next = { nothing-charged } Pozovite banku: terminal mora ponovo da se aktivira.
sale-books-disagree = Banka i ovaj terminal se ne slažu o tome šta je ranije prodato.
    .next = { nothing-charged } Pozovite banku: ona mora da uporedi knjige.
sale-keys-used-before = Ključevi ovog terminala su već iskorišćeni: vraćena je stara kopija njegovih podataka.
    .next = { nothing-charged } Terminal sada uzima nove ključeve: počnite ponovo.
sale-message-refused = Banka nije prihvatila poruku: { $why }.
    .next = { nothing-charged } Pokušajte ponovo; ako se ponovi, pozovite banku.
sale-not-kept = Plaćanje nije moglo da se sačuva: { $why }.
    .next = { nothing-charged } Otklonite to, pa počnite ponovo.
sale-link-busy = Drugo plaćanje se još rešava sa bankom.
    .next = { nothing-charged } Pokušajte ponovo za minut.
sale-line-bad-address = { line-bad-address }
    .next = { nothing-charged } Proverite adresu banke u podešavanjima.
sale-line-unreachable = { line-unreachable }
    .next = { nothing-charged } Proverite vezu sa internetom i pokušajte ponovo.
sale-line-timed-out = { line-timed-out }
    .next = { nothing-charged } Proverite vezu sa internetom i pokušajte ponovo.
sale-line-broken = { line-broken }
    .next = { nothing-charged } Proverite vezu sa internetom i pokušajte ponovo.
sale-line-not-the-bank = { line-not-the-bank }
    .next = { nothing-charged } Upotrebite drugu mrežu; ako se i tamo desi, pozovite banku.
sale-line-certificate-revoked = { line-certificate-revoked }
    .next = { nothing-charged } Pozovite banku: terminal mora ponovo da se aktivira.
sale-line-certificate-expired = { line-certificate-expired }
    .next = { nothing-charged } Pozovite banku: terminal mora ponovo da se aktivira.
sale-line-certificate-refused = { line-certificate-refused }
    .next = { nothing-charged } Pozovite banku: terminal mora ponovo da se aktivira.
sale-line-incompatible = { line-incompatible }
    .next = { nothing-charged } Ažurirajte aplikaciju.

### Veza sa bankom

line-bad-address = Adresa banke nije ispravna.
line-unreachable = Banka nije dostupna.
line-timed-out = Banka nije odgovorila na vreme.
line-not-the-bank = Ko je odgovorio nije banka: njenom sertifikatu ovaj terminal ne veruje.
line-certificate-revoked = Banka je povukla sertifikat ovog terminala.
line-certificate-expired = Sertifikat ovog terminala je istekao.
line-certificate-refused = Banka ne prihvata sertifikat ovog terminala.
line-incompatible = Banka govori drugu verziju protokola.
line-broken = Veza sa bankom je prekinuta.

### Knjiga terminala, unutar rečenice

store-full = disk je pun
store-unreadable = knjiga ne može da se čita ili piše (dozvole, ili se disk kvari)
store-damaged = knjiga je oštećena kod zapisa { $entry }
store-newer-version = knjiga je verzije { $version }, novija nego što ovaj program razume
store-in-use = drugi { -app } koristi iste podatke
store-too-many-unresolved = previše plaćanja čeka potvrdu banke
store-out-of-order = od knjige je traženo da zapiše nešto mimo reda

### Šta banka kaže o poruci, unutar rečenice

host-malformed = poruka ne može da se pročita
host-version = banka govori verziju { $version }
host-bad-signature = potpis poruke nije ispravan
host-wrong-terminal = poruka je od drugog terminala nego veza
host-terminal-blocked = banka je blokirala ovaj terminal
host-replayed = ova poruka je već iskorišćena
host-sequence-gap = nedostaje poruka
host-broken-chain = poruka ne sledi prethodnu
host-stale-time = sat terminala se razlikuje { $seconds } sekundi od bankinog
host-already-reversed = poruka je stornirana pre nego što je stigla
host-bad-key-serial = podaci kartice ne mogu da se dešifruju
host-not-allowed = ovaj terminal to ne sme
host-busy = banka je zauzeta
host-code-unknown = kod za aktiviranje nije poznat
host-code-used = kod za aktiviranje je već iskorišćen
host-code-expired = kod za aktiviranje je istekao
host-too-many-attempts = previše pogrešnih kodova, sačekajte { $seconds } sekundi
host-bad-certificate-request = zahtev za sertifikat nije prihvatljiv
host-key-unknown = ključ podataka kartice nije od ovog terminala
host-key-used-before = ključ podataka kartice je već iskorišćen
host-key-impossible = nijedan terminal nema ključ podataka kartice
host-standing-missing = stanje terminala nije prijavljeno
host-attestation-refused = dokaz bezbednosti telefona nije prihvatljiv
host-pin-format = banka ne prima PIN blokove ovog formata

### Zašto nešto nije počelo

refused-busy = Drugo plaćanje je u toku: prvo ga završite ili otkažite.
refused-already-activated = Ovaj terminal je već aktiviran.
refused-amount-zero = Iznos je nula: unesite iznos veći od nule.
refused-amount-over-limit = Iznos je iznad onoga što jedno plaćanje na ovom terminalu sme da bude.
refused-book-unusable = Knjiga terminala ne može da se koristi: ništa se ne prodaje dok se to ne otkloni.
refused-overloaded = Terminal je zauzet: pokušajte ponovo za trenutak.
refused-interrupted = Terminal je morao da ponovo pokrene jedan svoj deo. Ništa nije naplaćeno: počnite ponovo.

### Zašto pitanje banci nema odgovor

ask-line = { $why } Proverite vezu sa internetom i pokušajte ponovo.
ask-busy = Ranije plaćanje se još rešava sa bankom. Pokušajte ponovo za minut.
ask-no-keys = Ključevi ovog terminala ne mogu da se koriste. Pozovite banku: terminal mora ponovo da se aktivira.
ask-store = Knjiga terminala ne može da se koristi: { $why }. Otklonite to, pa pokušajte ponovo.
ask-interrupted = Terminal je morao da ponovo pokrene jedan svoj deo. Pokušajte ponovo.
ask-no-answer = Banka nije odgovorila na vreme. Pokušajte ponovo.
ask-refused = Banka nije prihvatila poruku: { $why }. Ako se ponovi, pozovite banku.
ask-no-sense = Odgovor banke nema smisla. Ažurirajte aplikaciju i pokušajte ponovo.

### Račun SMS-om

sms-explained = Unesite broj kupca u formatu 383 4x xxx xxx. Tamo se šalje digitalni račun.
phone-number = Broj telefona
sms-sent = Račun je poslat na { $number }.
phone-empty = Unesite broj kupca, kao 383 44 123 456.
phone-not-a-digit = „{ $character }“ nije cifra: broj je kao 383 44 123 456.
phone-former-country = Brojevi sa +{ $country } se više ne koriste na Kosovu: zatražite onaj sa +383.
phone-other-country = Račun se šalje samo na brojeve Kosova: 383 4x xxx xxx.
phone-not-mobile = To nije mobilni broj: posle 383 nastavlja se sa 43 do 49.
phone-too-short = Broj je prekratak: posle 383 ima osam cifara.
phone-too-long = Broj je predugačak: posle 383 ima osam cifara.
receipt-unknown = Vaša firma nema takvu transakciju. Potražite je u istoriji.
receipt-not-paid = Ova transakcija nije plaćena, ili je stornirana: za nju nema računa.
receipt-too-many = Previše računa je poslato za kratko vreme. Pokušajte ponovo kasnije.

### Istorija transakcija

merchant-or-device = Trgovac ili uređaj
device-transactions = Transakcije uređaja
merchant-transactions = Transakcije trgovca
date-range = Period
today = Danas
yesterday = Juče
this-week = Ove nedelje
this-month = Ovog meseca
custom = Po izboru
from-date = Od datuma
to-date = Do datuma
generate = Generiši transakcije
date-form = To nije datum: unesite ga kao 2022/09/02 00:00:00.
date-no-such-day = U kalendaru nema tog dana ili vremena: unesite ga kao 2022/09/02 00:00:00.
date-in-future = Ovaj datum je u budućnosti: izaberite danas ili ranije.
history-reversed = Krajnji datum je pre početnog: promenite jedan od njih.
history-too-long = Period je duži od godinu dana: izaberite kraći.
history-grant-expired = Saglasnost nadzornika je istekla. Unesite kod ponovo.
history-code-explained = Transakcije svih terminala vaše firme prikazuju se sa kodom nadzornika.
history-empty = Ovde nema transakcija.
history-shown = { $first } do { $last }, najnovije prve
total-transactions = Transakcije
total-purchases = Kupovine
total-refunds = Povraćaji
total-net = Neto
refunded = Vraćeno
search = Referentni broj, ili poslednje četiri cifre kartice
search-button = Traži
search-too-long = Unesite referentni broj od najviše 12 znakova, ili poslednje četiri cifre kartice.
previous-page = Prethodna strana
next-page = Sledeća strana
details-title = Transakcija
reversed-explained = Terminal nije video odgovor banke, i banka je stornirala.
refund-transaction = Vrati transakciju

### Izvoz

export-csv = Izvezi CSV
export-pdf = Izvezi PDF
export-progress =
    { $count ->
        [one] Prikuplja se: { $count } transakcija…
        [few] Prikupljaju se: { $count } transakcije…
       *[other] Prikuplja se: { $count } transakcija…
    }
export-saved = Sačuvano: { $name }
export-too-many = Izvoz sadrži najviše { $limit } transakcija. Izaberite kraći period.
export-withdrawn = Ništa nije sačuvano.
export-not-permitted = Tamo se ne sme pisati. Izaberite drugo mesto.
export-full = Nema mesta za datoteku. Oslobodite prostor i pokušajte ponovo.
export-failed = Datoteka nije mogla da se zapiše. Pokušajte ponovo.

### Povraćaj

refund-title = Povraćaj
refund-step-1 = Korak 1 od 3
refund-step-2 = Korak 2 od 3
refund-step-3 = Korak 3 od 3
refund-explained = Unesite kod nadzornika. Zatim kupac prislanja karticu kojom je platio.
refund-amount = Iznos koji se vraća
refund-paid = Plaćeno
refund-left = Preostalo
refund-more-than-left = To je više od onoga što je ostalo od kupovine: najviše { $left }.

### Zašto uopšte nema ekrana

start-full = Memorija ovog telefona je puna: oslobodite prostor, pa ponovo otvorite { -app }.
start-failed = { -app } nije mogao da se pokrene: { $why }. Ponovo pokrenite telefon; ako to ne pomogne, pozovite svoju banku.
