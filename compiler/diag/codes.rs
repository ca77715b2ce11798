//! The registry of codes: one row a code. A code is never used again for another thing. Its page
//! is `docs/<CODE>.md` beside this file.

use super::Severity;

/// One kind of finding.
#[derive(PartialEq, Eq, Debug)]
pub struct Code {
    /// `E0301`, `L0102`
    pub id: &'static str,
    /// A few words, for lists: "port published twice on one node".
    pub title: &'static str,
    /// Whether `allow` may silence it; lints always can.
    pub waivable: bool,
    /// The page that `colabc explain CODE` prints.
    pub page: &'static str,
}

impl Code {
    pub fn severity(&self) -> Severity {
        if self.id.starts_with('L') { Severity::Lint } else { Severity::Error }
    }

    pub fn can_be_allowed(&self) -> bool {
        self.waivable || self.severity() == Severity::Lint
    }
}

/// Declares the codes as constants and as one list, each with its page.
macro_rules! codes {
    ($($id:ident $title:literal $($waivable:ident)?;)*) => {
        $(pub static $id: Code = Code {
            id: stringify!($id),
            title: $title,
            waivable: codes!(@flag $($waivable)?),
            page: include_str!(concat!("docs/", stringify!($id), ".md")),
        };)*
        /// Every code, in order.
        pub static CODES: &[&Code] = &[$(&$id),*];
    };
    (@flag waivable) => { true };
    (@flag) => { false };
}

codes! {
    E0101 "text that is no part of the language";
}

/// The code of that name.
pub fn find(id: &str) -> Option<&'static Code> {
    CODES.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id))
}
