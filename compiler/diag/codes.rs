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
    E0102 "text that is not closed";
    E0103 "bracket without its partner";
    E0104 "nested too deeply";
    E0105 "number or address that is not one";
    E0106 "unknown escape in text";
    E0107 "word of the language as a name";
    E0108 "missing value or type";
    E0109 "something else is expected here";
    E0110 "comma missing or out of place";
    E0111 "label that is no plain text";
    E0112 "`default`, `override` or `final` without `=`";
    E0113 "declaration inside of a value";
    E0114 "path with dots on the left";
    E0115 "comment of another language";
    E0116 "another sign than `=`, `==` or `:`";
    E0117 "operators that do not go together";
    E0118 "file too large";
}

/// The code of that name.
pub fn find(id: &str) -> Option<&'static Code> {
    CODES.iter().copied().find(|code| code.id.eq_ignore_ascii_case(id))
}
