//! A PDF with the bank's heading: pages of A4, a table of transactions, the totals at its end.
//!
//! Helvetica is one of the fonts that every reader has (ISO 32000-1, 9.6.2.2), so none is embedded; its encoding is
//! WinAnsi with the letters of Serbian and Croatian names in places that nothing else here uses.

use crate::{Report, auth_code_of, minor, net, result_of, signed_amount, time_of};
use mpos_protocol::admin::Transaction;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

/// A4, in points.
const PAGE: (f32, f32) = (595.0, 842.0);
const MARGIN: f32 = 40.0;
const LINE: f32 = 13.0;
/// Lines of the table on a page, below the heading.
const ROWS_PER_PAGE: usize = 50;
const TEXT_SIZE: f32 = 8.0;
const HEADING_SIZE: f32 = 16.0;
const PLAIN: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");
/// Letters that WinAnsi lacks: where they are put, and their glyphs' names.
const LETTERS: [(char, u8, &[u8]); 6] = [
    ('č', 0x80, b"ccaron"),
    ('ć', 0x81, b"cacute"),
    ('đ', 0x82, b"dcroat"),
    ('Č', 0x83, b"Ccaron"),
    ('Ć', 0x84, b"Cacute"),
    ('Đ', 0x85, b"Dcroat"),
];
/// Where each column begins; the amount's is where it ends.
const COLUMNS: [(&str, f32); 9] = [
    ("Time", 40.0),
    ("Terminal ID", 122.0),
    ("Receipt", 174.0),
    ("Reference", 210.0),
    ("Type", 282.0),
    ("Amount EUR", 372.0),
    ("Card", 382.0),
    ("Card type", 418.0),
    ("Result", 474.0),
];
const AMOUNT_COLUMN: usize = 5;

/// The file's bytes.
pub fn write(report: &Report) -> Vec<u8> {
    let mut pdf = Pdf::new();
    let (catalog, tree, plain, bold) = (Ref::new(1), Ref::new(2), Ref::new(3), Ref::new(4));
    let pages: Vec<&[Transaction]> = match report.rows.is_empty() {
        true => vec![&[]],
        false => report.rows.chunks(ROWS_PER_PAGE).collect(),
    };
    let reference = |number: usize| Ref::new(i32::try_from(number).unwrap_or(i32::MAX));
    let page_of = |index: usize| reference(5 + 2 * index);
    let content_of = |index: usize| reference(6 + 2 * index);

    pdf.catalog(catalog).pages(tree);
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(tree).kids((0..pages.len()).map(page_of)).count(count);
    font(&mut pdf, plain, b"Helvetica");
    font(&mut pdf, bold, b"Helvetica-Bold");
    for (index, rows) in pages.iter().enumerate() {
        let mut page = pdf.page(page_of(index));
        page.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1)).parent(tree).contents(content_of(index));
        page.resources().fonts().pair(PLAIN, plain).pair(BOLD, bold);
        page.finish();
        let content = page_content(report, rows, (index + 1, pages.len()));
        pdf.stream(content_of(index), &content);
    }
    let title = format!("{}: {}", report.bank, report.scope());
    pdf.document_info(reference(5 + 2 * pages.len())).title(TextStr(&title)).producer(TextStr("mPOS"));
    pdf.finish()
}

fn font(pdf: &mut Pdf, id: Ref, name: &[u8]) {
    let mut font = pdf.type1_font(id);
    font.base_font(Name(name));
    let mut encoding = font.encoding_custom();
    encoding.base_encoding(Name(b"WinAnsiEncoding"));
    let mut differences = encoding.differences();
    for (_letter, code, glyph) in LETTERS {
        differences.consecutive(code, [Name(glyph)]);
    }
}

fn page_content(report: &Report, rows: &[Transaction], (number, of): (usize, usize)) -> Vec<u8> {
    let mut page = Page { content: Content::new(), y: PAGE.1 - MARGIN };
    page.line(BOLD, HEADING_SIZE, &report.bank);
    page.line(PLAIN, TEXT_SIZE, &format!("{}, {}", report.merchant.name, report.merchant.address));
    page.line(PLAIN, TEXT_SIZE, &report.scope());
    page.line(PLAIN, TEXT_SIZE, &report.range());
    page.y -= LINE / 2.0;
    page.row(BOLD, COLUMNS.map(|(heading, _)| heading));
    page.rule();
    for row in rows {
        let result = format!("{} {}", result_of(row), auth_code_of(row));
        page.row(
            PLAIN,
            [
                time_of(row).as_str(),
                &row.terminal.to_string(),
                &row.receipt.to_string(),
                &row.reference,
                row.kind.name(),
                &signed_amount(row),
                &row.card.to_string(),
                row.scheme.name(),
                result.trim_end(),
            ],
        );
    }
    if number == of {
        page.rule();
        let totals = &report.totals;
        for (name, count, sum) in [
            ("Purchases", Some(totals.purchases), minor(totals.purchased)),
            ("Refunds", Some(totals.refunds), minor(totals.refunded)),
            ("Net", None, net(totals)),
        ] {
            let count = count.map(|count| count.to_string()).unwrap_or_default();
            page.row(BOLD, [name, "", &count, "", "", &sum, "", "", ""]);
        }
    }
    page.y = MARGIN / 2.0;
    page.line(PLAIN, TEXT_SIZE, &format!("{number} / {of}"));
    page.content.finish().to_vec()
}

/// A page as it is filled from the top.
struct Page {
    content: Content,
    y: f32,
}

impl Page {
    fn line(&mut self, font: Name<'static>, size: f32, text: &str) {
        self.y -= size.max(LINE);
        self.text(font, size, MARGIN, text);
    }

    fn row(&mut self, font: Name<'static>, cells: [&str; COLUMNS.len()]) {
        self.y -= LINE;
        for (column, (cell, (_, x))) in cells.into_iter().zip(COLUMNS).enumerate() {
            let x = if column == AMOUNT_COLUMN { x - width(cell) } else { x };
            self.text(font, TEXT_SIZE, x, cell);
        }
    }

    fn text(&mut self, font: Name<'static>, size: f32, x: f32, text: &str) {
        let encoded: Vec<u8> = text.chars().map(encode).collect();
        self.content.begin_text().set_font(font, size).next_line(x, self.y);
        self.content.show(Str(&encoded)).end_text();
    }

    fn rule(&mut self) {
        self.y -= 4.0;
        self.content.move_to(MARGIN, self.y).line_to(PAGE.0 - MARGIN, self.y).set_line_width(0.5).stroke();
    }
}

/// How wide an amount or its heading is: digits of Helvetica are 556 thousandths of its size, points 278.
fn width(text: &str) -> f32 {
    let thousandths = |character| match character {
        '0'..='9' => 556.0,
        '.' | ' ' => 278.0,
        '-' => 333.0,
        _ => 620.0,
    };
    text.chars().map(thousandths).sum::<f32>() * TEXT_SIZE / 1000.0
}

/// WinAnsi (Windows-1252) is Latin-1 here, with a few letters in other places.
fn encode(character: char) -> u8 {
    match (character, LETTERS.iter().find(|(letter, ..)| *letter == character)) {
        (_, Some((_, code, _))) => *code,
        ('Š', _) => 0x8A,
        ('Ž', _) => 0x8E,
        ('š', _) => 0x9A,
        ('ž', _) => 0x9E,
        (' '..='~' | '\u{a0}'..='\u{ff}', _) => u8::try_from(u32::from(character)).unwrap_or(b'?'),
        _ => b'?',
    }
}
