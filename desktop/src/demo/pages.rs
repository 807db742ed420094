//! The page's files, in the program.

/// A file: its path, its type, its content.
pub(super) type File = (&'static str, &'static str, &'static str);

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// All there are.
pub(super) const FILES: [File; 13] = [
    ("/", HTML, include_str!("page/index.html")),
    ("/icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("/app.css", CSS, include_str!("page/app.css")),
    ("/desk.css", CSS, include_str!("page/desk.css")),
    ("/line.js", SCRIPT, include_str!("page/line.js")),
    ("/main.js", SCRIPT, include_str!("page/main.js")),
    ("/marks.js", SCRIPT, include_str!("page/marks.js")),
    ("/nodes.js", SCRIPT, include_str!("page/nodes.js")),
    ("/phone.js", SCRIPT, include_str!("page/phone.js")),
    ("/postcard.js", SCRIPT, include_str!("page/postcard.js")),
    ("/screen.js", SCRIPT, include_str!("page/screen.js")),
    ("/table.js", SCRIPT, include_str!("page/table.js")),
    ("/tones.js", SCRIPT, include_str!("page/tones.js")),
];
